#!/bin/bash
# Times a training step alone and beside one busy process, with the threads' waiting as the program
# sets it and as libgomp has it by itself, in turns.
# KUCHI: the program.
# Usage: fair_share.sh [--rounds N] [--steps N]     (some minutes; nothing else should run)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kuchi=${KUCHI:-$here/../../build/release/bin/kuchi}
rounds=3 steps=7
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;;
    --steps) steps=$2 ;;
    *) echo "unknown argument '$1'" >&2 && exit 2 ;;
  esac
  shift 2
done

busy=
stop() { [ -z "$busy" ] || kill "$busy" 2> /dev/null || true; }
trap stop EXIT

step_ms() { # BATCH FRAMES [VARIABLE=VALUE]
  env "${@:3}" "$kuchi" -q bench step --batch "$1" --frames "$2" --steps "$steps" --json - |
    sed -n 's/.*"median_ms": \([0-9]*\).*/\1/p'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

echo "| step | waiting | alone, ms | beside a busy process, ms | ratio |"
echo "|---|---|---|---|---|"
for size in "2 40" "16 200"; do
  read -r batch frames <<< "$size"
  for way in "as set|KUCHI_NOTHING=" "libgomp's own|GOMP_SPINCOUNT=300000"; do
    alone=() beside=()
    for _ in $(seq "$rounds"); do
      alone+=("$(step_ms "$batch" "$frames" "${way#*|}")")
      (while :; do :; done) &
      busy=$!
      beside+=("$(step_ms "$batch" "$frames" "${way#*|}")")
      stop
      wait "$busy" 2> /dev/null || true
      busy=
    done
    a=$(printf '%s\n' "${alone[@]}" | median) b=$(printf '%s\n' "${beside[@]}" | median)
    echo "| $batch x $frames | ${way%|*} | $a | $b | $(awk "BEGIN {printf \"%.2f\", $b / $a}") |"
  done
done
