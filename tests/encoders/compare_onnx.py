"""ONNX Runtime against Kuchi: the hidden states of encoders.

    compare_onnx.py DIR NAME...

DIR/audio/SAMPLES.npy      [samples] float32, 16 kHz
DIR/NAME/encoder.onnx      audio, lengths -> hidden [batch, frames, dim], last_row [batch]
DIR/NAME/SAMPLES.npy       [frames, dim]: what Kuchi says of the clip alone
Prints JSON: by NAME and clip the largest difference, as a share of the largest value where that is
above 1. Each clip is heard alone, and in a batch of all padded with NaN.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def run(session, clips):
    batch = np.full((len(clips), max(len(c) for c in clips)), np.nan, np.float32)
    for row, clip in zip(batch, clips):
        row[: len(clip)] = clip
    lengths = np.array([len(c) for c in clips], np.int64)
    hidden, last = session.run(["hidden", "last_row"], {"audio": batch, "lengths": lengths})
    assert np.isfinite(hidden).all()
    return [h[: n + 1] for h, n in zip(hidden, last)]


def difference(got, want):
    assert got.shape == want.shape, (got.shape, want.shape)
    return float(np.abs(got - want).max() / max(1, np.abs(want).max()))


def check(folder, audio):
    file = folder / "encoder.onnx"
    onnx.checker.check_model(onnx.load(file), full_check=True)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    wanted = {k: np.load(folder / f"{k}.npy") for k in audio}
    out = {}
    for name, clip in audio.items():
        out[f"{name} alone"] = difference(run(session, [clip])[0], wanted[name])
    for (name, want), got in zip(wanted.items(), run(session, list(audio.values()))):
        out[f"{name} in a batch"] = difference(got, want)
    return out


def main():
    root = pathlib.Path(sys.argv[1])
    audio = {f.stem: np.load(f) for f in sorted((root / "audio").glob("*.npy"))}
    print(json.dumps({name: check(root / name, audio) for name in sys.argv[2:]}))


main()
