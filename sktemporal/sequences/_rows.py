"""What each row of the features is about: an entity and a moment, a label, an event of the log."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._clocks import utc_to_clock
from ._labels import labels_of, named_labels
from ._objects import kinds_in
from ._sliced import Sliced

if TYPE_CHECKING:
    from typing import Any, Literal

    import pandas

_ABSENT = ("error", "nan")


class Repeated:
    """Whether one of these ids has several rows: looked up when it is asked for."""

    def __init__(self, ids):
        self._ids = ids

    @cached_property
    def _answer(self):
        import pandas as pd

        ids = _indexable(self._ids)
        if _equal_in_pandas(ids):
            return len(labels_of(ids, "entity_ids")[1]) < len(ids)
        return not pd.Index(ids, dtype=ids.dtype).is_unique

    def __bool__(self):
        return self._answer

    def __repr__(self):
        return repr(self._answer)

    def __reduce__(self):
        return bool, (self._answer,)


class Rows(NamedTuple):
    """What is known of rows beside their entities and moments."""

    #: whether one entity has several rows, so that the moment belongs to their names
    several: Any = False
    #: the pandas index of what a view was asked for with, or None
    index: Any = None
    #: int64 array, the row of the frame of the event that each row is about, or None
    events: Any = None

    def take(self, key):
        """Select rows by a slice or an array."""
        index, events = (None if part is None else part[key] for part in self[1:])
        return Rows(self.several, index, events)


def index_of_labels(entities, times):
    """Return the pandas index of labels that come as Series; None where none of them does."""
    found = [part.index for part in (entities, times) if _is_pandas(part)]
    if len(found) == 2 and not found[0].equals(found[1]):
        raise ValueError(
            "entities and times must have the same index where both are pandas objects, so that it "
            "is clear which belong together; give arrays (`.to_numpy()`) to pair them by position"
        )
    return found[0] if found else None


def index_of_frame(frame):
    """Return the row labels of a log: its pandas index, or a range where that says no more."""
    import pandas as pd

    positions = range(len(frame))
    if not _is_pandas(frame) or frame.index.identical(pd.RangeIndex(len(frame))):
        return positions
    return frame.index


class RowLabels(Sliced):
    """The part of `EventSequences` that names the rows, and puts features beside what they mean."""

    def row_labels(self, moments: bool | None = None) -> pandas.DataFrame:
        """Tell which entity, and which moment, each row of the features is about.

        Parameters
        ----------
        moments : bool, default=None
            Whether the reference times are among the labels. None: where one entity has several
            rows, as in :meth:`each_event`, or :meth:`as_of` with an entity asked for repeatedly.

        Returns
        -------
        labels : pandas.DataFrame of shape (n_rows, 0, 1 or 2)
            The entity, and the moment as datetime64 (of UTC without a zone; in `time_zone`, where
            the container has one), under the names of the columns of the log. No entity where the
            container has no ids.

        Raises
        ------
        ValueError
            If `moments` is True and the container has no times.

        See Also
        --------
        row_index : The same as an index, or the index of the labels that were asked with.
        with_row_labels : Features with these columns before them.

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
        >>> seqs.row_labels()
          card
        0    a
        1    b
        >>> seqs.each_event().row_labels()
          card         at
        0    a 2026-01-01
        1    b 2026-01-02
        2    b 2026-01-03
        """
        import pandas as pd

        columns = {}
        if self.entity_ids is not None:
            columns.update(named_labels(self.entity_ids, self.entity_name))
        if moments:
            self._require_times()
        if self.reference_times is not None and (
            self._rows.several if moments is None else moments
        ):
            columns[self.time_name] = self._moments()
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self)))

    def row_index(self) -> pandas.Index | None:
        """Return the index that features get as pandas frames.

        Returns
        -------
        index : pandas.Index or None
            Of a view that :meth:`as_of` took for Series: their index. Else :meth:`row_labels` as an
            index. None, for 0, 1, ..., where the container has no ids.

        Examples
        --------
        >>> import pandas as pd
        >>> from sktemporal import EventSequences, StatisticalFeatures
        >>> log = pd.DataFrame({"card": ["b", "a", "b"], "amount": [30.0, 10.0, 20.0]})
        >>> seqs = EventSequences.from_frame(log, entity="card")
        >>> seqs.row_index()
        Index(['a', 'b'], dtype='...', name='card')
        >>> family = StatisticalFeatures(statistics=("mean",)).set_output(transform="pandas")
        >>> family.fit_transform(seqs)
              mean_amount
        card
        a            10.0
        b            25.0
        """
        import pandas as pd

        if self._rows.index is not None:
            return self._rows.index
        if self.entity_ids is None:
            return None
        labels = self.row_labels()
        for name, column in labels.items():
            labels[name] = _indexable(column)
        if labels.shape[1] == 1:
            return pd.Index(labels.iloc[:, 0], dtype=labels.dtypes.iloc[0])
        index = pd.MultiIndex.from_frame(labels)
        for level, (name, column) in enumerate(labels.items()):
            if _equal_in_pandas(column):
                codes, distinct = labels_of(column, f"column {name!r}")
                distinct = pd.Index(distinct, dtype=object, tupleize_cols=False)
                index = index.set_levels([distinct], level=[level], verify_integrity=False)
                index = index.set_codes([codes], level=[level], verify_integrity=False)
        return index

    def with_row_labels(self, features: Any, moments: bool | None = None) -> Any:
        """Put the labels of the rows before the columns of their features.

        Parameters
        ----------
        features : DataFrame
            Of any library narwhals knows (pandas, polars, pyarrow, ...): the features of these
            sequences, a row for each, in their order.
        moments : bool, default=None
            Whether the reference times are among the labels; see :meth:`row_labels`.

        Returns
        -------
        labelled : DataFrame
            Of the same library.

        Raises
        ------
        ValueError
            If there is another number of rows, a feature has the name of a label, or the library
            has no type for the ids (such as 1 and "1").
        TypeError
            If `features` is no data frame.

        Examples
        --------
        >>> import polars as pl
        >>> from sktemporal import EventSequences, StatisticalFeatures
        >>> log = pl.DataFrame({"card": ["b", "a", "b"], "amount": [30.0, 10.0, 20.0]})
        >>> seqs = EventSequences.from_frame(log, entity="card")
        >>> family = StatisticalFeatures(statistics=("mean",)).set_output(transform="polars")
        >>> seqs.with_row_labels(family.fit_transform(seqs)).rows()
        [('a', 10.0), ('b', 25.0)]
        """
        import narwhals as nw

        try:
            frame = nw.from_native(features, eager_only=True)
        except TypeError as error:
            raise TypeError(
                "features must be a data frame (pandas, polars, pyarrow, ...), as "
                "set_output(transform=...) makes them; row_labels() are the labels alone; "
                f"got {type(features).__name__}"
            ) from error
        self._check_rows(len(frame), len(self))
        labels = self.row_labels(moments)
        for name in labels:
            if name in frame.columns:
                raise ValueError(f"the features have a column of the name of a label, {name!r}")
        if frame.implementation.is_pandas():
            return features.iloc[:, :0].assign(**labels.set_axis(features.index)).join(features)
        labels = _of_library(labels, frame.implementation)
        return nw.concat([labels, frame], how="horizontal").to_native()

    def to_log_order(self, features: Any, absent: Literal["error", "nan"] = "error") -> Any:
        """Bring rows that are about events into the order of the rows of the log.

        Parameters
        ----------
        features : ndarray, DataFrame or Series
            A row for each row of these sequences, where they are a view by :meth:`each_event`; else
            one for each of their events, in the order of that view. Arrays of one or more
            dimensions, and frames and series of any library narwhals knows.
        absent : {"error", "nan"}, default="error"
            What to do where rows of the log have none among the features, having been left out by
            `duplicates`, having no key to :meth:`by`, or of a view with some of its rows only:
            refuse, or give rows of NaN (null in libraries that have it). "nan" takes floats only,
            as it changes no type.

        Returns
        -------
        in_log_order : as `features`
            A row for each row of the log, copied. What is of pandas gets the index that the log
            had, where that was of pandas.

        Raises
        ------
        ValueError
            If the container was not made by :meth:`from_frame` or :meth:`from_records`, there is
            another number of rows, an event has two of them, pandas features carry labels in
            another order than these sequences, or rows are absent and that is refused, or have no
            NaN to stand for them.

        Examples
        --------
        >>> import pandas as pd
        >>> from sktemporal import EventSequences, StatisticalFeatures
        >>> log = pd.DataFrame({
        ...     "card": ["b", "a", "b"],
        ...     "at": pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02"]),
        ...     "amount": [30.0, 10.0, 20.0],
        ... })
        >>> until = EventSequences.from_frame(log, entity="card", time="at").each_event(True)
        >>> family = StatisticalFeatures(statistics=("sum",)).set_output(transform="pandas")
        >>> log.join(until.to_log_order(family.fit_transform(until)))
          card         at  amount  sum_amount
        0    b 2026-01-03    30.0        50.0
        1    a 2026-01-01    10.0        10.0
        2    b 2026-01-02    20.0        20.0
        """
        if absent not in _ABSENT:
            raise ValueError(f"absent must be one of {_ABSENT}; got {absent!r}")
        if self.log_index is None or self.frame_rows is None:
            raise ValueError(
                "to_log_order needs a container made by from_frame or from_records; this one knows "
                "of no log"
            )
        events = self._rows.events
        rows = self.frame_rows[self.event_rows()[0]] if events is None else events
        self._check_rows(len(features), len(rows))
        if events is not None:
            self._check_labels(features)
        positions = np.full(len(self.log_index), -1)
        positions[rows] = np.arange(len(rows))
        if (positions >= 0).sum() < len(rows):
            twice = np.flatnonzero(np.bincount(rows) > 1)[0]
            raise ValueError(f"row {twice} of the log has several rows among these; give each once")
        missing = positions < 0
        if missing.any() and absent == "error":
            raise ValueError(
                f"{missing.sum()} of {len(missing)} rows of the log have none among the features, "
                f"the first of them row {missing.argmax()}: events left out by `duplicates`, "
                "without a key, or a selection of rows. absent='nan' gives rows of NaN for them"
            )
        return _taken(features, positions, missing, self.log_index)

    def _moments(self):
        return utc_to_clock(self.reference_times, self.time_zone)

    def _check_rows(self, n_given, n_rows):
        if n_given != n_rows:
            raise ValueError(
                f"features must have a row for each of the {n_rows} that these sequences stand "
                f"for; got {n_given}"
            )

    def _check_labels(self, features):
        """Refuse pandas features that carry the labels of the rows in another order."""
        own = self.row_index() if _is_pandas(features) else None
        if own is None or list(own.names) != list(features.index.names) or own.names == [None]:
            return
        if not own.equals(features.index):
            raise ValueError(
                "features must be in the order of these sequences; their index has the same "
                f"labels {list(own.names)} in another order, or other ones"
            )


def _equal_in_pandas(labels):
    """Tell whether there may be labels like 1 and 1.0, of which pandas makes one."""
    return labels.dtype == object and len(kinds_in(labels.tolist())) > 1


def _indexable(labels):
    """Make objects of labels whose types no index has."""
    has_no_index = labels.dtype in (np.float16, np.longdouble)
    return labels.astype(object) if has_no_index else labels


def _of_library(labels, implementation):
    """Convert a pandas frame of labels to one of another library."""
    import narwhals as nw
    import pyarrow as pa

    columns = {}
    for name, column in labels.items():
        try:
            columns[name] = pa.Array.from_pandas(column)
        except (pa.ArrowException, OverflowError) as error:
            raise ValueError(
                f"labels {name!r} are of types that no one column of {implementation.value} "
                f"holds: {error}. row_labels() gives them as they are"
            ) from error
    return nw.from_arrow(pa.table(columns), backend=implementation)


def _is_pandas(part):
    import pandas as pd

    return isinstance(part, (pd.DataFrame, pd.Series))


def _taken(features, positions, missing, index):
    """Take rows by position; NaN or null where they are missing."""
    if isinstance(features, np.ndarray):
        _check_floats({"the array": features.dtype} if missing.any() else {})
        taken = features[positions]
        if missing.any():
            taken[missing] = np.nan
        return taken
    if _is_pandas(features):
        dtypes = (
            features.dtypes if hasattr(features, "columns") else {features.name: features.dtype}
        )
        _check_floats(dict(dtypes) if missing.any() else {})
        taken = features.iloc[positions].set_axis(index)
        if missing.any():
            taken.iloc[missing] = np.nan
        return taken
    import narwhals as nw
    import pyarrow as pa

    try:
        frame = nw.from_native(features, eager_only=True, allow_series=True)
    except TypeError as error:
        raise TypeError(
            f"features must be an array, a data frame or a series; got {type(features).__name__}"
        ) from error
    if not missing.any():
        return frame[positions].to_native()
    positions = pa.array(positions, mask=missing)
    if isinstance(frame, nw.Series):
        table = pa.table({frame.name: frame.to_arrow()}).take(positions)
        return nw.from_arrow(table, backend=frame.implementation)[frame.name].to_native()
    return nw.from_arrow(frame.to_arrow().take(positions), backend=frame.implementation).to_native()


def _check_floats(dtypes):
    """Refuse what cannot hold NaN without becoming another type."""
    for name, dtype in dtypes.items():
        if getattr(dtype, "kind", "") != "f":
            raise ValueError(
                f"absent='nan' needs floats, since it changes no type; {name!r} is {dtype}. "
                "Convert it, or leave it out"
            )
