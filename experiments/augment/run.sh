#!/usr/bin/env bash
# Which augmentations help on real clips: the shipped FACEGOOD BiLSTM, each of the five clips left out in turn,
# with each change of the shipped set taken out of it, and with each other change added to it. Paired over 5 s
# blocks of the clips left out, against the shipped set.
#   experiments/augment/run.sh [--out DIR] [--seeds N] [--only NAME,...] [key=value ...]
#     DIR        where runs and tables go (default build/augment)
#     N          seeds of everything (default 1)
#     NAME       variants besides "shipped" (default all; an unknown name prints them)
#     key=value  overrides for every training, e.g. train.max_steps=200
# What is there already is not run again: give other overrides another --out.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/augment seeds=1 only='' overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --seeds) seeds=$2 && shift ;;
    --only) only=$2 && shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *=*) overrides+=("$1") ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
. "$here/experiments/lib/facegood.sh"
facegood_store

# The shipped set is rate, band_warp, band_shift, gain_db and band_masks.
names=(
  shipped nothing
  -rate -band_warp -band_shift -gain -band_masks
  +time_masks +noise +feature_dropout
  +speed +pitch +mirror +silence +muted +room +background +microphone +level +shift
)
# settings NAME: its overrides, a line each
settings() {
  case $1 in
    shipped) ;;
    nothing) printf 'augment.%s=0\n' rate band_warp band_shift gain_db band_masks ;;
    -gain) echo augment.gain_db=0 ;;
    -*) echo "augment.${1#-}=0" ;;
    +time_masks) printf '%s\n' augment.time_masks=2 augment.time_mask_frames=10 ;;
    +noise) echo augment.noise=0.1 ;;
    +feature_dropout) echo augment.feature_dropout=0.1 ;;
    +*) echo "augment.${1#+}.p=0.5" ;;
  esac
}
if [ -n "$only" ]; then
  IFS=, read -r -a chosen <<< "$only"
  for name in "${chosen[@]}"; do
    printf '%s\n' "${names[@]}" | grep -qxF -e "$name" || { echo "no variant '$name'; there are ${names[*]}" >&2 && exit 2; }
  done
  names=(shipped "${chosen[@]}")
fi

# train NAME SEED: the five folds; their predictions go to OUT/NAME-sSEED/
train() {
  local name=$1 seed=$2 clip own
  mapfile -t own < <(settings "$name")
  for clip in "${clips[@]}"; do
    fold "$name-s$seed" facegood_bilstm "$clip" "train.seed=$seed" "${own[@]}" "${overrides[@]}"
  done
}

# score NAME SEED: a row of the table
score() {
  local file=$out/$1-s$2 against=()
  [ "$1" = shipped ] || against=(--against "$out/shipped-s$2")
  "$kuchi" -q score --pred "$file" --target "$out/target" --rig facegood --names "$data/curve_names.txt" \
    "${against[@]}" --json "$file.json" --force > "$file.txt"
  awk -v name="$1" -v seed="$2" '
    $1 == "mse" && $2 + 0 > 0 && !mse { mse = $2 }
    /^mse ratio/ { ratio = $0; sub(/^mse ratio to .*: /, "", ratio) }
    END { printf "| %s | %s | %.3f | %s |\n", name, seed, 1000 * mse, ratio }' "$file.txt"
}

echo "| set | seed | MSE ×10⁻³ | ratio to shipped (95 %), p |" | tee "$out/table.md"
echo "|---|---|---|---|" | tee -a "$out/table.md"
for ((seed = 0; seed < seeds; ++seed)); do
  for name in "${names[@]}"; do
    train "$name" "$seed"
    score "$name" "$seed" | tee -a "$out/table.md"
  done
done
