"""Exported models in OpenVINO against the curves of kuchi predict.

    compare.py CURVES.npy FILE.wav FEATURES.npy MODEL.onnx...

Models take what their first input says: audio, or features; streaming ones are given a frame, or a unit of
sound, at a time. Prints the largest difference of each, or why it could not be run.
Needs `pip install openvino onnx`.
"""
import json
import sys
import wave

import numpy as np
import onnx
import openvino


def run(file, sound, features, frames):
    about = {p.key: p.value for p in onnx.load(file).metadata_props}
    core = openvino.Core()
    # Results as float32 has them: by default it computes with bfloat16 where the processor has that.
    model = core.compile_model(file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    name = "audio" if any("audio" in i.get_names() for i in model.inputs) else "features"
    clip = sound if name == "audio" else features
    if about.get("streaming") != "1":
        out = model({name: clip[None], "lengths": np.array([len(clip)], np.int64)})
        return out["curves"][0]
    states, late = json.loads(about["states"]), int(about["lookahead_frames"])
    unit = int(about.get("chunk_samples", 1))
    carried = {s["in"]: np.zeros([1, *s["shape"]], s["type"]) for s in states}
    rows, begin = [], 0
    while begin < len(clip) or sum(map(len, rows)) < late + frames:
        own = clip[begin : begin + unit]
        chunk = np.zeros((1, unit, *clip.shape[1:]), np.float32)
        chunk[0, : len(own)] = own
        out = model({name: chunk, "lengths": np.array([len(own)], np.int64), **carried})
        rows.append(out["curves"][0].copy())
        carried = {s["in"]: out[s["out"]].copy() for s in states}
        begin += unit
    return np.concatenate(rows)[late : late + frames]


def main():
    want = np.load(sys.argv[1])
    with wave.open(sys.argv[2]) as f:  # 16 kHz, mono, 16 bit
        sound = np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float32) / 32768
    features = np.load(sys.argv[3]).astype(np.float32)
    print("OpenVINO", openvino.__version__)
    for file in sys.argv[4:]:
        try:
            got = run(file, sound, features, len(want))
            print(f"{file}: {got.shape[0]} frames, largest difference {np.abs(got - want).max():.3g}")
        except Exception as e:  # pylint: disable=broad-except
            print(f"{file}: {str(e).strip().splitlines()[-1][:300]}")


main()
