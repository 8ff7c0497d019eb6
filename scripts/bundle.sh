#!/usr/bin/env bash
# Makes a folder that runs Kuchi on machines without its packages and lies wherever one puts it: the
# program, the CUDA plug-in where it was built, every library but LibTorch and the system's own, their
# licences, configurations, manual page, completion. LibTorch is found where the folder runs; its
# scripts/setup.sh fetches it. Run scripts/build.sh first.
#   scripts/bundle.sh [--out DIR] [--archive] [--force]
#     --out DIR  the folder (default build/kuchi-VERSION-linux-x86_64)
#     --archive  DIR.tar.gz as well: the same folder gives the same bytes
#     --force    replace what is there
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

out='' archive=0 force=0
while [ $# -gt 0 ]; do
  case $1 in
    --out)
      [ $# -gt 1 ] || die 2 "--out needs a folder"
      out=$2
      shift
      ;;
    --out=*) out=${1#*=} ;;
    --archive) archive=1 ;;
    --force) force=1 ;;
    -h | --help) usage "$0" && exit 0 ;;
    *) die 2 "unknown argument '$1'; see scripts/bundle.sh --help" ;;
  esac
  shift
done

build=$here/build/release
[ -x "$build/bin/kuchi" ] || die 5 "there is no program at $build/bin/kuchi; run scripts/build.sh"
name=kuchi-$("$build/bin/kuchi" --version)-linux-$(uname -m)
[ -n "$out" ] || out=$here/build/$name
out=$(realpath -m "$out")
for there in "$out" "$out.tar.gz"; do
  if [ $archive = 0 ] && [ "$there" != "$out" ]; then continue; fi
  [ ! -e "$there" ] || [ $force = 1 ] || die 2 "$there is there already; say --force to replace it"
done
if [ -e "$out" ] && [ ! -e "$out/libexec/kuchi" ]; then
  die 2 "$out is no bundle, so it is not removed; give another folder with --out"
fi

. "$here/scripts/lib/libraries.sh"

mkdir -p "$(dirname "$out")" || die 5 "cannot write to $(dirname "$out"); give another folder with --out"
part=$out.part.$$
rm -rf "$part"
trap 'rm -rf "$part"' EXIT

# --- the program, under a launcher that finds LibTorch
say "bundle: $name"
cmake --install "$build" --prefix "$part" --component program --strip > /dev/null ||
  die 5 "cmake could not install the build (its message is above)"
mkdir -p "$part/lib" "$part/libexec" "$part/licenses" "$part/scripts/lib"
mv "$part/bin/kuchi" "$part/libexec/kuchi"
install -m 755 "$here/scripts/lib/bundle_launcher.sh" "$part/bin/kuchi"
install -m 755 "$here/scripts/lib/bundle_setup.sh" "$part/scripts/setup.sh"
install -m 644 "$here"/scripts/lib/{say,libtorch}.sh "$part/scripts/lib"
install -m 644 "$here/scripts/pins.txt" "$part/scripts"

# --- libraries and licences; then nothing may point to this machine or be missing
list=$(libraries_of "$part/libexec/kuchi") # before any is copied: the loader would take the copy
copy_libraries "$part" "$list"
copy_licences "$part" "$list"
forget_run_paths "$part"
check_libraries "$part"
glibc=$(newest_glibc "$part")
sed "s/@NAME@/$name/; s/@GLIBC@/$glibc/" "$here/scripts/lib/bundle_readme.txt" > "$part/README.txt"

rm -rf "$out"
mv -T "$part" "$out"
say "made $out ($(du -sm --apparent-size "$out" | cut -f1) MiB; needs glibc $glibc or newer)"

if [ $archive = 1 ]; then
  epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2> /dev/null || echo 0)}
  part=$out.tar.gz.part.$$
  tar -C "$out" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --mode='u+rwX,go+rX,go-w' --transform "s|^\.|$name|" -cf - . | gzip -9 -n > "$part"
  mv -T "$part" "$out.tar.gz"
  say "made $out.tar.gz ($(du -sm --apparent-size "$out.tar.gz" | cut -f1) MiB)"
fi
