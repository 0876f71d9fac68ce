"""Transformers as scikit-learn's tools use them: searched, cross-validated, saved, routed."""

import pickle
import subprocess
import sys
import zlib

import joblib
import numpy as np
import pytest
import skops.io
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skops.io.exceptions import UntrustedTypesFoundException

from sktemporal import (
    EventSequences,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
)

N_ENTITIES = 120


@pytest.fixture(scope="module")
def labelled():
    """Padded histories in which the level of the last three days tells the classes apart."""
    rng = np.random.default_rng(0)
    n_steps = 20
    lengths = rng.integers(8, n_steps + 1, N_ENTITIES)
    y = rng.integers(0, 2, N_ENTITIES)
    amount = rng.lognormal(3.0, 0.5, (N_ENTITIES, n_steps))
    seconds = 1.7e9 + np.cumsum(rng.integers(40_000, 120_000, (N_ENTITIES, n_steps)), axis=1)
    amount[:, -3:] *= 1.0 + 0.7 * y[:, None]
    mask = np.arange(n_steps) >= n_steps - lengths[:, None]
    return amount, seconds.astype(np.float64), mask, y


@pytest.fixture(scope="module")
def array(labelled):
    amount, _, mask, _ = labelled
    return np.ma.MaskedArray(amount[:, :, None], mask=~mask[:, :, None])


@pytest.fixture(scope="module")
def seqs(labelled):
    amount, seconds, mask, _ = labelled
    return EventSequences.from_padded(
        np.stack([amount, seconds], axis=2), mask, fields=("amount", "time"), time_field="time"
    )


@pytest.fixture(scope="module")
def y(labelled):
    return labelled[3]


def classifier(**options):
    """Make a pipeline that reaches from events to classes."""
    pipeline = make_temporal_pipeline(feature_types=(), windows=(3,), lags=(1,), **options)
    return Pipeline([*pipeline.steps, ("scale", StandardScaler()), ("model", LogisticRegression())])


def bits(array):
    return np.ascontiguousarray(array).tobytes()


# Selection


@pytest.mark.parametrize(
    ("form", "windows"),
    [
        ("array", [(3,), (20,), (3, 20)]),
        ("seqs", [(3,), (20,), ("2d",), ("3d", "21d")]),
    ],
)
def test_grid_search_over_windows(form, windows, y, request):
    X = request.getfixturevalue(form)
    grid = {"features__rolling__windows": windows, "features__rolling__aggregations": [("mean",)]}
    search = GridSearchCV(classifier(), grid, cv=3, scoring="roc_auc", n_jobs=2).fit(X, y)
    serial = GridSearchCV(classifier(), grid, cv=3, scoring="roc_auc", n_jobs=1).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert bits(scores) == bits(serial.cv_results_["mean_test_score"])
    assert search.best_params_ == serial.best_params_
    # The signal is in the last three events: any window of about that beats that of all events.
    assert set(search.best_params_["features__rolling__windows"]) & {3, "2d", "3d"}
    by_windows = dict(zip(windows, scores, strict=True))
    assert by_windows[(3,)] > by_windows[(20,)] + 0.02
    fitted = search.best_estimator_["features"].named_transformers_["rolling"]
    assert fitted.windows == search.best_params_["features__rolling__windows"]
    assert search.predict(X).shape == y.shape


def test_grid_search_over_families(seqs, y):
    grid = {
        "features__rolling": ["drop", RollingWindowFeatures((3,))],
        "features__smoothing__alpha": [0.1, 0.9],
    }
    search = GridSearchCV(classifier(), grid, cv=3).fit(seqs, y)
    assert search.best_params_["features__rolling"] != "drop"
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_cross_validation_scores_the_folds_by_hand(seqs, y):
    folds = StratifiedKFold(3)
    scores = cross_val_score(classifier(), seqs, y, cv=folds, scoring="accuracy")
    by_hand = [
        classifier().fit(seqs[train], y[train]).score(seqs[test], y[test])
        for train, test in folds.split(np.zeros(len(y)), y)
    ]
    assert bits(scores) == bits(np.array(by_hand))
    assert scores.mean() > 0.7


def test_cross_val_predict_keeps_the_order_of_entities(seqs, array, y):
    predicted = cross_val_predict(classifier(), seqs, y, cv=4, method="predict_proba")
    assert bits(predicted) == bits(
        cross_val_predict(classifier(), array, y, cv=4, method="predict_proba")
    )
    assert np.mean(predicted.argmax(axis=1) == y) > 0.7


def test_cross_validation_of_labels_that_share_histories(seqs, y):
    """Many rows for each entity, histories overlapping: groups keep an entity in one fold."""
    last = seqs.reference_times
    entities = np.tile(np.arange(len(seqs)), 3)
    moments = np.concatenate([last - days * 86_400_000_000 for days in range(3)])
    rows = seqs.as_of(entities, moments.astype("datetime64[us]"), inclusive=True)
    scores = cross_val_score(
        classifier(), rows, np.tile(y, 3), cv=GroupKFold(3), groups=entities, n_jobs=2
    )
    assert scores.mean() > 0.6


def test_train_test_split(seqs, y):
    ids = np.arange(len(seqs))
    train, test, _, _, train_ids, test_ids = train_test_split(
        seqs, y, ids, test_size=0.25, random_state=0
    )
    assert isinstance(train, EventSequences)
    assert (len(train), len(test)) == (90, 30)
    assert np.shares_memory(train.values, seqs.values)
    family = StatisticalFeatures()
    expected = family.fit_transform(seqs)
    assert bits(family.transform(train)) == bits(expected[train_ids])
    assert bits(family.transform(test)) == bits(expected[test_ids])


def test_a_pipeline_without_a_union(array, y):
    model = make_pipeline(StatisticalFeatures(), StandardScaler(), LogisticRegression())
    scores = cross_val_score(model, array, y, cv=3)
    assert scores.mean() > 0.55
    model.set_params(statisticalfeatures__statistics=("mean", "max")).fit(array, y)
    assert list(model[:-1].get_feature_names_out()) == ["mean_x0", "max_x0"]


def test_models_that_take_missing_values(seqs, y):
    pipeline = make_temporal_pipeline(windows=("3d",), lags=(1, 15), fill_value=np.nan)
    model = make_pipeline(pipeline, HistGradientBoostingClassifier(max_iter=20, random_state=0))
    model.fit(seqs, y)
    features = model[0].transform(seqs)
    assert np.isnan(
        features[:, list(pipeline.get_feature_names_out()).index("lag_15_amount")]
    ).any()
    assert model.score(seqs, y) > 0.9


def test_large_sequences_reach_workers_as_memory_maps():
    rng = np.random.default_rng(0)
    n_entities, n_steps = 20_000, 8
    y = rng.integers(0, 2, n_entities)
    table = rng.normal(y[:, None], 2.0, (n_entities, n_steps)).reshape(-1, 1)
    assert table.nbytes > 1_000_000  # from here on joblib shares memory, read-only
    starts = np.arange(n_entities) * n_steps
    X = EventSequences(table, starts, starts + n_steps)
    model = make_pipeline(StatisticalFeatures(statistics=("mean",)), LogisticRegression())
    found = cross_val_score(model, X, y, cv=2, n_jobs=2)
    assert bits(found) == bits(cross_val_score(model, X, y, cv=2))
    assert found.mean() > 0.7


@pytest.mark.parametrize("mmap_mode", [None, "r"])
@pytest.mark.parametrize("form", ["array", "seqs"])
def test_a_pipeline_with_memory(form, mmap_mode, tmp_path, request):
    """The quality step, which fills in place, does so neither in the cache nor in vain."""
    X = request.getfixturevalue(form)[:20]
    if form == "array":
        X = X.filled(np.nan)  # joblib cannot hash masked arrays
    expected = make_temporal_pipeline(windows=(3,)).fit_transform(X)
    memory = joblib.Memory(tmp_path, mmap_mode=mmap_mode, verbose=0)
    n_cached = []
    for _ in range(3):
        pipeline = make_temporal_pipeline(windows=(3,), memory=memory)
        assert bits(pipeline.fit_transform(X)) == bits(expected)
        assert pipeline["quality"].report_["quality_metrics"]["missing_value_score"] < 1.0
        n_cached.append(len(list(tmp_path.rglob("output.pkl"))))
    assert n_cached == [1, 1, 1]


# Saving


READ_AND_TRANSFORM = """
import pickle, sys, zlib
import numpy as np
with open(sys.argv[1], "rb") as file:
    pipeline, X = pickle.load(file)
assert "sktemporal" in sys.modules
features = pipeline.transform(X)
print(features.shape, features.dtype, zlib.crc32(features.tobytes()))
"""


@pytest.mark.parametrize("form", ["array", "seqs"])
def test_a_pickle_gives_the_same_bits_in_another_process(form, request, tmp_path):
    X = request.getfixturevalue(form)
    windows = (3, "7d") if form == "seqs" else (3, 7)
    pipeline = make_temporal_pipeline(windows=windows).fit(X[:80])
    features = pipeline.transform(X)
    path = tmp_path / "pipeline.pickle"
    path.write_bytes(pickle.dumps((pipeline, X)))
    command = [sys.executable, "-c", READ_AND_TRANSFORM, str(path)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    expected = f"{features.shape} {features.dtype} {zlib.crc32(features.tobytes())}"
    assert run.stdout.strip() == expected


# All that the default pipeline holds; a file with other types in it has been tampered with.
TYPES = [
    "sktemporal.features.behavioral.BehavioralFeatures",
    "sktemporal.features.categorical.CategoricalFeatures",
    "sktemporal.features.lag.LagFeatures",
    "sktemporal.features.rolling.RollingWindowFeatures",
    "sktemporal.features.smoothing.ExponentialSmoothingFeatures",
    "sktemporal.features.statistical.StatisticalFeatures",
    "sktemporal.features.temporal.TemporalPatternFeatures",
    "sktemporal.pipelines.pipeline.Pipeline",
    "sktemporal.pipelines.union.TemporalFeatureUnion",
    "sktemporal.quality.sequences.SequenceQualityReport",
    "sktemporal.quality.transformer.QualityReportTransformer",
]


def test_skops(seqs, tmp_path):
    pipeline = make_temporal_pipeline(windows=(3, "7d")).fit(seqs)
    path = tmp_path / "pipeline.skops"
    skops.io.dump(pipeline, path)
    assert skops.io.get_untrusted_types(file=path) == TYPES
    with pytest.raises(UntrustedTypesFoundException):
        skops.io.load(path)
    with pytest.raises(UntrustedTypesFoundException):
        skops.io.load(path, trusted=TYPES[:-1])
    loaded = skops.io.load(path, trusted=TYPES)
    assert bits(loaded.transform(seqs)) == bits(pipeline.transform(seqs))
    assert list(loaded.get_feature_names_out()) == list(pipeline.get_feature_names_out())
    assert loaded["quality"].report_ == pipeline["quality"].report_


def test_size_of_a_pickle_is_that_of_the_fields_and_parameters(seqs):
    pipeline = classifier(quality=False)[:-2]
    small, large = (
        len(pickle.dumps(clone(pipeline).fit(X)))
        for X in (seqs[:2], seqs[np.tile(np.arange(len(seqs)), 50)])
    )
    # Longer are only the numbers in the report on the sequences.
    assert abs(large - small) < 300
    assert large < 5_000


def test_sequences_travel_without_the_rest_of_the_table(seqs):
    one, all_of_them = len(pickle.dumps(seqs[:1])), len(pickle.dumps(seqs))
    assert one < all_of_them / 20


# Members of a union that are not families


def lengths(X):
    return np.asarray(~np.ma.getmaskarray(X).all(axis=2)).sum(axis=1, keepdims=True)


def test_foreign_members(array):
    union = TemporalFeatureUnion(
        [
            ("lag", LagFeatures(lags=(1,))),
            ("lengths", FunctionTransformer(lengths, feature_names_out=lambda self, _: ["n"])),
            ("dropped", "drop"),
            ("mean", StatisticalFeatures(statistics=("mean",))),
            ("scaled", make_pipeline(StatisticalFeatures(statistics=("sum",)), StandardScaler())),
        ],
        transformer_weights={"mean": 2.0, "lengths": 10.0},
    )
    found = union.fit_transform(array)
    assert list(union.get_feature_names_out()) == [
        "lag__lag_1_x0",
        "lengths__n",
        "mean__mean_x0",
        "scaled__sum_x0",
    ]
    total = array.filled(0).sum(axis=1)
    n = lengths(array)
    np.testing.assert_array_equal(found[:, 0], array[:, -2, 0])
    np.testing.assert_array_equal(found[:, 1], 10.0 * n[:, 0])
    np.testing.assert_allclose(found[:, 2], 2.0 * (total / n)[:, 0], rtol=1e-13)
    np.testing.assert_allclose(found[:, 3:], StandardScaler().fit_transform(total), rtol=1e-10)
    assert bits(union.transform(array)) == bits(found)


def test_the_union_is_that_of_scikit_learn(array, seqs):
    members = [
        ("a", StatisticalFeatures()),
        ("b", "drop"),
        ("c", make_pipeline(LagFeatures(), StandardScaler())),
        ("d", RollingWindowFeatures(windows=(2, 5))),
    ]
    for X in (array, seqs):
        for weights in (None, {"a": 0.3, "c": -2.0}):
            ours, theirs = (
                cls(members, transformer_weights=weights).fit(X)
                for cls in (TemporalFeatureUnion, FeatureUnion)
            )
            assert bits(ours.transform(X)) == bits(theirs.transform(X))
            assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())


class TargetOffset(TransformerMixin, BaseEstimator):
    """Foreign member that wants y, a weight in fit and a factor in transform."""

    def fit(self, X, y, sample_weight=None):
        self.mean_ = np.average(y, weights=sample_weight)
        return self

    def transform(self, X, factor=1.0):
        return np.full((len(X), 1), self.mean_ * factor)

    def fit_transform(self, X, y, sample_weight=None, factor=1.0):
        return self.fit(X, y, sample_weight).transform(X, factor)


def routed_union():
    member = TargetOffset()
    with config_context(enable_metadata_routing=True):
        member.set_fit_request(sample_weight=True).set_transform_request(factor=True)
    return TemporalFeatureUnion([("lag", LagFeatures(lags=(0,))), ("offset", member)])


def test_metadata_routing_on(array, y):
    weight = np.where(y == 1, 3.0, 1.0)
    expected = np.average(y, weights=weight)
    with config_context(enable_metadata_routing=True):
        union = routed_union().fit(array, y, sample_weight=weight)
        np.testing.assert_allclose(union.transform(array)[:, 1], expected)
        np.testing.assert_allclose(union.transform(array, factor=2.0)[:, 1], 2 * expected)
        at_once = routed_union().fit_transform(array, y, sample_weight=weight, factor=2.0)
        np.testing.assert_allclose(at_once[:, 1], 2 * expected)
        pipeline = make_pipeline(
            routed_union(), LogisticRegression().set_fit_request(sample_weight=True)
        )
        pipeline.fit(array, y, sample_weight=weight)
        np.testing.assert_allclose(pipeline[0].named_transformers_["offset"].mean_, expected)


def test_metadata_routing_off(array, y):
    union = TemporalFeatureUnion([("lag", LagFeatures(lags=(0,))), ("offset", TargetOffset())])
    union.fit(array, y, sample_weight=y + 1.0)
    np.testing.assert_allclose(union.transform(array)[:, 1], np.average(y, weights=y + 1.0))


@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_parameters_that_no_member_takes_are_refused(method, array, y):
    union = TemporalFeatureUnion([("lag", LagFeatures()), ("mean", StatisticalFeatures())])
    arguments = (array,) if method == "transform" else (array, y)
    union.fit(array, y)
    for routing in (False, True):
        with config_context(enable_metadata_routing=routing):
            getattr(union, method)(*arguments)
            with pytest.raises(TypeError, match="sample_weight"):
                getattr(union, method)(*arguments, sample_weight=np.ones(len(y)))


# Parallel work


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
@pytest.mark.parametrize("form", ["array", "seqs"])
def test_backends_give_the_same_bits(form, backend, request):
    X = request.getfixturevalue(form)
    expected = make_temporal_pipeline(windows=(3, 7), n_jobs=1).fit_transform(X)
    pipeline = make_temporal_pipeline(windows=(3, 7))
    with joblib.parallel_config(backend=backend, n_jobs=2):
        assert bits(pipeline.fit_transform(X)) == bits(expected)
        assert bits(pipeline.transform(X)) == bits(expected)


def test_workers_within_workers(seqs, y):
    """Parallel folds, each of which computes features in parallel."""
    model = classifier(n_jobs=2)
    found = cross_val_score(model, seqs, y, cv=3, n_jobs=2, scoring="neg_log_loss")
    expected = cross_val_score(classifier(), seqs, y, cv=3, scoring="neg_log_loss")
    assert bits(found) == bits(expected)
