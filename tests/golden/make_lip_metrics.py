"""Golden numbers for the metrics of lips in time, of silence, of sound and lips, and of vertices.

    python make_lip_metrics.py > lip_metrics.json

The clips are those of make_metrics.py (tests/eval/golden_clips.h on the other side); the aperture is
a clip's first curve less 0.25, not under 0; the sound is hashed noise under a slow triangle, with gaps. Warping here is the whole
table of costs, not a band of it; smoothing, derivatives, extrema and correlation are SciPy's and
NumPy's; vertices are one einsum.
"""

import json
import sys

import numpy as np
import scipy
from scipy import ndimage, signal, stats

from metric_clips import CURVES, OFFSET, make_clip, triangle, uniform

CASES = [(1, 1, 30.0), (2, 2, 30.0), (3, 3, 30.0), (4, 400, 30.0), (5, 233, 30.0), (6, 500, 60.0)]
VERTICES, LIPS, UPPER = 12, [0, 3, 4], [5, 8, 11]


def basis():
    return np.array([[[uniform(7, c, 3 * v + k) - 0.5 for k in range(3)] for v in range(VERTICES)]
                     for c in range(CURVES)], np.float32).astype(np.float64)


def sound(clip, frames, fps):
    n = int(frames * 16000 / fps)
    end = n - 11200 if n > 22400 else n  # the last 0.7 s are silent
    return np.array([(uniform(clip, 99, i) - 0.5) * triangle(i, 9000) * (i // 7000 % 3 < 2 and i < end)
                     for i in range(n)], np.float32).astype(np.float64)


def aperture(curves):
    return np.maximum(np.float32(0), curves[:, 0].astype(np.float32) - np.float32(0.25)).astype(np.float64)


def runs(flags):
    """[(first, last)] of the stretches that are true."""
    label, count = ndimage.label(flags)
    return [(int(np.flatnonzero(label == k + 1)[0]), int(np.flatnonzero(label == k + 1)[-1])) for k in range(count)]


def closures(p, y, fps):
    """matched, predicted, target"""
    closed = 0.1 * np.quantile(y, 0.95)
    ours, theirs = ([(a + b) / 2 for a, b in runs(x < closed)] for x in (p, y))
    pairs = sorted((abs(i - j), a, b) for a, i in enumerate(ours) for b, j in enumerate(theirs)
                   if abs(i - j) <= 0.04 * fps + 1e-9)
    used_a, used_b, matched = set(), set(), 0
    for _, a, b in pairs:
        if a not in used_a and b not in used_b:
            used_a.add(a)
            used_b.add(b)
            matched += 1
    return matched, len(ours), len(theirs)


def lag(p, y, fps):
    longest = int(np.floor(0.25 * fps + 1e-9))
    p, y = np.diff(p), np.diff(y)
    if len(p) <= 2 * longest:
        return None
    r = []
    for k in range(-longest, longest + 1):
        a, b = (p[k:], y[:len(y) - k]) if k >= 0 else (p[:k], y[-k:])
        r.append(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))
    at = int(np.argmax(r))
    offset = 0.0
    if 0 < at < len(r) - 1:
        x = np.polyfit([-1, 0, 1], r[at - 1:at + 2], 2)
        offset = -x[1] / (2 * x[0])
    return 1000 * (at - longest + offset) / fps


def silent_frames(heard, fps):
    flags = np.zeros(len(heard), bool)
    for first, last in runs(heard <= 0.01 * np.quantile(heard, 0.95)):
        flags[first:last + 1] = (last - first + 1) / fps >= 0.2 - 1e-9
    return flags


def at_rest(p, silent, fps):
    spoken = np.flatnonzero(~silent)
    if len(spoken) == 0:
        return None
    begin = spoken[-1] + int(np.ceil(0.5 * fps - 1e-9))
    if begin >= len(p):
        return None
    away = np.abs(p[begin:] - np.array(OFFSET))
    return 100.0 if (away <= 0.05 * np.array([1, 1, 1, 1, 1, 2, 1, 1]) + 1e-6).all() else 0.0


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
    clips, sums = {}, {k: [0.0, 0.0] for k in (
        "lip_dtw", "mtm", "closure_precision", "closure_recall", "closure_f1", "still", "still_ratio", "lve", "lve_sq", "mve")}
    means = {k: [] for k in ("slcc", "slcc_target", "rest", "fdd", "fdd_abs", "fdd_sq", "av_lag")}
    for clip, frames, fps in CASES:
        y, p = make_clip(clip, frames)
        if clip == 6:
            p[-30:] = np.array(OFFSET, np.float32)  # at rest at the end
        lips_p, lips_y = aperture(p), aperture(y)
        path = np.array(warp(lips_p, lips_y))
        cost = np.abs(lips_p[path[:, 0]] - lips_y[path[:, 1]]).sum()
        heard = levels(sound(clip, frames, fps), fps, frames)
        silent = silent_frames(heard, fps)
        matched, ours, theirs = closures(lips_p, lips_y, fps)
        speed = {n: fps * np.abs(np.diff(x, axis=0))[silent[1:]] for n, x in (("p", p), ("y", y))}
        off = np.linalg.norm(np.einsum("tc,cvk->tvk", p - y, moves), axis=2)
        lips = off[:, LIPS].max(1)
        far = {n: np.linalg.norm(np.einsum("tc,cvk->tvk", x, moves[:, UPPER]), axis=2) for n, x in (("p", p), ("y", y))}
        less = far["y"].std(0) - far["p"].std(0)
        parts = {"lip_dtw": (cost, len(path)), "mtm": misalignment(lips_p, lips_y, fps),
                 "closure_precision": (matched, ours), "closure_recall": (matched, theirs),
                 "closure_f1": (2 * matched, ours + theirs),
                 "still": (speed["p"].sum(), speed["p"].size), "still_ratio": (speed["p"].sum(), speed["y"].sum()),
                 "lve": (lips.sum(), frames), "lve_sq": ((lips**2).sum(), frames),
                 "mve": (off.mean(1).sum(), frames)}
        whole = {"slcc": correlation(heard, lips_p), "slcc_target": correlation(heard, lips_y),
                 "rest": at_rest(p, silent, fps), "av_lag": lag(lips_p, lips_y, fps),
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
    pooled["av_lag"] = float(np.median(means["av_lag"]))
    json.dump({"made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "metrics": pooled,
               "per_clip": clips}, sys.stdout, indent=0)
    print()


main()
