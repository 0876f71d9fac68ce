"""Exact arithmetic on floats: every float is a fraction. Twin of `sktemporal._kernels.exact`."""

import decimal
import math
from fractions import Fraction

NAN = math.nan
_CONTEXT = decimal.Context(prec=80, Emax=999999, Emin=-999999)


def fractions_of(x):
    return [Fraction(float(value)) for value in x]


def rounded(fraction):
    """The nearest float, infinity where there is none."""
    try:
        return float(fraction)
    except OverflowError:
        return math.inf if fraction > 0 else -math.inf


def root(fraction):
    """Square root to 80 digits, as a Decimal."""
    return _CONTEXT.sqrt(quotient(fraction))


def quotient(fraction):
    return _CONTEXT.divide(
        decimal.Decimal(fraction.numerator), decimal.Decimal(fraction.denominator)
    )


def ratio(numerator, denominator):
    """Divide Decimals."""
    return _CONTEXT.divide(numerator, denominator)


def product(a, b):
    return _CONTEXT.multiply(a, b)


def mean_of(fractions):
    return sum(fractions, Fraction(0)) / len(fractions)


def moment(fractions, k):
    mean = mean_of(fractions)
    return mean_of([(f - mean) ** k for f in fractions])


def std_of(fractions):
    return root(moment(fractions, 2))


def moments(x):
    """Sum, mean, variance, standard deviation and coefficient of variation of one slice."""
    if len(x) == 0:
        return {"sum": 0.0, "mean": NAN, "var": NAN, "std": NAN, "cv": NAN}
    f = fractions_of(x)
    mean, std = mean_of(f), std_of(f)
    return {
        "sum": rounded(sum(f)),
        "mean": rounded(mean),
        "var": rounded(moment(f, 2)),
        "std": float(std),
        "cv": float(ratio(std, quotient(mean))) if mean else 0.0,
    }


def _exponent(value):
    """Exponent field of a float: 1 for subnormal ones, as for the smallest normal ones."""
    return max(math.frexp(value)[1] + 1022, 1)


def exponents(x):
    """Highest and lowest exponent field of the values that are not 0."""
    fields = [_exponent(value) for value in x if value] or [1]
    return max(fields), min(fields)


def cumulate(x, unit, width):
    """Running sums of values and squares, modulo their size, in units of this exponent field."""
    last_bit = Fraction(2) ** (unit - 1075)
    total, squares = Fraction(0), Fraction(0)
    rows = [(0, 0)]
    for value in fractions_of(x):
        total += value / last_bit
        squares += (value / last_bit) ** 2
        rows.append((int(total) % 2 ** (64 * width), int(squares) % 2 ** (128 * width)))
    return rows
