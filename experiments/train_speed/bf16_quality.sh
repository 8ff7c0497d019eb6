#!/bin/bash
# Trains with fp32 and with bf16 from the same seeds, and compares the last validation errors.
# KUCHI: the program.
# Usage: bf16_quality.sh synth|facegood OUT [--seeds N] [KEY=VALUE...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
kuchi=${KUCHI:-$root/build/release/bin/kuchi}
[ $# -ge 2 ] || { sed -n '2,4p' "$0" >&2 && exit 2; }
what=$1 out=$2 seeds=3 more=()
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=$2 && shift ;;
    *) more+=("$1") ;;
  esac
  shift
done
# The shipped FACEGOOD experiment holds nothing out: here the last seventh of every clip is.
if [ "$what" = facegood ]; then
  more=(data.split.by=time data.split.valid=0.15 data.split.test=0 "${more[@]}")
fi

last_mse() { sed -n 's/.*"valid":{[^}]*"mse":\([0-9.e-]*\).*/\1/p' "$1/events.jsonl" | tail -n 1; }

mkdir -p "$out"
echo "| seed | fp32 | bf16 | ratio |"
echo "|---|---|---|---|"
for seed in $(seq 0 $((seeds - 1))); do
  for precision in fp32 bf16; do
    run=$out/$what-$precision-s$seed
    [ -e "$run/checkpoints" ] || "$kuchi" -q train "$root/configs/experiment/${what}_bilstm.yaml" \
      --out "$run" "${more[@]}" "train.seed=$seed" "train.precision=$precision"
  done
  a=$(last_mse "$out/$what-fp32-s$seed") b=$(last_mse "$out/$what-bf16-s$seed")
  echo "| $seed | $a | $b | $(awk "BEGIN {printf \"%.4f\", $b / $a}") |"
done | tee "$out/$what.md"
awk -F'|' 'NR > 0 && $5 + 0 > 0 {n++; s += $5; q += $5 * $5} END {
  m = s / n; printf "mean ratio %.4f, standard deviation over %d seeds %.4f\n", m, n, sqrt((q / n - m * m) * n / (n > 1 ? n - 1 : 1))
}' "$out/$what.md"
