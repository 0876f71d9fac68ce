import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from histories import (
    check_columns,
    columns_of,
    features,
    histories,
    seeded_histories,
    sequences_of,
)
from hypothesis import given
from hypothesis import strategies as st
from oracles import families
from oracles.families import History
from oracles.statistics import ALL, FURTHER

from sktemporal import EventSequences, RollingWindowFeatures, StatisticalFeatures
from sktemporal.exceptions import EmptyHistoryWarning

EVERY = (*ALL, *FURTHER)


def slack(name, history):
    statistic, field = name.split("_", 1)
    # Both are quotients of moments, of order 1, that cancel for symmetric values.
    if statistic in ("skew", "kurtosis"):
        return 1e-11
    # A value between two that cancel, at a hundredth that is no float.
    return 1e-13 * np.nanmax(np.abs([0.0, *history.values[field]])) if statistic == "q29" else 0.0


def oracle_of(names):
    return lambda history: families.StatisticalFeatures(history, names)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_statistic_is_the_oracle_s_on_seeded_histories(dtype):
    # Junk between the slices must not matter; float32 keeps one digit after the point of 1e9.
    family = StatisticalFeatures(EVERY)
    check_columns(family, seeded_histories(1), oracle_of(EVERY), slack, dtype, junk=3)


@given(histories(), st.sampled_from((np.float64, np.float32)))
def test_every_statistic_is_the_oracle_s_on_any_history(drawn, dtype):
    check_columns(StatisticalFeatures(EVERY), drawn, oracle_of(EVERY), slack, dtype)


def test_by_default_thirteen_statistics_are_computed():
    check_columns(StatisticalFeatures(), seeded_histories(7), oracle_of(ALL), slack)


@given(histories(), st.integers(0, 100), st.sampled_from("pq"))
def test_any_percentile_is_the_oracle_s(drawn, percent, letter):
    name = f"{letter}{percent}"

    def slack_of_any(_, history):
        return slack(f"q29_{next(iter(history.values))}", history)

    drawn = [History({"x0": history.values["x0"]}) for history in drawn]
    check_columns(StatisticalFeatures((name,)), drawn, oracle_of((name,)), slack_of_any)


@given(st.integers(1, 300).flatmap(columns_of), st.permutations(EVERY))
def test_statistics_come_in_the_order_asked_for(x, statistics):
    chosen = tuple(statistics[:5])
    check_columns(
        StatisticalFeatures(statistics=chosen),
        [History({"x": x})],
        oracle_of(chosen),
        slack,
    )


@pytest.mark.parametrize("alone", EVERY)
def test_a_statistic_alone_has_the_bits_it_has_among_all(alone):
    seqs = sequences_of(seeded_histories(2))
    together = StatisticalFeatures(EVERY, fill_value=np.nan)
    matrix = features(together, seqs)
    column = together.get_feature_names_out().tolist().index(f"{alone}_amount")
    single = features(
        StatisticalFeatures(statistics=(alone,), fields=("amount",), fill_value=np.nan), seqs
    )
    assert single.tobytes() == matrix[:, [column]].tobytes()


def test_values_around_a_billion_with_spread_one_keep_ten_digits():
    x = 1e9 + np.random.default_rng(3).random(5000)
    check_columns(
        StatisticalFeatures(), [History({"x": x.tolist()})], families.StatisticalFeatures, slack
    )


def test_moments_survive_an_error_of_the_mean_of_the_size_of_the_spread():
    x = 1e15 + np.random.default_rng(4).random(3000)
    assert abs(x.cumsum()[-1] / 3000 - 1e15 - (x - 1e15).mean()) > 0.1
    check_columns(
        StatisticalFeatures(("std", "skew", "kurtosis")),
        [History({"x": x.tolist()})],
        oracle_of(("std", "skew", "kurtosis")),
        slack,
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 50, 255, 256, 257, 600])
def test_scipy_and_numpy_agree(n):
    x = np.random.default_rng(n).lognormal(size=n)
    x[n // 2 :] = x[: n - n // 2]  # all but one of them twice
    row = features(StatisticalFeatures(EVERY, fill_value=np.nan), x.reshape(1, n, 1))[0]
    got = dict(zip(EVERY, row, strict=True))
    with warnings.catch_warnings():  # scipy's, of nearly identical values
        warnings.simplefilter("ignore", RuntimeWarning)
        described = scipy.stats.describe(x, ddof=0)
        expected = {
            "count": described.nobs,
            "sum": x.sum(),
            "mean": described.mean,
            "std": np.sqrt(described.variance),
            "var": described.variance,
            "min": described.minmax[0],
            "max": described.minmax[1],
            "skew": scipy.stats.skew(x),
            "kurtosis": scipy.stats.kurtosis(x),
            "range": np.ptp(x),
            "cv": scipy.stats.variation(x),
        }
    for statistic, value in expected.items():
        slack = 1e-14 if statistic == "skew" else 0.0
        np.testing.assert_allclose(got[statistic], value, rtol=1e-10, atol=slack, err_msg=statistic)
    assert [got["p25"], got["p50"], got["p75"]] == np.percentile(x, [25, 50, 75]).tolist()
    assert [got["first"], got["last"], got["n_unique"]] == [x[0], x[-1], len(np.unique(x))]


PERCENT = (0, 1, 7, 25, 29, 50, 57, 75, 99, 100)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
def test_percentiles_have_numpy_s_bits(x):
    X = np.array(x)[None, :, None] + 0.0
    for letter in "pq":
        names = tuple(f"{letter}{percent}" for percent in PERCENT)
        got = features(StatisticalFeatures((*names, "median")), X)[0]
        assert got.tolist() == np.quantile(x, np.array([*PERCENT, 50]) / 100).tolist()


@pytest.mark.parametrize(
    "x", [[5.0] * 7, [0.1] * 10, [0.0, 0.0], [1e9, 1e9 + 2**-23], [3.0], [1e9 + 0.1] * 33]
)
def test_shape_is_undefined_where_scipy_calls_values_nearly_identical(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert np.isnan(scipy.stats.skew(x))
        assert np.isnan(scipy.stats.kurtosis(x))
    family = StatisticalFeatures(("skew", "kurtosis"), fill_value=np.nan)
    assert np.isnan(features(family, np.array(x)[None, :, None])).all()


@pytest.mark.parametrize("constant", [0.1, -0.3, 1e9 + 0.1, 1 / 3, 1e-300])
@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_constants_have_their_value_as_mean_and_no_spread(constant, n):
    X = np.full((1, n, 1), constant)
    got = features(StatisticalFeatures(("mean", "std", "range", "cv")), X)
    assert got.tolist() == [[constant, 0.0, 0.0, 0.0]]


def test_pandas_groupby_agrees():
    drawn = seeded_histories(5)
    seqs = sequences_of(drawn)
    frame = seqs.to_frame()
    names = ["count", "sum", "mean", "min", "max", "median", "first", "last", "nunique"]
    expected = frame.groupby("entity")[list(drawn[0].values)].agg(names)
    ours = dict(zip(names, names, strict=True)) | {"nunique": "n_unique"}
    expected.columns = [f"{ours[statistic]}_{field}" for field, statistic in expected.columns]
    family = StatisticalFeatures(tuple(ours.values()), fill_value=np.nan).set_output(
        transform="pandas"
    )
    got = features(family, seqs)
    filled = seqs.stops > seqs.starts
    pd.testing.assert_frame_equal(
        got[filled].reset_index(drop=True),
        expected.reset_index(drop=True),
        check_dtype=False,
        rtol=1e-12,
    )
    assert got.loc[~filled, "count_amount"].tolist() == [0.0] * (~filled).sum()


def test_zero_mean_has_zero_cv():
    got = features(StatisticalFeatures(("mean", "cv")), np.array([[[-1.0], [1.0]]]))
    assert got.tolist() == [[0.0, 0.0]]


def test_negative_mean_has_negative_cv():
    assert features(StatisticalFeatures(("cv",)), np.array([[[-1.0], [-3.0]]])) == -0.5


def test_no_values_take_the_fill_value_but_what_counts_and_sums_up_is_zero():
    X = np.ma.masked_all((1, 2, 1))
    family = StatisticalFeatures(EVERY, fill_value=-7.0)
    with pytest.warns(EmptyHistoryWarning, match="1 of 1 rows"):
        got = family.fit_transform(X)[0]
    zeros = ("count", "sum", "n_unique")
    assert got.tolist() == [0.0 if name in zeros else -7.0 for name in EVERY]


def test_one_value_has_no_shape_but_a_spread_of_zero():
    names = ("count", "sum", "var", "std", "cv", "median", "n_unique", "skew", "kurtosis")
    got = StatisticalFeatures(names, fill_value=-7.0).fit_transform([[[3.0]]])
    assert got.tolist() == [[1.0, 3.0, 0.0, 0.0, 0.0, 3.0, 1.0, -7.0, -7.0]]


def test_zeros_of_either_sign_are_one_distinct_value():
    X = np.array([[[-0.0], [0.0], [1.0], [-0.0]]])
    got = StatisticalFeatures(("n_unique", "first", "min")).fit_transform(X)
    assert got.tolist() == [[2.0, 0.0, 0.0]]
    assert not np.signbit(got).any()


def test_a_history_of_missing_values_alone_is_not_empty():
    X = np.ma.array([[[np.nan, 1.0]]], mask=[[[False, False]]])
    got = StatisticalFeatures(("count", "mean"), fill_value=np.nan).fit_transform(X)
    np.testing.assert_array_equal(got, [[0.0, np.nan, 1.0, 1.0]])


def test_fields_by_name_and_position_in_the_order_given():
    seqs = EventSequences([[1.0, 2.0, 3.0]], [0], [1], fields=["a", "b", "c"])
    family = StatisticalFeatures(("mean", "max"), fields=("c", 0, -2), prefix="p_")
    assert family.fit_transform(seqs).tolist() == [[3.0, 3.0, 1.0, 1.0, 2.0, 2.0]]
    assert family.get_feature_names_out().tolist() == [
        "p_mean_c",
        "p_max_c",
        "p_mean_a",
        "p_max_a",
        "p_mean_b",
        "p_max_b",
    ]


@pytest.mark.parametrize("dtype", [np.float32, "float32"])
def test_float32_output_is_the_float64_one_rounded_once(dtype):
    seqs = sequences_of(seeded_histories(6))
    double = features(StatisticalFeatures(), seqs)
    single = features(StatisticalFeatures(dtype=dtype), seqs)
    assert single.dtype == np.float32
    assert single.tobytes() == double.astype(np.float32).tobytes()


@pytest.mark.parametrize(
    ("parameters", "parts"),
    [
        ({"statistics": ("mean", "mode")}, ["'statistics'", "'mode'", "'median'", "q0..q100"]),
        ({"statistics": ("q101",)}, ["'statistics'", "('q101',)"]),
        ({"statistics": ("p-1",)}, ["'statistics'", "('p-1',)"]),
        ({"statistics": ("q1.5",)}, ["'statistics'", "('q1.5',)"]),
        ({"statistics": ("q",)}, ["'statistics'", "('q',)"]),
        ({"statistics": ("r50",)}, ["'statistics'", "('r50',)"]),
        ({"statistics": (50,)}, ["'statistics'", "(50,)"]),
        ({"statistics": ("mean", "mean")}, ["'statistics'", "distinct", "('mean', 'mean')"]),
        ({"statistics": "mean"}, ["'statistics'", "'mean'"]),
        ({"fields": "x0"}, ["'fields'", "'x0'"]),
        ({"fields": (1.5,)}, ["'fields'", "1.5"]),
        ({"fields": (True,)}, ["'fields'", "True"]),
        ({"fields": ("b",)}, ["fields", "'b'", "x0"]),
        ({"fields": (1,)}, ["fields", "1", "x0"]),
        ({"fields": (-2,)}, ["fields", "-2", "x0"]),
        ({"fields": ("x0", 0)}, ["fields", "('x0', 0)", "distinct"]),
        ({"fields": (0, 0)}, ["'fields'", "(0, 0)", "distinct"]),
        ({"fill_value": "0"}, ["'fill_value'", "'0'"]),
        ({"fill_value": None}, ["'fill_value'", "None"]),
        ({"prefix": 3}, ["'prefix'", "3"]),
        ({"dtype": np.int64}, ["'dtype'", "int64"]),
        ({"dtype": "float16"}, ["'dtype'", "'float16'"]),
    ],
)
def test_parameter_errors_name_the_parameter_and_the_value(parameters, parts):
    with pytest.raises(ValueError) as error:
        StatisticalFeatures(**parameters).fit(np.ones((2, 3, 1)))
    for part in parts:
        assert part in str(error.value)


@pytest.mark.parametrize("n_entities", [1, 9])
def test_a_percentile_that_is_a_value_is_that_value_however_far_the_next(n_entities):
    X = np.tile([[[1e308], [-1e308], [-1.5e308]]], (n_entities, 1, 1))
    family = StatisticalFeatures(("q0", "median", "q100"), fill_value=np.nan)
    assert family.fit_transform(X).tolist() == [[-1.5e308, -1e308, 1e308]] * n_entities


@pytest.mark.parametrize("tails", [(), (3, 7)])
def test_values_one_unit_apart_have_the_moments_that_each_history_has_alone(tails):
    rng = np.random.default_rng(0)
    X = 1 / 3 + rng.integers(0, 2, (40, 20, 2)) * 2.0**-54
    names = ("mean", "std", "skew", "kurtosis", "var", "sum", "cv")
    family = RollingWindowFeatures(tails, names) if tails else StatisticalFeatures(names)
    together = family.fit_transform(X)
    alone = np.vstack([family.transform(X[[i]]) for i in range(len(X))])
    assert together.tobytes() == alone.tobytes()
