"""Clips by a formula of integer hashes and exact float operations; tests/eval/golden_clips.h has it
a second time, so that no input needs to be stored."""

import numpy as np

MASK = (1 << 64) - 1
CURVES = 8
AMPLITUDE = [0.8, 0.3, 0.0, 0.001, 0.5, 1.6, 0.05, 0.6]
OFFSET = [0.1, 0.0, 0.25, 0.4, 0.2, -0.8, 0.5, 0.3]


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def hash3(a, b, c):
    return mix(mix(mix(a) ^ b) ^ c)


def uniform(a, b, c):
    return (hash3(a, b, c) >> 11) * 2.0**-53


def triangle(x, period):
    return abs(2 * (x % period) - period) / period


def make_clip(clip, frames):
    """Target and prediction, float32 [frames, CURVES]. Curve 2 is constant, 3 hardly moves, the
    prediction of 4 is constant, 7 moves in training clips (100 ... 199) only."""
    target = np.zeros((frames, CURVES), np.float32)
    prediction = np.zeros((frames, CURVES), np.float32)
    for c in range(CURVES):
        amplitude = 0.0 if c == 7 and not 100 <= clip < 200 else AMPLITUDE[c]
        slow = 11 + hash3(clip, c, 1) % 37
        fast = 5 + hash3(clip, c, 2) % 13
        for t in range(frames):
            wave = 0.5 * triangle(t, slow) + 0.3 * triangle(t, fast)
            wave = wave + 0.2 * uniform(clip, c, 1000 + t)
            target[t, c] = OFFSET[c] + amplitude * wave
        for t in range(frames):
            noise = 0.15 * AMPLITUDE[c] * (uniform(clip, c, 500000 + t) - 0.5)
            value = 0.8 * float(target[max(t - 1, 0), c]) + 0.05 + noise
            prediction[t, c] = 0.2 if c == 4 else value
    return target.astype(np.float64), prediction.astype(np.float64)
