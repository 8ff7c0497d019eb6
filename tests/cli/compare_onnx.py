"""ONNX Runtime against Kuchi, as a user of an exported model runs it.

    compare_onnx.py DIR MODEL...

DIR/wav/*.wav      16 kHz mono clips; each is heard alone, and neighbours as batches of 1 to 8 padded
                   with NaN
DIR/MODEL/         audio.onnx and, unless the model hears nothing but audio, features.onnx; what they
                   were made of: features/*.npy and curves/*.npy as kuchi encode and kuchi predict
                   wrote them for each clip; told.json, where the model is told of clips: {CLIP: {"speaker":
                   NAME, "style": NAME, "intensity": X}}, each as kuchi predict was asked or left out
Prints JSON: the largest difference of curves by model, form and clip, alone and in a batch; the
largest value beyond a clip's end; the metadata.
"""
import json
import pathlib
import sys
import wave

import numpy as np
import onnx
import onnxruntime


def read_wav(file):
    with wave.open(str(file)) as f:
        assert (f.getframerate(), f.getnchannels(), f.getsampwidth()) == (16000, 1, 2)
        return np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float32) / 32768


def told_of(session, told):
    """The inputs beside the sound, of clips of which this is said."""
    about = session.get_modelmeta().custom_metadata_map
    out = {}
    for name in [i.name for i in session.get_inputs()[2:]]:
        if name == "intensity":
            out[name] = np.array([t.get(name, 1) for t in told], np.float32)
        else:
            names = json.loads(about[name + "s"])
            out[name] = np.array([names.index(t.get(name, "")) for t in told], np.int64)
    return out


def run(session, name, clips, told):
    longest = max(len(c) for c in clips)
    batch = np.full((len(clips), longest) + clips[0].shape[1:], np.nan, np.float32)
    for row, clip in zip(batch, clips):
        row[: len(clip)] = clip
    lengths = np.array([len(c) for c in clips], np.int64)
    inputs = {name: batch, "lengths": lengths, **told_of(session, told)}
    return session.run(["curves"], inputs)[0]


def compare(session, name, clips, wanted, told):
    """Largest difference, and the largest value beyond a clip's end."""
    worst, beyond = 0.0, 0.0
    got = run(session, name, clips, told)
    assert got.shape == (len(clips), max(len(w) for w in wanted), wanted[0].shape[1]), got.shape
    for curves, want in zip(got, wanted):
        difference = np.abs(curves[: len(want)] - want).max()
        assert np.isfinite(difference)
        worst = max(worst, float(difference))
        beyond = max(beyond, float(np.abs(curves[len(want) :]).max(initial=0)))
    return worst, beyond


def odd_lengths(session, name, clip):
    """Shapes for lengths at the edge: nothing at all, a clip of no length, one longer than given."""
    more = told_of(session, [{}])
    empty = session.run(
        ["curves"], {name: clip[None, :0], "lengths": np.zeros(1, np.int64), **more}
    )[0]
    none, whole, beyond = (
        session.run(["curves"], {name: clip[None], "lengths": np.array([n]), **more})[0]
        for n in (-5, len(clip), len(clip) + 1000)
    )
    return {
        "empty": list(empty.shape),
        "zero": float(np.abs(none).max()),
        "beyond": float(np.abs(beyond - whole).max()),
    }


def check(model_dir, inputs):
    out = {}
    for form in ("audio", "features"):
        file = model_dir / f"{form}.onnx"
        if form == "features" and not file.exists():
            continue
        onnx.checker.check_model(onnx.load(file), full_check=True)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        clips = inputs
        if form == "features":
            clips = {k: np.load(model_dir / "features" / f"{k}.npy") for k in inputs}
        wanted = {k: np.load(model_dir / "curves" / f"{k}.npy") for k in inputs}
        told = {}
        if (model_dir / "told.json").exists():
            told = json.loads((model_dir / "told.json").read_text())
        said = lambda *group: [told.get(n, {}) for n in group]
        result = {"alone": {}, "batch": {}, "beyond": 0.0}
        names = sorted(inputs)
        for name in names:
            result["alone"][name], _ = compare(
                session, form, [clips[name]], [wanted[name]], said(name)
            )
        for i in range(len(names)):
            group = [names[(i + k) % len(names)] for k in range(1 + i % min(8, len(names)))]
            worst, beyond = compare(
                session, form, [clips[n] for n in group], [wanted[n] for n in group], said(*group)
            )
            result["batch"][" ".join(group)] = worst
            result["beyond"] = max(result["beyond"], beyond)
        result["odd"] = odd_lengths(session, form, clips[names[3]])
        result["metadata"] = session.get_modelmeta().custom_metadata_map
        result["inputs"] = {i.name: [i.type, i.shape] for i in session.get_inputs()}
        result["outputs"] = {o.name: [o.type, o.shape] for o in session.get_outputs()}
        out[form] = result
    return out


def main():
    root = pathlib.Path(sys.argv[1])
    inputs = {f.stem: read_wav(f) for f in (root / "wav").glob("*.wav")}
    print(json.dumps({name: check(root / name, inputs) for name in sys.argv[2:]}))


main()
