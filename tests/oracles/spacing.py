"""Twin of `sktemporal._kernels.spacing`."""

from fractions import Fraction
from itertools import pairwise

from .exact import NAN, fractions_of, rounded


def intervals(times):
    """Exact seconds between the successive event times (microseconds) of one slice."""
    return [Fraction(b - a, 1_000_000) for a, b in pairwise(times)]


def gini(x):
    """Gini coefficient by the formula of the specification."""
    f = x if x and isinstance(x[0], Fraction) else fractions_of(x)
    n, total = len(f), sum(f)
    if n < 2 or not total > 0:
        return NAN
    weighted = sum((i + 1) * value for i, value in enumerate(sorted(f)))
    return rounded(max(Fraction(0), 2 * weighted / (n * total) - Fraction(n + 1, n)))
