"""Golden numbers for the metrics of lips in time, of sound and lips, and of vertices.

    python make_lip_metrics.py > lip_metrics.json

The clips are those of make_metrics.py (tests/eval/golden_clips.h on the other side); the aperture is
a clip's first curve, the sound is hashed noise under a slow triangle. Warping here is the whole
table of costs, not a band of it; smoothing, derivatives, extrema and correlation are SciPy's and
NumPy's; vertices are one einsum.
"""

import json
import sys

import numpy as np
import scipy
from scipy import ndimage, signal, stats

from metric_clips import CURVES, make_clip, triangle, uniform

CASES = [(1, 1, 30.0), (2, 2, 30.0), (3, 3, 30.0), (4, 400, 30.0), (5, 233, 30.0), (6, 500, 60.0)]
VERTICES, LIPS, UPPER = 12, [0, 3, 4], [5, 8, 11]


def basis():
    return np.array([[[uniform(7, c, 3 * v + k) - 0.5 for k in range(3)] for v in range(VERTICES)]
                     for c in range(CURVES)], np.float32).astype(np.float64)


def sound(clip, frames, fps):
    n = int(frames * 16000 / fps)
    return np.array([(uniform(clip, 99, i) - 0.5) * triangle(i, 9000) for i in range(n)],
                    np.float32).astype(np.float64)


def warp(a, b):
    """[(i, j)] of the cheapest path; ties go to the diagonal, then to a alone."""
    n, m = len(a), len(b)
    cost = np.abs(a[:, None] - b[None, :])
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            total[i, j] = cost[i - 1, j - 1] + min(total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
    path, i, j = [(n - 1, m - 1)], n, m
    while (i, j) != (1, 1):
        ways = [(total[i - 1, j - 1], i - 1, j - 1), (total[i - 1, j], i - 1, j), (total[i, j - 1], i, j - 1)]
        _, i, j = min(ways, key=lambda w: w[0])
        path.append((i - 1, j - 1))
    return path[::-1]


def misalignment(p, y, fps):
    if len(y) < 3:
        return 0.0, 0
    p, y = (ndimage.gaussian_filter1d(x, 2, mode="reflect", truncate=4) for x in (p, y))
    prominence = 0.05 * np.ptp(y)
    if prominence == 0:
        return 0.0, 0
    path = np.array(warp(np.gradient(p), np.gradient(y)))
    total, count = 0.0, 0
    for sign in (1, -1):
        ours = signal.find_peaks(sign * p, prominence=prominence)[0]
        theirs = signal.find_peaks(sign * y, prominence=prominence)[0]
        led = [path[path[:, 1] == j, 0].mean() for j in theirs]
        pairs = sorted((abs(i - m), a, b) for a, i in enumerate(ours) for b, m in enumerate(led)
                       if abs(i - m) <= 2 + 1e-9)
        used_a, used_b = set(), set()
        for _, a, b in pairs:
            if a in used_a or b in used_b:
                continue
            used_a.add(a)
            used_b.add(b)
            total += 1000 * abs(ours[a] - theirs[b]) / fps
            count += 1
    return total, count


def levels(audio, fps, frames):
    out = []
    for t in range(frames):
        middle = int(np.floor(t * 16000 / fps + 0.5))
        part = audio[max(0, middle - 200):middle + 200]
        out.append(np.sqrt(np.mean(part**2)) if len(part) else 0.0)
    return np.array(out)


def correlation(a, b):
    return float(stats.pearsonr(a, b)[0]) if len(a) > 1 and np.ptp(a) > 0 and np.ptp(b) > 0 else None


def main():
    moves = basis()
    clips, sums = {}, {k: [0.0, 0.0] for k in ("lip_dtw", "mtm", "lve", "lve_sq", "mve")}
    means = {k: [] for k in ("slcc", "slcc_target", "fdd", "fdd_abs", "fdd_sq")}
    for clip, frames, fps in CASES:
        y, p = make_clip(clip, frames)
        path = np.array(warp(p[:, 0], y[:, 0]))
        cost = np.abs(p[path[:, 0], 0] - y[path[:, 1], 0]).sum()
        heard = levels(sound(clip, frames, fps), fps, frames)
        off = np.linalg.norm(np.einsum("tc,cvk->tvk", p - y, moves), axis=2)
        lips = off[:, LIPS].max(1)
        far = {n: np.linalg.norm(np.einsum("tc,cvk->tvk", x, moves[:, UPPER]), axis=2) for n, x in (("p", p), ("y", y))}
        less = far["y"].std(0) - far["p"].std(0)
        parts = {"lip_dtw": (cost, len(path)), "mtm": misalignment(p[:, 0], y[:, 0], fps),
                 "lve": (lips.sum(), frames), "lve_sq": ((lips**2).sum(), frames),
                 "mve": (off.mean(1).sum(), frames)}
        whole = {"slcc": correlation(heard, p[:, 0]), "slcc_target": correlation(heard, y[:, 0]),
                 "fdd": float(less.mean()), "fdd_abs": float(np.abs(less).mean()),
                 "fdd_sq": float(((far["y"]**2).std(0) - (far["p"]**2).std(0)).mean())}
        for name, (a, b) in parts.items():
            sums[name][0] += a
            sums[name][1] += b
        for name, value in whole.items():
            if value is not None:
                means[name].append(value)
        clips[f"clip{clip}"] = {k: float(a / b) if b else None for k, (a, b) in parts.items()} | whole
    pooled = {k: float(a / b) for k, (a, b) in sums.items()} | {k: float(np.mean(v)) for k, v in means.items()}
    json.dump({"made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "metrics": pooled,
               "per_clip": clips}, sys.stdout, indent=0)
    print()


main()
