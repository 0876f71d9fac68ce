"""The container of event histories."""

import copy
from typing import NamedTuple

import numpy as np

from .. import _kernels
from ._labels import check_parts, label_array, values_of
from ._parts import (
    BY_EVENT,
    check_slices,
    check_unpickled,
    checked_flag,
    checked_reference_times,
    field_names,
    floating,
    frozen,
    int_microseconds,
    integer_codes,
    number_table,
    row_positions,
    vocabularies,
)
from ._rows import Repeated, RowLabels, Rows, index_of_frame
from ._times import TimeNotation
from ._views import HistoryViews


class PaddedArrays(NamedTuple):
    """What `EventSequences.to_padded` returns."""

    #: float array of shape (n_entities, length, n_fields), NaN where padded
    numerical: np.ndarray
    #: bool array of shape (n_entities, length), True where there is an event
    mask: np.ndarray
    #: int32 array of shape (n_entities, length, n_categorical), 0 where padded
    categorical: np.ndarray
    #: datetime64[us] array of shape (n_entities, length), NaT where padded, or None
    times: np.ndarray | None


class EventSequences(HistoryViews, RowLabels):
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
        values,
        starts,
        stops,
        *,
        codes=None,
        times=None,
        intervals=None,
        observed=None,
        arrivals=None,
        frame_rows=None,
        reference_times=None,
        inclusive=True,
        time_zone=None,
        entity_ids=None,
        entity_name="entity",
        time_name="time",
        fields=None,
        categorical_fields=None,
        categories=None,
    ):
        self._selected_from = None
        self.values = floating(number_table(values, "values"))
        n_events = len(self.values)
        codes = np.empty((n_events, 0), dtype=np.int32) if codes is None else codes
        self.codes = integer_codes(number_table(codes, "codes"), "codes")
        self.has_field_names = fields is not None
        self.fields = field_names(fields, self.values.shape[1], "fields", "x")
        self.categorical_fields = field_names(
            categorical_fields, self.codes.shape[1], "categorical_fields", "c"
        )
        self.categories = vocabularies(categories, self.categorical_fields)
        self.intervals = None if intervals is None else np.asarray(intervals, dtype=np.float64)
        self.observed = None if observed is None else np.asarray(observed, dtype=bool)
        self.times = None if times is None else int_microseconds(times, "times")
        self.arrivals = None if arrivals is None else int_microseconds(arrivals, "arrivals")
        self.frame_rows = None if frame_rows is None else row_positions(frame_rows, "frame_rows")
        for name in BY_EVENT[1:]:
            part = getattr(self, name)
            if part is not None and part.shape[:1] != (n_events,):
                raise ValueError(f"{name} has {len(part)} rows, values has {n_events}")
            if part is not None and name != "codes" and part.ndim != 1:
                raise ValueError(f"{name} must be one-dimensional; got shape {part.shape}")

        self.starts = frozen(row_positions(starts, "starts").copy())
        self.stops = frozen(row_positions(stops, "stops").copy())
        if entity_ids is not None and not isinstance(entity_ids, np.ndarray):
            entity_ids = label_array(entity_ids, "entity_ids")
        self.entity_ids = entity_ids
        check_slices(self)
        self.reference_times = frozen(checked_reference_times(self, reference_times))
        self.inclusive = checked_flag(inclusive)
        self.time_zone = TimeNotation(zone=time_zone).checked().zone
        entity_name = tuple(entity_name) if isinstance(entity_name, list) else entity_name
        check_parts(() if entity_ids is None else entity_ids, entity_name)
        if time_name in (entity_name, *(entity_name if isinstance(entity_name, tuple) else ())):
            raise ValueError(f"entity_name and time_name must differ; both are {time_name!r}")
        self.entity_name, self.time_name = entity_name, time_name
        self.log_index = None
        self._rows = Rows(False if entity_ids is None else Repeated(self.entity_ids))

    @classmethod
    def _of_parts(
        cls, values, codes, fields, categorical_fields, categories, times, time_zone, **parts
    ):
        """Take what reading a log has proved right, without a look at the events."""
        names = {"fields": fields, "categorical_fields": categorical_fields}
        empty = cls(values[:0], [], [], codes=codes[:0], **names, time_zone=time_zone)
        starts, stops = (frozen(parts.pop(name)) for name in ("starts", "stops"))
        return empty.replaced(
            values=values,
            codes=codes,
            categories=vocabularies(categories, empty.categorical_fields),
            times=times,
            starts=starts,
            stops=stops,
            reference_times=None if times is None else frozen(times[stops - 1]),
            **parts,
        )

    def _of_log(self, entity, time, index):
        """Remember what the columns of the log are called, and its rows."""
        entity = tuple(entity) if isinstance(entity, list) else entity
        names = {"entity_name": entity, "time_name": self.time_name if time is None else time}
        self.__dict__.update(names, log_index=index)
        return self

    def __setattr__(self, name, value):
        if name in self.__dict__:
            raise AttributeError(
                f"an EventSequences does not change; {name} cannot be set. Make another one from "
                "its parts, or select, cut and shift it by its methods"
            )
        super().__setattr__(name, value)

    def _name_of(self, i):
        """Name an entity in a message: its id, or its position where there are no ids."""
        return i if self.entity_ids is None else repr(values_of(self.entity_ids[i : i + 1])[0])

    # Construction from other forms

    @classmethod
    def from_padded(
        cls,
        numerical,
        mask=None,
        *,
        categorical=None,
        categorical_mask=None,
        fields=None,
        categorical_fields=None,
        time_field=None,
        time_encoding="timestamp",
        time_unit=None,
        entity_ids=None,
    ):
        """Take padded arrays.

        Where the valid steps of every entity are contiguous (pre- or post-padded), a C-contiguous
        `numerical` is not copied. A mask with holes costs a copy, and so does what no view can
        express: a time column between the fields, events to sort, steps observed in
        `categorical` alone.

        Parameters
        ----------
        numerical : array-like or masked array of shape (n_entities, n_steps, n_columns)
            NaN is missing. In a `numpy.ma.MaskedArray`, what is masked is not observed; a step
            with everything masked is padding.
        mask : array-like of shape (n_entities, n_steps), default=None
            True (nonzero) where a step was *observed*, of bool, int or float; note that numpy.ma
            means the reverse. None: all steps, less those at either end that are missing
            altogether (NaN in all columns, 0 in all codes).
        categorical : array-like of int of shape (n_entities, n_steps, n_categorical), default=None
            Codes; 0 and NaN are missing.
        categorical_mask : array-like of shape (n_entities, n_steps), default=None
            As `mask`, for `categorical`. None: the same as `mask`. A step observed in either is an
            event; the fields of the other are missing there.
        fields : sequence of str, default=None
            Names of the columns of `numerical`: of all of them, or of those that remain when the
            time column has left. None: ``x0, x1, ...``
        categorical_fields : sequence of str, default=None
            Names of the columns of `categorical`. None: ``c0, c1, ...``
        time_field : int or str, default=None
            The column of `numerical` that holds time. It leaves the fields.
        time_encoding : {"timestamp", "age", "delta"}, default="timestamp"
            What the column means: time since 1970 in UTC; time before the most recent event
            (events are sorted by either); or time since the event before, in which case the
            observed values of the column are the entity's intervals. They add up to times, a
            missing one as 0, unless some are negative.
        time_unit : {"s", "ms", "us", "ns"}, default=None
            What the column counts. None: seconds, and timestamps must look like them; see
            :meth:`from_frame`.
        entity_ids : array-like of shape (n_entities,), default=None
            Names of the entities.

        Returns
        -------
        sequences : EventSequences

        Raises
        ------
        ValueError
            If shapes do not match, a code is not an integer, a value outside the mask is
            infinite, or a valid event has no time.

        Warns
        -----
        InexactIntegerWarning
            If there are integers that float64 does not hold; it takes the nearest that it does.

        Examples
        --------
        >>> import numpy as np
        >>> from sktemporal import EventSequences
        >>> numerical = np.array([[[0.0], [3.0], [5.0]], [[0.0], [0.0], [8.0]]])
        >>> mask = np.array([[0, 1, 1], [0, 0, 1]])
        >>> seqs = EventSequences.from_padded(numerical, mask, fields=["amount"])
        >>> seqs.starts, seqs.stops
        (array([1, 5]), array([3, 6]))
        >>> np.shares_memory(seqs.values, numerical)
        True
        """
        from ._padded import parts_of_padded

        return cls(
            **parts_of_padded(
                numerical,
                mask,
                categorical,
                categorical_mask,
                fields,
                time_field,
                time_encoding,
                time_unit,
            ),
            categorical_fields=categorical_fields,
            entity_ids=entity_ids,
        )

    @classmethod
    def from_frame(
        cls,
        frame,
        *,
        entity,
        time=None,
        fields=None,
        categorical_fields=None,
        arrival=None,
        duplicates="keep",
        unsorted="sort",
        time_unit=None,
        time_format=None,
        time_zone=None,
        ambiguous="raise",
        like=None,
    ):
        """Take an event log, one row an event, in any order.

        Parameters
        ----------
        frame : DataFrame
            Of any library narwhals knows: pandas, polars, pyarrow, ...
        entity : str or sequence of str
            The column that names the entity, or several columns that do so together: the ids are
            then tuples. Ids of any type that can be sorted come back as they came, in sorted order
            (numbers by value, then other types by their names, where there are several).
        time : str, default=None
            The column of event times: datetimes of any unit (time-zone-aware ones are converted to
            UTC), dates, ISO 8601 text, or numbers, which are seconds since 1970 in UTC. Events are
            sorted by it; events at one instant keep their order in the frame. They are kept to the
            microsecond; what is finer decides the order alone. None: the order of the frame is the
            order of time.
        fields : sequence of str, default=None
            The numerical columns. None: all numbers and booleans but `entity`, `time` and
            `arrival`; a :class:`~sktemporal.exceptions.DefaultFieldsWarning` names those that look
            like ids or labels, here and among the categorical ones, and what can be no field.
        categorical_fields : sequence of str, default=None
            The categorical columns. None: all text, categorical and enumeration columns but
            `entity`, `time` and `arrival`. Categories of any type that can be sorted are coded
            1, 2, ... in sorted order; what is missing (None, NaN, NaT) is 0.
        arrival : str, default=None
            The column of the times, of the same kinds, at which events became known:
            :meth:`as_of` and :meth:`each_event` use what had arrived. None: at once.
        duplicates : {"keep", "first", "last", "error"}, default="keep"
            What to do with events of one entity at one instant: keep all of them, in the order of
            the frame; keep the first, or the last (not with `arrival`: the other one may have
            been all that was known); or refuse them.
        unsorted : {"sort", "error"}, default="sort"
            What to do where the events of an entity are not in order of time: sort, or refuse.
        time_unit : {"s", "ms", "us", "ns"}, default=None
            What numbers in `time` and `arrival` count since 1970 in UTC. None: seconds, which must
            be of the years 1900 to 2200, and must not look like dates written as numbers
            (20260131, 202601, all of them years, all of them days of a spreadsheet); what is given
            is believed.
        time_format : str, default=None
            How text or whole numbers in `time` and `arrival` are written, in the directives of
            :meth:`datetime.datetime.strptime`: ``"%d/%m/%Y %H:%M"``, ``"%Y%m%d"``. It holds for all
            rows. None: ISO 8601, see Notes.
        time_zone : str, default=None
            The zone, by its IANA name as ``"Europe/Berlin"``, of datetimes, dates and text without
            an offset; what has one means what it says, and numbers are of UTC. The container
            remembers it: :meth:`as_of` and the like read moments in it. None: UTC.
        ambiguous : {"raise", "earlier", "later"}, default="raise"
            What to do with a time that clocks of `time_zone` showed twice, when they were set back,
            or skipped, when they were set forward: refuse it, or take the earlier or the later of
            the moments that the offsets before and after the change give.
        like : EventSequences, or fitted pipeline, union or family, default=None
            Where the fields come from, in place of `fields` and `categorical_fields`: their names,
            which of them are numbers, and the codes of the categories. Columns may come in any
            order, and others are left out. A column without a value is missing, whatever its
            type; categories that are not known are coded behind those that are. (A pipeline or
            union knows the categories where :class:`~sktemporal.CategoricalFeatures` is in it.)

        Returns
        -------
        sequences : EventSequences

        Raises
        ------
        ValueError
            If a column is missing or of an unfit type, an entity or a time is missing, a number is
            infinite, a policy is unknown or refuses what it finds, `arrival` or `duplicates` are
            given without `time`, fields are given beside `like`, a time is not written as it must
            be or has two meanings, or a parameter for the reading of times has nothing to read.
        TypeError
            If `frame` is no data frame, or `like` nothing that is fitted on fields.

        Warns
        -----
        MixedTypesWarning
            If ids or categories are of several types, such as 7 and "7", which are two.
        InexactIntegerWarning
            If a field has integers that float64 does not hold. (Decimals become the nearest float.)
        DefaultFieldsWarning
            If fields are chosen by default, and may not be those that are meant.

        Notes
        -----
        Logs of 200,000 events and more are read in as many threads as there are processors for this
        process, at most eight; in one inside of joblib's workers, or where
        ``joblib.parallel_config(backend="sequential")`` says so. The result is the same.

        Text is ISO 8601 in its extended form: a date ``2026-01-31`` of the years 0001 to 9999; or a
        date, ``T`` or a space, and a time of the day ``12:30`` or ``12:30:05``, with a fraction of
        one to nine digits after a point or a comma, and with or without an offset ``Z``, ``+01``,
        ``+0100`` or ``+01:00``, also mixed. Nothing else: no 24:00, no second 60, no
        ``20260131``, no week, no name of a month, no "now".

        Examples
        --------
        >>> import pandas as pd
        >>> from sktemporal import EventSequences
        >>> log = pd.DataFrame({
        ...     "card": ["b", "a", "b"],
        ...     "at": pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02"]),
        ...     "amount": [30.0, 10.0, 20.0],
        ... })
        >>> seqs = EventSequences.from_frame(log, entity="card", time="at")
        >>> seqs.to_frame()
          entity       time  amount
        0      a 2026-01-01    10.0
        1      b 2026-01-02    20.0
        2      b 2026-01-03    30.0
        """
        from ._frame import parts_of_frame
        from ._schema import schema_of

        schema = None if like is None else schema_of(like, fields, categorical_fields)
        columns = entity, time, arrival, fields, categorical_fields
        notation = TimeNotation(time_unit, time_format, time_zone, ambiguous)
        parts = parts_of_frame(frame, *columns, duplicates, unsorted, notation, schema)
        return cls._of_parts(**parts, time_zone=time_zone)._of_log(
            entity, time, index_of_frame(frame)
        )

    @classmethod
    def from_records(
        cls,
        records,
        *,
        entity,
        time=None,
        columns=None,
        fields=None,
        categorical_fields=None,
        arrival=None,
        duplicates="keep",
        unsorted="sort",
        time_unit=None,
        time_format=None,
        time_zone=None,
        ambiguous="raise",
        like=None,
    ):
        """Take events one by one, as a service gets them: dicts, or tuples.

        The result is that of :meth:`from_frame` on a frame of the records. With `like` and plain
        values (text, numbers, datetimes, None) no frame is made, which for few records takes a
        hundredth of the time.

        Parameters
        ----------
        records : list of dict, of namedtuple or of tuple
            One an event, in any order. None and NaN are missing. Of dicts, each needs a key for
            every column that is read; other keys are left out.
        entity, time : str
            See :meth:`from_frame`.
        columns : sequence of str, default=None
            Names of the values of a tuple, in order. None: the records are dicts or named tuples.
        fields, categorical_fields, arrival, duplicates, unsorted
            See :meth:`from_frame`.
        time_unit, time_format, time_zone, ambiguous
            How times are written; see :meth:`from_frame`.
        like : EventSequences, or fitted pipeline, union or family, default=None
            Where the fields come from; see :meth:`from_frame`.

        Returns
        -------
        sequences : EventSequences
            Its `frame_rows` are positions in `records`.

        Raises
        ------
        ValueError
            If a record lacks a key, or has another number of values than `columns` has names, and
            as :meth:`from_frame` does.
        TypeError
            If `records` are none.

        Examples
        --------
        >>> import pandas as pd
        >>> from sktemporal import EventSequences, StatisticalFeatures
        >>> log = pd.DataFrame({"card": ["a", "a", "b"], "amount": [10.0, 20.0, 5.0]})
        >>> seqs = EventSequences.from_frame(log, entity="card")
        >>> family = StatisticalFeatures(statistics=("mean",)).fit(seqs)
        >>> event = {"amount": 7, "card": "z", "note": "left out"}
        >>> family.transform(EventSequences.from_records([event], entity="card", like=family))
        array([[7.]])
        """
        from ._records import parts_of_records
        from ._schema import schema_of

        schema = None if like is None else schema_of(like, fields, categorical_fields)
        names = columns, entity, time, arrival, fields, categorical_fields
        notation = TimeNotation(time_unit, time_format, time_zone, ambiguous)
        read = parts_of_records(records, *names, duplicates, unsorted, notation, schema)
        parts, n_records, are_plain = read
        if are_plain:
            seqs = schema.without_events(cls).replaced(**parts)
        else:
            seqs = cls(**parts, time_zone=time_zone)
        return seqs._of_log(entity, time, range(n_records))

    # What scikit-learn expects of an X

    def __len__(self):
        return len(self.starts)

    @property
    def shape(self):
        """Number of entities, length of the longest history, number of fields."""
        longest = int(self.lengths.max(initial=0))
        return len(self), longest, self.values.shape[1]

    @property
    def lengths(self):
        """Number of events of each entity, shape (n_entities,)."""
        return self.stops - self.starts

    @property
    def n_events(self):
        """Sum of the lengths of all histories; events in overlapping slices count each time."""
        return int(self.lengths.sum())

    def __getitem__(self, key):
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
        view = self.part(key)
        whole, rows = self.selected_from()
        rows = np.arange(len(self)) if rows is None else rows
        view.__dict__["_selected_from"] = whole, rows[key].copy()
        return view

    def part(self, chosen):
        """Select entities, without a memory of what they were selected from.

        Parameters
        ----------
        chosen : slice or array

        Returns
        -------
        sequences : EventSequences
        """
        return self._view(
            self.starts[chosen],
            self.stops[chosen],
            None if self.reference_times is None else self.reference_times[chosen],
            None if self.entity_ids is None else self.entity_ids[chosen],
            rows=self._rows.take(chosen),
        )

    def selected_from(self):
        """Tell which sequences these were selected from, by indexing, once or repeatedly.

        Returns
        -------
        sequences : EventSequences
            These themselves, where they are no selection.
        rows : int64 array of shape (n_entities,) or None
            Their positions there; None: these are no selection.
        """
        return (self, None) if self._selected_from is None else self._selected_from

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "EventSequences is ragged and has no array form; use to_padded() or to_frame(), or put "
            "a transformer of this package before the estimator that needs an array"
        )

    def _view(self, starts, stops, reference_times, entity_ids, inclusive=None, rows=None):
        """Other slices of the same table. The callers derive them from checked ones.

        Without `rows`, the rows are about what they were about.
        """
        view = object.__new__(type(self))
        view.__dict__.update(
            self.__dict__,
            starts=frozen(np.ascontiguousarray(starts)),  # what the kernels are compiled for
            stops=frozen(np.ascontiguousarray(stops)),
            reference_times=frozen(reference_times),
            entity_ids=entity_ids,
            inclusive=self.inclusive if inclusive is None else inclusive,
            _rows=self._rows if rows is None else rows,
            _selected_from=None,
        )
        return view

    def replaced(self, **parts):
        """Take other parts in place of some; the callers derive them from checked ones.

        Parameters
        ----------
        **parts : dict
            Attributes.

        Returns
        -------
        sequences : EventSequences
        """
        other = copy.copy(self)
        other.__dict__.update(parts)
        return other

    def __copy__(self):
        """Make a view: the table is shared, as in every selection."""
        return self._view(self.starts, self.stops, self.reference_times, self.entity_ids)

    def __getstate__(self):
        """Take along just the rows that the slices reach."""
        first, last = self._span()
        rows = self._reached(first, last)
        state = {**self.__dict__, "_selected_from": None}
        if last - first < len(self.values) or not rows.all():
            for name in BY_EVENT:
                if state[name] is not None:
                    part = state[name][first:last]
                    state[name] = part if rows.all() else part[rows]
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

    # Exports

    def reached_rows(self):
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

    def event_rows(self):
        """Find the table rows of all events, entity by entity, and the entity of each.

        Returns
        -------
        rows, entities : int64 arrays of shape (n_events,)
        """
        rows, entities = np.empty((2, self.n_events), dtype=np.int64)
        _kernels.each_row(self.starts, self.stops, rows, entities)
        return rows, entities

    def to_padded(self, length=None, padding="pre", truncation="pre"):
        """Copy into padded arrays.

        Parameters
        ----------
        length : int, default=None
            Number of steps. None: the longest history.
        padding : {"pre", "post"}, default="pre"
            On which side a shorter history is padded.
        truncation : {"pre", "post"}, default="pre"
            On which side a longer history is cut: "pre" keeps the latest events.

        Returns
        -------
        padded : PaddedArrays
            Named tuple of `numerical`, `mask` (True where there is an event), `categorical` and
            `times`.

        Raises
        ------
        ValueError
            If `length` is not a positive int, or `padding` or `truncation` is unknown.
        """
        from ._padded import padded_of_sequences

        return PaddedArrays(*padded_of_sequences(self, length, padding, truncation))

    def to_frame(self):
        """Copy into a pandas DataFrame, one row an event, entity by entity.

        Returns
        -------
        frame : pandas.DataFrame
            Columns ``entity`` (where several columns named it, these); ``time`` and ``arrival``
            (datetime64, where the container has them: in its `time_zone`, or of UTC without a zone
            where it has none); ``interval`` (seconds, where it has intervals); the fields; and the
            categorical fields with their categories (the codes where no categories are known;
            missing is None).

        Raises
        ------
        ValueError
            If a field has one of these names.
        """
        from ._export import frame_of_sequences

        return frame_of_sequences(self)

    def __repr__(self):
        parts = [
            f"n_entities={len(self)}",
            f"n_events={self.n_events}",
            f"longest={self.shape[1]}",
            f"fields={self.fields!r}",
        ]
        if self.categorical_fields:
            parts.append(f"categorical_fields={self.categorical_fields!r}")
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

    def _repr_html_(self):
        from ._export import html_of_sequences

        return html_of_sequences(self)
