"""Views of event histories: the last events, the last days, what was known at some moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _kernels
from ._arrivals import arrived
from ._durations import duration_in_microseconds
from ._labels import check_parts, labels_among, labels_of, values_of
from ._matching import check_policy, positions_of, tell_unknown
from ._moments import as_microseconds
from ._parts import checked_flag, checked_reference_times
from ._rows import Repeated, Rows, index_of_labels
from ._sliced import Sliced
from ._times import TimeNotation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import ArrayLike

    from .._types import Ambiguous, Closed, Duration, Integers, Times, TimeUnit
    from ._container import EventSequences

#: Which ends may belong to a window of a duration.
CLOSED = ("right", "left", "both", "neither")


class HistoryViews(Sliced):
    """The part of `EventSequences` that cuts histories: new slices of the same table."""

    def tail(self, n: int) -> EventSequences:
        """Keep the last `n` events of every entity.

        Parameters
        ----------
        n : int
            At least 1.

        Returns
        -------
        sequences : EventSequences
            A view: the table is shared.

        Raises
        ------
        ValueError
            If `n` is not a positive integer.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"n must be a positive int; got {n!r}")
        starts = np.maximum(self.starts, self.stops - n)
        return self.replace(starts=starts)

    def since(self, duration: Duration, closed: Closed = None) -> EventSequences:
        """Keep the events of the last `duration` before the reference time.

        Parameters
        ----------
        duration : str, datetime.timedelta, pandas.Timedelta or numpy.timedelta64
            For example ``"7d"``.
        closed : {"right", "left", "both", "neither"}, default=None
            Which ends belong to it: reference - duration is the left one. "left" and "neither"
            leave out what happened at the very reference time. None: of the two ends the one that
            `inclusive` says, so that of daily values "7d" keeps seven: the events in
            [reference - duration, reference) of histories without their reference times, as those
            of :meth:`as_of`, else (reference - duration, reference].

        Returns
        -------
        sequences : EventSequences
            A view: the table is shared.

        Raises
        ------
        ValueError
            If the container has no times, `duration` is not a duration, or `closed` is unknown.

        Examples
        --------
        >>> import numpy as np
        >>> from sktemporal import EventSequences
        >>> days = np.arange("2026-01-01", "2026-01-31", dtype="datetime64[D]")
        >>> daily = EventSequences(
        ...     np.ones((30, 1)), [0], [30], times=days.astype("datetime64[us]"), entity_ids=["a"]
        ... )
        >>> daily.since("7d").n_events, daily.as_of(["a"], "2026-01-15").since("7d").n_events
        (7, 7)
        """
        if closed is not None and closed not in CLOSED:
            raise ValueError(f"closed must be one of {CLOSED} or None; got {closed!r}")
        starts, stops = self.window_bounds([duration_in_microseconds(duration)], closed)
        inclusive = self.inclusive and closed not in ("left", "neither")
        return self.replace(starts=starts[0], stops=stops, inclusive=inclusive)

    def window_bounds(
        self, durations: Sequence[int], closed: Closed = None, gap: int = 0
    ) -> tuple[Integers, Integers]:
        """Find the rows of windows of some durations.

        Parameters
        ----------
        durations : sequence of int
            In microseconds.
        closed : {"right", "left", "both", "neither"}, default=None
            Which ends belong to the windows. None: as :meth:`since` has it.
        gap : int, default=0
            Windows end so many microseconds before the reference time.

        Returns
        -------
        starts : int64 array of shape (n_durations, n_entities)
            The first row of each window; ``stops[i]``, or a later one, where it has none.
        stops : int64 array of shape (n_entities,)
            The row behind the last one of all windows.

        Raises
        ------
        ValueError
            If the container has no times, and needs them.

        Notes
        -----
        With r the reference time, g the gap and d the duration, an event at time t is in a window
        if r - g - d < t < r - g; at t = r - g - d with `closed` "left" or "both", or None and the
        reference time not in; at t = r - g with "right" or "both", or None and the reference time
        in. Without a gap, None cuts nothing off at the end: of :meth:`each_event`, what came before
        an event at its very instant is in its windows.
        """
        starts_in, ends_in = closed in ("left", "both"), closed in ("right", "both")
        if closed is None:
            starts_in, ends_in = not self.inclusive, self.inclusive or gap == 0
        stops = self.stops
        if gap or not ends_in:
            stops = self.first_younger(gap, or_equal=not ends_in)
        if not len(durations):
            return np.empty((0, len(self)), dtype=np.int64), stops
        return self.first_younger([gap + d for d in durations], or_equal=starts_in), stops

    def with_reference_times(
        self,
        times: Times,
        inclusive: bool | None = None,
        *,
        time_unit: TimeUnit = None,
        time_format: str | None = None,
        time_zone: str | None = None,
        ambiguous: Ambiguous = "raise",
    ) -> EventSequences:
        """Ask for the features at other moments, none before an entity's last event.

        Parameters
        ----------
        times : array-like of shape (n_entities,) or scalar
            Datetimes, dates, ISO 8601 text or numbers, which are seconds: as the time column of
            :meth:`from_frame`.
        inclusive : bool, default=None
            Whether what happens at the very moment belongs to the histories; None: as before.
        time_unit, time_format, time_zone, ambiguous : default=None, None, None, "raise"
            How they are written, as in :meth:`from_frame`. Where `time_zone` is None, times
            without an offset are of the container's zone (UTC where it has none).

        Returns
        -------
        sequences : EventSequences
            A view: the table is shared.

        Raises
        ------
        ValueError
            If the container has no times, or an event is later than its entity's moment or arrived
            later, or is at it where `inclusive` is False. (:meth:`as_of` cuts histories.)
        """
        self._require_times()
        if inclusive is not None:
            inclusive = checked_flag(inclusive)
        notation = self._notation(time_unit, time_format, time_zone, ambiguous)
        moments = as_microseconds(times, "times", notation)
        moments = np.array(np.broadcast_to(moments, (len(self),)))
        moments = checked_reference_times(self, moments)
        if self.arrivals is not None:
            rows, entity = self.event_rows()
            late = self.arrivals[rows] > moments[entity]
            if late.any():
                name = self._name_of(int(entity[late.argmax()]))
                raise ValueError(
                    f"entity {name} has an event that arrived later than its reference time; "
                    "as_of leaves it out"
                )
        if inclusive is False:
            filled = np.flatnonzero(self.stops > self.starts)
            at_moment = self.times[self.stops[filled] - 1] == moments[filled]
            if at_moment.any():
                name = self._name_of(int(filled[at_moment.argmax()]))
                raise ValueError(
                    f"inclusive=False: entity {name} has an event at its reference time; as_of "
                    "leaves it out"
                )
        inclusive = self.inclusive if inclusive is None else inclusive
        return self.replace(reference_times=moments, inclusive=inclusive)

    def first_younger(self, microseconds: int | Sequence[int], or_equal: bool = False) -> Integers:
        """Find the first row of every slice that is younger, at the reference time, than an age.

        Parameters
        ----------
        microseconds : int or sequence of int
            The age, or several, none negative.
        or_equal : bool, default=False
            Whether an event of that very age counts as younger.

        Returns
        -------
        rows : int64 array of shape (n_entities,) or (n_ages, n_entities)
            ``stops[i]`` where no event is that young.

        Raises
        ------
        ValueError
            If the container has no times.
        """
        self._require_times()
        ages = np.atleast_1d(np.array(microseconds, dtype=np.uint64))
        rows = np.empty((len(ages), len(self)), dtype=np.int64)
        references = np.ascontiguousarray(self.reference_times)
        bounds = self.starts, self.stops, references
        _kernels.first_younger(self.times, *bounds, ages, or_equal, rows)
        return rows if np.ndim(microseconds) else rows[0]

    def as_of(
        self,
        entities: ArrayLike,
        times: Times,
        inclusive: bool = False,
        *,
        unknown: Literal["warn", "raise", "ignore"] = "warn",
        time_unit: TimeUnit = None,
        time_format: str | None = None,
        time_zone: str | None = None,
        ambiguous: Ambiguous = "raise",
    ) -> EventSequences:
        """Take histories as they were known at given moments, one for each pair of the arguments.

        Parameters
        ----------
        entities : array-like of shape (n_rows,)
            Entity ids, or positions where the container has no ids; in any order, repeated or not.
            Also a frame with the columns that name the entity (others are left out), or a pandas
            MultiIndex of them; their order does not matter where they have names. Ids are looked
            for exactly: an integer, float or Decimal is found as the number that it equals, "7" and
            7 are two. An entity has an empty history before its first event.
            Where it or `times` is a pandas Series, features get its index as pandas frames, so that
            ``labels.join(features)`` is right.
        times : array-like of shape (n_rows,) or scalar
            Datetimes, dates, ISO 8601 text or numbers, which are seconds: as the time column of
            :meth:`from_frame`.
            They become the reference times.
        inclusive : bool, default=False
            What is known of the events at the very moment: all of them, or none. Windows of a
            duration follow it; see :meth:`since`.
        unknown : {"warn", "raise", "ignore"}, default="warn"
            What to do about entities that are not here: warn once, with their number, and give
            them empty histories; refuse them; or give them empty histories without a word. Unless
            it is "ignore", it is an error if all of them are unknown, which is mostly a matter of
            types. A service that asks for one entity at a time, new ones too, needs "ignore".
        time_unit, time_format, time_zone, ambiguous : default=None, None, None, "raise"
            How they are written, as in :meth:`from_frame`. Where `time_zone` is None, times
            without an offset are of the container's zone (UTC where it has none).

        Returns
        -------
        sequences : EventSequences
            A view in the order of the arguments: the table is shared. (Where the container has
            `arrivals`, an event is known if it had happened and arrived by then; every history in
            which a known event comes after one that had not arrived is copied, which takes memory
            and time in proportion to its length.)

        Raises
        ------
        ValueError
            If the container has no times, its ids are not unique, an entity is missing (None, NaN),
            the lengths differ, entities and times are of pandas with different indexes, or entities
            are unknown and `unknown` has it so.

        Warns
        -----
        UnknownEntityWarning
            If some of the entities are unknown.

        See Also
        --------
        each_event : The histories before each event.

        Examples
        --------
        >>> import numpy as np
        >>> from sktemporal import EventSequences
        >>> seqs = EventSequences(
        ...     [[10.0], [20.0], [30.0]], starts=[0], stops=[3], entity_ids=["a"],
        ...     times=np.array(["2026-01-01", "2026-01-02", "2026-01-02"], dtype="datetime64[us]"),
        ... )
        >>> moments = ["2026-01-03", "2026-01-02", "2026-01-01"]
        >>> seqs.as_of(["a", "a", "a"], moments).lengths
        array([3, 1, 0])
        >>> seqs.as_of(["a", "a", "b"], moments, inclusive=True, unknown="ignore").lengths
        array([3, 3, 0])
        """
        self._require_times()
        inclusive = checked_flag(inclusive)
        index = index_of_labels(entities, times)
        check_policy(unknown)
        codes, distinct = labels_of(labels_among(entities, self.entity_name), "entities")
        check_parts(distinct, self.entity_name)
        wanted = distinct[codes]
        notation = self._notation(time_unit, time_format, time_zone, ambiguous)
        moments = as_microseconds(times, "times", notation)
        if moments.ndim and moments.shape != wanted.shape:
            raise ValueError(
                f"times must be one moment, or one for each of the {len(wanted)} entities; "
                f"got shape {moments.shape}"
            )
        moments = np.array(np.broadcast_to(moments, wanted.shape))
        positions = self._positions(distinct)
        ids = np.arange(len(self)) if self.entity_ids is None else self.entity_ids
        tell_unknown(distinct, positions, ids, unknown)
        positions = positions[codes]
        known = positions >= 0
        starts, stops = np.zeros((2, len(wanted)), dtype=np.int64)
        starts[known] = self.starts[positions[known]]
        stops[known] = self.stops[positions[known]]
        rows = np.empty_like(stops)
        _kernels.first_event_after(self.times, starts, stops, moments, not inclusive, rows)
        labels = Rows(Repeated(wanted), index)
        view = self._of(self.table, starts, rows, moments, wanted, inclusive, labels)
        return view if self.arrivals is None else arrived(view, self, moments, inclusive, False)

    def each_event(self, inclusive: bool = False) -> EventSequences:
        """Take the history before each event: a row for every event, with what came before it.

        Of the events of one entity at one instant, those come before that have an earlier row in
        the table (in the frame, for a container made from one).

        Parameters
        ----------
        inclusive : bool, default=False
            Whether the event itself belongs to its history. Windows of a duration follow it; see
            :meth:`since`.

        Returns
        -------
        sequences : EventSequences
            A view, entity by entity, in order of time: the table is shared. Row i is about the
            event ``event_rows()[0][i]`` of the table, and the row ``frame_rows`` of that of the
            frame. The reference times are those of the events. (Where the container has
            `arrivals`, what came before and had arrived by then, or at that very moment, is known,
            and the event itself where `inclusive`; histories are copied as by :meth:`as_of`.)

        See Also
        --------
        as_of : Histories at moments of your own, in an order of your own.

        Examples
        --------
        A label of each row of the log, in the order of the features (:meth:`to_log_order` is the
        way back):

        >>> import pandas as pd
        >>> from sktemporal import EventSequences
        >>> log = pd.DataFrame({
        ...     "card": ["b", "a", "b"],
        ...     "at": pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02"]),
        ...     "amount": [30.0, 10.0, 20.0],
        ...     "fraud": [True, False, False],
        ... })
        >>> seqs = EventSequences.from_frame(log, entity="card", time="at", fields=["amount"])
        >>> before = seqs.each_event()
        >>> before.entity_ids, before.lengths
        (array(['a', 'b', 'b'], dtype=object), array([0, 0, 1]))
        >>> log["fraud"].to_numpy()[seqs.frame_rows]
        array([False, False,  True])
        """
        inclusive = checked_flag(inclusive)
        rows, entity = self.event_rows()
        ids = entity if self.entity_ids is None else self.entity_ids[entity]
        moments = None if self.times is None else self.times[rows]
        stops = rows + 1 if inclusive else rows
        starts = np.repeat(self.starts, self.lengths)
        labels = Rows(True, events=None if self.frame_rows is None else self.frame_rows[rows])
        view = self._of(self.table, starts, stops, moments, ids, inclusive, labels)
        if self.arrivals is None:
            return view
        self._require_times()
        return arrived(view, self, moments, True, inclusive)

    def _positions(self, distinct):
        """Positions of distinct entities, -1 where unknown."""
        if self.entity_ids is not None:
            return positions_of(distinct, self.entity_ids)
        if len(distinct) and distinct.dtype.kind not in "iu":
            raise ValueError(
                "entities must be positions (int), since the container has no entity_ids; got "
                f"{values_of(distinct[:1])[0]!r}"
            )
        return np.where((distinct >= 0) & (distinct < len(self)), distinct, -1).astype(np.int64)

    def _notation(self, unit, time_format, zone, ambiguous):
        """How moments asked for are written."""
        return TimeNotation(unit, time_format, zone or self.time_zone, ambiguous)

    def _require_times(self):
        if self.times is None:
            raise ValueError(
                "durations and moments need event times; this EventSequences has none (give "
                "`time` to from_frame, or `time_field` to from_padded; intervals give times only "
                "where none of them is negative)"
            )
