"""The order of the events of a log, and what to do with those that have none."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .. import _kernels
from ._gathering import Buckets, buckets_of, gathered, in_buckets, no_buckets
from ._labels import values_of
from ._threads import in_threads, parts_of

_DUPLICATES = ("keep", "first", "last", "error")
_UNSORTED = ("sort", "error")
# From so many rows on, their numbers need 64 bits.
_MANY_ROWS = 2**31
# So many rows per entity are worth several counts.
_ROWS_PER_COUNT = 8


def check_policies(time, arrival, duplicates, unsorted):
    """Refuse what is no policy, and what needs a time column where there is none."""
    if duplicates not in _DUPLICATES:
        raise ValueError(f"duplicates must be one of {_DUPLICATES}; got {duplicates!r}")
    if unsorted not in _UNSORTED:
        raise ValueError(f"unsorted must be one of {_UNSORTED}; got {unsorted!r}")
    if time is None and duplicates != "keep":
        raise ValueError(f"duplicates={duplicates!r} needs a `time` column; got None")
    if arrival is not None and duplicates in ("first", "last"):
        raise ValueError(
            f"duplicates={duplicates!r} with `arrival` would leave out what was known until the "
            "other one arrived; it must be 'keep' or 'error'"
        )
    if time is None and arrival is not None:
        raise ValueError(f"arrival={arrival!r} needs a `time` column; got None")


class Order(NamedTuple):
    """The events of a log, entity by entity, and in order of time."""

    buckets: Buckets
    #: array of shape (n_events,), the rows of the log as they lie in the buckets; None: all, there
    rows: np.ndarray | None
    #: int64 arrays of shape (n_entities,), the slice of each entity
    starts: np.ndarray
    stops: np.ndarray
    #: the times in that order, or None
    times: np.ndarray | None

    def arrange(self, column, out=None, missing=None):
        """Put a column of the log in this order.

        Parameters
        ----------
        column : array of shape (n_rows,)
        out : array of shape (n_events,), default=None
            Of floats, or of the integers of `column`.
        missing : bool array of shape (n_rows,), default=None
            Where to write NaN.

        Returns
        -------
        out : array
        infinite : bool
            Whether the column has an infinity.
        """
        out = np.empty(self.n_events, dtype=column.dtype) if out is None else out
        if self.rows is None:
            return out, in_buckets(column, self.buckets, out, missing)
        bucketed = np.empty(len(column), dtype=out.dtype)
        infinite = in_buckets(column, self.buckets, bucketed, missing)
        return gathered(bucketed, self.rows, out), infinite

    @property
    def n_events(self):
        return int(self.stops[-1]) if len(self.stops) else 0


def order_of_events(owner, times, entity_ids, duplicates, unsorted):
    """Put rows in order: by entity, then time, then row.

    Parameters
    ----------
    owner : int32 array of shape (n_rows,)
        The number of the entity of each row.
    times : int64 array of shape (n_rows,) or None
        They may be finer than those of the container.
    entity_ids : array of shape (n_entities,)
    duplicates, unsorted : str

    Returns
    -------
    order : Order
    """
    owner = np.ascontiguousarray(owner, dtype=np.int32)
    times = None if times is None else np.ascontiguousarray(times)
    lengths = _lengths(owner, len(entity_ids))
    stops = np.cumsum(lengths)
    starts = stops - lengths
    if _are_in_order(owner, times):
        order = Order(no_buckets(len(owner)), None, starts, stops, times)
    else:
        buckets = buckets_of(owner, len(entity_ids))
        order = Order(buckets, _placed(owner, buckets, starts, stops), starts, stops, None)
        if times is not None:
            order = _by_time(order, times, entity_ids, unsorted)
    if duplicates == "keep" or times is None:
        return order
    return _without_duplicates(order, entity_ids, duplicates)


def _lengths(owner, n_entities):
    """Count the rows of each entity."""

    def count(start, stop):
        lengths = np.zeros(n_entities, dtype=np.int64)
        _kernels.count_owners(owner[start:stop], lengths)
        return lengths

    # Each thread counts for all entities, which is no work where these are few.
    few = n_entities * _ROWS_PER_COUNT < len(owner)
    return sum(in_threads(count, parts_of(len(owner)) if few else [(0, len(owner))]))


def _are_in_order(owner, times):
    times = np.empty(0, dtype=np.int64) if times is None else times

    def check(start, stop):
        start = max(start - 1, 0)  # the last one of the part before
        return _kernels.in_order(owner[start:stop], times[start:stop])

    return all(in_threads(check, parts_of(len(owner))))


def _placed(owner, buckets, starts, stops):
    """Sort the rows of each bucket by entity, by counting: those of an entity keep their order."""
    rows = np.empty(len(owner), dtype=np.int32 if len(owner) < _MANY_ROWS else np.int64)
    place_rows = _kernels.place_rows(rows.dtype.str[1:])
    places = starts.copy()
    if not buckets.of_rows.size:
        place_rows(owner, 0, places, rows)
        return rows
    bucketed = np.empty_like(owner)
    in_buckets(owner, buckets, bucketed)

    def place(start, stop):
        place_rows(bucketed[start:stop], start, places, rows)

    ends = np.append(starts[:: buckets.n_entities], len(owner))
    in_threads(place, _even_parts(ends))
    return rows


def _even_parts(ends):
    """Bounds of parts of about one length for the threads, at some of the ends."""
    wanted = [start for start, _ in parts_of(int(ends[-1]))]
    chosen = np.unique([*ends[np.searchsorted(ends, wanted)], ends[-1]])
    return [(int(a), int(b)) for a, b in pairwise(chosen)]


def _by_time(order, times, entity_ids, unsorted):
    """Sort the rows of each entity by time; where the log is in order of time, they are."""
    order = order._replace(times=order.arrange(times)[0])
    if unsorted == "error":
        _check_in_order(order, entity_ids)
    sort_events = _kernels.sort_events(order.rows.dtype.str[1:])

    def sort(start, stop):
        part = slice(*np.searchsorted(order.stops, [start, stop], side="right"))
        sort_events(order.times, order.rows, order.starts[part], order.stops[part])

    in_threads(sort, _even_parts(np.append(0, order.stops)))
    return order


def _in_one_history(order):
    """Tell of every event but the first whether it is of the same entity as the one before."""
    same = np.ones(len(order.times), dtype=bool)
    same[order.starts[order.starts < order.stops]] = False
    return same[1:]


def _check_in_order(order, entity_ids):
    """Refuse a log in which the events of an entity are not in order of time."""
    backwards = (order.times[1:] < order.times[:-1]) & _in_one_history(order)
    if backwards.any():
        i = int(backwards.argmax())
        row, later_row = frame_rows(order)[i : i + 2]
        raise ValueError(
            f"unsorted='error', and the events of entity {_entity_at(order, i, entity_ids)} are "
            f"not in order of time: row {later_row} is earlier than row {row} before it"
        )


def _without_duplicates(order, entity_ids, duplicates):
    """Leave out of the order what the policy says of events of one entity at one instant."""
    again = (order.times[1:] == order.times[:-1]) & _in_one_history(order)
    if not again.any():
        return order
    if duplicates == "error":
        i = int(again.argmax())
        row, next_row = frame_rows(order)[i : i + 2]
        raise ValueError(
            f"duplicates='error', and entity {_entity_at(order, i, entity_ids)} has two events at "
            f"one instant: rows {row} and {next_row}"
        )
    kept = np.append(True, ~again) if duplicates == "first" else np.append(~again, True)
    n_before = np.append(0, np.cumsum(kept))
    rows = np.flatnonzero(kept) if order.rows is None else order.rows[kept]
    starts, stops = n_before[order.starts], n_before[order.stops]
    return order._replace(rows=rows, starts=starts, stops=stops, times=order.times[kept])


def frame_rows(order):
    """The rows of the log that the events come from, int64."""
    rows = np.arange(order.buckets.parts[-1][1])
    return rows if order.rows is None else order.arrange(rows)[0]


def _entity_at(order, i, entity_ids):
    return repr(values_of(entity_ids)[int(np.searchsorted(order.stops, i, side="right"))])
