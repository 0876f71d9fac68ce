"""Statistics of slices by their names, each from the kernel that computes it."""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from .. import _kernels
from ._moments import KnownMoments, write_tail_moments

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


def each_field(kernel, of_tiles, column, arguments, *blocks):
    """Run a kernel over the histories, field by field, or over the tiles that they are in.

    Parameters
    ----------
    kernel : callable
        Takes values, starts, stops, the arguments and the blocks.
    of_tiles : callable or None
        Does the same for tiles.
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
    blocks = [block.reshape(n_entities, n_fields, -1) for block in blocks]
    rest = [(f, slice(None)) for f in range(n_fields)]
    if of_tiles is not None and column.tiles is not None:
        of_tiles(*column.tiles.arrays, *arguments, *blocks)
        rest = column.tiles.others
    for f, rows in rest:
        parts = [block[rows, f] for block in blocks]
        kernel(column.x, column.starts[f, rows], column.stops[f, rows], *arguments, *parts)
        _put_back(parts, rows, f, blocks)


def _put_back(parts, rows, f, blocks):
    """Write what was taken out of blocks by an array of rows, which are copies."""
    if not isinstance(rows, slice):
        for part, block in zip(parts, blocks, strict=True):
            block[rows, f] = part


class Windows(NamedTuple):
    """For each field, windows in the values of every entity, all with the same end."""

    #: int64 array of shape (n_fields, n_windows, n_entities)
    starts: np.ndarray
    #: int64 array of shape (n_fields, n_entities)
    stops: np.ndarray
    #: int64 array of shape (n_windows,): the last so many values of each history; 0: no such window
    tails: np.ndarray | None = None

    def take(self, chosen):
        """Return some of the windows."""
        return Windows(self.starts[:, chosen], self.stops, self.tails[chosen])


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
    if windows.tails is None or column.tiles is None:
        rest = [(f, slice(None), slice(None)) for f in range(n_fields)]
    else:
        up = np.argsort(windows.tails)
        up, others = up[windows.tails[up] > 0], up[windows.tails[up] == 0]
        _write_tails(column, windows.take(up), known, plan.take(up), blocks)
        rest = [(f, rows, up) for f, rows in column.tiles.others]
        rest += [(f, slice(None), others) for f in range(n_fields) if len(others)]
    for f, rows, chosen in rest:
        part = blocks[rows, f]
        starts = np.ascontiguousarray(windows.starts[f, chosen][:, rows])
        of_field = column.moments[f] if known is None else KnownMoments(known[rows, f])
        some = plan if isinstance(chosen, slice) else plan.take(chosen)
        _write_windows(column.x, starts, windows.stops[f, rows], of_field, some, part)
        _put_back([part], rows, f, [blocks])


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
            mean_and_std = np.empty((len(stops), 2))
            moments.write(start, stops, plan.mean_and_std, mean_and_std)
            _kernels.shape(x, start, stops, plan.shape[w], mean_and_std, out)
        if plan.order is not None:
            _kernels.order_statistics(x, start, stops, plan.fractions, plan.order[w], out)


def _write_tails(column, windows, known, plan, blocks):
    """Compute statistics of the last so many values of the histories that are in tiles.

    Parameters
    ----------
    column : Column
    windows : Windows
        All of them tails, ascending.
    known : float64 array of shape (n_entities, n_fields, 5) or None
        The moments, where they are computed already.
    plan : _Plan
    blocks : float64 array of shape (n_entities, n_fields, n_windows * n_names)
    """
    tails, arrays = windows.tails, column.tiles.arrays
    if plan.extremes is not None:
        _kernels.extremes_of_tails(*arrays, tails, plan.extremes, blocks)
    if plan.moments is not None and known is None:
        write_tail_moments(column, windows, plan.moments, blocks)
    elif plan.moments is not None:
        for moment, place in enumerate(plan.moments[0]):
            if place >= 0:
                blocks[:, :, place] = known[:, :, moment]
    if plan.order is not None:
        _kernels.order_of_tails(*arrays, tails, plan.fractions, plan.order, blocks)
    if plan.shape is not None:
        for w in range(len(tails)):
            if known is None:
                mean_and_std = np.empty((*blocks.shape[:2], 2))
                places = plan.mean_and_std[np.newaxis]
                write_tail_moments(column, windows.take([w]), places, mean_and_std)
            else:
                mean, std = map(_kernels.MOMENTS.index, ("mean", "std"))
                mean_and_std = known[:, :, mean : std + 1 : std - mean]
            _kernels.shape_of_tails(*arrays, tails[w], plan.shape[w], mean_and_std, blocks)


class _Plan(NamedTuple):
    """For each kernel, the columns of what it computes, a row for each window; or None.

    -1 is for what is not wanted.
    """

    extremes: np.ndarray | None
    moments: np.ndarray | None
    shape: np.ndarray | None
    order: np.ndarray | None
    fractions: np.ndarray
    #: of `_kernels.MOMENTS`, the columns of what `shape` needs
    mean_and_std: np.ndarray

    def take(self, chosen):
        """Return the plan for some of the windows."""
        by_window = (part if part is None else part[chosen] for part in self[:4])
        return _Plan(*by_window, self.fractions, self.mean_and_std)


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
        np.array([{"mean": 0, "std": 1}.get(name, -1) for name in _kernels.MOMENTS]),
    )


def _fraction(name):
    if name == "median":
        return 0.5
    percent = _PERCENT.fullmatch(name)
    return int(percent[1]) / 100 if percent else None
