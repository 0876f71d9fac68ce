"""Mutual information and predictive power against scikit-learn, and planted leaks."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from sklearn.metrics import homogeneity_score, mutual_info_score, roc_auc_score

from sktemporal.quality import QualityReportTransformer, quality_report
from sktemporal.quality.target import MAX_ROWS, read_target, target_measures


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def leaks(X, y):
    findings = {finding["check"]: finding for finding in quality_report(X, y=y)["checks"]}
    return list(findings.get("leakage", {"features": []})["features"])


def test_mutual_information_of_classes_is_that_of_scikit_learn(rng):
    X = rng.integers(0, 6, size=(2000, 3)).astype(float)
    y = (X[:, 0] + rng.integers(0, 3, size=2000)).astype(int)
    X[::9, 1] = np.nan
    found = target_measures(X, y, classification=True)
    for j, n_groups in enumerate((6, 7, 6)):
        groups = np.nan_to_num(X[:, j], nan=99.0)
        bias = (n_groups - 1) * (len(np.unique(y)) - 1) / (2 * len(y))
        expected = max(mutual_info_score(groups, y) - bias, 0.0)
        np.testing.assert_allclose(found.mutual_information[j], expected, rtol=1e-10, atol=1e-14)


def test_mutual_information_of_numbers_is_that_of_their_groups(rng):
    x, y = rng.normal(size=(2, 5120))
    y += x
    found = target_measures(x[:, np.newaxis], y, classification=False)
    groups = [np.argsort(np.argsort(values)) * 32 // 5120 for values in (x, y)]
    expected = mutual_info_score(*groups) - 31 * 31 / (2 * 5120)
    np.testing.assert_allclose(found.mutual_information, [expected], rtol=1e-10)


@pytest.mark.parametrize("prevalence", [0.5, 0.02])
def test_power_of_two_classes_is_the_area_under_the_curve(rng, prevalence):
    y = (rng.random(size=5000) < prevalence).astype(int)
    x = rng.normal(size=5000) - 1.5 * y
    found = target_measures(x[:, np.newaxis], y, classification=True)
    area = roc_auc_score(y, x)
    np.testing.assert_allclose(found.predictive_power, [abs(2 * area - 1)], rtol=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_power_of_two_classes_where_values_are_missing(rng, sign):
    y = (rng.random(size=2000) < 0.3).astype(int)
    x = sign * np.round(rng.normal(size=2000) - y, 1)
    x[rng.random(2000) < np.where(y == 1, 0.3, 0.1)] = np.nan
    found = target_measures(x[:, np.newaxis], y, classification=True)
    areas = [roc_auc_score(y, np.nan_to_num(x, nan=fill)) for fill in (-99.0, 99.0)]
    expected = max(abs(2 * area - 1) for area in areas)
    np.testing.assert_allclose(found.predictive_power, [expected], rtol=1e-12)


def test_power_of_many_classes_is_the_share_of_the_entropy(rng):
    X = rng.integers(0, 9, size=(3000, 2)).astype(float)
    y = (X[:, 0].astype(int) + rng.integers(0, 2, size=3000)) % 4
    found = target_measures(X, y, classification=True)
    expected = [homogeneity_score(y, groups) for groups in X.T]
    np.testing.assert_allclose(found.predictive_power, expected, rtol=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_power_of_numbers_is_the_rank_correlation(rng, sign):
    x = np.round(rng.normal(size=4000), 1)
    y = sign * x + np.round(rng.normal(size=4000), 1)
    x[::5] = np.nan
    found = target_measures(x[:, np.newaxis], y, classification=False)
    expected = scipy.stats.spearmanr(x, y, nan_policy="omit").statistic
    assert sign * expected > 0.5
    np.testing.assert_allclose(found.predictive_power, [abs(expected)], rtol=1e-12)


def test_noise_tells_nothing(rng):
    X = rng.normal(size=(2000, 40))
    for y, classification in ((rng.integers(0, 2, 2000), True), (rng.normal(size=2000), False)):
        found = target_measures(X, y, classification)
        assert found.mutual_information.max() < 0.05
        assert found.predictive_power.max() < 0.3
        assert leaks(X, y) == []


def test_leaks_of_many_kinds_are_found(rng):
    rare = (rng.random(size=20_000) < 0.005).astype(int)
    noise = rng.normal(size=20_000)
    X = np.column_stack(
        [
            noise,
            rare + 0.01 * noise,
            -5.0 * rare,
            np.where(rare == 1, noise, np.nan),  # known only where it happened
            np.where(rare == 1, np.nan, noise),
            noise + rare,
        ]
    )
    assert leaks(X, rare) == ["x1", "x2", "x3", "x4"]
    names = np.array(["no", "yes"])[rare]
    assert leaks(X, names) == ["x1", "x2", "x3", "x4"]


def test_leaks_of_many_classes_and_of_numbers(rng):
    classes = rng.integers(0, 5, size=3000)
    amount = rng.lognormal(size=3000)
    X = np.column_stack([(classes * 7 + 3) % 5, amount, rng.normal(size=3000)])
    assert leaks(X, classes) == ["x0"]
    assert leaks(X, np.log(amount) * 3) == ["x1"]


def test_few_rows_prove_nothing(rng):
    X = rng.normal(size=(12, 200))
    assert leaks(X, np.arange(12) % 2) == []
    assert quality_report(X, y=np.arange(12) % 2)["features"]["x0"]["predictive_power"] is None


@pytest.mark.parametrize("n_positive", [1, 9, 10])
def test_few_rows_of_the_rarer_class_prove_nothing(rng, n_positive):
    y = (np.arange(1000) < n_positive).astype(int)
    found = target_measures(y[:, np.newaxis] * 3.0, y, classification=True)
    np.testing.assert_equal(found.predictive_power, [1.0 if n_positive == 10 else np.nan])
    if n_positive == 1:
        # Some of these rare counts happen to be those of the one positive.
        assert leaks(rng.poisson(1.0, size=(1000, 3000)).astype(float), y) == []


CLASSES = np.array(["no", "yes", "née"])[np.arange(90) % 3]
TARGETS = {
    "strings": CLASSES,
    "objects": CLASSES.astype(object),
    "pandas": pd.Series(CLASSES),
    "string": pd.Series(CLASSES, dtype="string"),
    "category": pd.Series(CLASSES, dtype="category"),
    "polars": pl.Series(CLASSES),
    "polars categories": pl.Series(CLASSES, dtype=pl.Categorical),
    "column": pd.DataFrame({"y": CLASSES}),
    "whole numbers": np.arange(90) % 3 - 1,
    "whole floats": np.arange(90) % 3 * 1.0,
    "objects of numbers": (np.arange(90) % 3).astype(object),
    "mixed": np.array(["a", 1, ("b", 2)] * 30 + [None], dtype=object)[:-1],
    "nullable": pd.Series(np.arange(90) % 3, dtype="Int64"),
    "large": np.arange(90) % 3 * 1e300,
    "list": CLASSES.tolist(),
    "bytes": np.array([b"a", b"b", b"c"] * 30),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_classes_of_any_type(kind):
    known, y, classification = read_target(TARGETS[kind])
    assert known.all()
    assert classification
    np.testing.assert_array_equal(y, np.arange(90) % 3)


@pytest.mark.parametrize(
    "numbers",
    [
        np.linspace(0, 1, 50),
        np.arange(50),
        np.arange(50).astype(object),
        np.linspace(0, 1e308, 50),
        pd.Series(np.linspace(0, 1, 50), dtype="Float64"),
        pd.date_range("2024", periods=50),
        pd.date_range("2024", periods=50, tz="Europe/Berlin"),
        np.append(np.arange(49.0), np.inf),
    ],
)
def test_numbers_of_any_type(numbers):
    known, y, classification = read_target(numbers)
    assert known.all()
    assert not classification
    assert y.dtype == np.float64
    assert (np.diff(y) > 0).all()


@pytest.mark.parametrize("n_rows", [500, MAX_ROWS + 500])
@pytest.mark.parametrize(("unknown", "dtype"), [(np.nan, float), (None, object), (pd.NA, object)])
def test_of_unknown_targets_the_rows_are_left_out(rng, unknown, dtype, n_rows):
    y = rng.integers(0, 2, size=n_rows)
    X = np.column_stack([y + rng.normal(size=n_rows), rng.normal(size=n_rows)])
    partly = y.astype(object)
    partly[::3] = unknown
    partly = partly.astype(dtype)
    known = np.arange(n_rows) % 3 > 0
    found = quality_report(X, y=partly)["features"]
    expected = quality_report(X[known], y=y[known])["features"]
    for name in ("x0", "x1"):
        for key in ("mutual_information", "predictive_power"):
            assert found[name][key] == pytest.approx(expected[name][key])
    assert found["x0"]["predictive_power"] > 0.3
    nothing = quality_report(X, y=np.full(n_rows, None))["features"]["x0"]
    assert nothing["predictive_power"] is None


@pytest.mark.parametrize("value", ["a", 1, 0.5])
def test_a_target_of_one_class_tells_nothing(rng, value):
    features = quality_report(rng.normal(size=(50, 1)), y=np.full(50, value))["features"]
    assert features["x0"]["mutual_information"] == 0.0
    assert features["x0"]["predictive_power"] is None


def test_a_complex_target_is_refused(rng):
    with pytest.raises(ValueError, match="y must be classes or real numbers; got complex128"):
        quality_report(rng.normal(size=(3, 1)), y=np.full(3, 1j))


def test_a_target_of_several_outputs_is_left_out(rng):
    X = rng.normal(size=(50, 2))
    assert "mutual_information" not in quality_report(X, y=X)["features"]["x0"]


def test_a_target_of_another_length_is_refused(rng):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quality_report(np.ones((5, 2)), y=np.ones(4))


def test_of_many_rows_evenly_spaced_ones_are_used(rng):
    n_rows = 3 * MAX_ROWS
    y = rng.integers(0, 2, size=n_rows)
    X = np.column_stack([y, rng.normal(size=n_rows)]).astype(np.float32)
    found = target_measures(X, y, classification=True, n_jobs=2)
    expected = target_measures(X[::3], y[::3], classification=True)
    assert [field.tobytes() for field in found] == [field.tobytes() for field in expected]


def test_the_transformer_drops_leaks_where_asked(rng):
    y = rng.integers(0, 2, size=400)
    X = np.column_stack([rng.normal(size=400), y + 0.001 * rng.normal(size=400)])
    assert QualityReportTransformer(drop=True).fit(X, y).get_support().tolist() == [True, True]
    quality = QualityReportTransformer(drop=("leakage",)).fit(X, y)
    assert quality.get_support().tolist() == [True, False]
    assert quality.report_["selection"]["dropped"] == [
        {"feature": "x1", "reason": "leakage", "in_favour_of": None}
    ]


def test_the_report_on_other_features_takes_their_target():
    rng = np.random.default_rng(5)
    X, other = rng.normal(size=(2, 300, 2))
    y = (other[:, 0] > 0).astype(int)
    step = QualityReportTransformer().fit(X)
    first, second = (of["mutual_information"] for of in step.report(other, y)["features"].values())
    assert first > 10 * second
    assert not any("mutual_information" in of for of in step.report(other)["features"].values())


@pytest.mark.parametrize(("n_distinct", "is_class"), [(32, True), (33, False)])
def test_thirty_two_whole_numbers_are_classes(n_distinct, is_class):
    assert read_target(np.arange(99) % n_distinct)[2] == is_class


@pytest.mark.parametrize("classification", [True, False])
@pytest.mark.parametrize(("n_rows", "is_told"), [(29, False), (30, True)])
def test_thirty_rows_are_enough(n_rows, is_told, classification):
    y = np.arange(n_rows) % 2 if classification else np.arange(n_rows, dtype=float)
    found = target_measures(y[:, np.newaxis] * 1.0, y, classification)
    np.testing.assert_equal(found.predictive_power, [1.0 if is_told else np.nan])


@pytest.mark.parametrize(("n_observed", "is_ranked"), [(29, False), (30, True)])
def test_ranks_need_thirty_observed_values(rng, n_observed, is_ranked):
    y = rng.normal(size=400)
    x = np.where(np.arange(400) < n_observed, y, np.nan)
    power = target_measures(x[:, np.newaxis], y, classification=False).predictive_power[0]
    assert (power == pytest.approx(1.0)) == is_ranked


def test_as_many_values_as_groups_are_a_group_each(rng):
    x = np.minimum(rng.geometric(0.2, size=6000), 32)
    x[:32] = np.arange(1, 33)
    y = (x + rng.integers(0, 3, size=6000)) % 5
    found = target_measures(x[:, np.newaxis] * 1.0, y, classification=True)
    expected = mutual_info_score(x, y) - 31 * 4 / (2 * 6000)
    np.testing.assert_allclose(found.mutual_information, [expected], rtol=1e-10)


def test_information_is_never_below_zero(rng):
    found = target_measures(rng.normal(size=(300, 50)), rng.integers(0, 2, 300), True)
    assert found.mutual_information.min() == 0.0
