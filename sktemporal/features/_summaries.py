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


def each_group(kernel, column, starts, stops, arguments, *blocks):
    """Run a kernel over groups of slices, each group with columns of its own.

    Parameters
    ----------
    kernel : callable
        Takes values, starts, stops, the arguments and the blocks.
    column : Column
    starts, stops : int64 arrays of shape (n_groups, n_entities)
        Slices of ``column.x``.
    arguments : tuple
    *blocks : float64 arrays of shape (n_entities, n_groups * n_columns)
        Of each, group ``g`` gets the ``n_columns`` columns from ``g * n_columns`` on.
    """
    n_groups, n_entities = starts.shape
    if n_groups == 0:
        return
    if n_entities == 1:  # the groups are rows of the blocks: one call for all of them
        rows = [block.reshape(n_groups, -1) for block in blocks]
        kernel(column.x, starts.reshape(-1), stops.reshape(-1), *arguments, *rows)
        return
    widths = [block.shape[1] // n_groups for block in blocks]
    for g in range(n_groups):
        parts = [block[:, g * w : (g + 1) * w] for block, w in zip(blocks, widths, strict=True)]
        kernel(column.x, starts[g], stops[g], *arguments, *parts)


def write_statistics(column, starts, stops, names, out):
    """Compute statistics of slices of a column.

    Parameters
    ----------
    column : Column
    starts, stops : int64 arrays of shape (n_groups, n_entities)
        Slices of ``column.x``: its own, or windows in them.
    names : sequence of str
    out : float64 array of shape (n_entities, n_groups * n_names)
        Receives the statistics, group by group; NaN where undefined.
    """
    if len(starts) == 0:
        return
    plan, slices = _plan(tuple(names)), (column, starts, stops)
    if plan.extremes is not None:
        each_group(_kernels.extremes, *slices, (plan.extremes,), out)
    if plan.moments is not None and starts is column.starts and stops is column.stops:
        wanted = np.flatnonzero(plan.moments >= 0)
        by_group = out.reshape(len(out), len(starts), -1)
        by_group[:, :, plan.moments[wanted]] = column.own_moments[:, :, wanted]
    elif plan.moments is not None:
        each_group(column.moments, *slices, (plan.moments,), out)
    if plan.shape is not None:
        mean_and_std = np.empty((len(out), 2 * len(starts)))
        write_statistics(column, starts, stops, ("mean", "std"), mean_and_std)
        each_group(_kernels.shape, *slices, (plan.shape,), mean_and_std, out)
    if plan.order is not None:
        each_group(_kernels.order_statistics, *slices, (plan.fractions, plan.order), out)


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
