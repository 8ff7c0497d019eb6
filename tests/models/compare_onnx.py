"""ONNX Runtime against Kuchi: heads from features.

    compare_onnx.py DIR NAME...

DIR/features/FRAMES.npy    [frames, dim] float32
DIR/NAME/model.onnx        features, lengths -> curves [batch, frames, curves]
DIR/NAME/FRAMES.npy        [frames, curves]: what Kuchi says of the clip alone
Prints JSON, by NAME: "alone", the largest difference of each clip by itself; "batch", of padded batches of 1
to 8 unlike clips; "beyond", the largest value beyond a clip's end; "empty", the shape of no frames.
Padding is NaN.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def run(session, clips):
    batch = np.full((len(clips), max(map(len, clips))) + clips[0].shape[1:], np.nan, np.float32)
    for row, clip in zip(batch, clips):
        row[: len(clip)] = clip
    lengths = np.array([len(c) for c in clips], np.int64)
    return session.run(["curves"], {"features": batch, "lengths": lengths})[0]


def compare(session, clips, wanted):
    got = run(session, clips)
    assert np.isfinite(got).all()
    differences = [np.abs(g[: len(w)] - w).max() for g, w in zip(got, wanted)]
    beyond = [np.abs(g[len(w) :]).max(initial=0) for g, w in zip(got, wanted)]
    return float(max(differences)), float(max(beyond))


def check(folder, features):
    file = folder / "model.onnx"
    onnx.checker.check_model(onnx.load(file), full_check=True)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    wanted = {n: np.load(folder / f"{n}.npy") for n in features}
    out = {"alone": {}, "batch": {}, "beyond": 0.0}
    for n, clip in features.items():
        out["alone"][n], _ = compare(session, [clip], [wanted[n]])
    lengths = sorted(features)
    for size in range(1, 9):
        # The longest with one other; larger batches of what attention of all frames has memory for.
        most = lengths[-1] if size <= 2 else 700
        some = [n for n in lengths if n <= most]
        chosen = [some[-1 - (i * (len(some) - 1)) // size] for i in range(size)]
        chosen = chosen[1:] + chosen[:1]  # the longest last
        worst, beyond = compare(session, [features[n] for n in chosen], [wanted[n] for n in chosen])
        out["batch"][" ".join(map(str, chosen))] = worst
        out["beyond"] = max(out["beyond"], beyond)
    nothing = {"features": features[lengths[0]][None, :0], "lengths": np.zeros(1, np.int64)}
    out["empty"] = list(session.run(["curves"], nothing)[0].shape)
    return out


def main():
    root = pathlib.Path(sys.argv[1])
    features = {int(f.stem): np.load(f) for f in (root / "features").glob("*.npy")}
    print(json.dumps({name: check(root / name, features) for name in sys.argv[2:]}))


main()
