#!/usr/bin/env bash
# Fetches the LibTorch that kuchi needs into the cache (XDG_CACHE_HOME or ~/.cache), where bin/kuchi
# finds it: a download of 0.5 GB, checked against its SHA-256. Needs Python with pip, and unzip.
#   scripts/setup.sh [--cuda]     --cuda: also what a GPU needs (NVIDIA's libraries, 2.1 GB)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

cuda=0
case ${1:-} in
  '') ;;
  --cuda) cuda=1 ;;
  -h | --help) usage "$0" && exit 0 ;;
  *) die 2 "unknown argument '$1'; see scripts/setup.sh --help" ;;
esac
. "$here/scripts/lib/libtorch.sh"

if [ ! -d "$cached_torch" ] || [ $cuda = 1 ]; then
  for tool in "python3 -m pip --version" "unzip -v"; do
    $tool > /dev/null 2>&1 ||
      die 5 "fetching needs Python with pip, and unzip; install them (Debian and Ubuntu: apt-get install python3-pip unzip), or copy $cached_torch from a machine that has it"
  done
fi
if [ ! -d "$cached_torch" ]; then fetch_torch; fi
if [ $cuda = 1 ]; then fetch_cuda; fi
say "LibTorch in $cached_torch/torch"
