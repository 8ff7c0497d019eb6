#!/usr/bin/env bash
# What lip-closure weighting and silence stability buy on the embedded set: a small BiLSTM trained with each, over
# several seeds, judged on clips of other speakers' utterances that no training saw.
#   experiments/losses/run.sh [--out DIR] [--seeds N] [--only NAME] [key=value ...]
#     DIR        where runs and tables go (default build/losses)
#     N          seeds of each (default 3)
#     NAME       one variant alone
#     key=value  overrides for every training, e.g. train.max_epochs=24
# Runs that are there already are not run again: give other overrides another --out.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/losses seeds=3 only='' overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --seeds) seeds=$2 && shift ;;
    --only) only=$2 && shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *=*) overrides+=("$1") ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
[ -x "$kuchi" ] || { echo "build first: scripts/build.sh" >&2 && exit 5; }
mkdir -p "$out"
if [ ! -f "$out/test.h5" ]; then
  "$kuchi" -q synth "$out/test" --clips 120 --seconds 6 --seed 1000 > /dev/null
  "$kuchi" -q prepare "$out/test/recipe.yaml" --out "$out/test.h5" > /dev/null
fi

# one NAME [key=value ...]: trains every seed and judges it
one() {
  local name=$1 seed run
  shift
  [ -z "$only" ] || [ "$only" = "$name" ] || return 0
  for ((seed = 0; seed < seeds; ++seed)); do
    run=$out/$name-s$seed
    [ -f "$run.json" ] && continue
    "$kuchi" -q train "$here/configs/experiment/synth_bilstm.yaml" --out "$run" --force train.seed="$seed" \
      data.synth.clips=120 train.max_epochs=24 "$@" "${overrides[@]}" > /dev/null
    "$kuchi" -q eval "$run" --store "$out/test.h5" --split all --checkpoint last --json "$run.json" --force > "$run.txt"
  done
}

# value FILE METRIC
value() { awk -v name="\"$2\":" '$1 == name { found = 1 } found && $1 == "\"value\":" { print $2 + 0; exit }' "$1"; }

# row NAME: means over seeds, MSE and stillness beside those of mse alone
row() {
  local metric seed numbers=()
  [ -f "$out/$1-s0.json" ] || return 0
  for metric in mse closure_f1 closure_precision closure_recall still still_ratio vel_mse; do
    for ((seed = 0; seed < seeds; ++seed)); do value "$out/$1-s$seed.json" "$metric"; done > "$out/column.txt"
    numbers+=("$(awk '{ s += $1 } END { print s / NR }' "$out/column.txt")")
  done
  [ "$1" != mse ] || base=("${numbers[0]}" "${numbers[4]}")
  echo "$1 ${numbers[*]} ${base[*]}" | awk '{ printf "| %s | %.3f | %+.1f %% | %.1f | %.1f | %.1f | %.4f | %.2f | %.2f | %.3f |\n",
    $1, 1000 * $2, 100 * ($2 / $9 - 1), 100 * $3, 100 * $4, 100 * $5, $6, $6 / $10, $7, $8 }'
}

variants=(mse)
one mse
