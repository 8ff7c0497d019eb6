#!/usr/bin/env bash
# Builds Kuchi; the program is then build/PRESET/bin/kuchi.
#   scripts/build.sh [PRESET] [--tests] [-- CMAKE ARGUMENTS...]
#     PRESET   of CMakePresets.json: release (default), debug, ci, asan, tsan
#     --tests  the tests too; without it only the program and, where CUDA is, its plug-in
# Run scripts/setup.sh before the first build. KUCHI_JOBS sets how many files compile at once; the
# default is a core each, and 2 GB of free memory.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

preset=release tests=0 more=()
while [ $# -gt 0 ]; do
  case $1 in
    --tests) tests=1 ;;
    --)
      shift
      more=("$@")
      break
      ;;
    -h | --help) usage "$0" && exit 0 ;;
    -*) die 2 "unknown argument '$1'; see scripts/build.sh --help" ;;
    *) preset=$1 ;;
  esac
  shift
done

cd "$here"
command -v cmake > /dev/null || die 5 "cmake is not installed; run scripts/setup.sh"
dir=build/$preset light=0
case $preset in
  release | debug) ;;
  ci) dir=build/release ;;
  asan | tsan) light=1 ;; # the rooms without LibTorch: no program, only tests
  *) die 2 "no preset '$preset'; there are release, debug, ci, asan and tsan" ;;
esac

# How a folder was begun is how it goes on: CMake refuses to change the generator.
generator=()
if [ ! -f "$dir/CMakeCache.txt" ]; then
  if command -v ninja > /dev/null; then generator=(-G Ninja); else generator=(-G "Unix Makefiles"); fi
fi
log=$dir.configure.log
mkdir -p build
cmake --preset "$preset" "${generator[@]}" "${more[@]}" > "$log" 2>&1 || {
  cat "$log" >&2
  die 5 "CMake could not configure the build (its message is above)"
}
grep -E '^-- (LibTorch|CUDA plug-in)' "$log" >&2 || true
rm -f "$log"

free_gb=$(awk '/MemAvailable/{print int($2 / 1048576)}' /proc/meminfo)
jobs=$((free_gb / 2))
if [ "$jobs" -gt "$(nproc)" ]; then jobs=$(nproc); fi
if [ "$jobs" -lt 1 ]; then jobs=1; fi

target=kuchi
if [ $tests = 1 ] || [ $light = 1 ]; then target=all; fi
start=$SECONDS
cmake --build "$dir" --parallel "${KUCHI_JOBS:-$jobs}" --target "$target" >&2 ||
  die 1 "the build failed (the compiler's message is above)"
if [ $light = 1 ]; then
  say "built $dir ($((SECONDS - start)) s)"
else
  say "built $dir/bin/kuchi ($((SECONDS - start)) s)"
fi
