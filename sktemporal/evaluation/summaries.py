"""Statistics of slices by their names, each from the kernel that computes it."""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from .. import _kernels
from .moments import KnownMoments

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
        or fraction_of(name) is not None
    )


def each_field(kernel, column, arguments, out):
    """Run a kernel over the histories, field by field.

    Parameters
    ----------
    kernel : callable
        Takes values, starts, stops, the arguments and a block of `out`.
    column : Column
    arguments : tuple
    out : float64 array of shape (n_entities, n_fields * n_columns)
        Field ``f`` gets the ``n_columns`` columns from ``f * n_columns`` on.
    """
    n_fields, n_entities = column.starts.shape
    if n_fields == 0:
        return
    if n_entities == 1:  # the fields are rows of the output: one call for all of them
        bounds = column.starts.reshape(-1), column.stops.reshape(-1)
        kernel(column.x, *bounds, *arguments, out.reshape(n_fields, -1))
        return
    blocks = out.reshape(n_entities, n_fields, -1)
    for f in range(n_fields):
        kernel(column.x, column.starts[f], column.stops[f], *arguments, blocks[:, f])


class Windows(NamedTuple):
    """For each field, windows in the values of every entity, all with the same end."""

    #: int64 array of shape (n_fields, n_windows, n_entities)
    starts: np.ndarray
    #: int64 array of shape (n_fields, n_entities)
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
    known = None
    if n_entities == 1:  # every window is a row: one call for all of them
        starts = windows.starts.reshape(1, 1, -1)
        windows = Windows(starts, np.repeat(windows.stops, n_windows).reshape(1, -1))
        blocks = out.reshape(n_fields * n_windows, 1, -1)
        n_fields = n_windows = 1
    else:
        if windows is column.whole:
            known = column.own_moments
        blocks = out.reshape(n_entities, n_fields, -1)
    plan = _plan(tuple(names), n_windows)
    for f in range(n_fields):
        moments = column.moments[f] if known is None else KnownMoments(known[:, f])
        _write_windows(column.x, windows.starts[f], windows.stops[f], moments, plan, blocks[:, f])


def _write_windows(x, starts, stops, moments, plan, out):
    """Compute statistics of windows of one field.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
    starts : int64 array of shape (n_windows, n_slices)
    stops : int64 array of shape (n_slices,)
    moments : Moments or KnownMoments
    plan : _Plan
    out : float64 array of shape (n_slices, n_windows * n_names)
    """
    if plan.extremes is not None:
        _kernels.extremes(x, starts, stops, plan.extremes, out)
    for w, start in enumerate(starts):
        if plan.moments is not None:
            moments.write(start, stops, plan.moments[w], out)
        if plan.shape is not None:
            _write_shape(x, start, stops, moments, plan.shape[w], out)
        if plan.order is not None:
            _kernels.order_statistics(x, start, stops, plan.fractions, plan.order[w], out)


def write_moments_and_shape(x, starts, stops, moments, places, shape_places, out):
    """Compute what is wanted of `_kernels.MOMENTS` and `_kernels.SHAPE` of slices of one field.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
    starts, stops : int64 arrays of shape (n_slices,)
    moments : Moments or KnownMoments
    places, shape_places : int64 arrays of shape (5,) and (2,)
        The columns of `out`; -1 for what is not wanted.
    out : float64 array of shape (n_slices, n_columns)
    """
    moments.write(starts, stops, places, out)
    if shape_places.max() >= 0:
        _write_shape(x, starts, stops, moments, shape_places, out)


def _write_shape(x, starts, stops, moments, places, out):
    mean_and_std = np.empty((len(stops), 2))
    moments.write(starts, stops, _mean_and_std(), mean_and_std)
    _kernels.shape(x, starts, stops, places, mean_and_std, out)


@cache
def _mean_and_std():
    """Of `_kernels.MOMENTS`, the columns of what `shape` needs."""
    return np.array([{"mean": 0, "std": 1}.get(name, -1) for name in _kernels.MOMENTS])


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

    quantiles = [name for name in names if fraction_of(name) is not None]
    return _Plan(
        places(_kernels.EXTREMES),
        places(_kernels.MOMENTS),
        places(_kernels.SHAPE),
        places([*quantiles, "n_unique"]),
        np.array([fraction_of(name) for name in quantiles], dtype=np.float64),
    )


def fraction_of(name):
    """Which quantile a statistic is, from 0 to 1; None if it is none."""
    if name == "median":
        return 0.5
    percent = _PERCENT.fullmatch(name)
    return int(percent[1]) / 100 if percent else None
