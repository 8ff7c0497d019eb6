"""What small weights cost: each MODEL.onnx from audio against the true curves of a `kuchi synth` folder.

    measure.py SYNTH MODEL.onnx...

Prints a line a model: bytes, mean squared error against the curves, that against the first model's curves, and
milliseconds a frame where frames come one at a time (streaming models: those with states, which take features,
are only timed).
"""
import json
import pathlib
import sys
import time
import wave

import numpy as np
import onnxruntime


def read_wav(file):
    with wave.open(str(file)) as f:
        return np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(np.float32) / 32768


def session(file, fold):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if fold:
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def ms_a_frame(file, fold, frames=600):
    model = session(file, fold)
    states = json.loads(model.get_modelmeta().custom_metadata_map["states"])
    carried = [np.zeros([1, *s["shape"]], s["type"]) for s in states]
    dim = model.get_inputs()[0].shape[2]
    chunk, one = np.zeros((1, 1, dim), np.float32), np.ones(1, np.int64)
    times = []
    for _ in range(frames):
        begin = time.perf_counter()
        inputs = {"features": chunk, "lengths": one, **{s["in"]: c for s, c in zip(states, carried)}}
        _, *carried = model.run(["curves", *(s["out"] for s in states)], inputs)
        times.append(time.perf_counter() - begin)
    return 1000 * float(np.median(times))


def main():
    root = pathlib.Path(sys.argv[1])
    sounds = sorted((root / "wav").rglob("*.wav"))
    first = None
    for file in sys.argv[2:]:
        about = session(file, False).get_modelmeta().custom_metadata_map
        size = pathlib.Path(file).stat().st_size
        if about.get("streaming") == "1":
            print(f"{file}: {size} bytes, {ms_a_frame(file, False):.3f} ms a frame, "
                  f"{ms_a_frame(file, True):.3f} with disable_quant_qdq")
            continue
        model = session(file, False)
        got, want = [], []
        for sound in sounds:
            audio = read_wav(sound)
            curves = np.load(root / "curves" / sound.relative_to(root / "wav").with_suffix(".npy"))
            out = model.run(["curves"], {"audio": audio[None], "lengths": np.array([len(audio)])})[0][0]
            n = min(len(out), len(curves))
            got.append(out[:n])
            want.append(curves[:n])
        got, want = np.concatenate(got), np.concatenate(want)
        first = got if first is None else first
        print(f"{file}: {size} bytes, mse {((got - want) ** 2).mean():.8f}, "
              f"from the first {((got - first) ** 2).mean():.3g}, largest {np.abs(got - first).max():.3g}")


main()
