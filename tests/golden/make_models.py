"""Golden numbers for src/models and src/train: PyTorch for the BiLSTM, AdamW and the clipping of
gradients, NumPy for the ridge regression.

    python make_models.py DIR     writes DIR/{bilstm,linear,adamw}.safetensors

Nothing here comes from the C++ code: the head is written a second time from design/models.md, each
clip is run alone (no padding), the ridge solves the least-squares problem of an explicit matrix of
windows. The files are written by hand, so that the reader is checked too.
Made with PyTorch 2.11.0 and NumPy 2 on the CPU, in double, stored as F32 (bilstm) and F64.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import torch
from torch import nn

RANGES = [(0, 1), (-1, 1), (-0.5, 2), (0, 1)]
DIM, PROJECTION, HIDDEN, LAYERS, OUTPUT = 5, [6, 4], 3, 3, [5, 4]
LENGTHS = [7, 4, 1]


def save(file, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        value = np.asarray(value, order="C")
        kind = {"float32": "F32", "float64": "F64", "int64": "I64"}[str(value.dtype)]
        raw = value.tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Bilstm(nn.Module):
    def __init__(self):
        super().__init__()
        steps, width = [], DIM
        for n in PROJECTION:
            steps += [nn.Linear(width, n), nn.LayerNorm(n), nn.ReLU(), nn.Dropout(0.1)]
            width = n
        self.projection = nn.Sequential(*steps)
        self.lstm = nn.LSTM(width, HIDDEN, LAYERS, batch_first=True, bidirectional=True,
                            dropout=0.1)
        steps, width = [], 2 * HIDDEN
        for n in OUTPUT:
            steps += [nn.Linear(width, n), nn.ReLU(), nn.Dropout(0.1)]
            width = n
        self.output = nn.Sequential(*steps, nn.Linear(width, len(RANGES)))

    def forward(self, x):
        x = self.output(self.lstm(self.projection(x))[0])
        columns = []
        for c, (low, high) in enumerate(RANGES):
            v = x[..., c]
            if (low, high) == (0, 1):
                columns.append(torch.sigmoid(v))
            elif (low, high) == (-1, 1):
                columns.append(torch.tanh(v))
            else:
                columns.append(low + (high - low) * torch.sigmoid(v))
        return torch.stack(columns, -1)


def bilstm():
    torch.manual_seed(1)
    model = Bilstm().double().eval()
    for p in model.parameters():  # larger than the defaults, so that nothing is nearly linear
        p.data = (p.data + 0.3 * torch.randn(p.shape).double()).float().double()
    out = {}
    for name, p in model.named_parameters():
        out["weight/" + name] = p.detach().numpy().astype(np.float32)
    for i, frames in enumerate(LENGTHS):
        x = torch.randn(frames, DIM).double().requires_grad_()
        share = torch.randn(frames, len(RANGES)).double()  # the loss is sum of share * y
        y = model(x[None])[0]
        (y * share).sum().backward()
        for name, value in (("x", x), ("share", share), ("y", y), ("dx", x.grad)):
            out[f"{name}/{i}"] = value.detach().numpy().astype(np.float32)
    for name, p in model.named_parameters():
        out["grad/" + name] = p.grad.numpy().astype(np.float32)
    return out


def windows(x, context):
    padded = np.pad(x, ((context, context), (0, 0)))
    return np.stack([padded[t:t + 2 * context + 1].ravel() for t in range(len(x))])


def linear():
    rng = np.random.default_rng(2)
    context, ridge, dim, curves = 4, 0.05, 3, 2
    out = {}
    rows, targets = [], []
    for i, frames in enumerate([30, 3, 1, 17, 9]):  # three are shorter than the window
        x = rng.normal(size=(frames, dim)).astype(np.float32).astype(np.float64)
        y = (np.cumsum(x, 0)[:, :curves] + rng.normal(size=(frames, curves)))
        y = y.astype(np.float32).astype(np.float64)
        out[f"x/{i}"], out[f"y/{i}"] = x, y
        rows.append(windows(x, context))
        targets.append(y)
    a, y = np.concatenate(rows), np.concatenate(targets)
    n, width = a.shape
    # sum |b + a w - y|^2 + ridge n |w|^2 as plain least squares: a column of ones for b, and a row
    # sqrt(ridge n) w = 0 for each weight.
    top = np.concatenate([a, np.ones((n, 1))], 1)
    below = np.concatenate([np.sqrt(ridge * n) * np.eye(width), np.zeros((width, 1))], 1)
    solution, *_ = np.linalg.lstsq(np.concatenate([top, below]),
                                   np.concatenate([y, np.zeros((width, curves))]), rcond=None)
    out["weight"] = solution[:-1].reshape(2 * context + 1, dim, curves)
    out["bias"] = solution[-1]
    x = rng.normal(size=(6, dim)).astype(np.float32).astype(np.float64)
    out["test_x"] = x
    out["test_y"] = windows(x, context) @ solution[:-1] + solution[-1]
    return out


def adamw():
    torch.manual_seed(3)
    matrix = nn.Parameter(torch.randn(3, 2))
    bias = nn.Parameter(torch.randn(4))
    out = {"matrix": matrix.detach().numpy().copy(), "bias": bias.detach().numpy().copy()}
    opt = torch.optim.AdamW([{"params": [matrix], "weight_decay": 0.1},
                             {"params": [bias], "weight_decay": 0.0}],
                            betas=(0.9, 0.98), eps=1e-6, foreach=False, fused=False)
    for step in range(10):
        lr = 0.05 / (step + 1)
        for group in opt.param_groups:
            group["lr"] = lr
        scale = 10.0 if step == 4 else 0.3  # some are clipped, some not
        matrix.grad, bias.grad = scale * torch.randn(3, 2), scale * torch.randn(4)
        out[f"grad_matrix/{step}"] = matrix.grad.numpy().copy()
        out[f"grad_bias/{step}"] = bias.grad.numpy().copy()
        norm = nn.utils.clip_grad_norm_([matrix, bias], 1.0)
        out[f"norm/{step}"] = norm.numpy().copy()
        out[f"clipped_matrix/{step}"] = matrix.grad.numpy().copy()
        out[f"clipped_bias/{step}"] = bias.grad.numpy().copy()
        opt.step()
        out[f"matrix/{step}"] = matrix.detach().numpy().copy()
        out[f"bias/{step}"] = bias.detach().numpy().copy()
    for name, p in (("matrix", matrix), ("bias", bias)):
        out["exp_avg/" + name] = opt.state[p]["exp_avg"].numpy()
        out["exp_avg_sq/" + name] = opt.state[p]["exp_avg_sq"].numpy()
    return out


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1])
    for make in (bilstm, linear, adamw):
        save(directory / (make.__name__ + ".safetensors"), make())
