"""Cross-validation that trains on the past of what it tests."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import indexable

from .._constraints import is_duration, is_integer
from ..sequences import NO_TIME, EventSequences, codes_of_labels, duration_in_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    import pandas
    from numpy.typing import ArrayLike

    from .._types import Duration, Integers


class MomentSplit(BaseCrossValidator):
    r"""Time-ordered cross-validation: rows are split by their moments, wherever they stand.

    The tests are successive stretches of time, the last of which ends with the latest row. Each
    training set has all rows before its test that are old enough, so it grows from split to split.
    :class:`sklearn.model_selection.TimeSeriesSplit` is the same for rows in order of time; those of
    :meth:`~sktemporal.EventSequences.each_event` come entity by entity, where it would train on the
    future.

    Parameters
    ----------
    n_splits : int, default=5
        Number of splits, at least 2.
    test_size : int, float or duration, default=None
        How much is in each test: a number of rows, a share of all rows (below 1), or a duration
        like ``"30d"``. None: ``n_rows // (n_splits + 1)`` rows.
    gap : duration, default=None
        How much older than its test the training rows are at least, such as ``"7d"`` where it takes
        a week until a label is known. None: they are older, no matter how little.
    groups : {"entity"}, default=None
        "entity": no entity is in both, training set and test; see Notes. None: entities are split
        by their moments alone, unless `split` gets groups.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.

    See Also
    --------
    sktemporal.EventSequences.each_event : A row for each event.
    sktemporal.testing.check_no_leakage : That features do not depend on the future.

    Notes
    -----
    The moment :math:`m_i` of row i is its reference time, or, where X is a frame of pandas, that in
    its index. Split k of n tests

    .. math:: T_k = \{i : t_k \le m_i < t_{k+1}\}

    and trains on

    .. math:: \{i : m_i < t_k,\ m_i \le t_k - \mathrm{gap}\}

    With a test size of s rows, :math:`t_k` is the moment of the row that has (n - k) s rows from it
    on in order of time; rows of one moment are never parted, so a test may have more or fewer than
    s. With a duration d, and the latest moment :math:`m`, tests are
    :math:`m - (n - k) d < m_i \le m - (n - k - 1) d`, and :math:`t_k` is the first moment in them.

    With groups, each of them belongs to one of n parts (in the order of their names, turn by turn).
    A test has only the rows of part k, and its training set only those of the other parts. So with
    "entity", what is tested are entities that the model has not seen, and their number is an n-th.

    Rows are given by position, in ascending order, as scikit-learn's splitters do.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktemporal import EventSequences
    >>> from sktemporal.model_selection import MomentSplit
    >>> log = pd.DataFrame({
    ...     "card": ["a"] * 4 + ["b"] * 4,
    ...     "at": pd.to_datetime([f"2026-01-0{day}" for day in (1, 3, 5, 7, 2, 4, 6, 8)]),
    ...     "amount": range(8),
    ... })
    >>> X = EventSequences.from_frame(log, entity="card", time="at").each_event()
    >>> for train, test in MomentSplit(2, test_size=2, gap="2d").split(X):
    ...     print(train, test)
    [0 1 4] [2 6]
    [0 1 2 4 5] [3 7]

    It goes where scikit-learn takes a `cv`:

    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.linear_model import LinearRegression
    >>> from sktemporal import make_temporal_pipeline
    >>> pipeline = make_temporal_pipeline(windows=("3d",), lags=(1,))
    >>> pipeline.steps.append(("model", LinearRegression()))
    >>> X = EventSequences.from_frame(log, entity="card", time="at").each_event(inclusive=True)
    >>> scores = cross_val_score(pipeline, X, range(8), cv=MomentSplit(2, gap="1d"))
    >>> scores.shape
    (2,)
    """

    # What GroupKFold says: groups are passed on where routing is enabled and there are some.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        n_splits: int = 5,
        *,
        test_size: int | float | Duration | None = None,
        gap: Duration | None = None,
        groups: Literal["entity"] | None = None,
    ) -> None:
        if not is_integer(n_splits) or n_splits < 2:
            raise ValueError(f"n_splits must be an int of at least 2; got {n_splits!r}")
        if not (test_size is None or _is_size(test_size)):
            raise ValueError(
                "test_size must be a positive int (rows), a float between 0 and 1 (a share of the "
                f"rows), a duration like '30d', or None; got {test_size!r}"
            )
        if not (gap is None or is_duration(gap)):
            raise ValueError(f"gap must be a duration like '7d', or None (no gap); got {gap!r}")
        if not (groups is None or (isinstance(groups, str) and groups == "entity")):
            raise ValueError(
                "groups must be 'entity' or None (arrays of groups go to `split`, or to the "
                f"`groups` of cross_val_score and fit); got {groups!r}"
            )
        self.n_splits = n_splits
        self.test_size = test_size
        self.gap = gap
        self.groups = groups

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : object
            Ignored.

        Returns
        -------
        n_splits : int
        """
        return self.n_splits

    def split(
        self,
        X: EventSequences | pandas.DataFrame,
        y: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Iterator[tuple[Integers, Integers]]:
        """Give the rows of each training set and its test.

        Parameters
        ----------
        X : EventSequences or pandas.DataFrame
            Sequences with times, or features with one level of datetimes in their index, as those
            of :meth:`~sktemporal.EventSequences.each_event` have it.
        y : array-like of shape (n_rows,), default=None
            Ignored.
        groups : array-like of shape (n_rows,), default=None
            What no training set shares with its test; see the parameter.

        Yields
        ------
        train, test : int64 arrays
            Positions of rows.

        Raises
        ------
        ValueError
            If X has no moments, or a test or a training set would be empty; if both `groups` and
            the parameter are given, or there are too few.
        """
        X, y, groups = indexable(X, y, groups)
        moments, entities = _moments_and_entities(X)
        if groups is not None and self.groups is not None:
            raise ValueError(
                f"MomentSplit(groups={self.groups!r}) needs no groups in `split`, and got some; "
                "leave out either"
            )
        if self.groups is not None:
            if entities is None:
                raise ValueError(
                    "groups='entity' needs entities: an X with entity ids, or a pandas index of "
                    "entity and moment"
                )
            groups = entities
        parts = None if groups is None else self._parts(groups)
        for k, stretch in enumerate(self._stretches(moments)):
            chosen = stretch
            if parts is not None:
                chosen = stretch & (parts == k)
                if not chosen.any():
                    raise ValueError(
                        f"test {k} of {self.n_splits} has no row: none of the rows of its time is "
                        "of a group that falls to it; give larger tests, or fewer n_splits"
                    )
            yield self._old_enough(k, moments, stretch, parts), np.flatnonzero(chosen)

    def _old_enough(self, k, moments, stretch, parts):
        """Rows before the time of a test by at least the gap."""
        first = int(moments[stretch].min())
        gap = 1 if self.gap is None else duration_in_microseconds(self.gap)
        train = moments <= max(first - gap, NO_TIME)
        if parts is not None:
            train &= parts != k
        if not train.any():
            older = "" if self.gap is None else f" by a gap of {self.gap!r}"
            raise ValueError(
                f"split {k} of {self.n_splits} has no row to train on: none is before its first "
                f"test row, at {np.datetime64(first, 'us')},{older or ' at all'}; give fewer "
                "n_splits, a smaller test_size" + (" or a smaller gap" if older else "")
            )
        return np.flatnonzero(train)

    def _stretches(self, moments):
        """Masks of the rows of successive tests."""
        if self.test_size is None or _is_number(self.test_size):
            edges = self._edges_by_rows(np.sort(moments))
            nth = np.searchsorted(edges, moments, side="right") - 1
        else:
            # The differences of int64 that uint64 holds without overflow.
            width = duration_in_microseconds(self.test_size)
            back = (moments.max().astype(np.uint64) - moments.astype(np.uint64)) // np.uint64(width)
            nth = self.n_splits - 1 - np.minimum(back, np.uint64(self.n_splits)).astype(np.int64)
        for k in range(self.n_splits):
            stretch = nth == k
            if not stretch.any():
                raise ValueError(
                    f"test {k} of {self.n_splits} has no row: there is none in that time; give a "
                    f"longer test_size than {self.test_size!r}, or fewer n_splits"
                )
            yield stretch

    def _edges_by_rows(self, ordered):
        """The first moments of tests of so many rows."""
        n_rows, size = len(ordered), self.test_size
        if size is None:
            size = n_rows // (self.n_splits + 1)
        elif not is_integer(size):
            size = int(size * n_rows)
        if not 0 < size * self.n_splits < n_rows:
            raise ValueError(
                f"{n_rows} rows are too few for n_splits={self.n_splits} and "
                f"test_size={self.test_size!r}: {self.n_splits} tests of {size} rows, and some to "
                "train on before them"
            )
        edges = ordered[n_rows - size * np.arange(self.n_splits, 0, -1)]
        same = np.flatnonzero(np.diff(edges) == 0)
        if len(same):
            raise ValueError(
                f"tests {same[0]} and {same[0] + 1} of {self.n_splits} would start at the same "
                f"moment, {np.datetime64(int(edges[same[0]]), 'us')}, that so many rows share; "
                "rows of one moment are not parted. Give a larger test_size, or fewer n_splits"
            )
        return edges

    def _parts(self, groups):
        """The part that each row's group belongs to."""
        codes, distinct = codes_of_labels(groups, "groups")
        if (codes < 0).any():
            raise ValueError(f"groups must not be missing; that of row {(codes < 0).argmax()} is")
        if len(distinct) < self.n_splits:
            raise ValueError(
                f"groups must be at least as many as n_splits={self.n_splits}, so that each split "
                f"tests some of its own; got {len(distinct)}"
            )
        return codes % self.n_splits


def _is_number(test_size):
    return isinstance(test_size, Real) and not isinstance(test_size, (bool, np.timedelta64))


def _is_size(test_size):
    if not _is_number(test_size):
        return is_duration(test_size)
    return test_size > 0 if is_integer(test_size) else 0 < test_size < 1


def _moments_and_entities(X):
    """Microseconds of each row, and its entity or None."""
    if isinstance(X, EventSequences):
        moments, entities = X.reference_times, X.entity_ids
        if moments is None:
            raise ValueError(
                "MomentSplit needs the moment of each row, and this EventSequences has no times; "
                "give `time` to from_frame, or `time_field` to from_padded"
            )
    else:
        moments, entities = _labels_of_frame(X)
    if not len(moments):
        raise ValueError("MomentSplit needs rows to split; X has none")
    if (moments == NO_TIME).any():
        n_missing = int((moments == NO_TIME).sum())
        raise ValueError(
            f"MomentSplit needs the moment of each row; {n_missing} of {len(moments)} have none, "
            f"the first of them row {(moments == NO_TIME).argmax()}"
        )
    return moments, entities


def _labels_of_frame(X):
    import pandas as pd

    index = X.index if isinstance(X, (pd.DataFrame, pd.Series)) else None
    if index is not None:
        levels = [index.get_level_values(k) for k in range(index.nlevels)]
        times = [k for k, level in enumerate(levels) if isinstance(level, pd.DatetimeIndex)]
        if len(times) == 1:
            moments = levels[times[0]].as_unit("us").asi8
            return moments, index.droplevel(times[0]).to_numpy() if len(levels) > 1 else None
    found = type(X).__name__ if index is None else f"levels {[str(x.dtype) for x in levels]}"
    raise ValueError(
        "MomentSplit needs the moment of each row: X must be an EventSequences with times, or a "
        "frame of pandas with one level of datetimes in its index, as features of each_event have "
        f"it with set_output(transform='pandas'); got {found}"
    )
