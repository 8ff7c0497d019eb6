#!/usr/bin/env bash
# Leaves each of the five FACEGOOD clips out in turn: trains on the other four, predicts the fifth, and
# scores all five together, the BiLSTM against ridge regression over the same clips, and both averaged.
#   experiments/facegood_loo/run.sh [--out DIR] [--seeds N] [key=value ...]
#     DIR        where runs and tables go (default build/facegood_loo)
#     N          seeds of the BiLSTM (default 1)
#     key=value  overrides for the BiLSTM, e.g. train.max_epochs=20
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/facegood_loo seeds=1 overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --seeds) seeds=$2 && shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *=*) overrides+=("$1") ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
. "$here/experiments/lib/facegood.sh"
facegood_store

# one HEAD SEED CLIP [key=value ...]: a fold; its prediction goes to OUT/HEAD-sSEED/
one() { fold "$1-s$2" "facegood_$1" "$3" "train.seed=$2" "${@:4}"; }

score() {
  "$kuchi" -q score --pred "$out/$1" --target "$out/target" --rig facegood --names "$data/curve_names.txt" \
    "${@:2}" --json "$out/$1.json" --force > "$out/$1.txt"
  echo "$1"
  grep -E '^(mse|r2|mse ratio)' "$out/$1.txt" | sed 's/^/  /'
}

for clip in "${clips[@]}"; do
  one mean 0 "$clip"
  one linear 0 "$clip"
done
score mean-s0
score linear-s0 --against "$out/mean-s0"
members=(linear-s0)
for ((seed = 0; seed < seeds; ++seed)); do
  for clip in "${clips[@]}"; do one bilstm "$seed" "$clip" "${overrides[@]}"; done
  score "bilstm-s$seed" --against "$out/linear-s0"
  members+=("bilstm-s$seed")
done

# ensemble NAME MEMBER...: the mean of their curves, against its last member alone
ensemble() {
  local name=$1 clip member runs
  shift
  for clip in "${clips[@]}"; do
    runs=()
    for member; do runs+=("$out/runs/$member-$clip"); done
    "$kuchi" -q predict "${runs[@]}" "$data/wav/1114_$clip.wav" --ensemble --out "$out/$name/1114_$clip.npy" \
      --force > /dev/null
  done
  score "$name" --against "$out/${!#}"
}
ensemble linear+bilstm linear-s0 bilstm-s0
if [ "$seeds" -gt 1 ]; then
  ensemble bilstms "${members[@]:1}"
  ensemble linear+bilstms "${members[@]}"
fi
