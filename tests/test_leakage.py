"""`sktemporal.testing.check_no_leakage`: what passes, and what is caught."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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
    return seqs.as_of(np.arange(60) % 13, moments)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_family_passes(family, views):
    check_no_leakage(family(), views)


@pytest.mark.parametrize("closed", ["right", "left", "both", "neither"])
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
        recut = X._view(X.starts, ends, X.reference_times, X.entity_ids)
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
