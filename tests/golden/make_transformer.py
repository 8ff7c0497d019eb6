"""Golden numbers for the heads `transformer` and `hybrid`.

    python make_transformer.py DIR     writes DIR/transformer_*.safetensors, DIR/hybrid_*.safetensors

Nothing here comes from the C++ code. Sinusoidal positions under full attention are PyTorch's own
nn.TransformerEncoder. What PyTorch has no layer for (rotary and ALiBi positions, windows) is written out:
scores of every pair of frames one by one, masks from their distance, rotations as products of complex
numbers. Each clip is run alone, without padding; gradients are autograd's.
Made with PyTorch 2.11.0 on the CPU, in double, stored as F32.
"""

import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn

from make_models import RANGES, save

DIM, WIDTH, HEADS, FEED_FORWARD, LAYERS, OUTPUT, TABLE = 5, 8, 2, 12, 2, 6, 40
LENGTHS = [70, 9, 1]  # the first is longer than a block and its window

CASES = {  # positions, norm, (left, right): None is no bound
    "post_sinusoidal": ("sinusoidal", "post", (None, None)),
    "pre_sinusoidal": ("sinusoidal", "pre", (None, None)),
    "pre_rotary": ("rotary", "pre", (None, None)),
    "pre_rotary_windowed": ("rotary", "pre", (5, 3)),
    "post_alibi": ("alibi", "post", (None, None)),
    "pre_alibi_windowed": ("alibi", "pre", (6, 2)),
    "pre_alibi_causal": ("alibi", "pre", (None, 0)),
    "pre_learned_causal": ("learned", "pre", (4, 0)),
    "pre_none_causal": ("none", "pre", (None, 0)),
}
HYBRIDS = {  # arrangement, bidirectional, positions, (left, right)
    "attention_over_lstm": ("attention_over_lstm", True, "sinusoidal", (None, None)),
    "lstm_over_attention": ("lstm_over_attention", True, "sinusoidal", (None, None)),
    "parallel": ("parallel", True, "sinusoidal", (None, None)),
    "live": ("parallel", False, "rotary", (5, 2)),
}


def sinusoids(n):
    table = torch.zeros(n, WIDTH, dtype=torch.double)
    for p in range(n):
        for i in range(WIDTH // 2):
            angle = p / 10000 ** (2 * i / WIDTH)
            table[p, 2 * i], table[p, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


def turn(x):
    """x [n, head_dim]: values i and i + head_dim / 2 are one complex number."""
    n, dim = x.shape
    angle = torch.arange(n).double()[:, None] * 10000.0 ** (-2 * torch.arange(dim // 2).double() / dim)
    z = torch.complex(x[:, : dim // 2], x[:, dim // 2 :]) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], 1)


def attention(layer, x, positions, reach):
    n, dim = len(x), WIDTH // HEADS
    q, k, v = (x @ layer.in_proj_weight.T + layer.in_proj_bias).chunk(3, 1)
    heads = []
    for h in range(HEADS):
        own = slice(h * dim, (h + 1) * dim)
        a, b = q[:, own], k[:, own]
        if positions == "rotary":
            a, b = turn(a), turn(b)
        scores = a @ b.T / math.sqrt(dim)
        added = torch.zeros(n, n, dtype=torch.double)
        for i in range(n):
            for j in range(n):
                left, right = reach
                if (left is not None and i - j > left) or (right is not None and j - i > right):
                    added[i, j] = -math.inf
                elif positions == "alibi":
                    added[i, j] = -(2.0 ** (-8 * (h + 1) / HEADS)) * abs(i - j)
        heads.append(torch.softmax(scores + added, 1) @ v[:, own])
    return layer.out_proj(torch.cat(heads, 1))


class Stack(nn.Module):
    """Names of parameters as in the C++ head."""

    def __init__(self, positions, norm, reach):
        super().__init__()
        self.kind, self.reach, self.pre = positions, reach, norm == "pre"
        encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(WIDTH, HEADS, FEED_FORWARD, 0.1, "relu", batch_first=True,
                                       norm_first=self.pre),
            LAYERS, nn.LayerNorm(WIDTH) if self.pre else None, enable_nested_tensor=False)
        self.layers = encoder.layers
        if self.pre:
            self.norm = encoder.norm
        self.encoder = [encoder]  # in a list, so that its parameters are not named twice
        if positions == "learned":
            self.positions = nn.Parameter(torch.randn(TABLE, WIDTH))

    def forward(self, x):  # [n, WIDTH]
        if self.kind == "learned":
            x = x + self.positions[torch.arange(len(x)).clamp(max=TABLE - 1)]
        if self.kind == "sinusoidal":
            x = x + sinusoids(len(x))
        if self.kind == "sinusoidal" and self.reach == (None, None):
            return self.encoder[0](x[None])[0]
        for layer in self.layers:
            attend = lambda y: attention(layer.self_attn, y, self.kind, self.reach)
            feed = lambda y: layer.linear2(torch.relu(layer.linear1(y)))
            if self.pre:
                x = x + attend(layer.norm1(x))
                x = x + feed(layer.norm2(x))
            else:
                x = layer.norm1(x + attend(x))
                x = layer.norm2(x + feed(x))
        return self.norm(x) if self.pre else x


def ranged(x):
    columns = []
    for c, (low, high) in enumerate(RANGES):
        share = torch.sigmoid(x[..., c])
        if (low, high) == (-1, 1):
            columns.append(torch.tanh(x[..., c]))
        else:
            columns.append(low + (high - low) * share)
    return torch.stack(columns, -1)


class Transformer(nn.Module):
    def __init__(self, *how):
        super().__init__()
        self.input = nn.Linear(DIM, WIDTH)
        self.transformer = Stack(*how)
        self.output = nn.Sequential(nn.Linear(WIDTH, OUTPUT), nn.ReLU(), nn.Dropout(0.1),
                                    nn.Linear(OUTPUT, len(RANGES)))

    def forward(self, x):
        return ranged(self.output(self.transformer(self.input(x))))


class Hybrid(nn.Module):
    def __init__(self, arrangement, bidirectional, positions, reach):
        super().__init__()
        self.arrangement = arrangement
        self.input = nn.Linear(DIM, WIDTH)
        self.lstm = nn.LSTM(WIDTH, 3, 2, batch_first=True, bidirectional=bidirectional)
        self.merge = nn.Linear(6 if bidirectional else 3, WIDTH)
        self.transformer = Stack(positions, "pre", reach)
        if arrangement == "parallel":
            self.gate = nn.Linear(2 * WIDTH, WIDTH)
        self.output = nn.Sequential(nn.Linear(WIDTH, OUTPUT), nn.ReLU(), nn.Dropout(0.1),
                                    nn.Linear(OUTPUT, len(RANGES)))

    def recur(self, x):
        return self.merge(self.lstm(x[None])[0][0])

    def forward(self, x):
        x = self.input(x)
        if self.arrangement == "attention_over_lstm":
            y = self.transformer(self.recur(x))
        elif self.arrangement == "lstm_over_attention":
            y = self.recur(self.transformer(x))
        else:
            a, b = self.transformer(x), self.recur(x)
            gate = torch.sigmoid(self.gate(torch.cat([a, b], 1)))
            y = gate * a + (1 - gate) * b
        return ranged(self.output(y))


def numbers(model, lengths):
    model = model.double().eval()
    for p in model.parameters():  # larger than the defaults, so that nothing is nearly linear
        p.data = (p.data + 0.3 * torch.randn(p.shape).double()).float().double()
    out = {}
    for name, p in model.named_parameters():
        out["weight/" + name] = p.detach().numpy().astype(np.float32)
    for i, frames in enumerate(lengths):
        x = torch.randn(frames, DIM).float().double().requires_grad_()
        share = torch.randn(frames, len(RANGES)).float().double()  # the loss is sum of share * y
        y = model(x)
        (y * share).sum().backward()
        for name, value in (("x", x), ("share", share), ("y", y), ("dx", x.grad)):
            out[f"{name}/{i}"] = value.detach().numpy().astype(np.float32)
    for name, p in model.named_parameters():
        out["grad/" + name] = p.grad.numpy().astype(np.float32)
    return out


def main():
    target = pathlib.Path(sys.argv[1])
    for seed, (name, how) in enumerate(CASES.items()):
        torch.manual_seed(100 + seed)
        save(target / f"transformer_{name}.safetensors", numbers(Transformer(*how), LENGTHS))
    for seed, (name, how) in enumerate(HYBRIDS.items()):
        torch.manual_seed(200 + seed)
        save(target / f"hybrid_{name}.safetensors", numbers(Hybrid(*how), LENGTHS))


main()
