# shellcheck shell=bash
# Finding or fetching LibTorch. Source it after say.sh; `here` is the repository's root.

torch_version=2.11.0
torch_series=2.11 # any patch of it will do
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kuchi
cached_torch=$cache/libtorch-$torch_version-cu13
pins=${here:?}/scripts/pins.txt

# is_torch DIR: a LibTorch of the right series?
is_torch() {
  local version_h=$1/include/torch/headeronly/version.h
  [ -f "$1/lib/libtorch_cpu.so" ] && [ -f "$version_h" ] &&
    [ "$(awk '/define TORCH_VERSION_(MAJOR|MINOR) /{printf "%s%s", dot, $3; dot = "."}' "$version_h")" = $torch_series ]
}

# given_torch DIR: prints the folder with include/ and lib/ in what the user named
given_torch() {
  local d
  for d in "$1" "$1/torch"; do
    if is_torch "$d"; then (cd "$d" && pwd) && return; fi
  done
  die 5 "no LibTorch $torch_series in '$1' (lib/libtorch_cpu.so and include/torch/headeronly/version.h are looked for); name another folder, or leave KUCHI_LIBTORCH and --libtorch out"
}

# python_torch: prints the folder of an installed Python package `torch` of the right series
python_torch() {
  local d
  d=$(python3 -c '
import importlib.metadata as m
print(m.distribution("torch").locate_file("torch"))' 2> /dev/null) || return 1
  is_torch "$d" || return 1
  # One whose libraries cannot be loaded is of no use to us.
  ! grep -q 'not found' <<< "$(ldd "$d/lib/libtorch_cpu.so" 2> /dev/null)" && echo "$d"
}

# find_torch GIVEN [CUDA(0|1)]: prints the folder of the LibTorch to use: what the user named, the cached
# one, or Python's (which has its own CUDA libraries or none, so with CUDA it is passed over); nothing
# where there is none yet
find_torch() {
  if [ -n "$1" ]; then
    given_torch "$1"
  elif [ -d "$cached_torch" ]; then
    echo "$cached_torch/torch"
  elif [ "${2:-0}" = 0 ]; then
    python_torch || true
  fi
}

# pinned GROUP: "sha256  file" lines of a group in pins.txt
pinned() { awk -v g="$1" '/^# group/{on = ($3 == g ":")} !/^#/ && on' "$pins"; }

# fetch_wheel SHA256 FILE DIR: leaves the checked wheel in DIR
fetch_wheel() {
  local sum=$1 file=$2 dir=$3 name version platform
  IFS=- read -r name version _ <<< "$file"
  platform=${file##*-}
  platform=${platform%.whl}
  platform=${platform##*.}
  if [ ! -f "$dir/$file" ]; then
    say "fetching $name $version"
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest "$dir" \
      --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
      --platform "$platform" "$name==$version" ||
      die 5 "could not fetch $name $version (pip's message is above); check the network, or put $file into $dir yourself, or name an existing LibTorch in KUCHI_LIBTORCH, then run this script again"
  fi
  if ! (cd "$dir" && echo "$sum  $file" | sha256sum --check --status); then
    rm -f "$dir/$file"
    die 5 "$file is not the file that scripts/pins.txt names (another SHA-256) and was removed; run this script again, and if it fails again, tell the maintainers: what the network gives is not what was tested"
  fi
}

# unpack_wheel WHEEL DIR: only what building and running need
unpack_wheel() {
  local parts=('nvidia/*')
  case $(basename "$1") in torch-*)
    parts=('torch/include/*' 'torch/lib/libc10*' 'torch/lib/libgomp*' 'torch/lib/libcaffe2_nvrtc*'
      'torch/lib/libtorch.so' 'torch/lib/libtorch_c*' 'torch/lib/libtorch_nvshmem*' '*/licenses/*') ;;
  esac
  # The GPU libraries of the torch wheel (0.5 GB) stay, so that --cuda later fetches nothing twice.
  unzip -q -o "$1" "${parts[@]}" -d "$2" ||
    die 5 "could not unpack $(basename "$1"): is there room (3 GB) in $cache? Free some and run this script again, or set XDG_CACHE_HOME to a larger disk"
}

_lock_cache() {
  mkdir -p "$cache/wheels" || die 5 "cannot write to $cache; set XDG_CACHE_HOME to a folder that can be written"
  exec 9> "$cache/lock"
  flock -n 9 || { note "another set-up is at work in $cache; waiting for it" && flock 9; }
}

# fetch_torch: fills the cache. What stands there under its final name is whole.
fetch_torch() {
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    die 5 "the pinned LibTorch is for Linux on x86-64 and this is $(uname -sm); build LibTorch $torch_series for it and name its folder in KUCHI_LIBTORCH"
  _lock_cache
  if [ -d "$cached_torch" ]; then return 0; fi  # the other set-up did it
  local part=$cached_torch.part sum file
  rm -rf "$part"
  while read -r sum file; do fetch_wheel "$sum" "$file" "$cache/wheels"; done <<< "$(pinned cpu)"
  say "unpacking into $cached_torch"
  while read -r sum file; do unpack_wheel "$cache/wheels/$file" "$part"; done <<< "$(pinned cpu)"
  mv -T "$part" "$cached_torch"
  while read -r sum file; do rm -f "$cache/wheels/$file"; done <<< "$(pinned cpu)"
  exec 9>&-
}

# fetch_cuda: adds what a GPU needs to the cached LibTorch, package by package; a mark says one is in
fetch_cuda() {
  _lock_cache
  local marks=$cached_torch/.have part=$cached_torch.cuda.part sum file
  mkdir -p "$marks"
  while read -r sum file; do
    if [ -f "$marks/$file" ]; then continue; fi
    fetch_wheel "$sum" "$file" "$cache/wheels"
    rm -rf "$part"
    unpack_wheel "$cache/wheels/$file" "$part"
    cp -alf "$part/." "$cached_torch/" # links: each file appears whole
    touch "$marks/$file"
    rm -rf "$part" "$cache/wheels/$file"
  done <<< "$(pinned cuda)"
  exec 9>&-
}
