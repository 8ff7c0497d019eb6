"""Golden numbers for src/eval and src/stats, straight from the definitions, with NumPy and SciPy.

    python make_metrics.py > metrics.json

The clips come from a formula of integer hashes and exact float operations, written a second time
in tests/eval/golden_clips.h, so that no input needs to be stored. Nothing here shares a method
with the C++ code: all frames are laid end to end and every metric is computed from them anew,
also in each resample.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

from metric_clips import CURVES, hash3, make_clip, uniform

RANGE = [1, 1, 1, 1, 1, 2, 1, 1]
TRAINING = [(100 + i, 300, 30.0) for i in range(4)]
FEW = [(1, 1, 30.0), (2, 2, 30.0), (3, 3, 30.0), (4, 400, 30.0), (5, 733, 30.0), (6, 1000, 60.0)]
MANY = [(200 + i, 40 + hash3(i, 7, 7) % 60, 30.0) for i in range(24)]


def load(cases):
    return [(f"clip{i}", fps) + make_clip(i, n) for i, n, fps in cases]


def constant(x):
    return len(x) == 0 or np.ptp(x) == 0


def mean_or_none(values):
    values = [v for v in values if v is not None]
    return float(np.mean(values)) if values else None


def curve_scores(pieces, c, mean, variance, moves):
    """pieces: [(fps, target, prediction, first)], frames before `first` only feed differences."""
    y = np.concatenate([p[1][p[3]:, c] for p in pieces])
    p = np.concatenate([p[2][p[3]:, c] for p in pieces])

    def differences(order):
        out = []
        for fps, target, prediction, first in pieces:
            d = np.diff((prediction - target)[:, c], order) * fps**order
            out.append(d[max(first - order, 0):])
        return np.concatenate(out)

    velocity, acceleration = differences(1), differences(2)
    deviation = np.sum((y - mean) ** 2)
    out = {
        "mse": float(np.mean((p - y) ** 2)),
        "mae": float(np.mean(np.abs(p - y))),
        "vel_mse": float(np.mean(velocity**2)) if len(velocity) else None,
        "acc_mse": float(np.mean(acceleration**2)) if len(acceleration) else None,
        "nmse": None, "r2": None, "pcc": None, "std_ratio": None,
    }
    if moves:
        out["nmse"] = float(out["mse"] / variance)
        out["r2"] = float(1 - np.sum((p - y) ** 2) / deviation) if deviation > 0 else None
        if not constant(y):
            out["std_ratio"] = float(np.std(p) / np.std(y)) if not constant(p) else 0.0
            out["pcc"] = None if constant(p) else float(stats.pearsonr(p, y)[0])
    return out, float(np.sum((p - y) ** 2)), float(deviation)


def scores(pieces, baseline):
    mean, variance, moves = baseline
    rows = [curve_scores(pieces, c, mean[c], variance[c], moves[c]) for c in range(CURVES)]
    curves = [r[0] for r in rows]
    total = sum(r[2] for r in rows)
    pooled = {k: mean_or_none([c[k] for c in curves]) for k in curves[0]}
    pooled["r2"] = 1 - sum(r[1] for r in rows) / total if total > 0 else None
    return pooled, curves


def baseline_of(targets):
    y = np.concatenate(targets)
    mean, variance = y.mean(0), y.var(0)
    variance = np.where(np.ptp(y, 0) == 0, 0.0, variance)
    return mean, variance, (variance > 0) & (np.sqrt(variance) >= 0.003 * np.array(RANGE))


def blocks(clips, seconds=5.0):
    """Units of a small set: blocks of 5 s, a rest under half a block joins the one before."""
    units = []
    for _, fps, y, p in clips:
        size = int(seconds * fps)
        starts = list(range(0, len(y), size))
        if len(starts) > 1 and len(y) - starts[-1] < size / 2:
            starts.pop()
        for begin, end in zip(starts, starts[1:] + [len(y)]):
            before = max(begin - 2, 0)
            units.append((fps, y[before:end], p[before:end], begin - before))
    return units


def intervals(units, baseline, names, resamples):
    out = {}
    for name in names:
        result = stats.bootstrap(
            (np.arange(len(units)),),
            lambda i: scores([units[int(k)] for k in i], baseline)[0][name],
            n_resamples=resamples, vectorized=False, method="percentile",
            confidence_level=0.95, rng=np.random.default_rng(1))
        out[name] = [float(v) for v in result.confidence_interval]
    return out


def case(clips, baseline):
    whole = [(fps, y, p, 0) for _, fps, y, p in clips]
    pooled, curves = scores(whole, baseline)
    return {"metrics": pooled, "per_curve": curves,
            "per_clip": {c[0]: scores([w], baseline)[0] for c, w in zip(clips, whole)}}


def paired():
    a = np.array([0.5 + uniform(i, 1, 1) for i in range(30)])
    b = np.array([0.55 + 0.6 * uniform(i, 1, 1) + 0.5 * uniform(i, 2, 2) for i in range(30)])
    ratio = stats.bootstrap((a, b), lambda x, y, axis: x.sum(axis) / y.sum(axis), paired=True,
                            n_resamples=100000, method="percentile", batch=1000,
                            rng=np.random.default_rng(2)).confidence_interval

    def flip(d, resamples):
        return float(stats.permutation_test((d,), np.sum, permutation_type="samples",
                                            n_resamples=resamples, batch=1000,
                                            rng=np.random.default_rng(3)).pvalue)

    small = [0.9, 0.4, -0.2, 0.7, 0.1, -0.3, 0.6, 0.5, 0.2, 0.8]
    return {"ratio": float(a.sum() / b.sum()), "low": float(ratio[0]), "high": float(ratio[1]),
            "p": flip(a - b, 200000), "small": small, "small_p": flip(np.array(small), np.inf)}


def main():
    training = baseline_of([c[2] for c in load(TRAINING)])
    few, many = load(FEW), load(MANY)
    out = {"made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}",
           "reference": {"mean": list(training[0]), "variance": list(training[1])},
           "few": case(few, training),
           "few_without_reference": case(few, baseline_of([c[2] for c in few])),
           "many": case(many, training),
           "paired": paired()}
    out["few"]["intervals"] = intervals(blocks(few), training, ["mse", "vel_mse"], 4000)
    out["many"]["intervals"] = intervals(
        [(fps, y, p, 0) for _, fps, y, p in many], training,
        ["mse", "mae", "r2", "pcc", "std_ratio", "acc_mse"], 4000)
    json.dump(out, sys.stdout, indent=0)
    print()


main()
