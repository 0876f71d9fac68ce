"""What `check_no_leakage` changes: each column and each moment alone gives a leak away."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from sktemporal import EventSequences, StatisticalFeatures
from sktemporal.testing import check_no_leakage

HOUR = 3_600_000_000


class Reader(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.is_fitted_ = True
        return self


def alike(n_entities=6, n_events=8):
    """Histories of events that are all the same but for their times, which are whole hours."""
    n = n_entities * n_events
    times = np.tile(np.arange(n_events) * 5, n_entities) + np.repeat(np.arange(n_entities), 8)
    starts = np.arange(n_entities) * n_events
    return EventSequences(
        np.ones((n, 1)),
        starts,
        starts + n_events,
        codes=np.ones((n, 1), dtype=np.int32),
        times=times * HOUR,
        arrivals=times * HOUR,
        intervals=np.ones(n),
        observed=np.zeros(n, dtype=bool),
        entity_ids=np.arange(n_entities),
    )


# Where a column is not as in `alike`, whichever of its events are there.
ODD = {
    "values": lambda part: part != 1.0,
    "codes": lambda part: part != 1,
    "times": lambda part: part % HOUR != 0,
    "arrivals": lambda part: part % HOUR != 0,
    "intervals": lambda part: part != 1.0,
    "observed": lambda part: part,
}


class ReadsBehind(Reader):
    """Reads a column of the two events behind each history."""

    def __init__(self, column):
        self.column = column

    def transform(self, X):
        part = getattr(X, self.column)
        behind = [ODD[self.column](part[stop : stop + 2]).any() for stop in X.stops]
        return np.array(behind, dtype=float)[:, np.newaxis]


class ReadsAll(Reader):
    """Reads a column of all events that any row has."""

    def __init__(self, column):
        self.column = column

    def transform(self, X):
        known = getattr(X, self.column)[X.reached_rows()]
        return np.full((len(X), 1), float(ODD[self.column](known).any()))


@pytest.mark.parametrize("column", ODD)
@pytest.mark.parametrize("inclusive", [False, True])
def test_a_column_of_what_is_behind(column, inclusive):
    view = alike().each_event(inclusive=inclusive)
    with pytest.raises(AssertionError, match="with another future behind the histories"):
        check_no_leakage(ReadsBehind(column).fit(view), view)


@pytest.mark.parametrize("column", [name for name in ODD if name != "observed"])
def test_a_column_of_later_rows(column):
    view = alike().each_event(inclusive=True)
    with pytest.raises(AssertionError, match=r"with other events after .* in later rows"):
        check_no_leakage(ReadsAll(column).fit(view), view)


def test_the_sign_of_zero():
    class Sign(Reader):
        def transform(self, X):
            odd = ReadsBehind("values").transform(X)
            return np.copysign(0.0, 0.5 - odd)

    view = alike().each_event(inclusive=True)
    with pytest.raises(AssertionError, match=r"column 0: 0.0 became -0.0"):
        check_no_leakage(Sign(), view)


class SomethingBehind(Reader):
    def transform(self, X):
        return (X.stops < len(X.values)).astype(float)[:, np.newaxis]


def test_events_are_added_where_none_is_behind():
    view = alike(n_entities=1)
    with pytest.raises(AssertionError, match="1 of 1 rows differ"):
        check_no_leakage(SomethingBehind(), view)


class AskedAbout(Reader):
    """Whether the event that is asked about is there, which whoever asks knows."""

    def transform(self, X):
        stops = np.minimum(X.stops, len(X.times) - 1)
        return (X.times[stops] == X.reference_times).astype(float)[:, np.newaxis]


def test_that_there_is_an_event_asked_about_is_no_leak():
    check_no_leakage(AskedAbout(), alike().each_event())


def one_history():
    """The events of one entity, each with another value."""
    seqs = alike(n_entities=1)
    return seqs.replace(values=np.arange(8.0).reshape(8, 1))


class NextRows(Reader):
    """The last value of the next row, in the last rows alone."""

    def __init__(self, n_rows):
        self.n_rows = n_rows

    def transform(self, X):
        last = X.values[X.stops - 1]
        out = np.zeros((len(X), 1))
        out[-self.n_rows : -1] = last[-self.n_rows + 1 :]
        return out


@pytest.mark.parametrize("n_moments", [1, 5, 100])
def test_rows_at_the_moment_itself(n_moments):
    view = one_history().each_event(inclusive=True)
    with pytest.raises(AssertionError, match="1 of 8 rows differ, first in row 0"):
        check_no_leakage(NextRows(8), view, n_moments=n_moments)


@pytest.mark.parametrize("n_moments", [2, 5, 100])
def test_moments_are_spread_over_all(n_moments):
    view = one_history().each_event(inclusive=True)
    with pytest.raises(AssertionError, match="1 of 8 rows differ, first in row 6"):
        check_no_leakage(NextRows(2), view, n_moments=n_moments)


class AtTheMoment(Reader):
    """All that happens to anybody at the moment of a row."""

    def transform(self, X):
        rows = np.flatnonzero(X.reached_rows())
        at = X.times[rows] == X.reference_times[:, np.newaxis]
        return np.array([[X.values[rows[row], 0].sum()] for row in at])


def test_events_of_later_rows_at_the_moment_itself():
    times = np.array([0, 10, 10, 30]) * HOUR
    seqs = EventSequences([[1.0], [1.0], [2.0], [4.0]], [0, 2], [2, 4], times=times)
    moments = (np.array([10, 20]) * HOUR).view("datetime64[us]")
    view = seqs.as_of([0, 1], moments)
    with pytest.raises(AssertionError, match=r"with other events after 1970-01-01T10:00:00"):
        check_no_leakage(AtTheMoment(), view)


@pytest.mark.parametrize("late", [0, 1])
def test_arrivals_at_their_limit(late):
    times = np.array([0, 10, 10, 20])
    seqs = EventSequences(
        np.ones((4, 1)), [0], [4], times=times, arrivals=times + [10, 10, 10, 0 + late]
    )
    check_no_leakage(StatisticalFeatures(), seqs)  # the last is the event asked about
    earlier = seqs.replace(arrivals=times + [20 + late, 0, 0, 0])
    if late:
        with pytest.raises(AssertionError, match="row 0 has an event that arrived after"):
            check_no_leakage(StatisticalFeatures(), earlier)
    else:
        check_no_leakage(StatisticalFeatures(), earlier)
    another = seqs.replace(times=np.array([0, 10, 20, 20]), arrivals=times + [0, 0, 15, 0])
    with pytest.raises(AssertionError, match="row 0 has an event that arrived after"):
        check_no_leakage(StatisticalFeatures(), another)

    known = seqs.replace(reference_times=np.array([30]), arrivals=times + [0, 0, 0, 10 + late])
    if late:  # the last is before the reference time, and so not asked about
        with pytest.raises(AssertionError, match="row 0 has an event that arrived after"):
            check_no_leakage(StatisticalFeatures(), known)
    else:
        check_no_leakage(StatisticalFeatures(), known)


def test_rows_that_are_drawn_keep_their_targets():
    class FitsLengths(Reader):
        def fit(self, X, y=None):
            assert y.tolist() == X.lengths.tolist()
            return super().fit(X)

        def transform(self, X):
            return np.zeros((len(X), 1))

    view = alike().each_event()
    check_no_leakage(FitsLengths(), view, view.lengths, n_rows=20)
