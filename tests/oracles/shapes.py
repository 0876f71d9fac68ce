"""Twin of `sktemporal._kernels.shapes`, in exact arithmetic."""

import sys
from fractions import Fraction

from .exact import NAN, fractions_of, mean_of, moment, product, quotient, ratio, root


def shape(x):
    """Skewness and excess kurtosis; undefined where scipy.stats calls values nearly identical."""
    f = fractions_of(x)
    m2 = moment(f, 2) if f else 0
    if not f or m2 <= (Fraction(sys.float_info.epsilon) * mean_of(f)) ** 2:
        return {"skew": NAN, "kurtosis": NAN}
    return {
        "skew": float(ratio(quotient(moment(f, 3)), product(quotient(m2), root(m2)))),
        "kurtosis": float(moment(f, 4) / m2**2 - 3),
    }
