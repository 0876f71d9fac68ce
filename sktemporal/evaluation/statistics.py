"""Names of statistics: what users write, and what it means."""

import re

from .. import _kernels

#: What `StatisticalFeatures` computes unless told otherwise.
STATISTICS = (
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
DESCRIPTION = (
    f"names from {(*STATISTICS, 'var', 'median', 'first', 'last', 'n_unique')} or q0..q100"
)

_PERCENT = re.compile(r"[pq](\d{1,2}|100)", re.ASCII)


def is_statistic(name):
    """Tell whether users may ask for a statistic of this name."""
    return isinstance(name, str) and (
        name == "n_unique"
        or name in _kernels.MOMENTS
        or name in _kernels.EXTREMES
        or name in _kernels.SHAPE
        or _fraction_of(name) is not None
    )


def statistic_of(name):
    """Return the statistic behind a name and its parameter, as a `Fold` takes them."""
    fraction = _fraction_of(name)
    return (name, None) if fraction is None else ("quantile", fraction)


def _fraction_of(name):
    """Which quantile a statistic is, from 0 to 1; None if it is none."""
    if name == "median":
        return 0.5
    percent = _PERCENT.fullmatch(name)
    return int(percent[1]) / 100 if percent else None
