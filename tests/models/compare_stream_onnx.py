"""Streaming sessions in ONNX Runtime against Kuchi: heads from features, chunk by chunk.

    compare_stream_onnx.py DIR NAME...

DIR/features/FRAMES.npy    [frames, dim] float32
DIR/NAME/model.onnx        features, lengths, told inputs, state_in_* -> curves, state_out_*
DIR/NAME/FRAMES.npy        [frames, curves]: what Kuchi says of the whole clip
Prints JSON, by NAME: "one", the largest difference of each clip in chunks of one frame; "chunks", in
chunks of unlike sizes; "at_once", as one chunk; "batch", of all clips side by side in chunks of unlike
sizes, each ending within one; "outside", the largest value in rows of no frame; "steps", of the longest
session; "states", how many there are.
Rows after a clip's end are given as NaN.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

TOLD = {"speaker": (2, np.int64), "style": (1, np.int64), "intensity": (0.5, np.float32)}
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


class Session:
    def __init__(self, file):
        onnx.checker.check_model(onnx.load(file), full_check=True)
        self.model = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        self.late = int(self.model.get_modelmeta().custom_metadata_map["lookahead_frames"])
        inputs = self.model.get_inputs()
        self.states = [i for i in inputs if i.name.startswith("state_in_")]
        self.told = [i.name for i in inputs if i.name in TOLD]
        names = ["features", "lengths", *self.told, *(s.name for s in self.states)]
        assert [i.name for i in inputs] == names
        self.outputs = [o.name for o in self.model.get_outputs()]
        assert self.outputs == ["curves", *(s.name.replace("_in_", "_out_") for s in self.states)]

    def run(self, clips, sizes):
        """Of each clip its curves, and the largest value in rows of no frame."""
        count, steps = len(clips), 0
        carried = [np.zeros([count, *s.shape[1:]], TYPES[s.type]) for s in self.states]
        told = {n: np.full(count, TOLD[n][0], TOLD[n][1]) for n in self.told}
        total = max(map(len, clips)) + self.late
        rows, begin = [], 0
        while begin < total:
            size = min(sizes[steps % len(sizes)], total - begin)
            chunk = np.full((count, size, clips[0].shape[1]), np.nan, np.float32)
            lengths = np.zeros(count, np.int64)
            for i, clip in enumerate(clips):
                part = clip[begin : begin + size]
                chunk[i, : len(part)] = part
                lengths[i] = len(part)
            inputs = {"features": chunk, "lengths": lengths, **told}
            inputs.update({s.name: c for s, c in zip(self.states, carried)})
            curves, *carried = self.model.run(self.outputs, inputs)
            assert curves.shape[:2] == (count, size)
            rows.append(curves)
            begin, steps = begin + size, steps + 1
        all_rows = np.concatenate(rows, 1)
        assert np.isfinite(all_rows).all()
        outside = float(np.abs(all_rows[:, : self.late]).max(initial=0))
        out = []
        for clip, own in zip(clips, all_rows[:, self.late :]):
            out.append(own[: len(clip)])
            outside = max(outside, float(np.abs(own[len(clip) :]).max(initial=0)))
        return out, outside, steps


def check(folder, features):
    session = Session(folder / "model.onnx")
    frames = sorted(features)
    wanted = {n: np.load(folder / f"{n}.npy") for n in frames}
    out = {"outside": 0.0, "steps": 0, "states": len(session.states)}

    def compare(chosen, sizes):
        got, outside, steps = session.run([features[n] for n in chosen], sizes)
        out["outside"] = max(out["outside"], outside)
        out["steps"] = max(out["steps"], steps)
        return max(float(np.abs(g - wanted[n]).max()) for g, n in zip(got, chosen))

    out["one"] = {n: compare([n], [1]) for n in frames}
    out["chunks"] = {n: compare([n], [3, 1, 17, 2, 64, 5]) for n in frames}
    out["at_once"] = {n: compare([n], [4000]) for n in frames}
    out["batch"] = compare(frames, [7, 1, 30, 2])
    return out


def main():
    root = pathlib.Path(sys.argv[1])
    features = {int(f.stem): np.load(f) for f in (root / "features").glob("*.npy")}
    print(json.dumps({name: check(root / name, features) for name in sys.argv[2:]}))


main()
