import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from histories import features, same_bits, seeded_histories, sequences_of
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalPatternFeatures,
    make_temporal_pipeline,
)

IGNORE_EMPTY = pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")


@pytest.fixture(scope="module")
def seqs():
    return sequences_of(seeded_histories(7, n_entities=50))


def labelled(n=120):
    """Entities whose label is in their last three events, which a window of 3 sees."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 20, 1))
    X[:, -3:, 0] += 2.0 * y[:, np.newaxis]
    return EventSequences.from_padded(X, fields=["x"]), y


def test_default_columns_are_those_of_the_families(seqs):
    pipeline = make_temporal_pipeline()
    got = features(pipeline, seqs)
    families = [
        StatisticalFeatures(),
        CategoricalFeatures(),
        TemporalPatternFeatures(),
        BehavioralFeatures(),
        RollingWindowFeatures(),
        LagFeatures(),
        ExponentialSmoothingFeatures(),
    ]
    assert same_bits(got, np.hstack([features(family, seqs) for family in families]))
    names = [name for family in families for name in family.get_feature_names_out()]
    assert pipeline.get_feature_names_out().tolist() == names
    assert list(pipeline.named_steps) == ["features", "quality"]


@pytest.mark.parametrize(
    ("feature_types", "members"),
    [
        (("statistical",), ["statistical", "categorical", "rolling", "lag", "smoothing"]),
        (("temporal",), ["temporal", "rolling", "lag", "smoothing"]),
        (("behavioral", "temporal"), ["temporal", "behavioral", "rolling", "lag", "smoothing"]),
        ((), ["rolling", "lag", "smoothing"]),
    ],
)
def test_feature_types_choose_the_members(feature_types, members):
    union = make_temporal_pipeline(feature_types=feature_types)["features"]
    assert [name for name, _ in union.transformer_list] == members


def test_parameters_reach_the_families(seqs):
    pipeline = make_temporal_pipeline(
        windows=("2h", 3),
        aggregations=("max",),
        lags=(2,),
        alpha=0.5,
        fields=("tied",),
        categorical_fields=("shop",),
        feature_types=("statistical",),
        quality=False,
        fill_value=-5.0,
        dtype=np.float32,
    )
    got = features(pipeline, seqs)
    shared = {"fill_value": -5.0, "dtype": np.float32}
    families = [
        StatisticalFeatures(fields=("tied",), **shared),
        CategoricalFeatures(fields=("shop",), **shared),
        RollingWindowFeatures(("2h", 3), ("max",), fields=("tied",), **shared),
        LagFeatures((2,), fields=("tied",), **shared),
        ExponentialSmoothingFeatures(0.5, fields=("tied",), **shared),
    ]
    assert same_bits(got, np.hstack([features(family, seqs) for family in families]))


@pytest.mark.parametrize("fill_value", [0.0, -3.0, np.nan])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_fill_value_is_the_same_with_and_without_the_quality_step(seqs, fill_value, dtype):
    shared = {"fill_value": fill_value, "dtype": dtype}
    with_report = make_temporal_pipeline(**shared)
    without = make_temporal_pipeline(quality=False, **shared)
    assert same_bits(features(with_report, seqs), features(without, seqs))


def test_report_sees_what_is_undefined_before_it_is_filled(seqs):
    pipeline = make_temporal_pipeline()
    filled = features(pipeline, seqs)
    assert not np.isnan(filled).any()
    raw = features(make_temporal_pipeline(quality=False, fill_value=np.nan), seqs)
    report = json.loads(json.dumps(pipeline["quality"].report_, allow_nan=False))
    rates = report["validation_results"]["missing_values"]["missing_rates"]
    assert np.isnan(raw).mean() > 0
    j = pipeline.get_feature_names_out().tolist().index("lag_30_amount")
    share = np.isnan(raw[:, j]).mean()
    assert share > 0.3
    assert rates["lag_30_amount"] == pytest.approx(share)


def test_transform_does_not_change_a_matrix_of_the_caller(seqs):
    table = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])
    before = table.copy()
    pipeline = make_temporal_pipeline(windows=(2,), lags=(1,))
    features(pipeline, table)
    np.testing.assert_array_equal(table, before)


def test_grid_search_over_windows_finds_the_window_with_the_signal():
    X, y = labelled()
    model = make_pipeline(
        make_temporal_pipeline(
            feature_types=(), windows=(20,), aggregations=("mean",), lags=(), quality=False
        ).set_params(features__smoothing="drop"),
        StandardScaler(),
        LogisticRegression(),
    )
    grid = {"pipeline__features__rolling__windows": [(20,), (3,), (1,)]}
    search = GridSearchCV(model, grid, cv=4, error_score="raise").fit(X, y)
    assert search.best_params_ == {"pipeline__features__rolling__windows": (3,)}
    assert search.best_score_ > 0.9


def test_folds_are_views_and_score_like_hand_cut_arrays():
    X, y = labelled()
    train, test, y_train, _ = train_test_split(X, y, random_state=0)
    assert np.shares_memory(train.values, X.values)
    assert len(train) + len(test) == len(X)
    model = make_pipeline(make_temporal_pipeline(windows=(3,), lags=(1,)), StandardScaler())
    padded = X.to_padded().numerical
    by_hand = padded[X.starts.searchsorted(train.starts)]
    hand_made = EventSequences.from_padded(by_hand, fields=["x"])
    assert same_bits(model.fit_transform(train, y_train), model.fit_transform(hand_made, y_train))
    scored = make_pipeline(clone(model), LogisticRegression(max_iter=1000))
    assert cross_val_score(scored, X, y, cv=3, error_score="raise").mean() > 0.85


@IGNORE_EMPTY
def test_fitted_pipeline_pickled_into_another_process_gives_the_same_bits(seqs, tmp_path):
    pipeline = make_temporal_pipeline(windows=(3, "1d"))
    expected = pipeline.fit_transform(seqs)
    (tmp_path / "job.pkl").write_bytes(pickle.dumps((pipeline, seqs)))
    code = (
        "import pickle, sys, warnings, numpy; warnings.simplefilter('ignore');"
        "pipeline, seqs = pickle.load(open('job.pkl', 'rb'));"
        "numpy.save('out.npy', pipeline.transform(seqs))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert same_bits(np.load(tmp_path / "out.npy"), expected)


def test_single_entity_online_has_the_bits_of_the_training_matrix(seqs):
    pipeline = make_temporal_pipeline(windows=(3, "1d"))
    matrix = features(pipeline, seqs)
    for i in (4, 17, 49):
        if seqs.stops[i] > seqs.starts[i]:
            assert same_bits(pipeline.transform(seqs[i]), matrix[[i]])


def test_is_a_pipeline_that_clones():
    pipeline = make_temporal_pipeline(windows=("7d",), alpha=0.9)
    copy = clone(pipeline)
    assert isinstance(copy, Pipeline)
    assert copy.get_params()["features__rolling__windows"] == ("7d",)
    assert copy.get_params()["features__smoothing__alpha"] == 0.9


@pytest.mark.parametrize("feature_types", [("statistics",), "statistical", ("temporal", "lag")])
def test_unknown_feature_types_are_named(feature_types):
    with pytest.raises(ValueError, match="feature_types") as error:
        make_temporal_pipeline(feature_types=feature_types)
    assert repr(feature_types) in str(error.value)


@pytest.mark.parametrize(
    ("parameter", "value"), [("windows", (-3,)), ("lags", (-1,)), ("alpha", 2), ("fields", "x")]
)
def test_parameter_errors_come_in_fit(parameter, value):
    pipeline = make_temporal_pipeline(**{parameter: value})
    with pytest.raises(ValueError) as error:
        pipeline.fit(np.ones((3, 2, 1)))
    assert f"'{parameter}'" in str(error.value)
    assert repr(value) in str(error.value)


def test_parameters_reach_the_steps():
    pipeline = make_temporal_pipeline(
        closed="both", gap="2d", n_jobs=3, memory="cache", verbose=True, fill_value=-1.0
    )
    parameters = pipeline.get_params()
    assert parameters["features__rolling__closed"] == "both"
    assert parameters["features__rolling__gap"] == "2d"
    assert parameters["features__n_jobs"] == parameters["quality__n_jobs"] == 3
    assert parameters["quality__fill_value"] == -1.0
    assert parameters["memory"] == "cache"
    assert parameters["verbose"] is True
