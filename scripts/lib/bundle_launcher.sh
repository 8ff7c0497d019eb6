#!/usr/bin/env bash
# Kuchi from a folder that may lie anywhere: finds LibTorch, then becomes the program.
# LibTorch: KUCHI_LIBTORCH, else the cache (XDG_CACHE_HOME or ~/.cache), else Python's package torch.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
: "${HOME:=/nonexistent}" # an empty environment has none
. "$here/scripts/lib/say.sh"
. "$here/scripts/lib/libtorch.sh"

torch=$(find_torch "${KUCHI_LIBTORCH:-}")
[ -n "$torch" ] ||
  die 5 "no LibTorch $torch_series found (looked in $cached_torch and for Python's package torch); run $here/scripts/setup.sh, which fetches it, or name its folder in KUCHI_LIBTORCH"
export LD_LIBRARY_PATH=$here/lib:$torch/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec "$here/libexec/kuchi" "$@"
