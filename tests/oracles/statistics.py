"""Statistics of slices by their names, each from its own twin."""

from fractions import Fraction

from .exact import moments
from .ordering import quantile
from .queues import extremes
from .shapes import shape

ALL = (
    "count",
    "sum",
    "mean",
    "std",
    "min",
    "max",
    "p25",
    "p50",
    "p75",
    "skew",
    "kurtosis",
    "range",
    "cv",
)
FURTHER = ("var", "median", "first", "last", "n_unique", "q0", "q1", "q29", "q50", "q99", "q100")


def summarize(x, names=ALL):
    """Statistics of the values of one slice."""
    known = moments(x) | extremes(x) | shape(x) | {"n_unique": float(len(set(x)))}
    for name in names:
        if name == "median":
            known[name] = quantile(x, Fraction(1, 2))
        elif name[0] in "pq" and name[1:].isdecimal():
            known[name] = quantile(x, Fraction(int(name[1:]), 100))
    return {name: known[name] for name in names}
