"""Writes tests/golden/encoders/: tiny speech encoders as transformers saves them, and what it says they hear.

Made with transformers 5.24, PyTorch 2.11.0, Python 3.11: python tests/golden/make_encoders.py [DIR]

DIR/clips.safetensors            NAME [samples] float16, 16 kHz
DIR/VARIANT/                     config.json, preprocessor_config.json, weights
DIR/VARIANT/expected.safetensors NAME/hidden [layers + 1, frames, hidden], NAME/last [frames, hidden]

Expected is transformers' own reading of the directory it wrote (float64, eager attention), one clip
at a time: in a padded batch it hears the padding of group-norm models. What a random start leaves at
one or zero (norms, biases, WavLM's gates, running statistics) is random here, or it would not count.
"""

import dataclasses
import pathlib
import sys

import numpy as np
import safetensors.torch
import torch
import transformers as hf

OUT = pathlib.Path(__file__).parent / "encoders"
OLD_NAMES = {"original0": "weight_g", "original1": "weight_v"}

SMALL = dict(
    conv_dim=(8,) * 7,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=24,
    num_conv_pos_embeddings=16,
    num_conv_pos_embedding_groups=4,
    vocab_size=8,
    num_codevectors_per_group=4,
    codevector_dim=8,
    proj_codevector_dim=8,
)
LARGE = dict(feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True)
BUCKETS = dict(num_buckets=32, max_bucket_distance=60)  # the last one is reached at 60 frames

W2V = (hf.Wav2Vec2Model, hf.Wav2Vec2Config)
HUBERT = (hf.HubertModel, hf.HubertConfig)
WAVLM = (hf.WavLMModel, hf.WavLMConfig)
DATA2VEC = (hf.Data2VecAudioModel, hf.Data2VecAudioConfig)


@dataclasses.dataclass
class Variant:
    kind: tuple  # model class, configuration class
    options: dict = dataclasses.field(default_factory=dict)
    normalise: bool | None = True  # None: no preprocessor_config.json
    dtype: torch.dtype = torch.float32
    form: str = "safetensors"  # sharded, pickle, old_names


def variants():
    real = dict(num_conv_pos_embeddings=128, num_conv_pos_embedding_groups=16)
    with_heads = (hf.Wav2Vec2ForPreTraining, hf.Wav2Vec2Config)
    return {
        "wav2vec2_base": Variant(W2V, real),
        "wav2vec2_large": Variant(W2V, LARGE),
        "wav2vec2_layer_post": Variant(W2V, dict(feat_extract_norm="layer"), normalise=False),
        "wav2vec2_group_pre": Variant(W2V, dict(do_stable_layer_norm=True, conv_bias=True)),
        "wav2vec2_odd_positions": Variant(W2V, dict(num_conv_pos_embeddings=15)),
        "wav2vec2_eps": Variant(W2V, dict(LARGE, layer_norm_eps=1e-2), normalise=None),
        "wav2vec2_relu": Variant(W2V, dict(hidden_act="relu", feat_extract_activation="relu")),
        "wav2vec2_gelu_new": Variant(W2V, dict(hidden_act="gelu_new", feat_extract_activation="silu")),
        "wav2vec2_old_names": Variant(W2V, form="old_names"),
        "wav2vec2_heads": Variant(with_heads),
        "wav2vec2_sharded": Variant(W2V, form="sharded"),
        "wav2vec2_pickle": Variant(with_heads, form="pickle"),
        "hubert_base": Variant(HUBERT, normalise=False),
        "hubert_large": Variant(HUBERT, LARGE),
        "hubert_batch_norm": Variant(HUBERT, dict(conv_pos_batch_norm=True)),
        "hubert_plain_projection": Variant(HUBERT, dict(feat_proj_layer_norm=False)),
        "hubert_float16": Variant((hf.HubertForCTC, hf.HubertConfig), dtype=torch.float16),
        "wavlm_base": Variant(WAVLM, BUCKETS),
        "wavlm_large": Variant(WAVLM, dict(BUCKETS, **LARGE), normalise=False),
        "wavlm_bfloat16": Variant((hf.WavLMForCTC, hf.WavLMConfig), BUCKETS, dtype=torch.bfloat16),
        "data2vec_audio": Variant(
            (hf.Data2VecAudioForCTC, hf.Data2VecAudioConfig),
            dict(conv_pos_kernel_size=19, num_conv_pos_embeddings=5),
        ),
    }


@torch.no_grad()
def randomise(model, gain=1.0):
    """Every weight such that it matters: attention is sharp, no norm is the identity."""
    for name, x in [*model.named_parameters(), *model.named_buffers()]:
        leaf = name.rsplit(".", 1)[-1]
        if not x.is_floating_point():
            continue
        if leaf in ("running_var", "original0", "gru_rel_pos_const") or ("norm" in name and leaf == "weight"):
            x.copy_(torch.rand_like(x) + 0.5)  # lengths, scales
        elif leaf in ("bias", "running_mean"):
            x.copy_(torch.randn_like(x) * 0.2)
        elif "rel_attn_embed" in name:
            x.copy_(torch.randn_like(x))
        elif "conv" in name or x.dim() == 2:
            x.copy_(torch.randn_like(x) * gain / (x[0].numel() ** 0.5))
        elif leaf == "masked_spec_embed":
            x.copy_(torch.randn_like(x))
    return model


def clips():
    """Noise and tones; the shortest there is, lengths that leave samples over, an offset, a silence."""
    rng = np.random.default_rng(5)

    def sound(n, noise, tones, offset=0.0):
        t = np.arange(n) / 16000
        x = noise * rng.standard_normal(n) + offset
        for hz, level in tones:
            x += level * np.sin(2 * np.pi * hz * t)
        return x

    long = sound(32001, 0.02, [(140, 0.2), (1730, 0.1)])
    long[9000:17000] = 0
    out = {
        "minimal": sound(400, 0.05, []),
        "odd": sound(5003, 0.02, [(220, 0.3)], offset=0.1),
        "tones": sound(8017, 0.1, [(97, 0.2), (3100, 0.05)]),
        "long": long,
    }
    return {name: torch.from_numpy(x.astype(np.float16)) for name, x in out.items()}


def heard_by(config):
    """The long one for what changes with distance."""
    return ["minimal", "odd", "long"] if config.model_type == "wavlm" else ["minimal", "odd", "tones"]


def save(directory, model, variant):
    directory.mkdir(parents=True, exist_ok=True)
    if variant.normalise is not None:
        layer_norm = getattr(model.config, "feat_extract_norm", "layer") == "layer"
        hf.Wav2Vec2FeatureExtractor(
            do_normalize=variant.normalise, return_attention_mask=layer_norm
        ).save_pretrained(directory)
    model = model.to(variant.dtype)
    model.save_pretrained(directory, max_shard_size="12KB" if variant.form == "sharded" else "5GB")
    file = directory / "model.safetensors"
    if variant.form == "pickle":
        torch.save(model.state_dict(), directory / "pytorch_model.bin")
        file.unlink()
    elif variant.form == "old_names":
        state = {}
        for name, x in safetensors.torch.load_file(file).items():
            stem, _, leaf = name.rpartition(".parametrizations.weight.")
            state[f"{stem}.{OLD_NAMES[leaf]}" if stem else name] = x
        safetensors.torch.save_file(state, file, {"format": "pt"})


def open_model(directory, dtype=torch.float64, attention="eager"):
    """The directory as transformers reads it, everything found."""
    model, info = hf.AutoModel.from_pretrained(
        directory, dtype=dtype, attn_implementation=attention, output_loading_info=True
    )
    for what in ("missing_keys", "mismatched_keys", "error_msgs"):
        assert not info.get(what), (directory, what, info[what])
    return model.eval()


def open_extractor(directory):
    if (directory / "preprocessor_config.json").exists():
        return hf.AutoFeatureExtractor.from_pretrained(directory)
    return hf.Wav2Vec2FeatureExtractor()


@torch.no_grad()
def listen(model, extractor, clip):
    """→ every hidden state [layers + 1, frames, hidden], and the last [frames, hidden]"""
    values = extractor(np.asarray(clip, np.float32), sampling_rate=16000, return_tensors="pt").input_values
    out = model(values.to(model.dtype), output_hidden_states=True)
    assert len(out.hidden_states) == model.config.num_hidden_layers + 1
    return torch.cat(list(out.hidden_states)), out.last_hidden_state[0]


def make(directory, variant, sounds):
    model_class, config_class = variant.kind
    config = config_class(**{**SMALL, **variant.options})
    save(directory, randomise(model_class(config)), variant)
    model, extractor = open_model(directory), open_extractor(directory)
    expected = {}
    for name in heard_by(config):
        hidden, last = listen(model, extractor, sounds[name].numpy())
        expected[f"{name}/hidden"] = hidden.float().contiguous()
        expected[f"{name}/last"] = last.float().contiguous()
    safetensors.torch.save_file(expected, directory / "expected.safetensors")


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    hf.logging.set_verbosity_error()
    sounds = clips()
    out.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(sounds, out / "clips.safetensors")
    for seed, (name, variant) in enumerate(variants().items()):
        torch.manual_seed(seed)
        make(out / name, variant, sounds)
        print(name)


if __name__ == "__main__":
    main()
