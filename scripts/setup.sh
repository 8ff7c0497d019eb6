#!/usr/bin/env bash
# Makes a machine ready to build Kuchi: packages and LibTorch. Run again at will: what is there stays.
#   scripts/setup.sh [--cuda] [--libtorch DIR] [--test-tools] [--no-packages]
#     --cuda          also what a GPU needs (NVIDIA's libraries, a 2.1 GB download)
#     --libtorch DIR  use the LibTorch in DIR (as KUCHI_LIBTORCH=DIR does)
#     --test-tools    also a Python environment under build/ for the tests that read files with it
#     --no-packages   leave the system's packages alone
# LibTorch is looked for in: --libtorch, KUCHI_LIBTORCH, the cache (XDG_CACHE_HOME or ~/.cache), an
# installed Python package `torch`; else it is fetched into the cache. build/setup.env notes the place.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

cuda=0 given=${KUCHI_LIBTORCH:-} test_tools=0 packages=1
while [ $# -gt 0 ]; do
  case $1 in
    --cuda) cuda=1 ;;
    --libtorch)
      [ $# -gt 1 ] || die 2 "--libtorch needs a folder"
      given=$2
      shift
      ;;
    --libtorch=*) given=${1#*=} ;;
    --test-tools) test_tools=1 ;;
    --no-packages) packages=0 ;;
    -h | --help) usage "$0" && exit 0 ;;
    *) die 2 "unknown argument '$1'; see scripts/setup.sh --help" ;;
  esac
  shift
done

. "$here/scripts/lib/packages.sh"
. "$here/scripts/lib/libtorch.sh"
. "$here/scripts/lib/test_tools.sh"

if [ $packages = 1 ]; then install_packages $test_tools; fi

torch=$(find_torch "$given" $cuda)
if [ -z "$torch" ]; then
  fetch_torch
  torch=$cached_torch/torch
fi
if [ $cuda = 1 ]; then
  if [ "$torch" = "$cached_torch/torch" ]; then
    fetch_cuda
  else
    note "--cuda: the LibTorch in $torch was given, so its CUDA libraries are its own; nothing is fetched"
  fi
fi

mkdir -p "$here/build"
line="KUCHI_LIBTORCH='$torch'"
if [ "$(cat "$here/build/setup.env" 2> /dev/null)" != "$line" ]; then
  echo "$line" > "$here/build/setup.env" # only on change: CMake configures again when it is touched
fi
if [ $test_tools = 1 ]; then make_test_tools; fi
say "set-up: LibTorch in $torch"
