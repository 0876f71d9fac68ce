"""The events: a frozen table of their columns, with what the columns are called and mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._selections import Selections

if TYPE_CHECKING:
    from typing import Any

#: Columns of a table, each with an entry for every event.
COLUMNS = ("values", "codes", "times", "intervals", "observed", "arrivals", "frame_rows")

# What a table keeps beside its parts.
_KEPT = ("selections", "made_by_key")


class Key(NamedTuple):
    """Other entities that the events are of."""

    #: int32 array of shape (n_events,), which of them; -1: none
    codes: np.ndarray
    #: array of their ids
    ids: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class EventTable:
    """Events of many entities, one row each; which of them are whose, its slices say.

    `EventSequences` makes and checks it; this takes what has been checked. The arrays are not
    copied.

    Parameters
    ----------
    values : float32 or float64 array of shape (n_events, n_fields)
    codes : int32 array of shape (n_events, n_categorical)
    fields, categorical_fields : tuple of str
        Names of the columns of `values` and `codes`.
    categories : tuple of (tuple or None)
        For each categorical field the values behind the codes 1, 2, ...
    has_field_names : bool
        Whether `fields` were given, and not made up.
    times : int64 array of shape (n_events,), default=None
        Microseconds since 1970 in UTC.
    intervals : float64 array of shape (n_events,), default=None
        Seconds since the event before.
    observed : bool array of shape (n_events,), default=None
        False where only categorical fields were observed.
    arrivals : int64 array of shape (n_events,), default=None
        When events became known, in microseconds.
    frame_rows : int64 array of shape (n_events,), default=None
        The row of the log that each event was.
    log_index : pandas.Index or range, default=None
        The labels of the rows of the log.
    time_zone : str, default=None
        The zone in which moments without an offset are given.
    entity_name : str or tuple of str, default="entity"
        What names the entity in the log.
    time_name : str, default="time"
        What names the time there.
    keys : dict of (str or tuple of str) to Key, default={}
        By the columns of the log that name them: other entities that the events are of.
    instants : int64 array of shape (n_events,), default=None
        Numbers in the order of the times, where that is finer than `times` and there are keys.

    Examples
    --------
    >>> from sktemporal import EventSequences
    >>> seqs = EventSequences([[5.0], [7.0], [1.0]], [0, 2], [2, 3], times=[10, 20, 10])
    >>> seqs[1:].table is seqs.tail(1).table is seqs.table
    True
    >>> len(seqs.table), list(seqs.table.columns())
    (3, ['values', 'codes', 'times'])
    """

    values: np.ndarray
    codes: np.ndarray
    fields: tuple
    categorical_fields: tuple
    categories: tuple
    has_field_names: bool = True
    times: np.ndarray | None = None
    intervals: np.ndarray | None = None
    observed: np.ndarray | None = None
    arrivals: np.ndarray | None = None
    frame_rows: np.ndarray | None = None
    log_index: object = None
    time_zone: str | None = None
    entity_name: object = "entity"
    time_name: str = "time"
    keys: dict = field(default_factory=dict)
    instants: np.ndarray | None = None

    def __len__(self):
        return len(self.values)

    @cached_property
    def selections(self) -> Any:
        """What was selected from which slices; a pickle or another table knows of none."""
        return Selections()

    @cached_property
    def made_by_key(self) -> dict[Any, Any]:
        """What `EventSequences.by` made of the whole table, by key; kept as long as the table."""
        return {}

    def __getstate__(self):
        """Take along the parts, and nothing that is kept beside them."""
        return {name: part for name, part in vars(self).items() if name not in _KEPT}

    def replace(self, **parts: Any) -> EventTable:
        """Take other parts in place of some; the callers derive them from checked ones.

        Parameters
        ----------
        **parts : dict
            Parameters of the table.

        Returns
        -------
        table : EventTable

        Raises
        ------
        TypeError
            If one of them is no parameter.
        """
        names = self.__dataclass_fields__.keys()
        if not parts.keys() <= names:
            raise TypeError(
                f"parts must be parameters of EventTable, {list(names)}; got "
                f"{sorted(parts.keys() - names)}"
            )
        state = {**vars(self), **parts}
        for name in _KEPT:
            state.pop(name, None)
        table = object.__new__(type(self))
        table.__dict__.update(state)  # as the constructor does, in less time
        return table

    def columns(self) -> dict[str, Any]:
        """Return the columns that there are, by name.

        Returns
        -------
        columns : dict of str to array with an entry for every event
        """
        return {name: part for name in COLUMNS if (part := getattr(self, name)) is not None}

    def of_rows(self, arrange: Any) -> EventTable:
        """Take other rows: the same of every column.

        Parameters
        ----------
        arrange : callable, or what an array can be indexed with
            What to do with each column; an index selects rows.

        Returns
        -------
        table : EventTable
        """
        if not callable(arrange):
            chosen = arrange

            def arrange(column):
                return column[chosen]

        parts = {name: arrange(part) for name, part in self.columns().items()}
        if self.instants is not None:
            parts["instants"] = arrange(self.instants)
        keys = {name: Key(arrange(codes), ids) for name, (codes, ids) in self.keys.items()}
        return self.replace(**parts, keys=keys)
