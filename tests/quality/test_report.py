"""The report's numbers against pandas, its shape, and that it is strict JSON whatever comes in."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from threadpoolctl import threadpool_info, threadpool_limits

from sktemporal.quality import checks, quality_report
from sktemporal.quality.findings import CHECKS

LARGEST = np.finfo(np.float64).max


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.lognormal(size=(400, 6)), columns=list("abcdef"))
    frame["b"] = -2 * frame["a"] + 1e-3 * frame["b"]
    frame.loc[:389, "c"] = np.nan
    frame.loc[::7, "d"] = np.nan
    frame["e"] *= 1e-3
    return frame


def strict(report):
    """Pass the report through JSON, which forgives a numpy float and a tuple; so compare."""
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    json_types = {dict, list, str, int, float, bool, type(None)}
    stack = [report]
    while stack:
        node = stack.pop()
        assert type(node) in json_types
        if isinstance(node, dict):
            assert all(type(key) is str for key in node)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return report


def test_shape(features):
    report = strict(quality_report(features))
    assert {
        section: set(content)
        for section, content in report["validation_results"].items()
        if section != "outliers"
    } == {
        "missing_values": {
            "missing_rates",
            "problematic_features",
            "max_missing_rate",
            "avg_missing_rate",
        },
        "correlations": {
            "high_correlation_pairs",
            "n_high_correlation_pairs",
            "clusters",
            "max_correlation",
        },
        "variance": {"variances", "low_variance_features", "min_variance", "avg_variance"},
    }
    assert set(report["quality_metrics"]) == {
        "overall_score",
        "grade",
        "missing_value_score",
        "variance_score",
        "correlation_score",
    }
    assert (report["n_entities"], report["n_features"]) == (400, 6)
    outliers = report["validation_results"]["outliers"]
    assert list(outliers) == list("abcdef")
    for measured in outliers.values():
        assert list(measured) == ["outlier_count", "outlier_rate", "lower_bound", "upper_bound"]


def test_numbers_against_pandas(features):
    results = quality_report(features)["validation_results"]
    rates = features.isna().mean()
    assert results["missing_values"]["missing_rates"] == pytest.approx(rates.to_dict())
    assert results["missing_values"]["problematic_features"] == ["c"]
    assert results["missing_values"]["max_missing_rate"] == pytest.approx(rates.max())
    assert results["missing_values"]["avg_missing_rate"] == pytest.approx(rates.mean())
    variances = features.var()
    assert results["variance"]["variances"] == pytest.approx(variances.to_dict())
    assert results["variance"]["low_variance_features"] == ["e"]
    assert results["variance"]["min_variance"] == pytest.approx(variances.min())
    assert results["variance"]["avg_variance"] == pytest.approx(variances.mean())
    correlation = features.corr()
    [pair] = results["correlations"]["high_correlation_pairs"]
    assert pair == {
        "feature1": "a",
        "feature2": "b",
        "correlation": pytest.approx(correlation.loc["a", "b"]),
    }
    assert pair["correlation"] < -0.99
    assert results["correlations"]["max_correlation"] == pytest.approx(-pair["correlation"])
    observed = features["d"].dropna()
    first, third = observed.quantile([0.25, 0.75])
    lower, upper = first - 1.5 * (third - first), third + 1.5 * (third - first)
    count = (~observed.between(lower, upper)).sum()
    assert results["outliers"]["d"] == {
        "outlier_count": count,
        "outlier_rate": pytest.approx(count / len(observed)),
        "lower_bound": pytest.approx(lower),
        "upper_bound": pytest.approx(upper),
    }


def test_score_follows_from_the_numbers(features):
    report = quality_report(features)
    results, metrics = report["validation_results"], report["quality_metrics"]
    missing = 1 - results["missing_values"]["avg_missing_rate"]
    variance = results["variance"]["avg_variance"] / 10
    assert variance < 1
    assert metrics == {
        "overall_score": pytest.approx((missing + variance + 0.9) / 3),
        "grade": "good",
        "missing_value_score": pytest.approx(missing),
        "variance_score": pytest.approx(variance),
        "correlation_score": 0.9,
    }


def test_thresholds_are_strict_and_in_the_report():
    X = np.array([[0.0, 1.0, np.nan], [2.0, 1.0, 3.0]])
    at = quality_report(X, missing_value_threshold=0.5, variance_threshold=2.0)
    assert at["validation_results"]["missing_values"]["problematic_features"] == []
    assert at["validation_results"]["variance"]["low_variance_features"] == ["x1"]
    assert at["thresholds"].pop("checks").keys() == CHECKS.keys() - {
        "missing",
        "correlated",
        "duplicate",
    }
    assert at["thresholds"] == {
        "missing_value_threshold": 0.5,
        "correlation_threshold": 0.99,
        "variance_threshold": 2.0,
        "outlier_detection": True,
    }
    beyond = quality_report(X, missing_value_threshold=0.49, variance_threshold=2.01)
    assert beyond["validation_results"]["missing_values"]["problematic_features"] == ["x2"]
    assert beyond["validation_results"]["variance"]["low_variance_features"] == ["x0", "x1"]


def test_measures_on_one_blas_thread(features, monkeypatch):
    n_threads = set()

    def spy(X, profiles, n_jobs):
        n_threads.update(
            library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
        )
        return np.eye(X.shape[1])

    monkeypatch.setattr(checks, "correlation_matrix", spy)
    with threadpool_limits(2, user_api="blas"):
        quality_report(features)
    assert n_threads == {1}


def test_without_outlier_detection(features):
    report = quality_report(features, outlier_detection=False)
    assert report["validation_results"]["outliers"] == {}
    assert not any("outliers" in sentence for sentence in report["recommendations"])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4)])
def test_undefined_is_none(shape):
    report = strict(quality_report(np.ones(shape)))
    results, metrics = report["validation_results"], report["quality_metrics"]
    assert (report["n_entities"], report["n_features"]) == shape
    assert results["variance"]["avg_variance"] is None
    assert results["variance"]["low_variance_features"] == []
    assert results["correlations"]["max_correlation"] is None
    assert metrics["overall_score"] is None
    assert metrics["grade"] is None
    assert (metrics["missing_value_score"] is None) == (0 in shape)
    assert len(report["recommendations"]) == (shape[0] < 2)


@pytest.mark.parametrize("frame", [pd.DataFrame(index=range(3)), pd.DataFrame(), pl.DataFrame()])
def test_a_frame_without_columns(frame):
    report = strict(quality_report(frame))
    assert (report["n_entities"], report["n_features"]) == (len(frame), 0)


def test_all_missing_and_constant_columns():
    X = np.column_stack([np.full(5, np.nan), np.full(5, 0.1), np.arange(5.0)])
    report = strict(quality_report(X, ["missing", "constant", "rising"]))
    results = report["validation_results"]
    assert results["variance"]["variances"] == {"missing": None, "constant": 0.0, "rising": 2.5}
    assert results["variance"]["avg_variance"] == 1.25
    assert results["variance"]["low_variance_features"] == ["constant"]
    assert results["missing_values"]["problematic_features"] == ["missing"]
    assert results["correlations"] == {
        "high_correlation_pairs": [],
        "n_high_correlation_pairs": 0,
        "clusters": [],
        "max_correlation": None,
    }
    assert results["outliers"]["missing"] == {
        "outlier_count": 0,
        "outlier_rate": None,
        "lower_bound": None,
        "upper_bound": None,
    }


def test_huge_values_end_at_the_largest_float():
    X = np.array([[1e308, 1.0], [-1e308, 2.0], [1e308, 4.0], [-1e308, 7.0]])
    report = strict(quality_report(X))
    results = report["validation_results"]
    assert results["variance"]["variances"]["x0"] == LARGEST
    assert results["variance"]["avg_variance"] == LARGEST
    assert results["outliers"]["x0"]["lower_bound"] == -LARGEST
    assert results["outliers"]["x0"]["outlier_count"] == 0
    assert report["quality_metrics"]["variance_score"] == 1.0
    expected = np.corrcoef([1, -1, 1, -1], X[:, 1])[0, 1]
    assert results["correlations"]["max_correlation"] == pytest.approx(abs(expected))


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        st.tuples(st.integers(0, 6), st.integers(0, 5)),
        elements=st.floats(allow_infinity=False, width=32),
    ),
    st.data(),
)
def test_strict_json_for_any_features(X, data):
    text = st.text(st.characters(exclude_categories=()), max_size=5)
    names = data.draw(st.lists(text, min_size=X.shape[1], max_size=X.shape[1], unique=True))
    report = strict(quality_report(X, names))
    assert list(report["validation_results"]["missing_values"]["missing_rates"]) == names


def test_names_of_any_length_and_script():
    names = ["n" * 10_000, "Betrag_€", "取引額", 'quote"\n\\', "\ud800"]
    X = np.ones((3, 5))
    report = strict(quality_report(X, names))
    assert report["validation_results"]["variance"]["low_variance_features"] == names
    [sentence] = report["recommendations"]
    assert "Betrag_€" in sentence
    assert "\n" not in sentence
    assert len(sentence) < 300


def test_names_in_an_array_become_plain_strings():
    strict(quality_report(np.ones((3, 2)), np.array(["a", "b"])))


@pytest.mark.parametrize("library", [pd, pl])
def test_names_of_a_frame(library):
    frame = library.DataFrame({"amount": [1.0, 2.0], "count": [1, 5]})
    rates = quality_report(frame)["validation_results"]["missing_values"]["missing_rates"]
    assert rates == {"amount": 0.0, "count": 0.0}


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["a"], ValueError, "one name for each column of X; got 1 names for 2 columns"),
        (["a", "a"], ValueError, "distinct; got 'a' more than once"),
        (["a", 3], TypeError, "strings; got 3"),
    ],
)
def test_bad_names(names, error, message):
    with pytest.raises(error, match=message):
        quality_report(np.ones((2, 2)), names)


@pytest.mark.parametrize("X", [[1.0, 2.0], [["a"]]])
def test_bad_features(X):
    with pytest.raises(ValueError, match=r"2D array|could not convert"):
        quality_report(X)


@pytest.mark.parametrize(
    "thresholds",
    [
        {"missing_value_threshold": 1.1},
        {"correlation_threshold": -0.1},
        {"variance_threshold": -1},
        {"variance_threshold": np.nan},
        {"outlier_detection": "yes"},
    ],
)
def test_bad_thresholds(thresholds):
    with pytest.raises(ValueError, match=f"The '{next(iter(thresholds))}' parameter"):
        quality_report(np.ones((2, 2)), **thresholds)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinities_are_reported(value):
    X = np.random.default_rng(0).normal(size=(50, 3))
    plain = quality_report(X[1:])
    X[0, 1] = value
    report = strict(quality_report(X))
    assert report["checks"][0] == {
        "check": "infinite",
        "severity": "error",
        "threshold": 0.0,
        "features": {"x1": 0.02},
        "advice": "Mend features with infinite values.",
    }
    variances = report["validation_results"]["variance"]["variances"]
    assert variances["x1"] == plain["validation_results"]["variance"]["variances"]["x1"]


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 5e-324, 1.7e308])
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 3), (2, 1), (5, 2)])
@pytest.mark.parametrize("target", [None, "classes", "numbers"])
def test_nothing_is_too_odd_for_a_report(value, shape, target):
    X = np.full(shape, value)
    X[: shape[0] // 2] *= -1.0
    y = {None: None, "classes": np.arange(shape[0]) % 2, "numbers": np.arange(shape[0]) + 0.5}
    names = [character * 10_000 for character in "aü\U0001f600"][: shape[1]]
    strict(quality_report(X, names, y=y[target] if shape[0] else None))


def test_of_many_pairs_a_thousand_are_listed_and_all_are_counted():
    X = np.outer(np.arange(9.0), np.ones(46))
    results = quality_report(X)["validation_results"]["correlations"]
    assert results["n_high_correlation_pairs"] == 46 * 45 // 2 == 1035
    assert len(results["high_correlation_pairs"]) == 1000
    assert quality_report(X)["quality_metrics"]["correlation_score"] == 0.0


def test_averages_are_of_what_is_defined():
    X = np.array([[np.nan, 1.0], [np.nan, 3.0]])
    variance = quality_report(X)["validation_results"]["variance"]
    assert variance["avg_variance"] == variance["min_variance"] == 2.0


def test_the_largest_correlation_may_be_negative():
    a = np.arange(9.0)
    X = np.column_stack([a, -a, a % 3])
    correlations = quality_report(X)["validation_results"]["correlations"]
    assert correlations["max_correlation"] == pytest.approx(1.0)
