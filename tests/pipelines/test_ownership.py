"""What is given is never written to; what a pipeline has made itself is not copied."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline

from sktemporal import (
    EventSequences,
    FeatureMemory,
    LagFeatures,
    QualityReportTransformer,
    SequenceQualityReport,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
    prepare,
)
from sktemporal.quality import FeatureSketches, drift_report, quality_report

rng = np.random.default_rng(3)
NUMERICAL = rng.lognormal(size=(40, 6, 2))
NUMERICAL[rng.random(size=NUMERICAL.shape) < 0.2] = np.nan
MASK = rng.random(size=(40, 6)) < 0.7
CODES = rng.integers(0, 4, size=(40, 6, 1)).astype(np.int32)
Y = np.arange(40) % 2


def default():
    return make_temporal_pipeline(windows=(2,), lags=(1, 5))


class Keeping(TransformerMixin, BaseEstimator):
    """Returns what it keeps, as a cache would."""

    def __init__(self, form=np.asarray):
        self.form = form

    def fit(self, X, y=None):
        values = np.full((len(X), 2), np.nan)
        self.kept_ = self.form(values)
        return self

    def transform(self, X):
        return self.kept_

    def get_feature_names_out(self, input_features=None):
        return np.array(["kept_0", "kept_1"], dtype=object)


class KeepingFamily(StatisticalFeatures):
    """A family with a `transform` of its own, which returns what it keeps."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.kept_ = np.full((len(X), len(self.get_feature_names_out())), np.nan)
        return self

    def transform(self, X):
        return self.kept_


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("form", ["C", "F", "frame", "frame of two dtypes"])
@pytest.mark.parametrize(
    "step", [lambda p: p[-1], lambda p: p[1:], lambda p: p["quality"], lambda p: p.steps[-1][1]]
)
def test_a_step_taken_out_of_the_pipeline_copies(step, form):
    pipeline = default().fit(NUMERICAL)
    features = pipeline[:-1].transform(NUMERICAL)
    if form in ("C", "F"):
        features = np.array(features, order=form)
    elif form == "frame of two dtypes":
        features = features.astype({"lag_5_x0": np.float32})
    before = np.array(features)
    assert np.isnan(before).any()
    filled = step(pipeline).transform(features)
    np.testing.assert_array_equal(np.asarray(features), before)
    np.testing.assert_array_equal(filled, np.nan_to_num(before))
    if form != "frame of two dtypes":
        np.testing.assert_array_equal(pipeline.transform(NUMERICAL), filled)


def test_what_the_union_gave_the_caller_is_the_callers():
    pipeline = default().fit(NUMERICAL)
    features = pipeline[:-1].transform(NUMERICAL)
    direct = pipeline["features"].transform(NUMERICAL)
    expected = features.copy()
    pipeline.transform(NUMERICAL)
    pipeline[-1].transform(features)
    pipeline[-1].transform(direct)
    pipeline.report(NUMERICAL)
    pipeline.drift(NUMERICAL)
    pd.testing.assert_frame_equal(features, expected)
    pd.testing.assert_frame_equal(direct, expected)


@pytest.mark.parametrize("fill_value", [0.0, np.nan])
def test_the_quality_step_alone_returns_no_view_of_what_it_got(fill_value):
    features = rng.normal(size=(20, 3))
    step = QualityReportTransformer(fill_value=fill_value).fit(features)
    assert not np.shares_memory(step.transform(features), features)
    frame = pd.DataFrame(features)
    kept = step.set_output(transform="pandas").transform(frame)
    assert not np.shares_memory(kept.to_numpy(), frame.to_numpy())


METHODS = {
    "transform": lambda p, X: p.transform(X),
    "fit_transform": lambda p, X: p.fit_transform(X),
}


@pytest.mark.parametrize("method", METHODS)
def test_the_pipeline_does_not_copy_what_the_union_made(method, monkeypatch):
    X = rng.lognormal(size=(4000, 6, 2))
    X[:, :3, 0] = np.nan
    pipeline = default().fit(X)
    made, taken = [], []
    transform = QualityReportTransformer.transform

    def recorded(self, features):
        made.append(features.to_numpy())
        taken.append(transform(self, features))
        return taken[-1]

    monkeypatch.setattr(QualityReportTransformer, "transform", recorded)
    METHODS[method](pipeline, X)
    assert np.shares_memory(np.asarray(taken[0]), made[0])


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "decision_function", "score"]
)
def test_a_model_behind_the_quality_step_makes_no_copy_either(method):
    X = np.tile(NUMERICAL, (50, 1, 1))
    y = np.tile(Y, 50)
    pipeline = default()
    pipeline.steps.append(("model", SGDClassifier(loss="log_loss", alpha=1e6, random_state=0)))
    pipeline.fit(X, y)
    arguments = (X, y) if method == "score" else (X,)
    plain = Pipeline(pipeline.steps)
    expected = getattr(plain, method)(*arguments)
    np.testing.assert_array_equal(getattr(pipeline, method)(*arguments), expected)
    size = pipeline["quality"].n_features_in_ * len(X) * 8
    peaks = []
    for either in (pipeline, plain):
        tracemalloc.start()
        getattr(either, method)(*arguments)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < peaks[1] - size / 2


def test_methods_are_there_where_scikit_learn_has_them():
    pipeline = default()
    assert not hasattr(pipeline, "predict")
    assert hasattr(pipeline, "transform")
    with pytest.raises(AttributeError, match="has no attribute 'predict'"):
        pipeline.predict(NUMERICAL)
    pipeline.steps.append(("model", SGDClassifier(loss="log_loss")))
    assert hasattr(pipeline, "predict_proba")
    assert not hasattr(pipeline, "transform")


@pytest.mark.parametrize(
    "first",
    [
        lambda: TemporalFeatureUnion([("keeping", Keeping())]),
        lambda: TemporalFeatureUnion([("keeping", Keeping(pd.DataFrame))]),
        lambda: TemporalFeatureUnion([("keeping", Keeping(pd.DataFrame)), ("lag", LagFeatures())]),
        KeepingFamily,
    ],
)
def test_what_other_code_returns_is_not_written_to(first):
    pipeline = default()
    pipeline.steps[0] = "features", first().set_output(transform="pandas")
    seqs = EventSequences.from_padded(NUMERICAL)
    pipeline.fit(seqs)
    member = pipeline["features"]
    if isinstance(member, TemporalFeatureUnion):
        member = member.named_transformers_["keeping"]
    expected = pipeline.transform(seqs)
    assert not np.isnan(expected).any()
    serve = prepare(pipeline)
    for _ in range(2):
        np.testing.assert_array_equal(serve(seqs), expected)
    assert np.isnan(np.asarray(member.kept_)).all()
    served = serve._first
    if isinstance(served, TemporalFeatureUnion):
        served = served.named_transformers_["keeping"]
    assert np.isnan(np.asarray(served.kept_)).all()


def test_a_memory_hands_out_nothing_that_is_written_to():
    seqs = EventSequences.from_padded(NUMERICAL)
    pipeline = default().set_params(features__memory=FeatureMemory())
    first = pipeline.fit(seqs).transform(seqs)
    expected = first.copy()
    first[:] = -1.0
    np.testing.assert_array_equal(pipeline.transform(seqs), expected)
    assert pipeline[:-1].transform(seqs).isna().any().any()


def inputs():
    table = NUMERICAL.reshape(-1, 2).copy()
    return {
        "numerical": NUMERICAL.copy(),
        "masked": np.ma.masked_invalid(NUMERICAL.copy()),
        "mask": MASK.copy(),
        "codes": CODES.copy(),
        "table": table,
        "times": np.tile(np.arange(6) * 1_000_000, 40),
        "features": np.where(rng.random((40, 5)) < 0.2, np.nan, rng.normal(size=(40, 5))),
        "labels": np.arange(40),
    }


def everything(given):
    """Give the arrays to all that takes some."""
    starts = np.arange(40) * 6
    table = EventSequences(
        given["table"], starts, starts + 6, times=given["times"], entity_ids=given["labels"]
    )
    padded = EventSequences.from_padded(
        given["numerical"], given["mask"], categorical=given["codes"]
    )
    for X in (given["numerical"], given["masked"], padded, table, table.each_event(True)):
        pipeline = default().fit(X)
        pipeline.transform(X)
        pipeline.report(X)
        pipeline.drift(X)
        prepare(pipeline)(X)
        for family in (StatisticalFeatures(fill_value=-1.0), LagFeatures((1,), dtype=np.float32)):
            family.fit_transform(X)
        SequenceQualityReport(windows=(2,)).fit(X).report(X)
    table.as_of(given["labels"], 3.0).row_labels()
    table.to_padded(), table.to_frame(), table.tail(2).to_padded(9)
    features = given["features"]
    for drop in (False, True):
        quality = QualityReportTransformer(drop=drop).fit(features, given["labels"] % 2)
        quality.transform(features), quality.report(features), quality.drift(features)
    quality_report(features, y=given["labels"])
    sketches = FeatureSketches.from_matrix(features, list("abcde"))
    drift_report(sketches, FeatureSketches.from_matrix(features[:20], list("abcde")))


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_nothing_writes_into_what_it_is_given():
    given = inputs()
    kept = {name: np.ma.array(part, copy=True) for name, part in given.items()}
    everything(given)
    for name, part in given.items():
        np.testing.assert_array_equal(np.ma.getdata(part), kept[name].data, err_msg=name)
        np.testing.assert_array_equal(np.ma.getmaskarray(part), np.ma.getmaskarray(kept[name]))


class KeepingTable(Keeping):
    """Likewise, but in the midst of a pipeline."""

    def transform(self, X):
        return np.asarray(self.kept_)


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_another_quality_step_further_on_writes_into_nothing():
    pipeline = default()
    pipeline.steps += [("keeping", KeepingTable()), ("again", QualityReportTransformer())]
    pipeline.fit(NUMERICAL)
    assert not np.isnan(pipeline.transform(NUMERICAL)).any()
    assert np.isnan(pipeline["keeping"].kept_).all()
