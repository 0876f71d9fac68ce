"""Histories of the same events by another key: a copy of the table in another order of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._order import order_of_events
from ._sliced import Sliced
from ._table import Key

if TYPE_CHECKING:
    from typing import Any

    from .._types import KeyColumns
    from ._container import EventSequences


class HistoriesByKey(Sliced):
    """The part of `EventSequences` that slices its events by other keys."""

    def by(self, key: KeyColumns) -> EventSequences:
        """Take the same events as the histories of other entities.

        A container of card payments made with ``keys=["terminal_id"]`` gives the histories of the
        terminals, which are those that :meth:`from_frame` makes with ``entity="terminal_id"``:
        in order of time, events at one instant in the order of the log.

        Parameters
        ----------
        key : str or sequence of str
            One of the `keys` that :meth:`from_frame` or :meth:`from_records` was given.

        Returns
        -------
        sequences : EventSequences
            With the values of the key as `entity_ids`, in sorted order, those that an event has.
            Events without a key, where it is missing, are in no history. The entity that the events
            were of is among the keys then (its ids in the order that they have here), and so are
            the others.

        Raises
        ------
        ValueError
            If the container has no such key, or its histories are not whole: their reference times
            are not those of their last events, `inclusive` is False, or an event is in several.

        See Also
        --------
        to_log_order : Features of `each_event` in the order of the log, whatever the key.

        Notes
        -----
        It holds the events that are in these histories: of a selection those of its entities, of
        ``tail(3)`` the last three. So take `by` first, and cut what it gives.

        Each key costs a copy of the table: the memory of all of its columns, and 4 bytes an event
        for each of its keys. Of a container with all events of its table the copy is kept there, as
        long as that table, and a second call returns it; so are 8 bytes an event for the order of
        time, which is found once for all keys. What is written into the values later does not reach
        a copy.

        Each row of ``by(key).each_event()`` is about an event, history by history, as ever:
        `frame_rows` and :meth:`to_log_order` lead to the rows of the log. Rows without the key have
        none there, see ``absent="nan"``.

        Examples
        --------
        >>> import pandas as pd
        >>> from sktemporal import EventSequences, StatisticalFeatures
        >>> log = pd.DataFrame({
        ...     "card": ["a", "b", "a"],
        ...     "terminal": ["t2", "t1", "t1"],
        ...     "at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]),
        ...     "amount": [10.0, 20.0, 30.0],
        ... })
        >>> seqs = EventSequences.from_frame(log, entity="card", time="at", keys=["terminal"])
        >>> seqs.by("terminal").to_frame()
          entity card       time  amount
        0     t1    b 2026-01-02    20.0
        1     t1    a 2026-01-03    30.0
        2     t2    a 2026-01-01    10.0

        What the terminal has taken until each payment, in the order of the log:

        >>> until = seqs.by("terminal").each_event(inclusive=True)
        >>> family = StatisticalFeatures(statistics=("sum",)).fit(until)
        >>> until.to_log_order(family.transform(until)).ravel()
        array([10., 20., 50.])
        """
        name = self._key_named(key)
        made = self.table.made_by_key
        slices = self.starts, self.stops, self.reference_times, self.entity_ids, self.inclusive
        if name in made and all(a is b for a, b in zip(made[name][0], slices, strict=True)):
            return made[name][1]
        self._check_whole()
        rows, owner = self.event_rows()
        owners = np.full(len(self.table), -1, dtype=np.int32)
        owners[rows] = owner
        if len(rows) > len(owners) or (owners < 0).any():
            table = self.table.of_rows(rows)
            return self._sliced_by(name, table, owner.astype(np.int32), _ranks_in_time(table))
        if None not in made:
            made[None] = _ranks_in_time(self.table)
        by_key = self._sliced_by(name, self.table, owners, made[None])
        made[name] = slices, by_key
        return by_key

    def _key_named(self, key):
        name = tuple(key) if isinstance(key, list) else key
        known = list(self.table.keys)
        if name == self.entity_name and name not in known:
            raise ValueError(f"key={key!r} is what names the entities of these sequences already")
        if name not in known:
            raise ValueError(
                f"key must be one of the keys that these sequences know, {known}; got {key!r}. "
                "from_frame and from_records take others, keys=[...]"
            )
        return name

    def _check_whole(self):
        """Refuse slices at moments of their own, which other entities have no part in."""
        filled = self.stops > self.starts
        is_whole = self.inclusive
        if is_whole and self.times is not None:
            last = self.times[self.stops[filled] - 1]
            is_whole = np.array_equal(self.reference_times[filled], last)
        if not is_whole:
            raise ValueError(
                "by needs whole histories, and these are views at moments of their own: by(key) "
                "first, then as_of, each_event or with_reference_times of what it returns"
            )

    def _sliced_by(self, name, table, owners, ranks):
        codes, ids = table.keys[name]
        codes = np.where(codes < 0, np.int32(len(ids)), codes)  # behind all others
        order = order_of_events(codes, ranks, range(len(ids) + 1), "keep", "sort")
        starts, stops = order.starts[:-1], order.stops[:-1]
        used = stops > starts
        starts, stops = starts[used], stops[used]
        ids_of_now: Any = self.entity_ids  # what has keys has ids, too
        keys = {self.entity_name: Key(owners, ids_of_now), **table.keys}
        del keys[name]
        table = table.replace(keys=keys, entity_name=name)
        table = table.of_rows(lambda column: _arranged(column, order))
        moments = None if table.times is None else table.times[stops - 1]
        return self._of(table, starts, stops, moments, ids[used])


def _arranged(column, order):
    """Put a column in order; several one by one, as reading a log lays them out."""
    if column.ndim == 1:
        return order.arrange(column)[0]
    arranged = np.empty(column.shape, dtype=column.dtype, order="F")
    for j in range(column.shape[1]):
        order.arrange(np.ascontiguousarray(column[:, j]), arranged[:, j])
    return arranged


def _ranks_in_time(table):
    """Number the rows in the order of time, and at one instant in that of the log."""
    lines = table.frame_rows
    at = np.full(int(lines.max(initial=-1)) + 1, -1)
    at[lines] = np.arange(len(lines))
    in_log = at[at >= 0]
    if len(in_log) < len(lines):
        twice = int(np.flatnonzero(np.bincount(lines) > 1)[0])
        raise ValueError(
            f"by needs histories that share no event, and row {twice} of the log is in several: "
            "by(key) first, then as_of or each_event of what it returns"
        )
    instants = table.times if table.instants is None else table.instants
    if instants is None or (np.diff(instants := instants[in_log]) >= 0).all():
        return lines
    ranks = np.empty_like(lines)
    ranks[in_log[np.argsort(instants, kind="stable")]] = np.arange(len(lines))
    return ranks
