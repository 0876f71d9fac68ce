"""`sktemporal.testing.check_no_leakage`: what passes, and what is caught."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sktemporal
from sktemporal import (
    EventSequences,
    RollingWindowFeatures,
    StatisticalFeatures,
    make_temporal_pipeline,
)
from sktemporal.features._base import FeatureFamily
from sktemporal.testing import check_no_leakage

FAMILIES = [
    member
    for member in (getattr(sktemporal, name) for name in sktemporal.__all__)
    if isinstance(member, type) and issubclass(member, FeatureFamily)
]


@pytest.fixture(scope="module")
def seqs():
    rng = np.random.default_rng(0)
    n = 240
    log = pd.DataFrame(
        {
            "card": rng.integers(0, 12, n),
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="h"),
            "amount": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(size=n)),
            "shop": rng.choice(["x", "y", "z"], n),
        }
    )
    return EventSequences.from_frame(log, entity="card", time="at")


@pytest.fixture(scope="module", params=["each_event", "inclusive", "as_of", "at_events"])
def views(seqs, request):
    if request.param == "each_event":
        return seqs.each_event()
    if request.param == "inclusive":
        return seqs.each_event(inclusive=True)
    if request.param == "at_events":  # labels at the moments of events, which are not known then
        return seqs.as_of(seqs.each_event().entity_ids, seqs.times.astype("datetime64[us]"))
    moments = pd.Timestamp("2026-01-02") + pd.to_timedelta(np.arange(60) * 5, unit="h")
    return seqs.as_of(np.arange(60) % 13, moments, unknown="ignore")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_family_passes(family, views):
    check_no_leakage(family(), views)


@pytest.mark.parametrize("closed", [None, "right", "left", "both", "neither"])
@pytest.mark.parametrize("gap", [None, "1d"])
def test_every_kind_of_window_passes(views, closed, gap):
    windows = (1, 3, "1h", "7d")
    aggregations = ("count", "sum", "std", "max", "median", "q10", "n_unique", "first", "last")
    check_no_leakage(RollingWindowFeatures(windows, aggregations, closed=closed, gap=gap), views)


def test_pipelines_pass(views):
    pipeline = make_temporal_pipeline(windows=(3, "2d"), lags=(1,), n_jobs=2)
    check_no_leakage(pipeline, views)
    check_no_leakage(make_pipeline(pipeline, StandardScaler()), views)


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_a_model_that_predicts_passes(views):
    y = views.lengths > 5
    model = make_pipeline(StatisticalFeatures(), StandardScaler(), LogisticRegression())
    check_no_leakage(model, views, y)
    check_no_leakage(model.fit(views, y), views)


class Leaky(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.mean_ = np.nanmean(X.values)
        return self

    def get_feature_names_out(self, input_features=None):
        return np.array(["leak"], dtype=object)


class GlobalMean(Leaky):
    def transform(self, X):
        last = X.values[np.maximum(X.stops - 1, X.starts).clip(max=len(X.values) - 1), 0]
        return (np.where(X.lengths > 0, last, 0.0) - np.nanmean(X.values))[:, None]


class MeanOfTheBatch(Leaky):
    def transform(self, X):
        sums = StatisticalFeatures(("sum",)).fit(X).transform(X)[:, :1]
        return sums - sums.mean()


class MeanOfTheTableInFit(Leaky):
    def transform(self, X):
        return np.full((len(X), 1), self.mean_)


class InclusiveCut(Leaky):
    """Recuts the histories, up to the reference time and what happened at that."""

    def transform(self, X):
        ends = X.stops.copy()
        bounds = np.append(np.unique(X.starts), len(X.values))
        for i, moment in enumerate(X.reference_times):
            limit = bounds[bounds > X.starts[i]].min(initial=len(X.values))
            while ends[i] < limit and X.times[ends[i]] == moment:
                ends[i] += 1
        recut = X.replace(stops=ends)
        return StatisticalFeatures(("sum",)).fit(recut).transform(recut)[:, :1]


class CentredWindow(Leaky):
    def transform(self, X):
        middle = X.stops - 1
        rows = [np.arange(m - 1, m + 2).clip(0, len(X.values) - 1) for m in middle]
        return np.array([[np.nansum(X.values[r, 0])] for r in rows])


@pytest.mark.parametrize("leak", [GlobalMean, InclusiveCut, CentredWindow])
@pytest.mark.parametrize("kind", ["each_event", "at_events"])
def test_planted_leaks_are_caught(seqs, leak, kind):
    view = seqs.each_event()
    if kind == "at_events":
        view = seqs.as_of(view.entity_ids, seqs.times.astype("datetime64[us]"))
    message = f"{leak.__name__} gives other features with another future .* column 'leak'"
    with pytest.raises(AssertionError, match=message):
        check_no_leakage(leak(), view)
    with pytest.raises(AssertionError, match=message):
        check_no_leakage(leak().fit(view), view)


@pytest.mark.parametrize("leak", [GlobalMean, CentredWindow])
def test_leaks_of_views_that_include_the_event_are_caught(seqs, leak):
    with pytest.raises(AssertionError, match="with another future behind"):
        check_no_leakage(leak(), seqs.each_event(inclusive=True))


def test_a_mean_of_the_batch_is_caught_in_the_rows_that_come_earlier(seqs):
    with pytest.raises(AssertionError, match=r"MeanOfTheBatch .* after 2026-.* in later rows"):
        check_no_leakage(MeanOfTheBatch(), seqs.each_event())


def test_what_fit_reads_behind_the_histories_is_caught(seqs):
    with pytest.raises(AssertionError, match="fitted with another future behind the histories"):
        check_no_leakage(MeanOfTheTableInFit(), seqs.each_event())


def test_the_family_outside_its_slices_is_caught_without_times(seqs):
    plain = EventSequences(seqs.values, seqs.starts, seqs.stops).each_event()
    check_no_leakage(StatisticalFeatures(), plain)
    with pytest.raises(AssertionError, match="CentredWindow"):
        check_no_leakage(CentredWindow(), plain)


def test_what_gives_no_output_is_a_type_error(seqs):
    class Nothing(BaseEstimator):
        def fit(self, X, y=None):
            self.fitted_ = True
            return self

    with pytest.raises(TypeError, match="Nothing has none of the methods"):
        check_no_leakage(Nothing(), seqs.each_event())


def test_rows_are_drawn_and_the_rest_is_not_looked_at(seqs):
    class OnlyTheLast(Leaky):
        def transform(self, X):
            self.seen_ = len(X)
            return np.zeros((len(X), 1))

    leak = OnlyTheLast().fit(seqs)
    check_no_leakage(leak, seqs.each_event(), n_rows=17)
    assert leak.seen_ == 17
    check_no_leakage(leak, seqs.each_event()[[]])
    assert leak.seen_ == 0


class NextRow(Leaky):
    def transform(self, X):
        last = StatisticalFeatures(("last",)).fit(X).transform(X)[:, :1]
        return np.roll(last, -1, axis=0)


class TimeToTheNextRow(Leaky):
    def transform(self, X):
        return np.diff(X.reference_times, append=0).reshape(-1, 1) / 1e6


class EventsToCome(Leaky):
    def transform(self, X):
        ids = pd.Series(X.entity_ids)
        return ids.groupby(ids).cumcount(ascending=False).to_numpy(dtype=float)[:, None]


class TimeToTheEnd(Leaky):
    def transform(self, X):
        return (X.reference_times.max() - X.reference_times).reshape(-1, 1) / 1e6


class EventsOfAll(Leaky):
    def transform(self, X):
        return np.full((len(X), 1), float(X.n_events))


@pytest.mark.parametrize(
    "leak", [NextRow, TimeToTheNextRow, EventsToCome, TimeToTheEnd, EventsOfAll]
)
@pytest.mark.parametrize("inclusive", [False, True])
def test_leaks_through_later_rows_are_caught(seqs, leak, inclusive):
    with pytest.raises(AssertionError, match=f"{leak.__name__} .* in later rows"):
        check_no_leakage(leak(), seqs.each_event(inclusive=inclusive))


class CentredByWhatIsKnown(Leaky):
    def fit(self, X, y=None):
        self.mean_ = np.nanmean(X.values[X.reached_rows()])
        return self

    def transform(self, X):
        last = StatisticalFeatures(("last",)).fit(X).transform(X)[:, :1]
        return last - self.mean_ + X.frame_rows[np.maximum(X.stops - 1, X.starts)][:, None] * 0


def test_what_fit_learns_of_the_histories_is_no_leak(views):
    check_no_leakage(CentredByWhatIsKnown(), views)


def test_pipelines_that_end_in_a_step_without_state_are_fitted(views):
    pipeline = make_pipeline(StatisticalFeatures(("count",)), FunctionTransformer(np.log1p))
    check_no_leakage(pipeline, views)


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_leaks_of_estimators_without_names_are_told_by_number(seqs):
    view = seqs.each_event()
    model = make_pipeline(CentredWindow(), StandardScaler(), LogisticRegression())
    with pytest.raises(AssertionError, match=r"Pipeline gives other features .* column [01]: "):
        check_no_leakage(model, view, view.lengths > 5)


def test_arrivals_are_looked_at():
    log = pd.DataFrame({"who": 0, "at": [0, 10, 20], "arrived": [0, 30, 20], "x": [1.0, 2.0, 4.0]})
    seqs = EventSequences.from_frame(log, entity="who", time="at", arrival="arrived")
    for inclusive in (False, True):
        check_no_leakage(StatisticalFeatures(), seqs.each_event(inclusive=inclusive))
    with pytest.raises(AssertionError, match="row 0 has an event that arrived after its reference"):
        check_no_leakage(StatisticalFeatures(), seqs)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_rows": 0}, "'n_rows' parameter of check_no_leakage must be an int in the range"),
        ({"n_rows": "a"}, "'n_rows' parameter"),
        ({"n_moments": 0}, "'n_moments' parameter"),
        ({"y": [1]}, "inconsistent numbers of samples"),
        ({"sequences": np.ones((2, 3, 1))}, "'sequences' parameter .* must be an instance of"),
        ({"transformer": "lag"}, "'transformer' parameter"),
    ],
)
def test_wrong_arguments_are_named(seqs, parameters, message):
    arguments = {"transformer": StatisticalFeatures(), "sequences": seqs.each_event()} | parameters
    with pytest.raises(ValueError, match=message):
        check_no_leakage(**arguments)
