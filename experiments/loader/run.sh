#!/usr/bin/env bash
# What loading and augmenting cost a training: the share of its time that waits for data, and how much slower a step is
# while the loader's thread changes rate and pitch of the sound and takes its log-mel anew. On the FACEGOOD clips: the
# reference BiLSTM with 16 segments of 200 frames a step, on all cores, and the shipped small one on one thread.
#   experiments/loader/run.sh [--out DIR] [--rounds N] [--steps N]      (nothing else should run)
#     DIR    where runs go (default build/loader)
#     N      rounds in turns (default 3), and steps of the reference's trainings (default 16; the small one takes ten times as many)
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/loader rounds=3 steps=16
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --rounds) rounds=$2 && shift ;;
    --steps) steps=$2 && shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
. "$here/experiments/lib/facegood.sh"
facegood_store
none=(augment.rate=0 augment.band_warp=0 augment.band_shift=0 augment.gain_db=0 augment.band_masks=0)

# settings SET: its overrides, a line each
settings() {
  printf '%s\n' "${none[@]}"
  [ "$1" = none ] || printf '%s\n' augment.speed.p=1 augment.pitch.p=1
}
# one MODEL SET ROUND: trains; a line MODEL SET ms-a-step share-of-data, of the median epoch but the first
one() {
  local model=$1 set=$2 run=$out/$1-$2-$3 own size
  mapfile -t own < <(settings "$set")
  case $model in
    reference) size=("model.bilstm.projection=[512, 384]" model.bilstm.hidden=512 model.bilstm.layers=3
      "model.bilstm.output=[256, 128]" train.segment_frames=200 train.batch_frames=3200 "train.max_steps=$steps"
      train.threads=0) ;;
    small) size=("train.max_steps=$((10 * steps))") ;;
  esac
  "$kuchi" -q train "$here/configs/experiment/facegood_bilstm.yaml" --out "$run" --force "data.store=$out/facegood.h5" \
    data.recipe= "${own[@]}" "${size[@]}" > "$run.txt"
  grep '"event":"epoch"' "$run/events.jsonl" | tail -n +2 |
    sed -n 's/.*"data":\([0-9.e-]*\).*"step_ms":\([0-9.]*\).*/\2 \1/p' | sort -n |
    awk -v what="$model $set" '{ ms[NR] = $1; data[NR] = $2 } END { i = int((NR + 1) / 2); print what, ms[i], data[i] }'
}

for ((round = 0; round < rounds; ++round)); do
  for model in reference small; do
    for set in none speed+pitch; do one "$model" "$set" "$round"; done
  done
done > "$out/steps.txt"
echo "| model | augmentation | ms a step | slower by | waiting for data |"
echo "|---|---|---|---|---|"
for model in reference small; do
  for set in none speed+pitch; do
    grep "^$model $set " "$out/steps.txt" | sort -k3n | awk '{ ms[NR] = $3; data[NR] = $4 }
      END { i = int((NR + 1) / 2); print ms[i], data[i] }' > "$out/$model-$set.median"
  done
  for set in none speed+pitch; do
    paste "$out/$model-none.median" "$out/$model-$set.median" | awk -v model="$model" -v set="$set" '
      { printf "| %s | %s | %.0f | %+.1f %% | %.1f %% |\n", model, set, $3, 100 * ($3 / $1 - 1), 100 * $4 }'
  done
done
