"""Drift against scipy, its error rates, and that nothing is too odd for it."""

import json

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose
from scipy.spatial.distance import jensenshannon
from sklearn.exceptions import NotFittedError

from sktemporal.quality import QualityReportTransformer, drift_report
from sktemporal.quality import drift as module
from sktemporal.quality.sketches import FeatureSketches


def drift(reference, new, **params):
    """Report of columns a, b, ... of two arrays; strict JSON."""
    reference, new = (x[:, None] if x.ndim == 1 else x for x in (reference, new))
    names = [f"x{i}" for i in range(reference.shape[1])]
    sketches = [FeatureSketches.from_matrix(x, names) for x in (reference, new)]
    report = drift_report(*sketches, **params)
    json.dumps(report, allow_nan=False)
    return report


def feature(reference, new):
    return drift(reference, new)["features"]["x0"]


@pytest.fixture
def samples():
    rng = np.random.default_rng(0)
    return rng.normal(size=150), rng.normal(0.3, 1.2, size=110)


@pytest.mark.parametrize("values", [[0.0, 1.0, 2.0], [5.0], [0.1, 0.2, 0.3], [1e-3, 0.5], [1e9]])
def test_rounding_is_no_drift(values):
    rng = np.random.default_rng(0)
    reference, new = rng.choice(values, size=(2, 2000, 1))
    for shifted in (new + 1e-9, new * (1 + 1e-12), new.astype(np.float32).astype(np.float64)):
        names = ["few"]
        sketches = [FeatureSketches.from_matrix(part, names) for part in (reference, shifted)]
        plain = drift_report(sketches[0], FeatureSketches.from_matrix(new, names))
        found = drift_report(*sketches)
        assert not found["drift"]
        few = found["features"]["few"]
        assert few["psi"] == plain["features"]["few"]["psi"]
        assert few["ks"] == plain["features"]["few"]["ks"]
        assert few["test"] == "chi_square"


@pytest.mark.parametrize(("old", "new"), [(1.7e9, 1.7e9 + 1), (0.0, 1e-9), (1.0, 1.001)])
def test_small_changes_that_rounding_does_not_explain(old, new):
    sketches = [FeatureSketches.from_matrix(np.full((500, 1), v), ["one"]) for v in (old, new)]
    assert drift_report(*sketches)["drifted"] == ["one"]


def test_continuous_values_against_scipy(samples):
    # 260 distinct values: each has its own bin.
    found = feature(*samples)
    expected = scipy.stats.ks_2samp(*samples, method="asymp")
    assert found["test"] == "ks"
    assert_allclose(found["ks"], expected.statistic, rtol=1e-12)
    assert_allclose(found["p_value"], expected.pvalue, rtol=1e-9)
    distance = scipy.stats.wasserstein_distance(*samples)
    assert_allclose(found["wasserstein"], distance, rtol=1e-9)
    assert_allclose(found["wasserstein_in_std"], distance / samples[0].std(), rtol=1e-9)
    assert found["chi_square"] is found["jensen_shannon"] is None


def test_many_rows_are_near_scipy():
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(size=30_000), rng.lognormal(0.05, 1.1, size=20_000)
    found = feature(a, b)
    expected = scipy.stats.ks_2samp(a, b)
    assert 0.9 * expected.statistic < found["ks"] <= expected.statistic * (1 + 1e-12)
    assert_allclose(found["wasserstein"], scipy.stats.wasserstein_distance(a, b), rtol=0.1)


def test_few_values_against_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.poisson(2, size=400), rng.poisson(2.5, size=300)
    a, b = a.clip(0, 5), b.clip(0, 5)
    found = feature(a.astype(float), b.astype(float))
    p, q = (np.bincount(x, minlength=6) for x in (a, b))
    expected = scipy.stats.chi2_contingency([p, q], correction=False)
    assert found["test"] == "chi_square"
    assert_allclose([found["chi_square"], found["p_value"]], [expected.statistic, expected.pvalue])
    assert_allclose(found["jensen_shannon"], jensenshannon(p, q, base=2))
    p, q = ((x + 0.5) / (x + 0.5).sum() for x in (p, q))
    assert_allclose(found["psi"], np.sum((q - p) * np.log(q / p)))


@pytest.mark.parametrize("n_missing", [0, 25])
def test_psi_of_tenths_by_hand(samples, n_missing):
    a, b = samples
    a = np.sort(a[:100])
    # A new value is in the tenth of the greatest reference value below it.
    tenths = np.minimum(np.searchsorted(a, b) // 10, 9)
    p, q = np.full(10, 10), np.bincount(tenths, minlength=10)
    if n_missing:
        p, q = np.append(p, 3), np.append(q, n_missing)
        a, b = np.append(a, np.full(3, np.nan)), np.append(b, np.full(n_missing, np.nan))
    p, q = ((x + 0.5) / (x + 0.5).sum() for x in (p, q))
    assert_allclose(feature(a, b)["psi"], np.sum((q - p) * np.log(q / p)), rtol=1e-12)


def test_rare_values_are_put_together():
    a = np.repeat([0.0, 1.0, 2.0, 3.0], [500, 480, 3, 4])
    b = np.repeat([0.0, 1.0, 2.0, 4.0], [480, 500, 5, 6])
    expected = scipy.stats.chi2_contingency([[500, 480, 7], [480, 500, 11]], correction=False)
    assert_allclose(feature(a, b)["p_value"], expected.pvalue)


def test_missing_values_against_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=400), rng.normal(size=300)
    a[:40], b[:60] = np.nan, np.nan
    found = feature(a, b)
    expected = scipy.stats.chi2_contingency([[40, 60], [360, 240]], correction=False)
    assert_allclose(found["p_missing"], expected.pvalue)
    assert_allclose(found["p_adjusted"], 2 * min(found["p_value"], found["p_missing"]))
    assert (found["missing_reference"], found["missing_new"]) == (0.1, 0.2)
    b[3:60] = 0.0
    expected = scipy.stats.fisher_exact([[3, 1], [7, 299]]).pvalue
    a[:] = rng.normal(size=400)
    few = feature(np.append(np.full(3, np.nan), a[:7]), np.append(np.nan, rng.normal(size=299)))
    assert_allclose(few["p_missing"], expected)


@pytest.mark.parametrize("method", ["bh", "by"])
def test_p_values_are_adjusted_as_in_scipy(method):
    rng = np.random.default_rng(0)
    reference, new = (
        rng.normal(size=(300, 30)),
        rng.normal(size=(300, 30)) + np.linspace(0, 0.5, 30),
    )
    report = drift(reference, new, method=method)
    features = report["features"].values()
    expected = scipy.stats.false_discovery_control([f["p_value"] for f in features], method=method)
    assert_allclose([f["p_adjusted"] for f in features], expected)
    assert sorted(report["drifted"]) == sorted(
        name for name, p in zip(report["features"], expected, strict=True) if p <= 0.05
    )
    assert report["drift"] is True
    assert report["share_drifted"] == len(report["drifted"]) / 30


def rate(n_draws, shift, n_rows, kind):
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(n_draws):
        a, b = rng.normal(size=(2, n_rows, 10))
        b[:, 0] += shift
        if kind == "counts":
            a, b = np.floor(2 * a), np.floor(2 * b)
        if kind == "missing":
            a[rng.random(a.shape) < 0.2] = np.nan
            b[rng.random(b.shape) < 0.2] = np.nan
        found += drift(a, b)["drift"] if not shift else "x0" in drift(a, b)["drifted"]
    return found / n_draws


@pytest.mark.parametrize("kind", ["continuous", "counts", "missing"])
def test_false_positive_rate_is_near_the_level(kind):
    # 200 draws at a rate of 0.05: between these with a probability of 0.99.
    found = rate(200, 0.0, 1000, kind)
    assert 0.015 <= found <= 0.095


@pytest.mark.parametrize(("shift", "least"), [(0.1, 0.9), (0.3, 1.0), (1.0, 1.0)])
def test_power(shift, least):
    assert rate(40, shift, 8000, "continuous") >= least


def test_bins_cost_little_power():
    rng = np.random.default_rng(0)
    found, exact = 0, 0
    for _ in range(100):
        a, b = rng.normal(size=(5000, 10)), rng.normal(size=(1000, 10))
        b[:, 0] += 0.1
        found += "x0" in drift(a, b)["drifted"]
        p = scipy.stats.ks_2samp(a, b, method="asymp").pvalue
        exact += scipy.stats.false_discovery_control(p)[0] <= 0.05
    assert 25 <= exact <= 75  # else this tests nothing
    assert found >= exact - 6


def test_far_from_zero():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(1e9, 1.0, size=(3, 5000))
    assert not drift(a, b)["drift"]
    assert drift(a, c + 0.3)["drift"]
    assert_allclose(feature(a, c + 0.3)["wasserstein"], 0.3, atol=0.05)


ODD = {
    "missing": np.full(50, np.nan),
    "constant": np.full(50, 3.0),
    "infinite": np.full(50, np.inf),
    "both": np.resize([np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324], 50),
    "one row": np.array([1.0]),
    "no rows": np.empty(0),
    "many": np.linspace(-1, 1, 5000),
}


@pytest.mark.parametrize("new", ODD)
@pytest.mark.parametrize("reference", ODD)
def test_nothing_is_too_odd(reference, new):
    found = drift(ODD[reference], ODD[new])
    if reference == new:
        assert not found["drift"]
        assert found["features"]["x0"]["ks"] in (None, 0.0)
    elif "row" not in reference + new:
        assert found["drift"]


def test_no_features():
    empty = FeatureSketches.from_matrix(np.empty((3, 0)), [])
    report = drift_report(empty, empty)
    assert report["drift"] is False
    assert report["share_drifted"] is None
    assert report["verdict"].startswith("No feature could be compared")


def test_verdict():
    X = np.arange(1200.0).reshape(400, 3)
    assert drift(X, X[:0])["verdict"] == (
        "No feature could be compared: there are 400 reference and 0 new rows of 3 features."
    )
    rate = "at a false discovery rate of 0.05."
    assert drift(X, X)["verdict"] == f"None of 3 features drifts {rate}"
    assert drift(X, X + [0, 0, 900])["verdict"] == f"1 of 3 features drifts {rate}"
    assert drift(X, X + [0, 900, 900])["verdict"] == f"2 of 3 features drift {rate}"
    assert drift(X[:, 0], X[:, 0])["verdict"] == f"None of 1 feature drifts {rate}"


def test_other_features_are_refused():
    sketches = [FeatureSketches.from_matrix(np.zeros((3, 2)), names) for names in ("ab", "ac")]
    with pytest.raises(ValueError, match="'c' in place of 'b' at position 1"):
        drift_report(*sketches)


@pytest.mark.parametrize("params", [{"level": 0.0}, {"level": 1.5}, {"method": "bonferroni"}])
def test_parameters_are_checked(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        drift(np.zeros(3), np.zeros(3), **params)


@pytest.mark.parametrize("dtypes", [("f4", "f8"), ("f8", "f4"), ("f4", "f4")])
def test_precision_is_no_drift(dtypes):
    rng = np.random.default_rng(0)
    X = np.column_stack(
        [rng.integers(0, 9, 4000) / 10, rng.normal(size=4000), 1e9 + rng.normal(size=4000)]
    )
    of_training, of_new = dtypes
    quality = QualityReportTransformer().fit(X.astype(of_training))
    report = quality.drift(X.astype(of_new))
    assert report["drifted"] == []
    assert report["features"]["x0"]["ks"] == 0.0
    assert report["features"]["x1"]["ks"] < 0.001
    assert quality.drift((X + [0.1, 0, 0]).astype(of_new))["drifted"] == ["x0"]


def test_transformer_keeps_the_reference():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(800, 3))
    quality = QualityReportTransformer()
    with pytest.raises(NotFittedError):
        quality.drift(X)
    assert not hasattr(quality, "reference_")
    quality.fit(X)
    assert quality.reference_ == FeatureSketches.from_matrix(X, ["x0", "x1", "x2"])
    assert not quality.drift(X)["drift"]
    assert quality.drift(X + [0, 0, 0.5])["drifted"] == ["x2"]
    assert quality.drift(X[:0])["n_new"] == 0
    part = quality.narrowed([True, False, True])
    assert part.drift(X[:, [0, 2]] + [0, 0.5])["drifted"] == ["x2"]


def test_at_the_level_is_drift(samples):
    p_value = feature(*samples)["p_value"]
    assert drift(*samples, level=p_value)["drift"]
    assert not drift(*samples, level=np.nextafter(p_value, 0.0))["drift"]


@pytest.mark.parametrize(("limit", "graded"), [("_MODERATE", "moderate"), ("_LARGE", "large")])
def test_an_index_at_a_limit_is_the_worse(samples, monkeypatch, limit, graded):
    index = feature(*samples)["psi"]
    monkeypatch.setattr(module, "_MODERATE", index / 2)
    monkeypatch.setattr(module, "_LARGE", 2 * index)
    monkeypatch.setattr(module, limit, index)
    assert feature(*samples)["severity"] == graded
    monkeypatch.setattr(module, limit, np.nextafter(index, 1.0))
    better = {"moderate": "small", "large": "moderate"}[graded]
    assert feature(*samples)["severity"] == better


@pytest.mark.parametrize(("n_distinct", "test"), [(20, "chi_square"), (21, "ks")])
def test_twenty_values_together_are_few(n_distinct, test):
    values = np.arange(n_distinct, dtype=float)
    found = feature(np.repeat(values[:-1], 50), np.repeat(values[1:], 50))
    assert found["test"] == test
    assert (found["jensen_shannon"] is None) == (test == "ks")


def p_of_counts(*columns):
    """The p-value of values that occur so often in the reference, and in the new rows."""
    values = np.arange(len(columns), dtype=float)
    return feature(*(np.repeat(values, counts) for counts in zip(*columns, strict=True)))["p_value"]


@pytest.mark.parametrize(
    ("counts", "tested"),
    [
        # Expected exactly five times: each for itself.
        ([(50, 40), (41, 49), (7, 3), (2, 8)], [(50, 40), (41, 49), (7, 3), (2, 8)]),
        # Less often: together.
        ([(50, 40), (42, 50), (7, 2), (1, 8)], [(50, 40), (42, 50), (8, 10)]),
        # Together exactly five times: for themselves.
        ([(60, 42), (35, 53), (3, 2), (2, 3)], [(60, 42), (35, 53), (5, 5)]),
        # Less often even together: with the rarest of the others.
        ([(60, 42), (10, 8), (28, 48), (1, 2), (1, 0)], [(60, 42), (12, 10), (28, 48)]),
        # By the smaller of the two.
        ([(100, 20), (76, 26), (16, 2), (8, 2)], [(100, 20), (76, 26), (24, 4)]),
    ],
)
def test_rare_values_are_put_together_below_five(counts, tested):
    table = np.transpose(tested)
    expected = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert_allclose(p_of_counts(*counts), expected, rtol=1e-12)


def of_missing(n_missing, m_missing, n=100, m=100):
    rng = np.random.default_rng(0)
    return feature(
        np.append(np.full(n_missing, np.nan), rng.normal(size=n - n_missing)),
        np.append(np.full(m_missing, np.nan), rng.normal(size=m - m_missing)),
    )


@pytest.mark.parametrize(
    ("counts", "exact"), [((2, 8), False), ((2, 7), True), ((0, 9), True), ((1, 8), True)]
)
def test_missing_values_expected_less_than_five_times_are_tested_exactly(counts, exact):
    table = [counts, [100 - n for n in counts]]
    if exact:
        expected = scipy.stats.fisher_exact(table).pvalue
    else:
        expected = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert_allclose(of_missing(*counts)["p_missing"], expected, rtol=1e-12)


@pytest.mark.parametrize(("before", "after"), [(0, 30), (30, 0)])
def test_missing_values_are_a_group_of_the_index_where_they_are_on_one_side(before, after):
    found = of_missing(before, after)
    assert found["psi"] > 1.0  # that of the values is small


def test_infinite_values_are_not_transported():
    a, b = np.array([0.0, 1.0, np.inf]), np.array([-np.inf, 2.0, 3.0])
    assert feature(a, b)["wasserstein"] == 2.0


def test_the_most_surprising_come_first():
    rng = np.random.default_rng(0)
    reference, new = rng.normal(size=(2, 500, 5))
    report = drift(reference, new + [0.5, 0.3, 0.0, 1.0, 0.4])
    p_values = [report["features"][name]["p_value"] for name in report["drifted"]]
    assert report["drifted"][0] == "x3"
    assert len(p_values) == 4
    assert p_values == sorted(p_values)


@pytest.mark.parametrize("method", ["bh", "by"])
@pytest.mark.parametrize("level", [1e-6, 0.2])
def test_the_step_passes_level_and_method_on(level, method):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    report = QualityReportTransformer().fit(X).drift(X + [0, 0, 0.2], level=level, method=method)
    assert (report["level"], report["method"]) == (level, method)
    expected = drift(X, X + [0, 0, 0.2], level=level, method=method)
    assert report == expected
