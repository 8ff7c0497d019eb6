"""An exported model in ONNX Runtime against the curves that kuchi predict wrote.

    compare_onnx.py MODEL.onnx CURVES.npy (--audio FILE.wav | --features FEATURES.npy)

CURVES.npy     kuchi predict RUN FILE.wav --window 0 --format npy --out CURVES.npy
FILE.wav       16 kHz, mono, 16 bit: for a model that takes sound
FEATURES.npy   kuchi encode logmel FILE.wav --fps FPS --out FEATURES.npy: for one that takes features

A streaming model is given chunks of unlike sizes.

Prints the largest difference and the mean square; exit code 3 where the first is above 1e-4, unless the
model's weights are kept as fp16 or int8. Needs numpy and onnxruntime, nothing of Kuchi.
"""
import argparse
import json
import sys
import wave

import numpy as np
import onnxruntime

CHUNKS = [1, 4, 2, 16, 1, 7]


def read_wav(file):
    with wave.open(file) as f:
        if (f.getframerate(), f.getnchannels(), f.getsampwidth()) != (16000, 1, 2):
            sys.exit(f"{file}: not 16 kHz, mono, 16 bit; convert it first")
        return np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float32) / 32768


def told_nothing(model):
    """Nobody's voice, in no style, for a model that is told these."""
    values = {"speaker": np.zeros(1, np.int64), "style": np.zeros(1, np.int64), "intensity": np.ones(1, np.float32)}
    return {i.name: values[i.name] for i in model.get_inputs() if i.name in values}


def run_whole(model, name, clip):
    inputs = {name: clip[None], "lengths": np.array([len(clip)], np.int64), **told_nothing(model)}
    return model.run(["curves"], inputs)[0][0]


def run_stream(model, about, name, clip, frames):
    states = json.loads(about["states"])
    late, unit = int(about["lookahead_frames"]), int(about.get("chunk_samples", 1))
    told = told_nothing(model)
    carried = [np.zeros([1, *s["shape"]], s["type"]) for s in states]
    rows, begin = [], 0
    # To the clip's end, and on until all its frames have come.
    while begin < len(clip) or sum(map(len, rows)) < late + frames:
        size = CHUNKS[len(rows) % len(CHUNKS)] * unit
        own = clip[begin : begin + size]
        chunk = np.zeros((1, size, *clip.shape[1:]), np.float32)
        chunk[0, : len(own)] = own
        inputs = {name: chunk, "lengths": np.array([len(own)], np.int64), **told}
        inputs.update({s["in"]: value for s, value in zip(states, carried)})
        curves, *carried = model.run(["curves", *(s["out"] for s in states)], inputs)
        rows.append(curves[0])
        begin += size
    return np.concatenate(rows)[late : late + frames]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("curves")
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--audio")
    given.add_argument("--features")
    args = parser.parse_args()
    model = onnxruntime.InferenceSession(args.model, providers=["CPUExecutionProvider"])
    about = model.get_modelmeta().custom_metadata_map
    want = np.load(args.curves)
    name = "audio" if args.audio else "features"
    clip = read_wav(args.audio) if args.audio else np.load(args.features).astype(np.float32)
    if about.get("streaming") == "1":
        got = run_stream(model, about, name, clip, len(want))
    else:
        got = run_whole(model, name, clip)
    if got.shape != want.shape:
        print(f"{args.model}: {got.shape[0]} frames of {got.shape[1]} curves, wanted {want.shape}")
        return 3
    apart = np.abs(got.astype(np.float64) - want)
    print(f"{len(got)} frames, largest difference {apart.max():.3g}, mean square {(apart**2).mean():.3g}")
    exact = about.get("weights", "fp32") == "fp32"
    return 3 if exact and not apart.max() <= 1e-4 else 0


sys.exit(main())
