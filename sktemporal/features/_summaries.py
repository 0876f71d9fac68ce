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
# What `_kernels.shape` needs: the columns of the mean and of the deviation among two.
_MEAN_AND_STD = np.array(
    [("mean", "std").index(m) if m in ("mean", "std") else -1 for m in _kernels.MOMENTS]
)
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


def each_field(kernel, column, arguments, *blocks):
    """Run a kernel over the histories, field by field.

    Parameters
    ----------
    kernel : callable
        Takes values, starts, stops, the arguments and the blocks.
    column : Column
    arguments : tuple
    *blocks : float64 arrays of shape (n_entities, n_fields * n_columns)
        Of each, field ``f`` gets the ``n_columns`` columns from ``f * n_columns`` on.
    """
    n_fields, n_entities = column.starts.shape
    if n_fields == 0:
        return
    if n_entities == 1:  # the fields are rows of the blocks: one call for all of them
        rows = [block.reshape(n_fields, -1) for block in blocks]
        kernel(column.x, column.starts.reshape(-1), column.stops.reshape(-1), *arguments, *rows)
        return
    widths = [block.shape[1] // n_fields for block in blocks]
    for f in range(n_fields):
        parts = [block[:, f * w : (f + 1) * w] for block, w in zip(blocks, widths, strict=True)]
        kernel(column.x, column.starts[f], column.stops[f], *arguments, *parts)


class Windows(NamedTuple):
    """For each field, windows in the values of every entity, all with the same end.

    starts : int64 array of shape (n_fields, n_windows, n_entities)
    stops : int64 array of shape (n_fields, n_entities)
    """

    starts: np.ndarray
    stops: np.ndarray


def write_statistics(column, windows, names, out):
    """Compute statistics of windows.

    Parameters
    ----------
    column : Column
    windows : Windows
        In ``column.x``; those of `Column.whole` are the histories themselves.
    names : sequence of str
    out : float64 array of shape (n_entities, n_fields * n_windows * n_names)
        Receives the statistics, field by field and window by window; NaN where undefined.
    """
    n_fields, n_windows, n_entities = windows.starts.shape
    if n_fields == 0 or n_windows == 0:
        return
    own = column.own_moments if windows is column.whole else None
    moments = column.moments
    if n_entities == 1:  # every window is a row: one call for all of them
        starts = windows.starts.reshape(1, 1, -1)
        windows = Windows(starts, np.repeat(windows.stops, n_windows).reshape(1, -1))
        out = out.reshape(n_fields * n_windows, -1)
        n_fields = n_windows = 1
    plan = _plan(tuple(names), n_windows)
    width = out.shape[1] // n_fields
    for f in range(n_fields):
        part = out[:, f * width : (f + 1) * width]
        starts, stops = windows.starts[f], windows.stops[f]
        if plan.extremes is not None:
            _kernels.extremes(column.x, starts, stops, plan.extremes, part)
        if plan.moments is not None and own is not None:
            wanted = np.flatnonzero(plan.moments[0] >= 0)
            part[:, plan.moments[0, wanted]] = own[f][:, wanted]
        for w in range(n_windows):
            slices = column.x, starts[w], stops
            if plan.moments is not None and own is None:
                moments[f].write(starts[w], stops, plan.moments[w], part)
            if plan.shape is not None:
                if own is None:
                    mean_and_std = np.empty((len(stops), 2))
                    moments[f].write(starts[w], stops, _MEAN_AND_STD, mean_and_std)
                else:
                    mean_and_std = own[f][:, _MEAN_AND_STD >= 0]
                _kernels.shape(*slices, plan.shape[w], mean_and_std, part)
            if plan.order is not None:
                _kernels.order_statistics(*slices, plan.fractions, plan.order[w], part)


class _Plan(NamedTuple):
    """For each kernel, the columns of what it computes, a row for each window; or None.

    -1 is for what is not wanted.
    """

    extremes: np.ndarray | None
    moments: np.ndarray | None
    shape: np.ndarray | None
    order: np.ndarray | None
    fractions: np.ndarray


@cache
def _plan(names, n_windows):
    def places(known):
        found = np.array([names.index(name) if name in names else -1 for name in known])
        if found.max() < 0:
            return None
        first = len(names) * np.arange(n_windows)[:, np.newaxis]
        return np.where(found < 0, -1, first + found)

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
