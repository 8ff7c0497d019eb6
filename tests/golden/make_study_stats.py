"""Golden numbers for the statistics of studies (src/stats), straight from the definitions, with NumPy and SciPy.

    python make_study_stats.py > study_stats.json

The tables come from integer hashes and exact float operations, written a second time in
tests/stats/study_stats_test.cpp. Nothing shares a method with the C++ code: units are drawn one by one and every
resample is computed anew, seeds' luck in the p-value is integrated and not drawn, power comes of the noncentral t.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

MASK = (1 << 64) - 1


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def uniform(a, b, c):
    return (mix(mix(mix(a) ^ b) ^ c) >> 11) * 2.0**-53


def table(setting, seeds, units, seed_spread=0.5):
    """Errors [seeds, units] and counts [units]."""
    counts = np.array([100 + mix(u) % 400 for u in range(units)], float)
    errors = np.empty((seeds, units))
    for s in range(seeds):
        seed = 1 + seed_spread * (uniform(setting, 1, s) - 0.5)
        for u in range(units):
            unit = 0.2 + uniform(0, 2, u)
            rest = 0.7 + 0.6 * uniform(setting, 1000 + s, u)
            errors[s, u] = counts[u] * unit * seed * rest
    return errors, counts


def luck(errors):
    """Two crossed random effects, multiplied: (variance of one seed, of the rest in one seed's sum)."""
    seeds, units = errors.shape
    if seeds == 1:
        return 0.0, 0.0
    share = errors / errors.mean(0).sum()
    fitted = np.outer(share.sum(1), errors.mean(0) / errors.mean(0).sum())
    rest = ((share - fitted) ** 2).sum() / ((seeds - 1) * (units - 1)) * units
    return max(0.0, share.sum(1).var(ddof=1) - rest), rest


def standard_error(top, bottom, variance_of_seeds):
    deviations = top / top.sum() - bottom / bottom.sum()
    return np.sqrt(len(top) * deviations.var(ddof=1) + variance_of_seeds)


def interval(settings, bottom, resamples=20000):
    """The symmetric bootstrap-t of the logarithm; settings: one, or two of which the second is the bottom."""
    rng = np.random.default_rng(4)
    top = settings[0].mean(0)
    units = len(top)
    single = [luck(e)[0] for e in settings]
    seeds = [len(e) for e in settings]
    value = np.log(top.sum() / bottom.sum())
    error = standard_error(top, bottom, sum(v / n for v, n in zip(single, seeds)))
    t = []
    for _ in range(resamples):
        drawn = rng.integers(0, units, units)
        effects = [rng.normal(0, np.sqrt(v), n) for v, n in zip(single, seeds)]
        off = np.log(top[drawn].sum() / bottom[drawn].sum()) - value + effects[0].mean()
        if len(effects) > 1:
            off -= effects[1].mean()
        own = sum(e.var(ddof=1) / len(e) if len(e) > 1 else 0 for e in effects)
        t.append(abs(off) / standard_error(top[drawn], bottom[drawn], own))
    half = np.quantile(t, 0.95) * error
    return {"value": float(np.exp(value)), "low": float(np.exp(value - half)), "high": float(np.exp(value + half)),
            "t": float(half / error)}


def p_value(a, b, flips=50000):
    difference = a.mean(0) - b.mean(0)
    variance = sum(luck(e)[0] * e.mean(0).sum() ** 2 / len(e) for e in (a, b))
    freedom = len(a) + len(b) - 2
    signs = np.random.default_rng(6).choice([-1.0, 1.0], (flips, len(difference)))
    flipped, bar, scale = signs @ difference, abs(difference.sum()), np.sqrt(variance)
    tails = stats.t.sf((bar - flipped) / scale, freedom) + stats.t.cdf((-bar - flipped) / scale, freedom)
    return float(tails.mean())


def exact_p(a, b):
    return float(stats.permutation_test((a.mean(0) - b.mean(0),), np.sum, permutation_type="samples",
                                        n_resamples=np.inf, batch=1000).pvalue)


def needed_units(log_ratio, unit, alpha, power):
    """One seed, no residuals: the one-sample t-test's power, by the noncentral t."""
    n = 4
    while True:
        bar = stats.t.ppf(1 - alpha / 2, n - 1)
        shift = abs(log_ratio) / np.sqrt(unit / n)
        if stats.nct.sf(bar, n - 1, shift) + stats.nct.cdf(-bar, n - 1, shift) >= power:
            return n
        n += 1


def curves(setting, slope, units=30, seeds=3):
    """Learning curves: errors [seeds, units] at each x."""
    return [table(10 * setting + k, seeds, units, 0.05)[0] * slope[k] for k in range(len(slope))]


def zero(x, f):
    """The last place where straight lines through (x, f) change sign."""
    fine = [np.linspace(x[k], x[k + 1], 20001) for k in range(len(x) - 1)]
    at = np.unique(np.concatenate(fine))
    sign = np.sign(np.interp(at, x, f))
    changes = np.flatnonzero(sign[1:] != sign[:-1])
    return None if len(changes) == 0 else float(at[changes[-1] + 1])


def fast_zero(x, f, falling):
    out = None
    for k in range(len(x) - 1):
        if (f[k] > 0 > f[k + 1]) if falling else (f[k] < 0 < f[k + 1]):
            out = x[k] + (x[k + 1] - x[k]) * f[k] / (f[k] - f[k + 1])
    return out


def stretch(n, freedom):
    return np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)


def crossing(x, a, b, resamples=10000):
    rng = np.random.default_rng(9)
    a, b, x = np.array(a), np.array(b), np.log(x)  # [points, seeds, units]
    f = np.log(a.sum((1, 2)) / b.sum((1, 2)))
    where = zero(x, f)
    units, seeds = a.shape[2], a.shape[1]
    places, crossed = [], 0
    for _ in range(resamples):
        w = 1 + stretch(units, units - 1) * (np.bincount(rng.integers(0, units, units), minlength=units) - 1)
        v = [1 + stretch(seeds, 2 * seeds - 2) * (np.bincount(rng.integers(0, seeds, seeds), minlength=seeds) - 1)
             for _ in range(2)]
        g = np.log(np.einsum("ksu,s,u->k", a, v[0], w) / np.einsum("ksu,s,u->k", b, v[1], w))
        place = fast_zero(x, g, f[-1] < 0)
        crossed += place is not None
        places.append(place if place is not None else np.inf * (-1 if (g[-1] < 0) == (f[-1] < 0) else 1))
    low, high = np.sort(places)[[int(0.025 * resamples), int(0.975 * resamples)]]
    return {"x": float(np.exp(where)), "low": float(np.exp(low)) if np.isfinite(low) else None,
            "high": float(np.exp(high)) if np.isfinite(high) else None, "share": crossed / resamples}


def main():
    out = {"made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}"}
    out["t"] = [[p, df, float(stats.t.ppf(p, df))] for df in (0.7, 1, 2, 3.7, 8, 30, 500.5, 1e5)
                for p in (0.5 + 1e-6, 0.6, 0.8, 0.975, 0.995, 1 - 1e-8)]
    a, counts = table(4, 3, 25)
    b, _ = table(2, 4, 25)
    one, other = a[:1], b[:1]
    out["luck"] = [list(luck(a)), list(luck(b))]
    out["mean"] = interval([a], counts)
    out["mean_one_seed"] = interval([one], counts)
    out["ratio"] = interval([a, b], b.mean(0))
    out["ratio_one_seed"] = interval([one, other], other.mean(0))
    wide, wide_counts = table(3, 1, 400)
    top = wide[0] / wide.sum() - wide_counts / wide_counts.sum()
    out["many_half_width"] = float(stats.t.ppf(0.975, 399) * np.sqrt(400) * top.std(ddof=1))
    out["p"] = p_value(a, b)
    near, _ = table(5, 3, 25)
    out["p_near"] = p_value(near, a)
    out["p_exact"] = exact_p(one[:, :12], other[:, :12])
    out["need"] = [[r, v, alpha, needed_units(np.log(r), v, alpha, 0.8)]
                   for r, v, alpha in ((0.9, 0.09, 0.05), (0.97, 0.04, 0.05), (1.05, 0.04, 0.01), (0.8, 0.04, 0.05))]
    x = [0.1, 0.3, 1.0]
    out["crossing"] = crossing(x, curves(5, [1.5, 1.0, 0.5]), curves(6, [1.0, 0.8, 0.7]))
    out["crossing_wide"] = crossing(x, curves(7, [1.1, 0.8, 0.68]), curves(8, [1.0, 0.8, 0.7]))
    json.dump(out, sys.stdout, indent=0)
    print()


main()
