"""Columns of a log in another order of its rows, in two steps that each stay in the cache.

To take values from all over a column, one by one, is to wait for the memory for each. Therefore the
entities are cut into buckets of neighbours. The first step reads a column from its beginning to its
end, and writes every value behind the last one of its bucket; the second one puts the values of a
bucket into their order.
"""

from typing import NamedTuple

import numpy as np

from .. import _kernels
from ._threads import in_threads, parts_of

# Rows of a bucket: four columns of these fit the second cache.
_ROWS_PER_BUCKET = 1 << 15
_MOST_BUCKETS = 1 << 10
_NONE_MISSING = np.empty(0, dtype=bool)
_NO_BUCKETS = np.empty(0, dtype=np.uint16)
_NO_PLACES = np.empty(0, dtype=np.int64)


class Buckets(NamedTuple):
    """The first step: which bucket each row goes to, and where the parts of it start there."""

    #: (start, stop) of the rows that each thread takes
    parts: list
    #: uint16 array of shape (n_rows,), or empty: the rows stay where they are
    of_rows: np.ndarray
    #: int64 array of shape (n_parts, n_buckets)
    places: np.ndarray
    #: how many entities a bucket has
    n_entities: int


def no_buckets(n_rows):
    """The first step where rows stay where they are."""
    parts = parts_of(n_rows)
    return Buckets(parts, _NO_BUCKETS, np.zeros((len(parts), 0), dtype=np.int64), n_rows)


def buckets_of(owner, n_entities):
    """Cut the entities into buckets of neighbours; into none where the rows are few."""
    n_buckets = min(len(owner) // _ROWS_PER_BUCKET, _MOST_BUCKETS)
    if n_buckets <= 1:
        return no_buckets(len(owner))
    shift = max(int(n_entities - 1).bit_length() - (n_buckets - 1).bit_length(), 0)
    n_buckets = ((n_entities - 1) >> shift) + 1
    parts = parts_of(len(owner))
    of_rows = np.empty(len(owner), dtype=np.uint16)
    counts = np.zeros((len(parts), n_buckets), dtype=np.int64)

    def assign(start, stop, own):
        _kernels.assign_buckets(owner[start:stop], shift, of_rows[start:stop], own)

    in_threads(assign, [(*ends, own) for ends, own in zip(parts, counts, strict=True)])
    ends = np.cumsum(counts.T.ravel()).reshape(counts.T.shape).T
    return Buckets(parts, of_rows, np.ascontiguousarray(ends - counts), 1 << shift)


def in_buckets(column, buckets, out, missing=None):
    """Do the first step; without buckets, write the column as it is.

    Parameters
    ----------
    column : array of numbers of shape (n_rows,)
    buckets : Buckets
    out : array of shape (n_rows,)
        Of floats, or of the integers of `column`.
    missing : bool array of shape (n_rows,), default=None
        Where to write NaN.

    Returns
    -------
    infinite : bool
        Whether there is an infinity.
    """
    partition = _kernels.partition(column.dtype.str[1:], out.dtype.str[1:])
    missing = _NONE_MISSING if missing is None else missing

    def part(start, stop, places):
        own = missing[start:stop] if missing.size else missing
        if not buckets.of_rows.size:
            return partition(column[start:stop], own, _NO_BUCKETS, _NO_PLACES, out[start:stop])
        return partition(column[start:stop], own, buckets.of_rows[start:stop], places.copy(), out)

    parts = zip(buckets.parts, buckets.places, strict=True)
    return any(in_threads(part, [(*ends, places) for ends, places in parts]))


def gathered(column, rows, out=None):
    """Do the second step: return ``column[rows]``."""
    out = np.empty(len(rows), dtype=column.dtype) if out is None else out
    gather = _kernels.gather(column.dtype.str[1:], rows.dtype.str[1:])

    def part(start, stop):
        gather(column, rows[start:stop], out[start:stop])

    in_threads(part, parts_of(len(rows)))
    return out
