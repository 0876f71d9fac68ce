"""The container of event histories: slices of a table of events."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from .. import _kernels
from ._by import HistoriesByKey
from ._construction import Construction
from ._export import Exports
from ._labels import check_parts, label_array, values_of
from ._parts import (
    check_slices,
    check_unpickled,
    checked_flag,
    checked_reference_times,
    checked_table,
    frozen,
    row_positions,
)
from ._rows import Repeated, RowLabels, Rows
from ._views import HistoryViews

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from .._types import Array, Booleans, Integers

_ONE_ROW_EACH = Rows(False)


def _of_table(name):
    """A part of the table as an attribute of its slices."""
    return property(attrgetter(f"table.{name}"))


def _own(array):
    """Make slices what the kernels are compiled for: contiguous and read-only."""
    return frozen(np.ascontiguousarray(array))


class EventSequences(Construction, HistoryViews, HistoriesByKey, RowLabels, Exports):
    """Event histories of many entities: one table of events, and a slice of it for each entity.

    Selecting entities, the last events, the last days, or a history as it was known at some
    moment only makes new slices of the same table, so it is cheap, and slices may overlap. Pass it
    to any transformer of this package, or to scikit-learn's model selection, as `X`.

    Most users call :meth:`from_frame` or :meth:`from_padded`; the constructor takes the parts.

    Parameters
    ----------
    values : array-like of shape (n_events, n_fields)
        Numerical fields, one row an event. NaN is missing. float32 and float64 are kept (and not
        copied), other numbers become float64.
    starts, stops : array-like of int of shape (n_entities,)
        Entity ``i`` owns the rows ``starts[i]:stops[i]``.
    codes : array-like of int of shape (n_events, n_categorical), default=None
        Categorical fields as codes; 0 is missing.
    times : int64 or datetime64 array of shape (n_events,), default=None
        Event times, integers being microseconds; sorted inside each slice.
    intervals : array-like of float of shape (n_events,), default=None
        Seconds since the event before, NaN where unknown, for data that come as intervals. Where
        given, they and not the differences of `times` are *the intervals* of an entity.
    observed : array-like of bool of shape (n_events,), default=None
        False in rows where only the categorical fields were observed. None: True everywhere.
    arrivals : int64 or datetime64 array of shape (n_events,), default=None
        When each event became known; None: when it happened.
    frame_rows : array-like of int of shape (n_events,), default=None
        The row of each event in the frame that it came from.
    reference_times : int64 or datetime64 array of shape (n_entities,), default=None
        The moment each entity's features are asked for, not before its last event. None: the time
        of its last event.
    inclusive : bool, default=True
        Whether what happens at the very reference time belongs to the histories. Windows of a
        duration follow it; see :meth:`since`.
    time_zone : str, default=None
        IANA name of the zone in which moments asked for without an offset are given, see
        :meth:`as_of`. None: UTC. The times here are of UTC in any case.
    entity_ids : array-like of shape (n_entities,), default=None
        Names of the entities.
    entity_name, time_name : str, default="entity", "time"
        What :meth:`row_labels` and the index of features call the entity and the moment. Where ids
        are tuples, `entity_name` may be a name for each of their parts.
    fields, categorical_fields : sequence of str, default=None
        Names of the columns of `values` and `codes`; None: ``x0, x1, ...`` and ``c0, c1, ...``.
    categories : sequence of (array-like or None), default=None
        For each categorical field the values behind the codes 1, 2, ..., or None.

    Attributes
    ----------
    table : EventTable
        The events: the parts with a row for each, and the names.
    shape : tuple (n_entities, longest, n_fields)
        With the length of the longest history in the middle.
    has_field_names : bool
        Whether the names of the fields were given.

    Raises
    ------
    ValueError
        If the parts do not fit each other, `values` has an infinity inside a slice, times are
        unsorted inside a slice, or an event is later than its entity's reference time.

    Notes
    -----
    It does not change: attributes cannot be set, and `starts`, `stops` and `reference_times` are
    read-only copies. The table is not copied where it needs no conversion, so it is the caller's;
    who writes into it changes the features that are computed afterwards, and answers for finite
    values and sorted times, which are checked once.

    Examples
    --------
    >>> from sktemporal import EventSequences
    >>> seqs = EventSequences([[5.0], [7.0], [1.0]], starts=[0, 2], stops=[2, 3], fields=["amount"])
    >>> seqs
    EventSequences(n_entities=2, n_events=3, longest=2, fields=('amount',))
    >>> seqs.tail(1).to_frame()
       entity  amount
    0       0     7.0
    1       1     1.0
    """

    def __init__(
        self,
        values: ArrayLike,
        starts: ArrayLike,
        stops: ArrayLike,
        *,
        codes: ArrayLike | None = None,
        times: ArrayLike | None = None,
        intervals: ArrayLike | None = None,
        observed: ArrayLike | None = None,
        arrivals: ArrayLike | None = None,
        frame_rows: ArrayLike | None = None,
        reference_times: ArrayLike | None = None,
        inclusive: bool = True,
        time_zone: str | None = None,
        entity_ids: ArrayLike | None = None,
        entity_name: str = "entity",
        time_name: str = "time",
        fields: Sequence[str] | None = None,
        categorical_fields: Sequence[str] | None = None,
        categories: Sequence[ArrayLike | None] | None = None,
    ) -> None:
        table = checked_table(
            values,
            codes,
            times=times,
            intervals=intervals,
            observed=observed,
            arrivals=arrivals,
            frame_rows=frame_rows,
            time_zone=time_zone,
            entity_name=entity_name,
            time_name=time_name,
            fields=fields,
            categorical_fields=categorical_fields,
            categories=categories,
        )
        if entity_ids is not None and not isinstance(entity_ids, np.ndarray):
            entity_ids = label_array(entity_ids, "entity_ids")
        several = False if entity_ids is None else Repeated(entity_ids)
        self.__dict__.update(
            table=table,
            starts=frozen(row_positions(starts, "starts").copy()),
            stops=frozen(row_positions(stops, "stops").copy()),
            entity_ids=entity_ids,
            _rows=Rows(several),
        )
        check_slices(self)
        reference_times = frozen(checked_reference_times(self, reference_times))
        self.__dict__.update(reference_times=reference_times, inclusive=checked_flag(inclusive))
        check_parts(() if entity_ids is None else entity_ids, table.entity_name)

    @classmethod
    def _of(
        cls,
        table,
        starts,
        stops,
        reference_times,
        entity_ids,
        inclusive=True,
        _rows=_ONE_ROW_EACH,
    ):
        """Take a table and slices of it that are known to be right, without a look at them."""
        seqs = object.__new__(cls)
        seqs.__dict__.update(
            table=table,
            starts=_own(starts),
            stops=_own(stops),
            reference_times=None if reference_times is None else _own(reference_times),
            entity_ids=entity_ids,
            inclusive=inclusive,
            _rows=_rows,
        )
        return seqs

    def replace(self, **parts: Any) -> EventSequences:
        """Take other parts in place of some; the callers derive them from checked ones.

        Parameters
        ----------
        **parts : dict
            Attributes: `starts`, `stops`, `reference_times`, `entity_ids` and `inclusive`, or
            parts of the table, see :class:`EventTable`.

        Returns
        -------
        sequences : EventSequences
            Of the same table, where no part of that is among them.
        """
        slices = {**self.__dict__, **parts}
        of_table = slices.keys() - self.__dict__.keys()
        if of_table:
            slices["table"] = slices["table"].replace(
                **{name: slices.pop(name) for name in of_table}
            )
        return self._of(**slices)

    values, codes, times = _of_table("values"), _of_table("codes"), _of_table("times")
    intervals, observed = _of_table("intervals"), _of_table("observed")
    arrivals, frame_rows = _of_table("arrivals"), _of_table("frame_rows")
    fields, categorical_fields = _of_table("fields"), _of_table("categorical_fields")
    categories, has_field_names = _of_table("categories"), _of_table("has_field_names")
    entity_name, time_name = _of_table("entity_name"), _of_table("time_name")
    time_zone, log_index = _of_table("time_zone"), _of_table("log_index")

    def __setattr__(self, name, value):
        raise AttributeError(
            f"an EventSequences does not change; {name} cannot be set. Make another one from "
            "its parts, or select, cut and shift it by its methods"
        )

    def _name_of(self, i):
        """Name an entity in a message: its id, or its position where there are no ids."""
        return i if self.entity_ids is None else repr(values_of(self.entity_ids[i : i + 1])[0])

    # What scikit-learn expects of an X

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of entities, length of the longest history, number of fields."""
        longest = int(self.lengths.max(initial=0))
        return len(self), longest, self.values.shape[1]

    @property
    def lengths(self) -> Integers:
        """Number of events of each entity, shape (n_entities,)."""
        return self.stops - self.starts

    @property
    def n_events(self) -> int:
        """Sum of the lengths of all histories; events in overlapping slices count each time."""
        return int(self.lengths.sum())

    def __getitem__(self, key: Any) -> EventSequences:
        """Select entities, as an axis 0 index of an array would; an int selects a container of one.

        scikit-learn asks with a tuple ``(indices, ...)``.
        """
        if isinstance(key, tuple) and key:
            key, *rest = key
            if any(part is not Ellipsis and part != slice(None) for part in rest):
                raise IndexError("EventSequences can be indexed by entity only")
        if isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise IndexError(f"entity {key} is out of range for {len(self)} entities")
            key = [key]
        elif not isinstance(key, slice):
            key = np.asarray(key)
            if key.size == 0 and key.dtype.kind == "f":  # an empty list
                key = key.astype(np.int64)
            if key.ndim != 1:
                raise IndexError(
                    f"an index of EventSequences must have one dimension; got shape {key.shape}"
                )
        self.table.selections.add(self)
        return self.part(key)

    def part(self, chosen: slice | Array) -> EventSequences:
        """Select entities as indexing does, without checks, and without a memory of it.

        Parameters
        ----------
        chosen : slice or array

        Returns
        -------
        sequences : EventSequences
        """
        moments, ids = self.reference_times, self.entity_ids
        return self._of(
            self.table,
            self.starts[chosen],
            self.stops[chosen],
            None if moments is None else moments[chosen],
            None if ids is None else ids[chosen],
            self.inclusive,
            self._rows.take(chosen),
        )

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "EventSequences is ragged and has no array form; use to_padded() or to_frame(), or put "
            "a transformer of this package before the estimator that needs an array"
        )

    def __copy__(self):
        """Make a view: the table is shared, as in every selection."""
        return self.replace()

    def __getstate__(self):
        """Take along just the rows that the slices reach."""
        first, last = self._span()
        rows = self._reached(first, last)
        state = dict(self.__dict__)
        if last - first < len(self.table) or not rows.all():
            table = self.table.of_rows(slice(first, last))
            state["table"] = table if rows.all() else table.of_rows(rows)
            moved = np.concatenate(([0], np.cumsum(rows)))
            filled = self.stops > self.starts
            state["starts"] = moved[np.where(filled, self.starts - first, 0)]
            state["stops"] = state["starts"] + self.lengths
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        check_unpickled(self)
        for part in (self.starts, self.stops, self.reference_times):
            frozen(part)

    # The rows of the table

    def reached_rows(self) -> Booleans:
        """Tell which rows of the table are in any history.

        Returns
        -------
        reached : bool array of shape (n_rows_of_the_table,)
        """
        first, last = self._span()
        reached = np.zeros(len(self.values), dtype=bool)
        reached[first:last] = self._reached(first, last)
        return reached

    def _span(self):
        """The first row that is in a history, and the one behind the last."""
        filled = self.stops > self.starts
        if not filled.any():
            return 0, 0
        return int(self.starts[filled].min()), int(self.stops[filled].max())

    def _reached(self, first, last):
        """Tell which of the rows from the first to the last are in any history."""
        filled = self.stops > self.starts
        starts, stops = self.starts[filled] - first, self.stops[filled] - first
        n = last - first + 1
        opened = np.bincount(starts, minlength=n) - np.bincount(stops, minlength=n)
        return np.cumsum(opened[:-1]) > 0

    def event_rows(self) -> tuple[Integers, Integers]:
        """Find the table rows of all events, entity by entity, and the entity of each.

        Returns
        -------
        rows, entities : int64 arrays of shape (n_events,)
        """
        rows, entities = np.empty((2, self.n_events), dtype=np.int64)
        _kernels.each_row(self.starts, self.stops, rows, entities)
        return rows, entities

    def __repr__(self):
        parts = [
            f"n_entities={len(self)}",
            f"n_events={self.n_events}",
            f"longest={self.shape[1]}",
            f"fields={self.fields!r}",
        ]
        if self.categorical_fields:
            parts.append(f"categorical_fields={self.categorical_fields!r}")
        if self.table.keys:
            parts.append(f"keys={tuple(self.table.keys)!r}")
        if self.times is not None and self.n_events:
            first, last = self._time_span()
            parts.append(f"times={first}..{last}")
        if not self.inclusive:
            parts.append("inclusive=False")
        return f"EventSequences({', '.join(parts)})"

    def _time_span(self):
        filled = self.stops > self.starts
        first = self.times[self.starts[filled]].min()
        last = self.times[self.stops[filled] - 1].max()
        return np.array([first, last]).astype("datetime64[us]").astype("datetime64[s]")
