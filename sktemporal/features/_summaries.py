"""Statistics of slices by their names, each from the kernel that computes it."""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

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
_OTHERS = {"n_unique", "median"}


def is_statistic(name):
    """Tell whether `write_statistics` knows the name."""
    return isinstance(name, str) and (
        name in _OTHERS
        or name in _kernels.MOMENTS
        or name in _kernels.EXTREMES
        or name in _kernels.SHAPE
        or _fraction(name) is not None
    )


def write_statistics(column, starts, stops, names, out):
    """Compute statistics of slices of a column.

    Parameters
    ----------
    column : Column
    starts, stops : int64 arrays of shape (n_entities,)
        Slices of ``column.x``: its own, or windows in them.
    names : sequence of str
    out : float64 array of shape (n_entities, n_names)
        Receives the statistics; NaN where undefined.
    """
    x, plan = column.x, _plan(tuple(names))
    if plan.extremes is not None:
        _kernels.extremes(x, starts, stops, plan.extremes, out)
    if plan.moments is not None:
        width, lowest, table = column.sums
        _kernels.moments(width)(table, lowest, x, starts, stops, plan.moments, out)
    if plan.shape is not None:
        mean_and_std = np.empty((len(out), 2))
        write_statistics(column, starts, stops, ("mean", "std"), mean_and_std)
        _kernels.shape(x, starts, stops, mean_and_std, plan.shape, out)
    if plan.order is not None:
        _kernels.order_statistics(x, starts, stops, plan.fractions, plan.order, out)


class _Plan(NamedTuple):
    """For each kernel, the columns of what it computes, -1 for what is not wanted; or None."""

    extremes: np.ndarray | None
    moments: np.ndarray | None
    shape: np.ndarray | None
    order: np.ndarray | None
    fractions: np.ndarray


@cache
def _plan(names):
    def places(known):
        found = np.array([names.index(name) if name in names else -1 for name in known])
        return found if found.max() >= 0 else None

    quantiles = [name for name in names if _fraction(name) is not None]
    return _Plan(
        places(_kernels.EXTREMES),
        places(_kernels.MOMENTS),
        places(_kernels.SHAPE),
        places([*quantiles, "n_unique"]),
        np.array([_fraction(name) for name in quantiles], dtype=np.float64),
    )


def _fraction(name):
    if name == "median":
        return 0.5
    percent = _PERCENT.fullmatch(name)
    return int(percent[1]) / 100 if percent else None
