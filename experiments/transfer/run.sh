#!/usr/bin/env bash
# What a speech encoder that knows phones brings to eight minutes of capture: leaves each of the five FACEGOOD
# clips out in turn, trains on the other four, predicts the fifth, and scores all five together, for a small
# encoder with random and with pretrained weights, frozen and tuned, and for the BiLSTM on log-mel.
#   experiments/transfer/run.sh [--out DIR] [--steps N] [--threads N] [--only ARM] [key=value ...]
#     DIR        where the encoders, runs and tables go (default build/transfer)
#     --steps    updates of the pretraining on the embedded set (default 1500)
#     --threads  of the arithmetic (default 1)
#     --only     one of random-frozen, random-tuned, pretrained-frozen, pretrained-tuned, bilstm
#     key=value  overrides for the four encoder arms, e.g. train.max_epochs=20
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/transfer steps=1500 threads=1 only='' overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --steps) steps=$2 && shift ;;
    --threads) threads=$2 && shift ;;
    --only) only=$2 && shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *=*) overrides+=("$1") ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
. "$here/experiments/lib/facegood.sh"

shape=$here/configs/encoder/small.json
[ -d "$out/random" ] || "$kuchi" encoder init --config "$shape" --seed 1 "$out/random"
[ -d "$out/pretrained" ] || "$kuchi" encoder pretrain synth --config "$shape" --clips 400 --steps "$steps" \
  --threads "$threads" --out "$out/pretrained" --json "$out/pretrained.json" --force
facegood_store

# arm NAME CONFIG key=value...
arm() {
  [ -z "$only" ] || [ "$only" = "$1" ] || return 0
  local name=$1 config=$2 clip
  shift 2
  for clip in "${clips[@]}"; do fold "$name" "$config" "$clip" "train.threads=$threads" "$@"; done
}

# Ten epochs; all learn at one rate, the convolutions too where the encoder is tuned.
small=(train.max_epochs=10 model.wav2vec2.lr_scale=0.3 "${overrides[@]}")
for weights in random pretrained; do
  encoder="model.wav2vec2.encoder=$out/$weights"
  arm "$weights-frozen" facegood_wav2vec2 "$encoder" model.wav2vec2.tune=frozen "${small[@]}"
  arm "$weights-tuned" facegood_wav2vec2 "$encoder" model.wav2vec2.tune=all model.wav2vec2.front_end=true "${small[@]}"
done
arm bilstm facegood_bilstm
[ -z "$only" ] || exit 0

# score NAME AGAINST: each against the one that it should beat
score() {
  "$kuchi" -q score --pred "$out/$1" --target "$out/target" --rig facegood --names "$data/curve_names.txt" \
    --against "$out/$2" --json "$out/$1-against-$2.json" --force > "$out/$1-against-$2.txt"
  echo "$1 against $2"
  grep -E '^(mse|r2|mse ratio)' "$out/$1-against-$2.txt" | sed 's/^/  /'
}
score random-frozen bilstm
score random-tuned random-frozen
score pretrained-frozen random-frozen
score pretrained-tuned random-tuned
score pretrained-tuned pretrained-frozen
score pretrained-tuned bilstm
score bilstm pretrained-frozen
