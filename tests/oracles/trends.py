"""Twin of `sktemporal._kernels.trends`, in exact arithmetic."""

import math
from itertools import pairwise

from .exact import NAN, fractions_of, mean_of, rounded, std_of


def returns(x):
    """Simple returns, as fractions; steps from 0 left out."""
    f = fractions_of(x)
    return [(b - a) / a for a, b in pairwise(f) if a]


def consistency(count_sum_cv):
    """Average of 1 / (1 + abs(cv)) over the fields that count."""
    scores = [1 / (1 + abs(cv)) for count, total, cv in count_sum_cv if count >= 2 and total != 0]
    return sum(scores) / len(scores) if scores else NAN


def trend_and_volatility(x):
    """Least-squares slope over 0..n-1, and standard deviation of simple returns."""
    f = fractions_of(x)
    n = len(f)
    slope = NAN
    if n >= 2:
        positions = range(n)
        middle, mean = mean_of([*map(type(f[0]), positions)]), mean_of(f)
        across = sum((t - middle) * (value - mean) for t, value in zip(positions, f, strict=True))
        slope = rounded(across / sum((t - middle) ** 2 for t in positions))
    steps = returns(x)
    if not steps or max(map(abs, map(rounded, steps))) == math.inf:
        return slope, NAN
    return slope, float(std_of(steps))
