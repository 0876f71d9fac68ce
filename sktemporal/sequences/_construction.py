"""Event sequences from other forms: padded arrays, data frames, records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._rows import index_of_frame
from ._sliced import Sliced
from ._table import EventTable
from ._times import TimeNotation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, Self

    from numpy.typing import ArrayLike

    from .._types import Ambiguous, Estimator, KeyColumns, TimeUnit


class Construction(Sliced):
    """The part of `EventSequences` that makes them of other forms."""

    @classmethod
    def from_padded(
        cls,
        numerical: ArrayLike,
        mask: ArrayLike | None = None,
        *,
        categorical: ArrayLike | None = None,
        categorical_mask: ArrayLike | None = None,
        fields: Sequence[str] | None = None,
        categorical_fields: Sequence[str] | None = None,
        time_field: int | str | None = None,
        time_encoding: Literal["timestamp", "age", "delta"] = "timestamp",
        time_unit: TimeUnit = None,
        entity_ids: ArrayLike | None = None,
    ) -> Self:
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
        frame: Any,
        *,
        entity: KeyColumns,
        time: str | None = None,
        fields: Sequence[str] | None = None,
        categorical_fields: Sequence[str] | None = None,
        keys: Sequence[KeyColumns] | None = None,
        arrival: str | None = None,
        duplicates: Literal["keep", "first", "last", "error"] = "keep",
        unsorted: Literal["sort", "error"] = "sort",
        time_unit: TimeUnit = None,
        time_format: str | None = None,
        time_zone: str | None = None,
        ambiguous: Ambiguous = "raise",
        like: Estimator = None,
    ) -> Self:
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
            The numerical columns. None: all numbers and booleans but `entity`, `keys`, `time` and
            `arrival`; a :class:`~sktemporal.exceptions.DefaultFieldsWarning` names those that look
            like ids or labels, here and among the categorical ones, and what can be no field.
        categorical_fields : sequence of str, default=None
            The categorical columns. None: all text, categorical and enumeration columns but
            `entity`, `keys`, `time` and `arrival`. Categories of any type that can be sorted are
            coded 1, 2, ... in sorted order; what is missing (None, NaN, NaT) is 0.
        keys : sequence of (str or sequence of str), default=None
            Columns that name other entities of the same events, as ``["terminal_id"]``, for
            :meth:`by` to slice them by; ids as those of `entity`, several columns in a tuple naming
            one together. What is missing names none. By default they are no fields.
        arrival : str, default=None
            The column of the times, of the same kinds, at which events became known:
            :meth:`as_of` and :meth:`each_event` use what had arrived. None: at once.
        duplicates : {"keep", "first", "last", "error"}, default="keep"
            What to do with events of one entity at one instant: keep all of them, in the order of
            the frame; keep the first, or the last (not with `arrival`: the other one may have
            been all that was known); or refuse them. It is about `entity`; what it leaves out is in
            no history by `keys` either.
        unsorted : {"sort", "error"}, default="sort"
            What to do where the events of an entity are not in order of time: sort, or refuse.
            (Those by `keys` are sorted.)
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
        parts = parts_of_frame(frame, *columns, duplicates, unsorted, notation, schema, keys)
        return _of_log(cls, parts, entity, time, time_zone, index_of_frame(frame))

    @classmethod
    def from_records(
        cls,
        records: Sequence[Any],
        *,
        entity: KeyColumns,
        time: str | None = None,
        columns: Sequence[str] | None = None,
        fields: Sequence[str] | None = None,
        categorical_fields: Sequence[str] | None = None,
        keys: Sequence[KeyColumns] | None = None,
        arrival: str | None = None,
        duplicates: Literal["keep", "first", "last", "error"] = "keep",
        unsorted: Literal["sort", "error"] = "sort",
        time_unit: TimeUnit = None,
        time_format: str | None = None,
        time_zone: str | None = None,
        ambiguous: Ambiguous = "raise",
        like: Estimator = None,
    ) -> Self:
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
        fields, categorical_fields, keys, arrival, duplicates, unsorted
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
        read = parts_of_records(records, *names, duplicates, unsorted, notation, schema, keys)
        parts, n_records = read
        return _of_log(cls, parts, entity, time, time_zone, range(n_records))


def _of_log(cls, parts, entity, time, time_zone, index):
    """Take what reading a log has proved right, without a look at the events."""
    starts, stops, ids = (parts.pop(name) for name in ("starts", "stops", "entity_ids"))
    if time is not None:
        parts["time_name"] = time
    table = EventTable(
        **parts,
        entity_name=tuple(entity) if isinstance(entity, list) else entity,
        time_zone=time_zone,
        log_index=index,
    )
    moments = None if table.times is None else table.times[stops - 1]
    return cls._of(table, starts, stops, moments, ids)
