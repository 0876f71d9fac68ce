"""Mutual information and predictive power against scikit-learn, and planted leaks."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score, roc_auc_score

from sktemporal.quality import QualityReportTransformer, quality_report
from sktemporal.quality.target import MAX_ROWS, target_measures


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
