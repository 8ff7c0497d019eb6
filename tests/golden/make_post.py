"""Golden numbers for src/post: SciPy's Savitzky-Golay, and the 1€ filter as its paper writes it.

    python make_post.py > post.json
"""

import json
import math
import sys

import numpy as np
import scipy
from scipy import signal

from metric_clips import make_clip


def one_euro(values, rate, min_cutoff, beta, derivative_cutoff):
    """Casiez et al. 2012, algorithm 1 with its low-pass filter, a value at a time."""
    def alpha(cutoff):
        tau = 1.0 / (2 * math.pi * cutoff)
        te = 1.0 / rate
        return 1.0 / (1.0 + tau / te)

    out, smoothed = [], None
    for x in values:
        if not out:
            smoothed, x_hat = 0.0, x
        else:
            dx = (x - out[-1]) * rate
            a = alpha(derivative_cutoff)
            smoothed = a * dx + (1 - a) * smoothed
            a = alpha(min_cutoff + beta * abs(smoothed))
            x_hat = a * x + (1 - a) * out[-1]
        out.append(x_hat)
    return out


def main():
    p = make_clip(4, 60)[1]
    out = {"made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}",
           "one_euro": [one_euro(p[:, c], 30.0, 1.7, 5.0, 0.9) for c in (0, 5)]}
    for name, frames, window, order in (("savgol_7_3", 60, 7, 3), ("savgol_15_4", 60, 15, 4), ("savgol_101_6", 60, 59, 6),
                                        ("savgol_short", 6, 5, 2), ("savgol_0", 60, 5, 0)):
        out[name] = signal.savgol_filter(p[:frames, 0], window, order, mode="interp").tolist()
    json.dump(out, sys.stdout, indent=0)
    print()


main()
