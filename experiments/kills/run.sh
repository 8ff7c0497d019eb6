#!/bin/bash
# Kills a training at random moments and resumes it, again and again, until it has been killed KILLS
# times; each time a training comes to its end, its weights and moments must be bit for bit those of one
# that was never killed. Then fills a small file system under it.
# KUCHI: the program. SEED: of the moments.
# Usage: run.sh [KILLS] [WORK]     (50 kills: a minute on two cores)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
kills=${1:-50}
work=${2:-$root/build/kills}
kuchi=${KUCHI:-$root/build/release/bin/kuchi}
RANDOM=${SEED:-1}

settings=(train.device=cpu train.threads=1 train.max_epochs=10 train.batch_frames=240
  train.grad_accumulation=2 train.ema=0.99 train.keep=2 train.checkpoint_steps=7
  augment.time_masks=1 augment.noise=0.1 model.bilstm.dropout=0.2 "model.bilstm.hidden=96"
  data.synth.clips=24 data.synth.seconds=3)

# start RUN: begins or goes on; whatever was there before
start() {
  if [ -e "$1/config.resolved.yaml" ] && [ -e "$1/data.json" ]; then
    "$kuchi" -q resume "$1" > "$1.out" 2>> "$1.log"
  else
    rm -rf "$1"
    "$kuchi" -q train "$root/configs/debug/tiny.yaml" --out "$1" "${settings[@]}" > "$1.out" 2>> "$1.log"
  fi
}

# same A B: the last checkpoints' tensors, byte for byte
same() {
  cmp "$1/last/model.safetensors" "$2/last/model.safetensors" &&
    cmp "$1/last/optimizer.safetensors" "$2/last/optimizer.safetensors"
}

mkdir -p "$work"
rm -rf "$work"/whole "$work"/killed-* "$work"/*.log "$work"/*.out
before=$(date +%s.%N)
start "$work/whole"
took=$(awk -v a="$before" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
echo "never killed: $(basename "$(readlink -f "$work/whole/last")") steps in $took s"

done_kills=0 runs=0 differ=0 inside=0
while [ "$done_kills" -lt "$kills" ]; do
  run=$work/killed-$runs
  start "$run" 2> /dev/null & # the shell tells of every kill
  child=$!
  sleep "$(awk -v r="$RANDOM" -v t="$took" 'BEGIN { print 0.05 + 0.35 * t * r / 32768 }')"
  # The program is the subshell's child: it is what must die at once.
  if pid=$(pgrep -P $child -n) && kill -9 "$pid" 2> /dev/null; then
    done_kills=$((done_kills + 1))
    if ls "$run"/checkpoints/.tmp-* > /dev/null 2>&1; then inside=$((inside + 1)); fi
    wait $child 2> /dev/null || true
  elif wait $child; then
    same "$work/whole" "$run" || differ=$((differ + 1))
    runs=$((runs + 1))
  else
    echo "a resume failed; see $run.log" >&2
    exit 1
  fi
done
run=$work/killed-$runs
start "$run"
same "$work/whole" "$run" || differ=$((differ + 1))
echo "$done_kills kills ($inside while a checkpoint was written) in $((runs + 1)) trainings: $differ differ"

# The disk: as much room as the run folder's first checkpoints need, and no more.
if [ "$(id -u)" = 0 ] && mkdir -p "$work/disk" && mount -t tmpfs -o size=2m tmpfs "$work/disk" 2> /dev/null; then
  trap 'umount "$work/disk"' EXIT
  code=0
  "$kuchi" -q train "$root/configs/debug/tiny.yaml" --out "$work/disk/run" "${settings[@]}" train.keep=100 \
    > /dev/null 2> "$work/disk.log" || code=$?
  echo "disk full: exit code $code: $(tail -n 1 "$work/disk.log")"
  [ "$code" = 5 ]
  mount -o remount,size=64m "$work/disk"
  "$kuchi" -q resume "$work/disk/run" > /dev/null
  if same "$work/whole" "$work/disk/run"; then echo "disk full: resumed to the same bits"; else differ=$((differ + 1)); fi
else
  echo "disk full: not tried (mounting needs root)"
fi
[ "$differ" = 0 ]
