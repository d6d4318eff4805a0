#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What scipy says about the data of published.txt.

usage: expected.py <published.txt >scipy.txt      (Debian: python3-scipy; not needed to run the tests)
"""
import sys

import numpy as np
import scipy
from scipy import stats

data = {}
for line in sys.stdin:
    if line.strip() and not line.startswith("#"):
        name, _, numbers = line.partition(":")
        data[name] = np.array([float(v) for v in numbers.split()])


def say(name, *values):
    print(name + ":", *("%.10g" % float(v) for v in values))


print("# Made by expected.py with scipy", scipy.__version__)
mpg, wt = data["mpg"], data["wt"]
say("normal_quantiles", *stats.norm.ppf([0.005, 0.025, 0.5, 0.9, 0.975, 0.9995]))
say("t_quantiles", *stats.t.ppf([0.995, 0.995, 0.995, 0.9995], [1, 9, 29, 39]))

r = stats.theilslopes(mpg, wt, 0.95)
say("theil_mpg_wt", r[0], r[2], r[3])
r = stats.theilslopes(data["norris_y"], data["norris_x"], 0.99)
say("theil_norris", r[0], r[2], r[3])
r = stats.linregress(wt, mpg)
t = stats.t.ppf(0.975, len(wt) - 2)
say("line_mpg_wt", r.slope, r.slope - t * r.stderr, r.slope + t * r.stderr, r.intercept, r.stderr,
    r.intercept_stderr, r.rvalue ** 2)


def order_interval(v, q, level):
    """Hahn and Meeker's, with scipy's binomial quantiles."""
    low = stats.binom.ppf((1 - level) / 2, len(v), q)
    high = stats.binom.ppf((1 + level) / 2, len(v), q) + 1
    return np.sort(v)[int(low) - 1], np.sort(v)[int(high) - 1]


say("mpg_median_interval", *order_interval(mpg, 0.5, 0.95))
values = [(i * 7919) % 10007 for i in range(2000)]
say("p99_interval", np.quantile(values, 0.99), *order_interval(values, 0.99, 0.95))

difference = lambda a, b: np.mean(a) - np.mean(b)
for name, a, b in (("mouse", data["mouse_treated"], data["mouse_control"]),
                   ("mpg_halves", mpg[:6], mpg[16:22]),
                   ("mpg_shift", mpg[:16], mpg[16:] + 4)):
    r = stats.permutation_test((a, b), difference, n_resamples=99999, random_state=1)
    say("permutation_" + name, r.pvalue)

for name, v, f in (("mpg_median", mpg, np.median), ("mpg_mean", mpg, np.mean),
                   ("spatial_variance", data["spatial"], np.var)):
    for method in ("percentile", "BCa"):
        if f is np.median and method == "BCa":
            continue  # all values of a jackknifed median are equal: scipy gives up
        r = stats.bootstrap((v,), f, confidence_level=0.95, n_resamples=99999, method=method,
                            random_state=1, vectorized=False).confidence_interval
        say("%s_%s" % (name, method.lower()), r.low, r.high)
