"""Golden numbers for src/models and src/train: PyTorch for the BiLSTM, LSTM and TCN, AdamW, SGD, the clipping of
gradients, schedules and the average of weights, NumPy for the ridge regression.

    python make_models.py DIR     writes DIR/{bilstm,lstm,tcn,tcn_causal,linear,adamw,sgd,rates,swa}.safetensors

Nothing here comes from the C++ code: the head is written a second time from design/models.md, each
clip is run alone (no padding), the ridge solves the least-squares problem of an explicit matrix of
windows. The files are written by hand, so that the reader is checked too.
Made with PyTorch 2.11.0 and NumPy 2 on the CPU, in double, stored as F32 (heads) and F64.
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
        return ranges(self.output(self.lstm(self.projection(x))[0]))


def ranges(x):
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


def late(network, x, frames):
    """The network's answers, so many frames late: it hears the clip and then its last frame again."""
    longer = torch.cat([x] + [x[:, -1:]] * frames, 1)
    return network(longer)[:, frames:]


class Lstm(nn.Module):
    """One direction, two layers, two frames late."""

    def __init__(self):
        super().__init__()
        steps, width = [], DIM
        for n in PROJECTION:
            steps += [nn.Linear(width, n), nn.LayerNorm(n), nn.ReLU(), nn.Dropout(0.1)]
            width = n
        self.projection = nn.Sequential(*steps)
        self.lstm = nn.LSTM(width, HIDDEN, 2, batch_first=True, dropout=0.1)
        self.output = nn.Sequential(nn.Linear(HIDDEN, 5), nn.ReLU(), nn.Dropout(0.1),
                                    nn.Linear(5, len(RANGES)))

    def forward(self, x):
        return late(lambda x: ranges(self.output(self.lstm(self.projection(x))[0])), x, 2)


class Block(nn.Module):
    def __init__(self, width, kernel, dilation, causal):
        super().__init__()
        reach = (kernel - 1) * dilation
        self.padding = (reach, 0) if causal else (reach // 2, reach // 2)
        for i in range(2):
            setattr(self, f"conv{i}", nn.Conv1d(width, width, kernel, dilation=dilation))
            setattr(self, f"norm{i}", nn.LayerNorm(width))

    def forward(self, x):
        y = x
        for conv, norm in ((self.conv0, self.norm0), (self.conv1, self.norm1)):
            y = conv(nn.functional.pad(y.transpose(1, 2), self.padding)).transpose(1, 2)
            y = torch.relu(norm(y))
        return x + y


class Tcn(nn.Module):
    """Two blocks, dilations 1 and 2; centred with kernel 3, or causal with kernel 2 and one frame
    late."""

    def __init__(self, causal):
        super().__init__()
        self.causal = causal
        self.input = nn.Linear(DIM, 4)
        self.block0 = Block(4, 2 if causal else 3, 1, causal)
        self.block1 = Block(4, 2 if causal else 3, 2, causal)
        self.output = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.1),
                                    nn.Linear(5, len(RANGES)))

    def forward(self, x):
        def network(x):
            return ranges(self.output(self.block1(self.block0(self.input(x)))))
        return late(network, x, 1) if self.causal else network(x)


def head(model, seed):
    torch.manual_seed(seed)
    model = model().double().eval()
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


def bilstm():
    return head(Bilstm, 1)


def lstm():
    return head(Lstm, 6)


def tcn():
    return head(lambda: Tcn(causal=False), 7)


def tcn_causal():
    return head(lambda: Tcn(causal=True), 8)


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


def sgd():
    """Three kinds of SGD from one start over the same gradients; the bias does not decay."""
    torch.manual_seed(4)
    start = torch.randn(3, 2), torch.randn(4)
    grads = [(torch.randn(3, 2), torch.randn(4)) for _ in range(8)]
    out = {"matrix": start[0].numpy(), "bias": start[1].numpy()}
    for step, (g, h) in enumerate(grads):
        out[f"grad_matrix/{step}"], out[f"grad_bias/{step}"] = g.numpy(), h.numpy()
    for kind, how in (("plain", {"momentum": 0.0}), ("momentum", {"momentum": 0.9}),
                      ("nesterov", {"momentum": 0.8, "nesterov": True})):
        matrix, bias = (nn.Parameter(p.clone()) for p in start)
        opt = torch.optim.SGD([{"params": [matrix], "weight_decay": 0.1},
                               {"params": [bias], "weight_decay": 0.0}], lr=1.0, foreach=False, **how)
        for step, (g, h) in enumerate(grads):
            for group in opt.param_groups:
                group["lr"] = 0.05 / (step + 1)
            matrix.grad, bias.grad = g.clone(), h.clone()
            opt.step()
            out[f"{kind}/matrix/{step}"] = matrix.detach().numpy().copy()
            out[f"{kind}/bias/{step}"] = bias.detach().numpy().copy()
    return out


def rates():
    """Learning rates of 40 steps at a peak of 0.5, as torch.optim.lr_scheduler has them; and of 16
    epochs with a metric that gets no better now and then."""
    from torch.optim import lr_scheduler as lrs

    def run(make, steps=40):
        opt = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
        schedule = make(opt)
        seen = []
        for _ in range(steps):
            seen.append(opt.param_groups[0]["lr"])
            opt.step()
            if len(seen) < steps:
                schedule.step()
        return np.array(seen)

    out = {"one_cycle": run(lambda o: lrs.OneCycleLR(
        o, 0.5, total_steps=40, pct_start=0.25, cycle_momentum=False, div_factor=25,
        final_div_factor=1 / (25 * 0.1)))}
    # Eight steps of warm-up from 1/8, then 31 steps from 1 to a tenth.
    warm = lambda o: lrs.LinearLR(o, 1 / 8, 1, total_iters=7)
    out["linear"] = run(lambda o: lrs.SequentialLR(
        o, [warm(o), lrs.LinearLR(o, 1, 0.1, total_iters=31)], [8]))
    out["cosine"] = run(lambda o: lrs.SequentialLR(
        o, [warm(o), lrs.CosineAnnealingLR(o, 31, eta_min=0.05)], [8]))
    out["inverse_sqrt"] = run(lambda o: lrs.LambdaLR(
        o, lambda step: min((step + 1) / 8, ((step + 1) / 8) ** -0.5)))
    metric = [9, 8, 8.5, 8.5, 7, 7.5, 7.1, 7.0, 7.2, 6.9, 8, 8, 8, 8, 8, 8]
    opt = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    # A fall after two epochs without a better one: PyTorch's patience is one less.
    plateau = lrs.ReduceLROnPlateau(opt, factor=0.3, patience=1, threshold=0,
                                    threshold_mode="abs", min_lr=0.5 * 0.02)
    seen = []
    for value in metric:
        plateau.step(value)
        seen.append(opt.param_groups[0]["lr"])
    out["plateau"], out["metric"] = np.array(seen), np.array(metric, dtype=np.float64)
    return out


def swa():
    torch.manual_seed(5)
    matrix = nn.Parameter(torch.zeros(3, 2))
    holder = nn.Module()
    holder.matrix = matrix
    average = torch.optim.swa_utils.AveragedModel(holder)
    out = {}
    for epoch in range(4):
        with torch.no_grad():
            matrix.copy_(torch.randn(3, 2))
        average.update_parameters(holder)
        out[f"weights/{epoch}"] = matrix.detach().numpy().copy()
        out[f"average/{epoch}"] = average.module.matrix.detach().numpy().copy()
    return out


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1])
    for make in (bilstm, lstm, tcn, tcn_causal, linear, adamw, sgd, rates, swa):
        save(directory / (make.__name__ + ".safetensors"), make())
