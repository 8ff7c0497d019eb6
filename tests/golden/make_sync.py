"""sync.json: how well bands of a sound explain lips, by lag, in NumPy and SciPy (tests/sync/golden_test.cpp).

python3 tests/golden/make_sync.py      (numpy 1.26, scipy 1.11; tolerance of the test: 1e-6)

The input is a formula, so that both sides make it alike: a log-mel spectrogram of 100 rows/s and an
aperture of 30 frames/s that follows it 60 ms later.
"""
import json
import os

import numpy as np
from scipy.ndimage import gaussian_filter1d

SECONDS, BANDS, RATE = 25, 8, 50
OPENING = lambda t: 0.5 + 0.3 * np.sin(2 * np.pi * 2.1 * t + 3 * np.sin(0.7 * t)) * np.sin(0.9 * t)


def spectrogram():
    t, m = np.arange(SECONDS * 100 + 1)[:, None] / 100, np.arange(80)[None, :]
    return (2 * OPENING(t) * np.cos(m / 25) + np.sin(11 * t + m) * np.sin(0.37 * t * (1 + m / 80)) - 3 + 0.02 * m).astype(np.float32)


def band_passed(x):
    slow = gaussian_filter1d(x, 0.3 * RATE, axis=0, mode="nearest", truncate=4)
    return gaussian_filter1d(x - slow, 0.03 * RATE, axis=0, mode="nearest", truncate=4)


def heard(log_mel):
    power = np.maximum(0, np.exp(log_mel.astype(np.float64)) - 1e-6).reshape(len(log_mel), BANDS, 10).mean(2)
    totals = np.sort(power.mean(1))
    floor = max(totals[int(0.95 * (len(totals) - 1))] * 1e-5, 1e-11)
    level = np.log(power + floor)
    padded = np.pad(level, ((1, 1), (0, 0)), "edge")
    return band_passed((padded[:-2] / 4 + padded[1:-1] / 2 + padded[2:] / 4)[::2])


def seen(n):
    frames = np.arange(SECONDS * 30 + 1)
    values = OPENING(frames / 30 + 0.06).astype(np.float32).astype(np.float64)
    return band_passed(np.interp(np.arange(n) / RATE, frames / 30, values).astype(np.float32).astype(np.float64))


def r2(x, y, middle_s, slope):
    n = len(y)
    windows = max(1, round(n / RATE / 10))
    cross = np.zeros(BANDS)
    for w in range(windows):
        begin, end = n * w // windows, n * (w + 1) // windows
        lag = (middle_s + slope * ((begin + end) / 2 / RATE - n / RATE / 2)) * RATE
        before = int(np.floor(lag))
        f = lag - before
        weights = [((-0.5 * f + 1) * f - 0.5) * f, (1.5 * f - 2.5) * f * f + 1, ((-1.5 * f + 2) * f + 0.5) * f, (0.5 * f - 0.5) * f * f]
        for k, weight in enumerate(weights):
            shift = before - 1 + k
            for t in range(max(begin, -shift), min(end, n - shift)):
                cross += weight * y[t] * x[t + shift]
    cross /= max(n - abs(middle_s) * RATE, n / 4)
    s = x.T @ x / n
    s += 0.1 * np.trace(s) / BANDS * np.eye(BANDS)
    return cross @ np.linalg.solve(s, cross) / (y @ y / n)


x = heard(spectrogram())
y = seen(SECONDS * RATE + 1)
lines = [(lag / 1000, 0.0) for lag in range(-500, 501, 20)] + [(0.0613, 0.0), (0.013, 0.002), (-0.05, -0.0016)]
out = {
    "heard": x[100].tolist(),
    "seen": y[100:110].tolist(),
    "lines": [{"middle_s": m, "slope": s, "r2": r2(x, y, m, s)} for m, s in lines],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sync.json"), "w") as f:
    json.dump(out, f, indent=0)
print(max(out["lines"], key=lambda line: line["r2"]), out["heard"], out["seen"][:3])
