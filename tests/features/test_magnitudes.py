"""Values of any magnitude: right or, where that is said, undefined; never wrong, by every road."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from histories import check_columns, features, same_bits, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import families
from oracles.exact import fractions_of, moment
from oracles.families import History
from oracles.statistics import ALL, FURTHER

from sktemporal import (
    BehavioralFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    prepare,
)

EVERY = (*ALL, *FURTHER)
LARGEST, SMALLEST = np.finfo(np.float64).max, 5e-324
UNITS = 16 * SMALLEST  # what results that small may be off by
# Where squares or differences leave the range of floats, or lose digits, and where they do not.
_EXPONENTS = st.one_of(
    *(st.integers(*ends) for ends in ((-1074, -1010), (-560, -440), (440, 560), (1000, 1023))),
    st.integers(-1074, 1023),
)
_FRACTIONS = st.one_of(st.floats(-1.99, 1.99), st.sampled_from((0.0, 1.0, -1.0, 1.5)))
_ODD = st.sampled_from(
    (0.0, 1.0, -1.0, SMALLEST, 3 * SMALLEST, -SMALLEST, 1e-310, 1e-200, 1e-160, 1e155, 1e200)
    + (1e308, -1e308, 1.7e308, LARGEST, -LARGEST, 2.0**1023, -(2.0**1022), 9e307)
)


@st.composite
def _near(draw):
    """Values about as large as each other."""
    exponent = draw(_EXPONENTS)
    scales = st.integers(max(exponent - 3, -1074), exponent)
    value = st.builds(lambda m, e: math.ldexp(m, e) + 0.0, _FRACTIONS, scales)
    return draw(st.lists(value, max_size=9))


_APART = st.lists(st.builds(lambda m, e: math.ldexp(m, e) + 0.0, _FRACTIONS, _EXPONENTS))
COLUMNS = st.one_of(_near(), _near(), st.lists(_ODD, max_size=7), _APART.map(lambda x: x[:7]))


@st.composite
def drawn_histories(draw, columns=COLUMNS):
    parts = draw(st.lists(columns, min_size=1, max_size=9))
    return [History({"x": x}, times=[10**6 * k for k in range(len(x))]) for x in parts]


def largest(x):
    return max(map(abs, x), default=0.0)


def of_statistics(history):
    columns = families.StatisticalFeatures(history, EVERY)
    x = history.values["x"]
    # A deviation by which others would be divided is 0.
    if x and moment(fractions_of(x), 2) <= Fraction(SMALLEST) ** 2 / 4:
        columns["skew_x"] = columns["kurtosis_x"] = np.nan
    return columns


def slack_of_statistics(name, history):
    if name in ("skew_x", "kurtosis_x"):
        return 1e-11
    # A value between two that cancel, at a hundredth that is no float.
    return UNITS + (1e-13 * largest(history.values["x"]) if name == "q29_x" else 0.0)


@settings(max_examples=80)
@given(drawn_histories())
def test_statistics_of_any_magnitude_are_the_oracle_s(drawn):
    check_columns(StatisticalFeatures(EVERY), drawn, of_statistics, slack_of_statistics)


@settings(max_examples=80)
@given(drawn_histories(), st.sampled_from((1e-3, 0.3, 0.5, 0.9, 1.0)))
def test_smoothing_of_any_magnitude_is_the_oracle_s(drawn, alpha):
    check_columns(
        ExponentialSmoothingFeatures(alpha),
        drawn,
        lambda history: families.ExponentialSmoothingFeatures(history, alpha),
        lambda name, history: UNITS + 2e-14 * largest(history.values["x"]),
    )


def slack_of_behaviour(name, history):
    x = history.values["x"]
    if name == "volatility_x":
        pairs = pairwise(x)
        with np.errstate(all="ignore"):
            steps = [np.float64(b) / np.float64(a) - 1.0 for a, b in pairs if a]
        return 1e-13 * min(largest(steps), LARGEST)
    if name == "consistency_score":
        return 1e-308  # where the ratio is infinite
    return 4 * UNITS + 1e-13 * largest(x) if name == "trend_slope_x" else 1e-14


@settings(max_examples=80)
@given(drawn_histories())
def test_behaviour_of_any_magnitude_is_the_oracle_s(drawn):
    check_columns(BehavioralFeatures(), drawn, families.BehavioralFeatures, slack_of_behaviour)


def every_family():
    nan = {"fill_value": np.nan}
    return TemporalFeatureUnion(
        [
            ("statistical", StatisticalFeatures(EVERY, **nan)),
            ("rolling", RollingWindowFeatures((2, 5, "3s"), EVERY, **nan)),
            ("smoothing", ExponentialSmoothingFeatures(0.3, **nan)),
            ("slower", ExponentialSmoothingFeatures(0.7, **nan)),
            ("behavioral", BehavioralFeatures(**nan)),
        ]
    )


@settings(max_examples=60)
@given(drawn_histories(), st.booleans())
def test_all_roads_have_the_same_bits_at_any_magnitude(drawn, inclusive):
    union = every_family()
    seqs = sequences_of(drawn)
    beside = features(union, seqs)
    serve = prepare(union)
    for i in range(len(seqs)):
        assert same_bits(serve(seqs[[i]]), beside[[i]])
    view = seqs.each_event(inclusive=inclusive)
    if len(view):
        moments = features(union, view)
        alone = [
            features(union, sequences_of([beginning(drawn, view, i)])) for i in range(len(view))
        ]
        assert same_bits(moments, np.concatenate(alone))
        assert same_bits(features(union, view[::-1]), moments[::-1])


def beginning(drawn, view, i):
    """The history that row i of `each_event` has, in a table of its own."""
    x = view.values[view.starts[i] : view.stops[i], 0].tolist()
    moment = int(view.reference_times[i])
    times = view.times[view.starts[i] : view.stops[i]].tolist()
    return History({"x": x}, times=times, reference=moment, inclusive=view.inclusive)


@settings(max_examples=60)
@given(st.lists(st.lists(COLUMNS.flatmap(lambda x: st.just([*map(abs, x)])), max_size=1)))
def test_intervals_of_any_magnitude_are_the_oracle_s(drawn):
    parts = [x for parts in drawn for x in parts]
    histories = [History({"x": [1.0] * len(x)}, intervals=x) for x in parts]
    stops = np.cumsum([len(x) for x in parts], dtype=np.int64)
    starts = stops - np.array([len(x) for x in parts], dtype=np.int64)
    intervals = np.array([d for x in parts for d in x])
    seqs = EventSequences(np.ones((len(intervals), 1)), starts, stops, intervals=intervals)
    pattern = TemporalPatternFeatures(fill_value=np.nan)
    behaviour = BehavioralFeatures(fill_value=np.nan)
    if not histories:
        return
    got = np.column_stack([features(pattern, seqs), features(behaviour, seqs)[:, 0]])
    one_by_one = [
        np.column_stack([features(pattern, seqs[[i]]), features(behaviour, seqs[[i]])[:, 0]])
        for i in range(len(seqs))
    ]
    assert same_bits(got, np.concatenate(one_by_one))
    for row, history in zip(got, histories, strict=True):
        expected = [*families.TemporalPatternFeatures(history).values()]
        if row[0] == 0.0:  # a mean that small is none
            expected[6] = np.nan
        gini = families.BehavioralFeatures(history)["activity_concentration"]
        np.testing.assert_allclose(row[:7], expected, rtol=1e-10, atol=UNITS)
        np.testing.assert_allclose(row[7], gini, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([-1e308, 1.7e308], {"median": 3.5e307, "mean": 3.5e307, "range": math.inf}),
        ([-LARGEST, LARGEST], {"p25": -LARGEST / 2, "median": 0.0, "kurtosis": -2.0}),
        ([1.7e308] * 3, {"sum": math.inf, "mean": 1.7e308, "std": 0.0, "cv": 0.0}),
        ([-1.7e308] * 9 + [1.7e308], {"skew": 8 / 3, "kurtosis": 46 / 9}),
        ([0.0, SMALLEST], {"mean": 0.0, "cv": 1.0}),
        ([SMALLEST, 3 * SMALLEST], {"kurtosis": -2.0, "skew": 0.0, "cv": 0.5}),
        ([0.0, 0.0, 0.0, 7 * SMALLEST], {"skew": 2 / math.sqrt(3), "kurtosis": -2 / 3}),
        ([1e-170, 3e-170], {"std": 1e-170, "var": 0.0}),
        ([1e308, -1e308, 1.0], {"mean": 1 / 3, "cv": math.sqrt(2 / 3) * 3e308}),
    ],
)
def test_statistics_at_the_ends_of_the_range(x, expected):
    for n in (1, 9):  # alone, and side by side
        seqs = EventSequences(
            np.tile(x, n)[:, None], *np.array([[0], [len(x)]]) + len(x) * np.arange(n)
        )
        got = StatisticalFeatures(tuple(expected)).fit_transform(seqs)
        for row in got:
            np.testing.assert_allclose(row, [*expected.values()], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "alpha", "level", "deviation"),
    [
        ([0.0, 1e200], 0.3, 3e199, math.sqrt(0.3) * 7e199),
        ([0.0, 1e-200], 0.3, 3e-201, math.sqrt(0.3) * 7e-201),
        ([-1.7e308, 1.7e308], 0.3, -6.8e307, math.sqrt(0.3) * 0.7 * 3.4 * 1e308),
        ([-1.7e308, 1.7e308], 0.5, 0.0, math.sqrt(0.5) * 1.7e308),
        ([-1.7e308, 1.7e308], 1.0, 1.7e308, 0.0),
        ([9.5e307, -9.5e307, 9.5e307], 0.5, 4.75e307, None),
        ([1.0, LARGEST / 2, -LARGEST, 0.0], 0.9, -0.0855 * LARGEST, None),
        ([1.0] + [0.0] * 500, 0.9, 0.0, None),
        ([1.0] + [0.0] * 640, 0.7, 0.0, None),
        ([1e-5] + [0.0] * 400, 0.99, 0.0, 0.0),
        ([7.0] * 300, 0.3, 7.0, 0.0),
    ],
)
def test_smoothing_at_the_ends_of_the_range(x, alpha, level, deviation):
    expected = families.ExponentialSmoothingFeatures(History({"x": x}), alpha)
    deviation = expected["exp_smooth_std_x"] if deviation is None else deviation
    for n in (1, 9):
        ends = np.arange(n + 1) * len(x)
        seqs = EventSequences(np.tile(x, n)[:, None], ends[:-1], ends[1:])
        got = ExponentialSmoothingFeatures(alpha).fit_transform(seqs)
        np.testing.assert_allclose(got, [[level, deviation]] * n, rtol=1e-12, atol=UNITS)


@pytest.mark.parametrize(
    ("x", "slope", "volatility"),
    [
        ([1.7e308, -1.7e308, 1.7e308, -1.7e308], -0.4 * 1.7e308, 0.0),
        ([-1.7e308, 1.7e308], math.inf, 0.0),
        ([1e308, 1.1e308, 1.2e308], 1e307, (0.1 - 1 / 11) / 2),
        ([1e-200, 1.0, 1.0], 0.5, 0.5e200),
        ([1e-200, 1.0, -1e-200], -1e-200, 0.5e200),
        ([SMALLEST, 1.0, 1.0], 0.5, math.nan),  # a return beyond the range of floats
        ([-1e308, 1e308, 1e-300], 0.5e308, 0.5),
    ],
)
def test_trends_at_the_ends_of_the_range(x, slope, volatility):
    for n in (1, 9):
        ends = np.arange(n + 1) * len(x)
        seqs = EventSequences(np.tile(x, n)[:, None], ends[:-1], ends[1:])
        got = BehavioralFeatures(fill_value=np.nan).fit_transform(seqs)[:, 2:]
        np.testing.assert_allclose(got, [[slope, volatility]] * n, rtol=1e-12, atol=1e-12)


def test_intervals_at_the_ends_of_the_range():
    names = ("avg_time_delta", "temporal_span", "event_frequency", "interval_regularity")
    for intervals, expected in {
        (1.7e308, 1.7e308): (1.7e308, math.inf, 2 / 3.4e307 / 10, 1.0),
        (1e308,) * 200: (1e308, math.inf, 1e-308, 1.0),
        (SMALLEST, 3 * SMALLEST): (2 * SMALLEST, 4 * SMALLEST, math.inf, 1 / 1.5),
    }.items():
        n = len(intervals)
        seqs = EventSequences(np.ones((n, 1)), [0], [n], intervals=intervals)
        got = TemporalPatternFeatures().set_output(transform="pandas").fit_transform(seqs)
        np.testing.assert_allclose(got[list(names)].to_numpy(), [expected], rtol=1e-12)
    seqs = EventSequences(np.ones((2, 1)), [0], [2], intervals=[-2.0, 0.0])  # std / mean is -1
    got = TemporalPatternFeatures(fill_value=-7.0).fit_transform(seqs)
    assert got.tolist() == [[-1.0, 1.0, -2.0, 0.0, -2.0, -7.0, -7.0]]
    seqs = EventSequences(np.ones((4, 1)), [0, 2], [2, 4], intervals=[1e308, 1.5e308, 1.0, 1.5])
    gini = BehavioralFeatures().fit_transform(seqs)[:, 0]
    np.testing.assert_allclose(gini, [0.1, 0.1], rtol=1e-12)


def test_what_float32_can_not_hold_is_infinite():
    family = StatisticalFeatures(("max", "sum"), dtype=np.float32)
    with pytest.warns(RuntimeWarning, match="overflow encountered in cast"):
        got = family.fit_transform([[[1e300], [2.0]]])
    assert got.tolist() == [[math.inf, math.inf]]
