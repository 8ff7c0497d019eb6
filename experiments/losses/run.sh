#!/usr/bin/env bash
# What the loss terms for lips and for silence buy on the embedded set, and what they cost: a small BiLSTM is trained
# with mse alone, then goes on from there with each of them, and with mse alone for comparison.
#   experiments/losses/run.sh [--out DIR] [--seeds N] [key=value ...]
#     DIR        where runs and tables go (default build/losses)
#     N          seeds of everything (default 3)
#     key=value  overrides for every training, e.g. data.synth.clips=240
# Judged on 120 clips that no training saw. What is there already is not run again: give other overrides another --out.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/losses seeds=3 overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --seeds) seeds=$2 && shift ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0" && exit 0 ;;
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

# train NAME SEED [key=value ...]: trains OUT/NAME-sSEED and judges its last checkpoint
train() {
  local run=$out/$1-s$2 seed=$2
  shift 2
  [ ! -f "$run.json" ] || return 0
  "$kuchi" -q train "$here/configs/experiment/synth_bilstm.yaml" --out "$run" --force "train.seed=$seed" \
    data.synth.clips=160 "$@" "${overrides[@]}" > /dev/null
  "$kuchi" -q eval "$run" --store "$out/test.h5" --split all --checkpoint last --json "$run.json" --force > "$run.txt"
}

names=()
# variant NAME [key=value ...]: goes on from the first training, every seed
variant() {
  local name=$1 seed
  shift
  names+=("$name")
  for ((seed = 0; seed < seeds; ++seed)); do
    train first "$seed" train.max_epochs=24
    train "$name" "$seed" "train.init=$out/first-s$seed" train.max_epochs=12 train.lr=2e-3 "$@"
  done
}

# mean NAME METRIC: over the seeds
mean() {
  local seed
  for ((seed = 0; seed < seeds; ++seed)); do
    awk -v name="\"$2\":" '$1 == name { found = 1 } found && $1 == "\"value\":" { print $2 + 0; exit }' "$out/$1-s$seed.json"
  done | awk '{ sum += $1 } END { print sum / NR }'
}

variant mse
variant lips=30 loss.lips=30
variant closure=0.001 loss.closure=0.001
variant closure=0.003 loss.closure=0.003
variant silence=0.005 loss.silence=0.005
variant silence=0.01 loss.silence=0.01
variant silence=0.03,away loss.silence=0.03 loss.silence_margin=0.2
variant both loss.closure=0.001 loss.silence=0.005

echo "| beside mse | MSE ×10⁻³ | | closure F1 | precision | recall | still, curve/s | | ratio to target |"
echo "|---|---|---|---|---|---|---|---|---|"
base_mse=$(mean mse mse) base_still=$(mean mse still)
for name in "${names[@]}"; do
  echo "$name $(mean "$name" mse) $(mean "$name" closure_f1) $(mean "$name" closure_precision) \
$(mean "$name" closure_recall) $(mean "$name" still) $(mean "$name" still_ratio) $base_mse $base_still" |
    awk '{ printf "| %s | %.3f | %+.1f %% | %.1f | %.1f | %.1f | %.4f | %.2f | %.2f |\n",
      $1, 1000 * $2, 100 * ($2 / $8 - 1), 100 * $3, 100 * $4, 100 * $5, $6, $6 / $9, $7 }'
done | tee "$out/table.txt"
