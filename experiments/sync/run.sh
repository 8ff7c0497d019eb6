#!/usr/bin/env bash
# Sound and curves in time: lags and drifts put into the FACEGOOD clips and the embedded set, and how often a confidence
# is right. Prints the tables and leaves them in OUT/tables.txt, with a picture a clip in OUT/lags.
#   experiments/sync/run.sh [OUT]     OUT: default build/sync
# KUCHI_TESTS names the test program, KUCHI the program, KUCHI_SHARED the folder above data/facegood.
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0" && exit 0 ;; esac
here=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$here/build/sync}
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
tests=${KUCHI_TESTS:-$here/build/release/bin/kuchi_tests}
for program in "$kuchi" "$tests"; do
  [ -x "$program" ] || { echo "$program is not built: scripts/build.sh" >&2 && exit 5; }
done

mkdir -p "$out"
"$tests" "[sync]" | tee "$out/tables.txt"
"$kuchi" -q synth "$out/embedded" --clips 24 --seconds 10 --force > /dev/null
data=${KUCHI_SHARED:-$here/../shared/data}/facegood
for recipe in "$out/embedded/recipe.yaml" "$here/datasets/facegood.yaml"; do
  root=()
  [ "$recipe" = "$out/embedded/recipe.yaml" ] || root=("data.root=$data")
  [ ${#root[@]} = 0 ] || [ -d "$data" ] || continue
  "$kuchi" -q prepare "$recipe" --out "$out/store.h5" --force --json "$out/prepare.json" \
    --sync-pictures "$out/lags" "${root[@]}" | tee -a "$out/tables.txt"
done
