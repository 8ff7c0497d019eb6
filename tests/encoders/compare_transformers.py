"""transformers against `kuchi encode`: every hidden state of speech encoders.

    compare_transformers.py [DIR...] [--kuchi PATH] [--seconds 0.025,1,30] [--fuzz N] [--full NAME...]

DIR...        encoder directories as transformers or Kuchi writes them
--fuzz N      N more of random shapes and weights, one after another from --seed
--full NAME   full-size shapes with random weights: wav2vec2-base, wav2vec2-large, wavlm-base, wavlm-large
Each hears 16-bit WAV files of noise and tones, one a length (those shorter than the encoder's reach
must be refused). Prints by encoder and length the largest difference of the last hidden state and of
each layer, this as a share of the layer's largest value where that is above 1. Reference: float64
(--reference float32: as most people run it), one clip at a time. Exits 1 where a difference is above
--tolerance. Random shapes may be so ill-conditioned (a LayerNorm over two channels) that float32 itself
is further off: --own prints how far transformers' float32 is from its float64. Wants torch and
transformers (5.24); no test calls it, it is the wider net behind golden_test.cpp.
"""

import argparse
import gc
import pathlib
import random
import subprocess
import sys
import tempfile
import wave

import numpy as np
import torch
import transformers as hf

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "golden"))
import make_encoders as golden

CLASSES = [golden.W2V, golden.HUBERT, golden.WAVLM, golden.DATA2VEC]
FULL_LARGE = dict(
    golden.LARGE, hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096
)
FULL = {
    "wav2vec2-base": (golden.W2V, {}),
    "wav2vec2-large": (golden.W2V, FULL_LARGE),
    "wavlm-base": (golden.WAVLM, {}),
    "wavlm-large": (golden.WAVLM, FULL_LARGE),
}


def random_front(rng):
    """Mostly the real kernels; else anything whose reach is under a quarter of a second."""
    if rng.random() < 0.4:
        return dict(conv_dim=tuple(rng.choice([5, 8, 16, 33]) for _ in range(7)))
    while True:
        n = rng.randint(1, 8)
        kernel = [rng.randint(1, 12) for _ in range(n)]
        stride = [rng.randint(1, 5) for _ in range(n)]
        reach, hop = 1, 1
        for k, s in zip(kernel[::-1], stride[::-1]):
            reach, hop = (reach - 1) * s + k, hop * s
        if reach < 4000 and 40 <= hop <= 1600:
            dims = [rng.randint(1, 40) for _ in range(n)]
            return dict(conv_dim=dims, conv_kernel=kernel, conv_stride=stride, num_feat_extract_layers=n)


def random_options(rng, config_class):
    heads = rng.choice([1, 2, 3, 5, 8])
    hidden = heads * rng.choice([1, 3, 8, 13, 16, 64])
    options = dict(
        random_front(rng),
        hidden_size=hidden,
        num_attention_heads=heads,
        num_hidden_layers=rng.randint(1, 5),
        intermediate_size=rng.randint(1, 200),
        num_conv_pos_embedding_groups=rng.choice([g for g in range(1, hidden + 1) if hidden % g == 0]),
        num_conv_pos_embeddings=rng.randint(1, 140),
        conv_bias=rng.random() < 0.5,
        feat_extract_norm=rng.choice(["group", "layer"]),
        do_stable_layer_norm=rng.random() < 0.5,
        hidden_act=rng.choice(["gelu", "gelu", "relu", "gelu_new", "silu", "gelu_fast", "gelu_python"]),
        feat_extract_activation=rng.choice(["gelu", "gelu", "relu", "swish", "gelu_pytorch_tanh"]),
        layer_norm_eps=rng.choice([1e-5, 1e-5, 1e-12, 1e-3, 0.1]),
    )
    if config_class is hf.HubertConfig:
        options["feat_proj_layer_norm"] = rng.random() < 0.5
        options["conv_pos_batch_norm"] = rng.random() < 0.5
    if config_class is hf.WavLMConfig:
        options["num_buckets"] = rng.choice([4, 5, 7, 16, 33, 64, 320])
        options["max_bucket_distance"] = options["num_buckets"] // 4 + rng.choice([1, 2, 20, 100, 800])
    if config_class is hf.Data2VecAudioConfig:
        options["conv_pos_kernel_size"] = rng.randint(1, 40)
        options["num_conv_pos_embeddings"] = rng.randint(1, 6)
        del options["feat_extract_norm"], options["do_stable_layer_norm"]
    return options


def write_fuzz(directory, seed):
    """→ a line of what it is"""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    model_class, config_class = rng.choice(CLASSES)
    options = random_options(rng, config_class)
    model = golden.randomise(model_class(config_class(**options)), gain=rng.choice([0.5, 1.0, 2.0]))
    variant = golden.Variant(
        None,
        normalise=rng.choice([True, False, None]),
        dtype=rng.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16]),
        form=rng.choice(["safetensors", "sharded", "pickle", "old_names"]),
    )
    golden.save(directory, model, variant)
    return f"{config_class.model_type} {options} normalise {variant.normalise} {variant.dtype} {variant.form}"


def write_full(directory, name):
    (model_class, config_class), options = FULL[name]
    torch.manual_seed(1)
    model = golden.randomise(model_class(config_class(**options)))
    golden.save(directory, model, golden.Variant(None))
    return f"{sum(p.numel() for p in model.parameters()) / 1e6:.0f} million weights"


def write_wav(file, samples, seed, rate=16000):
    """16-bit noise, tones that come and go, and an offset; → as read back"""
    rng = np.random.default_rng(seed)
    t = np.arange(samples) / rate
    x = 0.05 * rng.standard_normal(samples) + rng.choice([0.0, 0.01, 0.1])
    for hz in rng.uniform(60, 4000, 3):
        x += 0.1 * np.sin(2 * np.pi * hz * t) * (np.sin(2 * np.pi * rng.uniform(0.5, 4) * t) > 0)
    pcm = (np.clip(x, -0.99, 0.99) * 32768).astype("<i2")
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm.tobytes())
    return pcm.astype(np.float32) / 32768


def encode(args, directory, wav, layer):
    """→ the array, or the message of the refusal"""
    out = wav.with_suffix(f".{layer}.npy")
    command = [args.kuchi, "encode", str(directory), str(wav), "--layer", layer, "--out", str(out), "--force"]
    done = subprocess.run([*command, "--precision", args.precision], capture_output=True, text=True)
    if done.returncode == 3:
        return done.stderr.strip().splitlines()[-1]
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return np.load(out)


def difference(got, want):
    """→ largest difference, largest value; a wrong shape is beyond every tolerance"""
    want = want.numpy()
    if got.shape != want.shape:
        print(f"  shape {got.shape}, not {want.shape}")
        return float("inf"), 1.0
    worst = float(np.abs(got - want).max())
    return worst if worst == worst else float("inf"), float(np.abs(want).max())


def own_error(plain, extractor, audio, hidden, want):
    """→ how far transformers in float32 is from itself in float64, as the largest difference is"""
    got, last = golden.listen(plain, extractor, audio)
    layers = [difference(g.numpy(), w) for g, w in zip(got, hidden)]
    return max(difference(last.numpy(), want)[0], *(worst / max(1.0, top) for worst, top in layers))


def compare_clip(args, directory, models, extractor, wav, audio):
    """→ largest difference, and transformers' own in float32"""
    model, plain = models
    all_layers, last = (encode(args, directory, wav, layer) for layer in ("all", "last"))
    config = model.config
    needed = 1
    for kernel, stride in zip(config.conv_kernel[::-1], config.conv_stride[::-1]):
        needed = (needed - 1) * stride + kernel
    if len(audio) < needed or isinstance(last, str):
        refused = isinstance(last, str) and isinstance(all_layers, str)
        print(f"  {len(audio):7d} samples of {needed}: {last if refused else 'not refused'}")
        return (0.0 if refused and len(audio) < needed else float("inf")), 0.0
    hidden, want = golden.listen(model, extractor, audio)
    end, _ = difference(last, want)
    layers = [difference(got, w) for got, w in zip(all_layers, hidden)]
    if len(all_layers) != len(hidden):
        layers.append((float("inf"), 1.0))
    shares = [worst / max(1.0, top) for worst, top in layers]
    text = " ".join(f"{x:.1e}" for x in shares)
    own = own_error(plain, extractor, audio, hidden, want) if plain else 0.0
    beside = f", transformers' own {own:.1e}" if plain else ""
    top = max(t for _, t in layers)
    print(f"  {len(audio):7d} samples: last {end:.1e}, layers {text} (values to {top:.3g}){beside}")
    return max(end, *shares), own


def compare(args, directory, what, seed):
    dtype = dict(float32=torch.float32, float64=torch.float64)[args.reference]
    model, extractor = golden.open_model(directory, dtype, args.attention), golden.open_extractor(directory)
    plain = golden.open_model(directory, torch.float32, args.attention) if args.own else None
    worst, own = 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for i, seconds in enumerate(args.seconds):
            wav = pathlib.Path(folder) / f"{i}.wav"
            audio = write_wav(wav, round(seconds * 16000), seed * 100 + i)
            ours, theirs = compare_clip(args, directory, (model, plain), extractor, wav, audio)
            worst, own = max(worst, ours), max(own, theirs)
    beside = f", transformers' own {own:.1e}" if plain else ""
    print(f"{'ok' if worst <= args.tolerance else 'DIFFERS'} {what}: {worst:.1e}{beside}", flush=True)
    return worst


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="*", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--kuchi", default="build/release/bin/kuchi")
    parser.add_argument("--seconds", default="0.025,0.1113,1,3.7", help="lengths, separated by commas")
    parser.add_argument("--fuzz", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", nargs="*", default=[], choices=list(FULL), metavar="NAME")
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--reference", default="float64", choices=["float32", "float64"])
    parser.add_argument("--attention", default="eager", choices=["eager", "sdpa"])
    parser.add_argument("--own", action="store_true", help="print transformers' own float32 error beside")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    args = parser.parse_args()
    args.seconds = [float(x) for x in args.seconds.split(",")]
    return args


def main():
    args = arguments()
    hf.logging.set_verbosity_error()
    hf.logging.disable_progress_bar()
    results = [compare(args, directory, directory.name, args.seed) for directory in args.directories]
    made = [(write_fuzz, seed) for seed in range(args.seed, args.seed + args.fuzz)]
    made += [(write_full, name) for name in args.full]
    for i, (write, which) in enumerate(made):
        with tempfile.TemporaryDirectory() as folder:
            directory = pathlib.Path(folder) / "encoder"
            what = write(directory, which)
            gc.collect()
            results.append(compare(args, directory, f"{which} {what}", args.seed + i))
    agree = sum(r <= args.tolerance for r in results)
    print(f"{agree} of {len(results)} agree; largest {max(results, default=0):.1e}")
    return 0 if results and agree == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
