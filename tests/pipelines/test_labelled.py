import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sktemporal import (
    EventSequences,
    LagFeatures,
    QualityReportTransformer,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
    prepare,
    prune,
)

rng = np.random.default_rng(7)
LOG = pd.DataFrame(
    {
        "card": rng.choice(list("cadb"), 60),
        "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.permutation(60), "h"),
        "amount": rng.lognormal(size=60),
    }
)
SEQS = EventSequences.from_frame(LOG, entity="card", time="at")
LABELS = pd.DataFrame(
    {"card": list("bbca"), "at": pd.to_datetime(["2026-01-03", "2026-01-02"] * 2)},
    index=[4, 9, 4, 0],
)
VIEWS = {
    "entities": SEQS,
    "moments": SEQS.each_event(inclusive=True),
    "labels": SEQS.as_of(LABELS["card"], LABELS["at"]),
    "selection": SEQS.each_event(inclusive=True)[rng.permutation(60)[:20]],
}


class Own(TransformerMixin, BaseEstimator):
    """A member that is not of this package."""

    def __init__(self, form="array"):
        self.form = form

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        lengths = np.diff([X.starts, X.stops], axis=0).T.astype(np.float64)
        if self.form == "array":
            return lengths
        return pd.DataFrame(lengths, index=range(100, 100 + len(X)), columns=["length"])

    def get_feature_names_out(self, input_features=None):
        return np.array(["length"], dtype=object)


def lengths(X):
    return X.lengths[:, np.newaxis].astype(np.float64)


def named(transformer, input_features):
    return np.array(["length"], dtype=object)


class Resting(StatisticalFeatures):
    """A family that overrides `transform`."""

    def transform(self, X):
        return super().transform(X)


def default(windows=(2, "5h")):
    return make_temporal_pipeline(windows=windows, lags=(1,))


TRANSFORMERS = {
    "family": StatisticalFeatures,
    "overridden": Resting,
    "union": lambda: TemporalFeatureUnion([("s", StatisticalFeatures()), ("l", LagFeatures((1,)))]),
    "parallel": lambda: default().set_params(features__n_jobs=2)["features"],
    "beside an array": lambda: TemporalFeatureUnion([("s", StatisticalFeatures()), ("own", Own())]),
    "beside a frame": lambda: TemporalFeatureUnion([("own", Own("frame")), ("l", LagFeatures())]),
    "arrays alone": lambda: TemporalFeatureUnion([("own", Own()), ("other", Own())]),
    "frames alone": lambda: TemporalFeatureUnion([("own", Own("frame")), ("o", Own("frame"))]),
    "union of scikit-learn": lambda: FeatureUnion(
        [
            ("s", StatisticalFeatures()),
            ("own", Own()),
            ("function", FunctionTransformer(lengths, feature_names_out=named)),
        ]
    ),
    "alone": Own,
    "pipeline": default,
    "dropping": lambda: default().set_params(quality__drop=True),
    "scaled": lambda: Pipeline([*default().steps, ("scale", StandardScaler())]),
    "plain pipeline": lambda: Pipeline(
        [("s", StatisticalFeatures()), ("quality", QualityReportTransformer())]
    ),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_pandas_features_carry_the_labels_of_their_rows(name, view):
    X = VIEWS[view]
    plain = TRANSFORMERS[name]().fit_transform(X)
    transformer = TRANSFORMERS[name]().set_output(transform="pandas")
    fitted = transformer.fit_transform(X)
    index = LABELS.index if view == "labels" else X.row_index()
    for features in (fitted, transformer.transform(X)):
        pd.testing.assert_index_equal(features.index, index)
        np.testing.assert_array_equal(features.to_numpy(), np.asarray(plain))
        assert list(features.columns) == transformer.get_feature_names_out().tolist()
    shuffled = rng.permutation(len(X))
    pd.testing.assert_frame_equal(transformer.transform(X[shuffled]), fitted.iloc[shuffled])
    with sklearn.config_context(transform_output="pandas"):
        again = TRANSFORMERS[name]().fit_transform(X)
    pd.testing.assert_frame_equal(again, fitted)


@pytest.mark.parametrize("name", ["family", "union", "beside an array", "pipeline"])
def test_other_outputs_stay_without_labels(name):
    X = VIEWS["moments"]
    transformer = TRANSFORMERS[name]().set_output(transform="polars")
    features = transformer.fit_transform(X)
    assert isinstance(features, pl.DataFrame)
    assert features.columns == transformer.get_feature_names_out().tolist()
    labelled = X.with_row_labels(features)
    assert labelled.columns == ["card", "at", *features.columns]
    assert labelled["card"].to_list() == X.entity_ids.tolist()
    array = TRANSFORMERS[name]().set_output(transform="default").fit_transform(X)
    np.testing.assert_array_equal(features.to_numpy(), np.asarray(array))


def test_a_model_gets_no_labels():
    X, y = VIEWS["moments"], np.arange(60) % 2
    pipeline = Pipeline([*default().steps, ("model", DecisionTreeClassifier())])
    pipeline.set_output(transform="pandas").fit(X, y)
    assert list(pipeline["model"].feature_names_in_) == list(pipeline[:-1].get_feature_names_out())
    assert not {"card", "at"} & set(pipeline["model"].feature_names_in_)


def test_frames_of_one_row_each_keep_the_index_of_the_frame():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=["p", "q"])
    for transformer in (StatisticalFeatures(), TRANSFORMERS["union"](), default((2,))):
        features = transformer.set_output(transform="pandas").fit_transform(frame)
        assert features.index.tolist() == ["p", "q"]


def test_arrays_have_no_labels():
    X = rng.normal(size=(3, 4, 2))
    features = default((2,)).set_output(transform="pandas").fit_transform(X)
    pd.testing.assert_index_equal(features.index, pd.RangeIndex(3))


def test_a_pruned_pipeline_labels_and_a_prepared_one_gives_arrays():
    X = VIEWS["moments"]
    pipeline = default().set_params(quality__drop=True).set_output(transform="pandas").fit(X)
    expected = pipeline.transform(X)
    pd.testing.assert_frame_equal(prune(pipeline).transform(X), expected)
    served = prepare(pipeline)(X)
    assert type(served) is np.ndarray
    np.testing.assert_array_equal(served, expected.to_numpy())


def test_labels_of_the_asker_join_by_position_where_they_are_unique():
    labels = LABELS.reset_index(drop=True).loc[[3, 1, 2]]
    pipeline = default().set_output(transform="pandas").fit(SEQS)
    features = pipeline.transform(SEQS.as_of(labels["card"], labels["at"]))
    joined = labels.join(features)
    for row in range(3):
        alone = pipeline.transform(SEQS.as_of([labels["card"].iloc[row]], labels["at"].iloc[row]))
        np.testing.assert_array_equal(joined.iloc[row, 2:].astype(float), alone.iloc[0])


class Fewer(Own):
    """Gives a row of features less than there are rows."""

    def transform(self, X):
        return X.lengths[1:, np.newaxis]


def test_frames_of_others_keep_an_index_of_their_own():
    X = VIEWS["moments"]
    features = Own("frame").set_output(transform="pandas").fit_transform(X)
    assert features.index.tolist() == list(range(100, 160))
    fewer = Fewer().set_output(transform="pandas").fit_transform(X)
    assert fewer.index.tolist() == list(range(59))
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=["p", "q"])
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(frame)
    assert scaled.index.tolist() == ["p", "q"]


class Within(Own):
    """Asks a family of its own for a frame, while the union of it hands over to the next step."""

    def transform(self, X):
        frame = StatisticalFeatures(("sum",)).set_output(transform="pandas").fit_transform(X)
        self.index_ = frame.index
        return super().transform(X)


def test_frames_that_a_member_makes_for_itself_have_their_labels():
    pipeline = default()
    pipeline["features"].transformer_list.append(("within", Within()))
    pipeline.fit_transform(SEQS)
    found = pipeline["features"].named_transformers_["within"].index_
    pd.testing.assert_index_equal(found, SEQS.row_index())
