#!/bin/sh
# What `kuchi export --weights` saves and costs, on the embedded set: trains what is not there yet, exports
# each run as fp32, fp16 and int8, and measures on new clips with the tests' Python.
#   experiments/onnx_weights/run.sh [OUT] [OVERRIDE...]   OUT is build/onnx_weights unless given
set -eu
cd "$(dirname "$0")/../.."
kuchi=${KUCHI:-build/release/bin/kuchi}
out=${1:-build/onnx_weights}
[ $# -gt 0 ] && shift
python=build/venv-tests/bin/python
mkdir -p "$out"
[ -d "$out/synth" ] || "$kuchi" synth "$out/synth" --clips 20 --seconds 6 --seed 77
for config in debug/tiny experiment/synth_lstm; do
  name=$(basename "$config")
  [ -d "$out/$name" ] || "$kuchi" train "configs/$config.yaml" --out "$out/$name" "$@"
  files=
  for weights in fp32 fp16 int8; do
    "$kuchi" export "$out/$name" --weights "$weights" --out "$out/$name.$weights.onnx" --force
    files="$files $out/$name.$weights.onnx"
    if [ "$name" = synth_lstm ]; then
      "$kuchi" export "$out/$name" --streaming --from features --weights "$weights" --out "$out/$name.$weights.live.onnx" --force
      files="$files $out/$name.$weights.live.onnx"
    fi
  done
  # shellcheck disable=SC2086
  "$python" experiments/onnx_weights/measure.py "$out/synth" $files
done
