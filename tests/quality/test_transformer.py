"""The transformer by scikit-learn's own checks, what it fills and drops, and what it keeps."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from sktemporal.quality import QualityReportTransformer, quality_report

NAMES = ["amount", "doubled", "constant", "missing", "other"]


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    X = rng.lognormal(size=(100, 5))
    X[:, 1] = 2 * X[:, 0]
    X[:, 2] = 3.0
    X[:98, 3] = np.nan
    X[::9, 4] = np.nan
    return X


@parametrize_with_checks(
    [
        QualityReportTransformer(),
        QualityReportTransformer(drop=True),
        QualityReportTransformer(drop=True, copy=False, fill_value=np.nan, correlation_threshold=0),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_report_is_that_of_the_function(features):
    thresholds = {"missing_value_threshold": 0.1, "variance_threshold": 0.5}
    fitted = QualityReportTransformer(**thresholds, outlier_detection=False).fit(features)
    assert fitted.report_ == quality_report(features, **thresholds, outlier_detection=False)


def test_fills_and_keeps_all(features):
    fitted = QualityReportTransformer(fill_value=-7.0).fit(features)
    assert fitted.support_.all()
    assert_array_equal(fitted.transform(features), np.where(np.isnan(features), -7.0, features))


@pytest.mark.parametrize("copy", [True, False])
def test_drops_what_the_report_advises_against(features, copy):
    quality = QualityReportTransformer(drop=True, copy=copy).set_output(transform="default")
    frame = pd.DataFrame(features, columns=NAMES)
    out = quality.fit(frame).transform(frame)
    assert_array_equal(quality.get_support(), [True, False, False, False, True])
    assert_array_equal(quality.get_feature_names_out(), ["amount", "other"])
    assert_array_equal(out, np.nan_to_num(features[:, [0, 4]]))
    assert_array_equal(frame, features)


def test_dropping_is_decided_by_the_training_features(features):
    quality = QualityReportTransformer(drop=True).fit(features)
    other = np.random.default_rng(1).normal(size=(7, 5))
    assert_array_equal(quality.transform(other), other[:, [0, 4]])
    assert_array_equal(quality.transform(features[:1]), np.nan_to_num(features[:1, [0, 4]]))


@pytest.mark.parametrize("drop", [False, True])
def test_nan_as_fill_value_keeps_nan(features, drop):
    out = QualityReportTransformer(fill_value=np.nan, drop=drop).fit_transform(features)
    expected = features[:, [0, 4]] if drop else features
    assert np.isnan(out).any()
    assert_array_equal(out, expected)
    assert not np.shares_memory(out, features)


@pytest.mark.parametrize("drop", [False, True])
def test_copy_leaves_the_input_alone(features, drop):
    before = features.copy()
    out = QualityReportTransformer(drop=drop).fit_transform(features)
    assert not np.shares_memory(out, features)
    assert_array_equal(features, before)


def test_without_copy_fills_in_place(features):
    quality = QualityReportTransformer(copy=False).fit(features)
    assert np.isnan(features).any()
    assert np.shares_memory(quality.transform(features), features)
    assert not np.isnan(features).any()


def test_without_copy_a_read_only_input_is_copied(features):
    features.flags.writeable = False
    out = QualityReportTransformer(copy=False).fit_transform(features)
    assert_array_equal(out, np.nan_to_num(features))


@pytest.mark.parametrize("params", [{}, {"drop": True}, {"copy": False}, {"fill_value": np.nan}])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(features, dtype, params):
    quality = QualityReportTransformer(**{"fill_value": np.float64(0.1), **params})
    out = quality.fit_transform(features.astype(dtype))
    assert out.dtype == dtype
    assert type(quality.report_["quality_metrics"]["overall_score"]) is float


def test_tags_say_what_is_kept():
    tags = get_tags(QualityReportTransformer())
    assert tags.transformer_tags.preserves_dtype == ["float64", "float32"]
    assert tags.input_tags.allow_nan


@pytest.mark.parametrize("drop", [False, True])
def test_no_rows_in_transform(features, drop):
    quality = QualityReportTransformer(drop=drop).fit(features)
    assert quality.transform(features[:0]).shape == (0, 2 if drop else 5)
    assert quality.report(features[:0])["n_entities"] == 0


def test_no_rows_in_fit():
    with pytest.raises(ValueError, match="0 sample"):
        QualityReportTransformer().fit(np.empty((0, 3)))


@pytest.mark.parametrize("drop", [False, True])
def test_infinity_is_counted_and_not_passed_on(features, drop):
    features[3, 4] = -np.inf
    quality = QualityReportTransformer(drop=drop).fit(features)
    assert quality.report(features) == quality.report_
    assert quality.report_["features"]["x4"]["infinite_rate"] == 1 / len(features)
    with pytest.raises(ValueError, match="infinity"):
        quality.transform(features)


def test_infinity_in_a_dropped_feature(features):
    features[3, 3] = np.inf
    quality = QualityReportTransformer(drop=("infinite",)).fit(features)
    assert quality.support_.tolist() == [True, True, True, False, True]
    assert np.isfinite(quality.transform(features)).all()


def test_repeated_names_are_refused(features):
    frame = pd.DataFrame(features, columns=["a", "b", "c", "d", "a"])
    with pytest.raises(ValueError, match=r"distinct|unique"):  # sklearn's own words, or ours
        QualityReportTransformer().fit(frame)


def test_no_feature_left():
    quality = QualityReportTransformer(drop=True)
    with pytest.warns(UserWarning, match="leaves none of the 2 features"):
        quality.fit(np.ones((5, 2)))
    assert quality.transform(np.ones((5, 2))).shape == (5, 0)


def test_report_on_other_features_under_the_settings_of_the_fit(features):
    frame = pd.DataFrame(features, columns=NAMES)
    quality = QualityReportTransformer(missing_value_threshold=0.05).fit(frame)
    fitted = quality.report_
    quality.set_params(missing_value_threshold=0.99)
    other = frame.iloc[:20]
    expected = quality_report(other, missing_value_threshold=0.05, fill_value=0.0)
    assert quality.report(other) == expected
    assert quality.report_ == fitted


@pytest.mark.parametrize(("library", "container"), [("pandas", pd), ("polars", pl)])
@pytest.mark.parametrize("drop", [False, True])
def test_set_output(features, library, container, drop):
    names = ["amount", "other"] if drop else NAMES
    frame = container.DataFrame(dict(zip(NAMES, features.T, strict=True)))
    quality = QualityReportTransformer(drop=drop).set_output(transform=library)
    out = quality.fit_transform(frame)
    assert isinstance(out, container.DataFrame)
    assert list(out.columns) == names
    expected = features[:, [0, 4]] if drop else features
    assert_array_equal(out.to_numpy(), np.nan_to_num(expected))
    assert list(quality.report_["validation_results"]["variance"]["variances"]) == NAMES


def through_pickle(estimator):
    return pickle.loads(pickle.dumps(estimator))


def through_skops(estimator):
    file = skops.io.dumps(estimator)
    return skops.io.loads(file, trusted=skops.io.get_untrusted_types(data=file))


@pytest.mark.parametrize("through", [through_pickle, through_skops])
def test_round_trip(features, through):
    quality = QualityReportTransformer(drop=True, fill_value=-1.0)
    frame = pd.DataFrame(features, columns=NAMES)
    back = through(quality.fit(frame))
    assert back.get_params() == quality.get_params()
    assert back.report_ == quality.report_
    assert_array_equal(back.transform(frame), quality.transform(frame))


def test_pickle_does_not_grow_with_the_training_features():
    X = np.random.default_rng(0).normal(size=(50_000, 8))
    small, large = (
        len(pickle.dumps(QualityReportTransformer().fit(X[:n]))) for n in (2_000, 50_000)
    )
    assert large < 1.5 * small
    assert large < 8 * 3_000


def test_clone_forgets_the_fit(features):
    copy = clone(QualityReportTransformer(drop=True, fill_value=np.nan).fit(features))
    assert not hasattr(copy, "report_")
    assert copy.drop is True


def test_grid_search(features):
    pipeline = make_pipeline(QualityReportTransformer(drop=True), LinearRegression())
    grid = {"qualityreporttransformer__missing_value_threshold": [0.05, 0.95]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(features, np.nan_to_num(features[:, 4]))
    # The target is the column that the lower threshold drops.
    assert search.best_params_ == {"qualityreporttransformer__missing_value_threshold": 0.95}
    assert search.best_score_ == pytest.approx(1.0)


@pytest.mark.parametrize(
    "params",
    [{"fill_value": np.inf}, {"fill_value": "0"}, {"drop": "yes"}, {"correlation_threshold": 2}],
)
def test_bad_parameters(features, params):
    with pytest.raises(ValueError, match=f"The '{next(iter(params))}' parameter"):
        QualityReportTransformer(**params).fit(features)
