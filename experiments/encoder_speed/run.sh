#!/bin/bash
# Times kuchi, transformers and ONNX Runtime on full-size wav2vec 2.0 base, one after another.
# PYTHON: one with torch, transformers, onnx and onnxruntime; KUCHI: the program.
# Usage: run.sh [WORK]     (about 12 minutes on two cores; nothing else should run)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:-$root/build/encoder_speed}
python=${PYTHON:-python3}
kuchi=${KUCHI:-$root/build/release/bin/kuchi}

stage() { "$python" "$here/speed.py" "$1" "$work" --kuchi "$kuchi" "${@:2}"; }

mkdir -p "$work"
rm -f "$work/results.jsonl"
[[ -e $work/base.onnx ]] || stage make
for precision in fp32 bf16; do
  stage kuchi --precision $precision
  stage transformers --precision $precision
done
stage onnxruntime
stage difference
stage table
