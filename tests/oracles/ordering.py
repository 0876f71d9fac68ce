"""Twin of `sktemporal._kernels.ordering`, in exact arithmetic."""

from fractions import Fraction

from .exact import NAN, fractions_of


def quantile(x, fraction):
    """Interpolate linearly between the neighbours in ascending order."""
    if len(x) == 0:
        return NAN
    ordered = sorted(fractions_of(x))
    place = Fraction(fraction) * (len(ordered) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def order_statistics(x, fractions):
    """Quantiles, and the number of distinct values."""
    return [*(quantile(x, fraction) for fraction in fractions), float(len(set(x)))]


def longest_slice(starts, stops):
    return max((stop - start for start, stop in zip(starts, stops, strict=True)), default=0)
