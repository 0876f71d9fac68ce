"""Arranging the rows of a log by entity and time, and taking its columns along."""

from functools import cache

import numpy as np
from numba import from_dtype, types

from ._jit import COUNTS, INDEX, inlined, kernel, ready

# A run of so many events is sorted by insertion, longer ones are merged of such runs.
_RUN = 32
_BLOCK = 1024
_OWNERS = types.Array(types.int32, 1, "C", readonly=True)
_BUCKETS = types.Array(types.uint16, 1, "C", readonly=True)
_FLAGS = types.Array(types.boolean, 1, "C", readonly=True)


def _array_of(kind, layout="C", read_only=False):
    """The type of a column; strided ones may be read-only."""
    dtype = from_dtype(np.dtype(kind))
    return types.Array(dtype, 1, layout, readonly=read_only or layout == "A")


@kernel(types.boolean(_OWNERS, INDEX))
def in_order(owners, times):
    """Tell whether rows are in order of their owners, and each owner's of the times, if any.

    In blocks, without branches inside, which the compiler turns into vector instructions.
    """
    for start in range(1, owners.size, _BLOCK):
        stop = min(start + _BLOCK, owners.size)
        owner, before = owners[start:stop], owners[start - 1 : stop - 1]
        descends = False
        for i in range(owner.size):
            descends |= owner[i] < before[i]
        if times.size > 0:
            time, earlier = times[start:stop], times[start - 1 : stop - 1]
            for i in range(owner.size):
                descends |= (time[i] < earlier[i]) & (owner[i] == before[i])
        if descends:
            return False
    return True


@kernel(types.void(_OWNERS, COUNTS))
def count_owners(owners, counts):
    """Count the rows of each owner, in addition to what `counts` has."""
    for i in range(owners.size):
        counts[owners[i]] += 1


@inlined
def _insert(times, rows, start, stop):
    """Sort by insertion: stable."""
    for i in range(start + 1, stop):
        time, row = times[i], rows[i]
        j = i
        while j > start and times[j - 1] > time:
            times[j], rows[j] = times[j - 1], rows[j - 1]
            j -= 1
        times[j], rows[j] = time, row


@inlined
def _merge(times, rows, start, middle, stop, spare_times, spare_rows):
    """Merge two neighbouring runs, by way of a copy of the first: stable."""
    n = middle - start
    for i in range(n):
        spare_times[i], spare_rows[i] = times[start + i], rows[start + i]
    i, j, k = 0, middle, start
    while i < n:
        if j < stop and times[j] < spare_times[i]:
            times[k], rows[k] = times[j], rows[j]
            j += 1
        else:
            times[k], rows[k] = spare_times[i], spare_rows[i]
            i += 1
        k += 1


@kernel(types.void(_OWNERS, types.int64, types.Array(types.uint16, 1, "C"), COUNTS))
def assign_buckets(owners, shift, buckets, counts):
    """Write for each row the bucket of its owner, ``owner >> shift``, and count those of each."""
    for i in range(owners.size):
        bucket = owners[i] >> shift
        buckets[i] = bucket
        counts[bucket] += 1


@cache
def place_rows(index):
    """Return the kernel for row numbers of this type; see `_place_rows` below."""

    @kernel(types.void(_OWNERS, types.int64, COUNTS, _array_of(index)))
    def _place_rows(owners, first, places, rows):
        """Write the numbers of rows, from `first` on, where their owners' next places are.

        The scatter of a stable counting sort. `places` moves on.
        """
        for i in range(owners.size):
            owner = owners[i]
            rows[places[owner]] = first + i
            places[owner] += 1

    return ready(_place_rows)


@cache
def sort_events(index):
    """Return the kernel for row numbers of this type; see `_sort_events` below."""

    @kernel(types.void(COUNTS, _array_of(index), INDEX, INDEX))
    def _sort_events(times, rows, starts, stops):
        """Sort every slice by time, and take its rows along: stable.

        Parameters
        ----------
        times, rows : int64 arrays of shape (n_events,)
            Sorted in place.
        starts, stops : int64 arrays of shape (n_slices,)

        Notes
        -----
        A slice in order is only read. Others are sorted in runs of 32 by insertion, which are
        merged in pairs, those in order left as they are: O(n log n), and O(n) for slices nearly in
        order.
        """
        longest = 0
        for i in range(starts.size):
            longest = max(longest, stops[i] - starts[i])
        n_spare = longest if longest > _RUN else 0
        spare_times = np.empty(n_spare, dtype=np.int64)
        spare_rows = np.empty(n_spare, dtype=rows.dtype)
        for i in range(starts.size):
            start, stop = starts[i], stops[i]
            row = start + 1
            while row < stop and times[row - 1] <= times[row]:
                row += 1
            if row >= stop:
                continue
            for run in range(start, stop, _RUN):
                _insert(times, rows, run, min(run + _RUN, stop))
            width = _RUN
            while width < stop - start:
                for run in range(start, stop - width, 2 * width):
                    middle, end = run + width, min(run + 2 * width, stop)
                    if times[middle] < times[middle - 1]:
                        _merge(times, rows, run, middle, end, spare_times, spare_rows)
                width *= 2

    return ready(_sort_events)


@cache
def partition(source, target):
    """Return the kernel for columns of these types; see `_partition` below."""
    may_be_infinite = np.dtype(source).kind == "f"
    has_nan = np.dtype(target).kind == "f"

    @kernel(types.boolean(_array_of(source, "A"), _FLAGS, _BUCKETS, COUNTS, _array_of(target)))
    def _partition(values, missing, buckets, places, out):
        """Write values, NaN where missing, where the next places of their buckets are.

        Few buckets have few places to write to, all of which are in the cache.

        Parameters
        ----------
        values : array of shape (n,)
        missing : bool array of shape (n,), or empty
        buckets : uint16 array of shape (n,)
            Or empty: the values go to the beginning of `out`, in their order.
        places : int64 array of shape (n_buckets,)
            Moves on.
        out : array

        Returns
        -------
        infinite : bool
            Whether a value is.
        """
        infinite = False
        if buckets.size == 0:
            for start in range(0, values.size, _BLOCK):
                stop = min(start + _BLOCK, values.size)
                for i in range(start, stop):
                    out[i] = values[i]
                if has_nan and missing.size > 0:
                    for i in range(start, stop):
                        if missing[i]:
                            out[i] = np.nan
                if may_be_infinite:
                    for i in range(start, stop):
                        infinite |= abs(out[i]) == np.inf
            return infinite
        for i in range(values.size):
            place = places[buckets[i]]
            places[buckets[i]] = place + 1
            if has_nan and missing.size > 0 and missing[i]:
                out[place] = np.nan
            else:
                out[place] = values[i]
                if may_be_infinite:
                    infinite |= abs(values[i]) == np.inf
        return infinite

    return ready(_partition)


@cache
def gather(kind, index):
    """Return the kernel for columns and row numbers of these types; see `_gather` below."""

    @kernel(
        types.void(
            _array_of(kind, read_only=True), _array_of(index, read_only=True), _array_of(kind)
        )
    )
    def _gather(values, rows, out):
        """Write ``values[rows]``."""
        for i in range(rows.size):
            out[i] = values[rows[i]]

    return ready(_gather)


#: The types of columns, and what is made of them.
PARTITIONED = (
    *((f"{kind}{size}", "f8") for kind in "iu" for size in (1, 2, 4, 8)),
    *((size, "f8") for size in ("f4", "f8")),
    *((same, same) for same in ("f4", "i4", "i8")),
)


def all_kernels():
    """All that logs of less than 2**31 rows need."""
    gathers = [gather(kind, "i4") for kind in ("f4", "f8", "i4", "i8")]
    partitions = [partition(*kinds) for kinds in PARTITIONED]
    return [place_rows("i4"), sort_events("i4"), *gathers, *partitions]
