"""Which features are found, which of them go, and how the report says so."""

import json

import numpy as np
import pytest

from sktemporal.quality import QualityReportTransformer, quality_report, selection
from sktemporal.quality.findings import CHECKS


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def dropped(*args, **options):
    return [
        (entry["feature"], entry["reason"], entry["in_favour_of"])
        for entry in quality_report(*args, **options)["selection"]["dropped"]
    ]


def found(X, **options):
    return {
        finding["check"]: finding["features"] for finding in quality_report(X, **options)["checks"]
    }


def test_later_of_a_pair_goes(rng):
    a, b = rng.normal(size=(2, 50))
    X = np.column_stack([a, b, -a, b + 3, a * 2])
    assert dropped(X) == [
        ("x2", "correlated", "x0"),
        ("x3", "correlated", "x1"),
        ("x4", "correlated", "x0"),
    ]


def test_chain_loses_its_middle_only():
    # Neighbours correlate above the threshold, ends don't.
    a = np.array([1.0, 0, 0, 0, -1])
    c = np.array([0.0, 1, 0, -1, 0])
    X = np.column_stack([a, a + c, c])
    assert dropped(X, correlation_threshold=0.7) == [("x1", "correlated", "x0")]


def test_what_is_missing_in_other_rows_repeats_no_other(rng):
    a = rng.normal(size=100)
    X = np.column_stack([a, 2 * a, a + 1, -a, a - 1, 3 * a])
    X[:3, [0, 3]] = np.nan  # who knows these rows may know the target
    X[[0, 1, 5], 2] = np.nan
    X[7, 4] = np.inf
    X[7, 5] = -np.inf
    assert dropped(X) == [("x3", "correlated", "x0")]
    pairs = quality_report(X)["validation_results"]["correlations"]["n_high_correlation_pairs"]
    assert pairs == 15


def test_of_correlated_features_the_one_that_tells_more_stays(rng):
    y = rng.normal(size=1000)
    noisy = y + 0.3 * rng.normal(size=1000)
    noisier = noisy + 0.1 * rng.normal(size=1000)
    X = np.column_stack([noisier, noisy])
    assert dropped(X, correlation_threshold=0.9) == [("x1", "correlated", "x0")]
    assert dropped(X, y=y, correlation_threshold=0.9) == [("x0", "correlated", "x1")]


def test_a_column_that_goes_anyway_makes_no_other_redundant(rng):
    a = rng.normal(size=100)
    mostly_missing = np.where(np.arange(100) < 97, np.nan, a)
    small = 5.0 + 1e-12 * a
    X = np.column_stack([mostly_missing, small, a, 2 * a])
    assert dropped(X) == [
        ("x0", "missing", None),
        ("x1", "low_variance", None),
        ("x3", "correlated", "x2"),
    ]


def test_missing_values_come_before_low_variance():
    X = np.column_stack([np.r_[np.full(98, np.nan), 1, 1], np.arange(100)])
    assert dropped(X) == [("x0", "missing", None)]


def test_undefined_is_no_reason():
    assert dropped(np.ones((1, 3))) == []
    assert dropped(np.full((9, 2), np.nan), missing_value_threshold=1.0) == []


def test_duplicates_are_equal_in_every_row(rng):
    a = rng.normal(size=50)
    a[4] = np.nan
    nearly = a.copy()
    nearly[7] += 1e-12
    X = np.column_stack([a, nearly, a])
    assert dropped(X, correlation_threshold=1.0) == [("x2", "duplicate", "x0")]


def test_a_duplicate_goes_in_favour_of_what_stays(rng):
    y = rng.normal(size=1000)
    noisy = y + 0.3 * rng.normal(size=1000)
    noisier = noisy + 0.1 * rng.normal(size=1000)
    X = np.column_stack([noisier, noisier, noisy])
    better = quality_report(X, y=y, correlation_threshold=0.9)["selection"]["dropped"]
    assert [(entry["feature"], entry["in_favour_of"]) for entry in better] == [
        ("x0", "x2"),
        ("x1", "x2"),
    ]
    assert [entry["reason"] for entry in better] == ["correlated", "duplicate"]
    report = QualityReportTransformer(drop="duplicate").fit(X, y).report_
    (entry,) = report["selection"]["dropped"]
    assert (entry["feature"], entry["in_favour_of"]) == ("x1", "x0")


@pytest.mark.parametrize(
    "selected",
    [("constant",), ("duplicate",), ("correlated",), ("skewed", "low_variance"), True, False],
)
def test_findings_do_not_depend_on_what_is_dropped(selected, rng):
    a = rng.normal(size=50)
    X = np.column_stack([a, a, 2 * a + 1, np.full(50, 3.0), rng.normal(size=50)])
    report = QualityReportTransformer(drop=selected).fit(X).report_
    findings = {finding["check"]: finding["features"] for finding in report["checks"]}
    alone = selected == ("correlated",)  # then the duplicate is a correlated feature, too
    assert findings["duplicate"] == {"x1": pytest.approx(1.0)}
    assert list(findings["correlated"]) == (["x1", "x2"] if alone else ["x2"])
    assert list(findings["constant"]) == list(findings["low_variance"]) == ["x3"]
    sentences = "".join(report["recommendations"])
    assert all(sentences.count(f"'{name}'") >= 1 for name in ("x1", "x2", "x3"))


PLANTED = {
    "infinite": lambda rng: np.r_[np.inf, rng.normal(size=999)],
    "missing": lambda rng: np.where(np.arange(1000) < 960, np.nan, rng.normal(size=1000)),
    "constant": lambda rng: np.full(1000, 0.1),
    "near_constant": lambda rng: np.where(np.arange(1000) < 995, 100.0, rng.normal(size=1000)),
    "low_variance": lambda rng: 50.0 + 1e-11 * rng.normal(size=1000),
    "zeros": lambda rng: np.where(np.arange(1000) < 960, 0.0, rng.normal(size=1000)),
    "filled": lambda rng: np.where(np.arange(1000) < 960, -1.0, rng.normal(size=1000)),
    "high_cardinality": lambda rng: rng.permutation(1000).astype(float),
    "outliers": lambda rng: (
        np.where(np.arange(1000) < 870, 1.0, 1.0) * rng.standard_t(1, size=1000)
    ),
    "skewed": lambda rng: rng.lognormal(sigma=1.5, size=1000),
    "heavy_tails": lambda rng: rng.standard_t(2, size=1000),
}


@pytest.mark.parametrize("check", PLANTED)
def test_each_check_finds_what_was_planted_and_nothing_in_noise(check, rng):
    X = np.column_stack([rng.normal(size=1000), PLANTED[check](rng), rng.uniform(size=1000)])
    findings = found(X, fill_value=-1.0)
    assert list(findings[check]) == ["x1"]
    assert all(list(features) == ["x1"] for features in findings.values())


@pytest.mark.parametrize("check", PLANTED)
def test_the_threshold_of_each_check_decides(check, rng):
    X = PLANTED[check](rng)[:, np.newaxis]
    value = found(X, fill_value=-1.0)[check]["x0"]
    options = {"thresholds": {check: value}}
    if check == "missing":
        options = {"missing_value_threshold": value}
    assert check not in found(X, fill_value=-1.0, **options)


@pytest.mark.parametrize("check", [*PLANTED, "duplicate", "correlated"])
def test_drop_takes_the_findings_of_the_named_checks_alone(check, rng):
    a = rng.normal(size=1000)
    columns = {name: plant(rng) for name, plant in PLANTED.items()}
    X = np.column_stack([a, a, 2 * a + 1, *columns.values()])
    names = np.array(["a", "duplicate", "correlated", *columns])
    report = quality_report(X, names, fill_value=-1.0)
    finding = next((f for f in report["checks"] if f["check"] == check), None)
    quality = QualityReportTransformer(drop=(check,), fill_value=-1.0).fit(X)
    gone = set(names[~quality.support_])
    if check == "correlated":
        assert gone == {"duplicate", "correlated"}
    else:
        assert gone == set(finding["features"])
        assert check in gone


def with_what_is_missing(column, y):
    return np.where(y, column, np.nan)


@pytest.mark.parametrize("fill_value", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("drop", [True, "constant", ("near_constant",), ("zeros",), ("filled",)])
@pytest.mark.parametrize("value", [5.0, 0.0, -1.0])
def test_one_value_or_missing_are_two_values(value, drop, fill_value, rng):
    y = rng.random(1000) < 0.4
    X = np.column_stack([with_what_is_missing(value, y), rng.normal(size=1000)])
    quality = QualityReportTransformer(drop=drop, fill_value=fill_value).fit(X)
    assert quality.support_.all()
    X[:, 0] = value
    assert not QualityReportTransformer(drop="constant").fit(X).support_[0]


@pytest.mark.parametrize(
    ("check", "common"), [("near_constant", 5.0), ("zeros", 0.0), ("filled", -1.0)]
)
def test_shares_are_of_all_rows(check, common, rng):
    """All but five of the observed values are one, but that is half of the rows."""
    y = rng.random(4000) < 0.5
    column = np.where(np.arange(4000) % 800 == 1, rng.normal(size=4000), common)
    assert list(found(column[:, None], fill_value=-1.0)[check]) == ["x0"]
    rare = with_what_is_missing(column, y)[:, None]
    assert check not in found(rare, fill_value=-1.0)
    nearly = np.where(np.arange(4000) < 10, np.nan, column)[:, None]
    rate = found(nearly, fill_value=-1.0)[check]["x0"]
    assert rate == pytest.approx(np.mean(nearly == common))


def test_nearly_always_missing_is_nearly_constant(rng):
    column = np.where(np.arange(1000) < 8, rng.normal(size=1000), np.nan)
    assert found(column[:, None])["near_constant"] == {"x0": 0.992}


def test_what_hardly_differs_may_still_tell_by_missing(rng):
    y = rng.random(100) < 0.4
    column = 5.0 + 1e-13 * rng.normal(size=100)
    assert dropped(column[:, None]) == [("x0", "low_variance", None)]
    assert dropped(with_what_is_missing(column, y)[:, None]) == []


@pytest.mark.parametrize("unit", [2.0**-980, 1e-200, 1e-9, 1 / 3600, 1.0, 1e6, 1e200, -1.0])
def test_findings_do_not_depend_on_the_unit(unit, rng):
    a = rng.lognormal(size=1000)
    X = np.column_stack(
        [
            a,
            rng.normal(size=1000),
            1e-4 * rng.random(1000),
            50.0 + 1e-11 * rng.normal(size=1000),
            np.full(1000, 0.1),
            np.where(np.arange(1000) < 960, 0.0, a),
            np.where(np.arange(1000) < 995, 100.0, a),
            2 * a,
            rng.standard_t(2, size=1000),
            1.7e9 + 86_400 * rng.random(1000),
            300.0 + rng.normal(size=1000),
        ]
    )
    plain, other = quality_report(X), quality_report(X * unit)
    assert other["selection"] == plain["selection"]
    assert [entry["feature"] for entry in plain["selection"]["dropped"]] == ["x3", "x4", "x7"]
    for one, two in zip(plain["checks"], other["checks"], strict=True):
        assert (one["check"], list(one["features"])) == (two["check"], list(two["features"]))
    assert other["recommendations"] == plain["recommendations"]


def test_a_small_variance_is_listed_and_is_no_reason_to_go(rng):
    X = np.column_stack([1e-5 * rng.random(100), rng.normal(size=100)])
    report = quality_report(X)
    assert report["validation_results"]["variance"]["low_variance_features"] == ["x0"]
    assert report["selection"]["dropped"] == []
    assert "low_variance" not in {finding["check"] for finding in report["checks"]}
    assert report["recommendations"] == []


@pytest.mark.parametrize("drop", [("correlate",), ["missing", "x"], (3,), "correlate"])
def test_drop_of_an_unknown_check(drop):
    with pytest.raises(ValueError, match=r"drop must name checks|The 'drop' parameter .*'low_var"):
        QualityReportTransformer(drop=drop).fit(np.ones((3, 2)))


@pytest.mark.parametrize(
    ("thresholds", "part"),
    [
        ({"skew": 1}, "no check 'skew'"),
        ({"missing": 0.1}, "missing_value_threshold"),
        ({"skewed": "high"}, "'high'"),
        ({"skewed": -1.0}, "at least 0"),
        ({"zeros": np.nan}, "nan"),
    ],
)
def test_bad_thresholds(thresholds, part):
    with pytest.raises(ValueError, match=part):
        quality_report(np.ones((3, 2)), thresholds=thresholds)


def test_an_infinite_threshold_turns_a_check_off(rng):
    X = PLANTED["skewed"](rng)[:, np.newaxis]
    assert {"skewed", "heavy_tails"} <= found(X).keys()
    report = quality_report(X, thresholds={"skewed": np.inf, "constant": np.inf})
    findings = {finding["check"]: finding for finding in report["checks"]}
    assert "skewed" not in findings
    assert findings["constant"]["threshold"] == np.finfo(np.float64).max
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_sentences_name_a_few_and_count_the_rest(rng):
    X = np.ones((9, 8))
    (sentence,) = quality_report(X)["recommendations"]
    assert sentence == (
        "Remove 8 features with one value only: 'x0', 'x1', 'x2', 'x3', 'x4' and 3 more."
    )


def test_long_names_are_shortened():
    name = "ü" * 10_000
    (sentence,) = quality_report(np.ones((9, 1)), [name])["recommendations"]
    assert len(sentence) < 150


@pytest.mark.parametrize("n_entities", [0, 1])
def test_too_few_entities(n_entities):
    sentences = quality_report(np.ones((n_entities, 2)))["recommendations"]
    assert sentences == [
        f"Measure at least 2 entities: variance and correlation are undefined for {n_entities}."
    ]


def test_severities_come_in_order(rng):
    X = np.column_stack([PLANTED["skewed"](rng), PLANTED["infinite"](rng), np.ones(1000)])
    severities = [finding["severity"] for finding in quality_report(X)["checks"]]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert set(severities) == {"error", "warning", "info"}
    assert all(check.advice for check in CHECKS.values())


@pytest.mark.parametrize(("n_distinct", "is_found"), [(99, False), (100, True)])
def test_a_hundred_whole_numbers_may_identify(n_distinct, is_found):
    assert ("high_cardinality" in found(np.arange(n_distinct, dtype=float)[:, None])) == is_found


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("largest", "is_found"), [(2.0**53, True), (2.0**53 + 2, False)])
def test_larger_floats_than_2_to_the_53_identify_nothing(largest, is_found, sign):
    whole = sign * (largest - 2.0 * np.arange(100))
    assert len(np.unique(whole)) == 100
    assert ("high_cardinality" in found(whole[:, None])) == is_found


@pytest.mark.parametrize("other", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_another_value(other):
    column = np.full(50, 5.0)
    assert "constant" in found(column[:, None])
    column[0] = other
    assert "constant" not in found(column[:, None])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_range_is_beside_the_largest_magnitude(sign):
    # They differ by 2e-9 of the largest, and by all of the smallest.
    column = sign * np.where(np.arange(100) % 2, 1.0, 1.0 + 2e-9)
    assert "low_variance" not in found(column[:, None])
    column = sign * np.linspace(-1.0, 1e-12, 100)
    assert found(column[:, None], thresholds={"low_variance": 1.5})["low_variance"] == {
        "x0": pytest.approx(1.0)
    }


def test_what_has_one_value_repeats_no_other():
    X = np.full((4, 2), np.nan)
    X[0] = 3.0
    assert dropped(X) == []
    X[1] = 4.0
    assert dropped(X) == [("x1", "duplicate", "x0")]


def test_correlated_exactly_at_the_threshold_is_not_above_it():
    X = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
    at = quality_report(X)["validation_results"]["correlations"]["max_correlation"]
    assert 0.3 < at < 0.34
    for sign in (1.0, -1.0):
        signed = X * [1.0, sign]
        assert dropped(signed, correlation_threshold=at) == []
        below = np.nextafter(at, 0.0)
        assert dropped(signed, correlation_threshold=below) == [("x1", "correlated", "x0")]


def test_of_what_tells_as_much_the_first_stays(rng):
    y = rng.integers(0, 2, size=400)
    a = y + rng.normal(size=400)
    X = np.column_stack([rng.normal(size=400), a, 2 * a, -a])
    assert [(gone, kept) for gone, _, kept in dropped(X, y=y)] == [("x2", "x1"), ("x3", "x1")]
    assert selection.preference(4, np.array([1.0, np.nan, 1.0, 2.0])).tolist() == [3, 0, 2, 1]
    assert selection.preference(40, np.ones(40)).tolist() == list(range(40))


def test_what_goes_is_in_the_order_of_the_features_and_so_are_clusters(rng):
    y = rng.integers(0, 2, size=400)
    a, b = rng.normal(size=(2, 400))
    a += 3 * y
    X = np.column_stack([b, np.ones(400), 2 * a, a, -b, np.full(400, np.nan)])
    report = quality_report(X, y=y)
    gone = [entry["feature"] for entry in report["selection"]["dropped"]]
    assert gone == sorted(gone)
    assert len(gone) == 4
    clusters = report["validation_results"]["correlations"]["clusters"]
    kept = [cluster["kept"] for cluster in clusters]
    assert kept == sorted(kept)
    assert len(kept) == 2


def test_findings_of_one_severity_come_in_the_order_of_the_checks(rng):
    a = rng.normal(size=1000)
    columns = [plant(rng) for plant in PLANTED.values()]
    X = np.column_stack([*columns, a, a, 2 * a + 1])
    names = [finding["check"] for finding in quality_report(X, fill_value=-1.0)["checks"]]
    severities = ["error", "warning", "info"]
    expected = sorted(CHECKS, key=lambda name: severities.index(CHECKS[name].severity))
    assert names == [name for name in expected if name in names]
    assert len(names) == len(CHECKS) - 1  # all but that of the target


def test_one_feature_has_the_reason_of_the_first_check():
    X = np.column_stack([np.full(1000, 1.0), np.arange(1000) % 7])
    quality = QualityReportTransformer(drop=("constant", "low_variance")).fit(X)
    (entry,) = quality.report_["selection"]["dropped"]
    assert entry == {"feature": "x0", "reason": "constant", "in_favour_of": None}


def test_sentences_name_no_feature_that_another_check_removes(rng):
    a = rng.lognormal(sigma=1.5, size=1000)
    X = np.column_stack([a, 2 * a])
    report = quality_report(X)
    assert list(found(X)["skewed"]) == ["x0", "x1"]
    (sentence,) = [text for text in report["recommendations"] if "skewness" in text]
    assert "x0" in sentence
    assert "x1" not in sentence


@pytest.mark.parametrize("n_features", [5, 6])
def test_more_are_counted_from_the_sixth_on(n_features):
    (sentence,) = quality_report(np.ones((9, n_features)))["recommendations"]
    assert sentence.endswith(" and 1 more." if n_features == 6 else "'x4'.")


def test_two_entities_are_enough():
    assert quality_report(np.array([[1.0], [2.0]]))["recommendations"] == []


def test_where_zero_is_the_fill_value_zeros_are_found_once(rng):
    X = PLANTED["zeros"](rng)[:, np.newaxis]
    assert "zeros" in found(X, fill_value=0.0)
    assert "filled" not in found(X, fill_value=0.0)
