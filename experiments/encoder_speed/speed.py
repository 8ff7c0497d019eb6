"""Times speech encoders: transformers and ONNX Runtime beside `kuchi bench encoder`.

A reference for measuring, no part of the product. Needs torch, transformers, onnx, onnxruntime and
safetensors (measured with torch 2.11, transformers 5.24, onnx 1.17, onnxruntime 1.32).

  speed.py make WORK                       the encoder (base, random weights) and its ONNX export
  speed.py kuchi WORK --kuchi PROGRAM      `kuchi bench encoder`, fp32 or bf16
  speed.py transformers WORK               sdpa and eager, fp32 or bf16 autocast
  speed.py onnxruntime WORK                all optimisations, fp32
  speed.py difference WORK --kuchi PROGRAM hidden states of bf16 against fp32
  speed.py table WORK                      what was measured

Each stage adds a line a case to WORK/results.jsonl; run.sh runs them all.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import time

# encoders::mixed_lengths(): what `kuchi bench encoder --mixed` takes.
MIXED = [
    5.82884, 3.15358, 9.59644, 12.52794, 12.00309, 6.78698, 4.20530, 3.35271,
    3.56038, 9.54631, 12.40751, 9.17539, 9.18243, 5.59351, 6.85185, 2.22516,
]
CASES = {"5 s": [5.0], "10 s": [10.0], "30 s": [30.0], "mixed": MIXED}
SAMPLES_A_SECOND = 16000


def record(work, **line):
    line["when"] = round(time.time(), 1)
    print(json.dumps(line), flush=True)
    with open(os.path.join(work, "results.jsonl"), "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


def time_once(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def fastest(functions, repeats):
    """The setting whose warm-up was fastest is repeated: (its name, median seconds)."""
    for function in functions.values():
        if len(functions) > 1:
            function()  # memory and kernels are chosen in the first run
    times = {name: time_once(function) for name, function in functions.items()}
    best = min(times, key=times.get)
    return best, statistics.median(time_once(functions[best]) for _ in range(repeats))


def clips_of(lengths):
    import torch

    generator = torch.Generator().manual_seed(1)
    return [
        torch.randn(1, int(length * SAMPLES_A_SECOND), generator=generator) for length in lengths
    ]


def make(args):
    import torch
    import transformers

    torch.manual_seed(0)
    model = transformers.Wav2Vec2Model(transformers.Wav2Vec2Config(attn_implementation="eager"))
    model.eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(
                    torch.rand_like(parameter) + 0.5
                    if name.endswith("weight")
                    else 0.1 * torch.randn_like(parameter)
                )
    model.save_pretrained(os.path.join(args.work, "base"))
    transformers.Wav2Vec2FeatureExtractor(do_normalize=False).save_pretrained(
        os.path.join(args.work, "base")
    )

    class Last(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, audio):
            return self.model(audio).last_hidden_state

    path = os.path.join(args.work, "base.onnx")
    clip = clips_of([5.0])[0]
    torch.onnx.export(
        Last().eval(),  # else the export gives it back in training, with dropout
        (clip,),
        path,
        input_names=["audio"],
        output_names=["last"],
        dynamic_axes={"audio": {0: "batch", 1: "samples"}, "last": {0: "batch", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    for clip in clips_of([5.0, 7.3]):  # the length is symbolic, and the export is right
        with torch.no_grad():
            expected = model(clip).last_hidden_state.numpy()
        difference = abs(session.run(None, {"audio": clip.numpy()})[0] - expected).max()
        print(f"ONNX export, {clip.shape[1]} samples: largest difference {difference:.1e}")
        assert difference < 1e-3


def run_kuchi(args):
    wanted = [name for name in args.cases if name != "mixed"]
    command = [args.kuchi, "bench", "encoder", os.path.join(args.work, "base")]
    command += ["--seconds", ",".join(name.split()[0] for name in wanted)]
    command += ["--mixed"] if "mixed" in args.cases else []
    command += ["--precision", args.precision, "--steps", str(args.repeats)]
    command += ["--threads", str(args.threads), "--json", "-"]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    answer = answer["encoder"]
    for case in answer["cases"]:
        name = "mixed" if case["clips"] > 1 else case["name"]
        assert abs(case["audio_seconds"] - sum(CASES[name])) < 0.01, "another set of clips"
        record(
            args.work,
            program="kuchi",
            precision=args.precision,
            setting="",
            case=name,
            rate=case["audio_per_second"],
            share_of_peak=case["share_of_peak"],
        )


def transformers_functions(model, lengths):
    """One by one; several clips also as one padded batch, whatever that does to their features."""
    import torch

    clips = clips_of(lengths)

    def alone():
        for clip in clips:
            model(clip)

    if len(clips) == 1:
        return {"": alone}
    longest = max(clip.shape[1] for clip in clips)
    batch = torch.zeros(len(clips), longest)
    mask = torch.zeros(len(clips), longest, dtype=torch.long)
    for i, clip in enumerate(clips):
        batch[i, : clip.shape[1]] = clip[0]
        mask[i, : clip.shape[1]] = 1
    return {"one by one": alone, "padded": lambda: model(batch, attention_mask=mask)}


def autocast(precision):
    import torch

    if precision == "fp32":
        return contextlib.nullcontext()
    return torch.autocast("cpu", dtype=torch.bfloat16)


def run_transformers(args):
    import torch
    import transformers

    torch.set_num_threads(args.threads)
    for attention in args.attention:
        model = transformers.Wav2Vec2Model.from_pretrained(
            os.path.join(args.work, "base"), attn_implementation=attention
        ).eval()
        for name in args.cases:
            with torch.inference_mode(), autocast(args.precision):
                functions = transformers_functions(model, CASES[name])
                if len(functions) == 1:
                    time_once(functions[""])  # warm-up; fastest() has another
                setting, seconds = fastest(functions, args.repeats)
            record(
                args.work,
                program="transformers",
                precision=args.precision,
                setting=f"{attention} {setting}".strip(),
                case=name,
                rate=sum(CASES[name]) / seconds,
            )


def run_onnxruntime(args):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(
        os.path.join(args.work, "base.onnx"), options, providers=["CPUExecutionProvider"]
    )
    for name in args.cases:
        clips = [clip.numpy() for clip in clips_of(CASES[name])]

        def alone(clips=clips):
            for clip in clips:
                session.run(None, {"audio": clip})

        _, seconds = fastest({"": alone}, args.repeats)
        record(
            args.work,
            program="onnxruntime",
            precision="fp32",
            setting="one by one" if len(clips) > 1 else "",
            case=name,
            rate=sum(CASES[name]) / seconds,
        )


def read_clip(work):
    """Ten seconds of noise and tones as a WAV file, and as it is read: [samples] float32."""
    import wave

    import numpy

    path = os.path.join(work, "clip.wav")
    t = numpy.arange(10 * SAMPLES_A_SECOND) / SAMPLES_A_SECOND
    noise = numpy.random.default_rng(1).standard_normal(t.size)
    swell = 0.5 + 0.5 * numpy.sin(2 * numpy.pi * 3 * t)
    x = swell * (0.1 * noise + 0.2 * numpy.sin(2 * numpy.pi * (200 + 30 * t) * t))
    x = (x.clip(-1, 1) * 32767).astype(numpy.int16)
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLES_A_SECOND)
        out.writeframes(x.tobytes())
    return path, x.astype(numpy.float32) / 32768


def difference(args):
    """What bfloat16 does to the hidden states, of kuchi and of transformers."""
    import numpy
    import torch
    import transformers

    base = os.path.join(args.work, "base")
    wav, x = read_clip(args.work)
    states = {}
    for precision in ("fp32", "bf16"):
        out = os.path.join(args.work, f"{precision}.npy")
        command = [args.kuchi, "encode", base, wav, "--layer", "all", "--device", "cpu"]
        command += ["--precision", precision, "--out", out, "--force"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        states["kuchi", precision] = numpy.load(out)
    model = transformers.Wav2Vec2Model.from_pretrained(base, attn_implementation="sdpa").eval()
    for precision in ("fp32", "bf16"):
        with torch.inference_mode(), autocast(precision):
            hidden = model(torch.from_numpy(x)[None], output_hidden_states=True).hidden_states
        states["transformers", precision] = torch.cat(hidden).float().numpy()

    def compare(name, a, b):
        for layer in (0, 6, 12):
            d, ref = (a[layer] - b[layer]).astype(float), b[layer].astype(float)
            relative = numpy.sqrt((d**2).mean() / (ref**2).mean())
            print(
                f"{name}, hidden state {layer}: relative RMS {relative:.2e}, largest "
                f"{abs(d).max():.2e} (largest value {abs(ref).max():.1f})"
            )

    ours, theirs = states["kuchi", "fp32"], states["transformers", "fp32"]
    compare("kuchi fp32 - transformers fp32", ours, theirs)
    compare("kuchi bf16 - fp32", states["kuchi", "bf16"], ours)
    compare("transformers bf16 - fp32", states["transformers", "bf16"], theirs)


def table(args):
    lines = {}
    with open(os.path.join(args.work, "results.jsonl"), encoding="utf-8") as file:
        for text in file:
            one = json.loads(text)
            lines.setdefault((one["case"], one["precision"], one["program"]), []).append(one)

    def best(case, precision, program):  # (rate, setting) of the fastest setting
        by_setting = {}
        for one in lines.get((case, precision, program), []):
            by_setting.setdefault(one["setting"], []).append(one["rate"])
        rates = [(statistics.median(rates), name) for name, rates in by_setting.items()]
        return max(rates, default=(float("nan"), "-"))

    print("| case | kuchi fp32 | transformers fp32 | ONNX Runtime fp32 | kuchi / better |")
    print("|---|---|---|---|---|")
    for case in CASES:
        ours, (theirs, setting), (ort, _) = (
            best(case, "fp32", program) for program in ("kuchi", "transformers", "onnxruntime")
        )
        ours = ours[0]
        print(
            f"| {case} | {ours:.1f} | {theirs:.1f} ({setting}) | {ort:.1f} "
            f"| {ours / max(theirs, ort):.2f} |"
        )
    print("\n| case | kuchi bf16 | transformers bf16 | / bf16 | / transformers fp32 |")
    print("|---|---|---|---|---|")
    for case in CASES:
        ours = best(case, "bf16", "kuchi")[0]
        theirs, setting = best(case, "bf16", "transformers")
        single = best(case, "fp32", "transformers")[0]
        print(
            f"| {case} | {ours:.1f} | {theirs:.1f} ({setting}) | {ours / theirs:.2f} "
            f"| {ours / single:.2f} |"
        )


STAGES = {
    "make": make,
    "kuchi": run_kuchi,
    "transformers": run_transformers,
    "onnxruntime": run_onnxruntime,
    "difference": difference,
    "table": table,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("work", help="folder for the encoder and the results")
    parser.add_argument("--kuchi", default="build/release/bin/kuchi")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--attention", nargs="+", default=["sdpa", "eager"])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    STAGES[args.stage](args)


if __name__ == "__main__":
    main()
