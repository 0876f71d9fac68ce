"""Slopes and returns from running sums, against fractions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import STARTS, STOPS, each_slice, slices_of, values
from kernels.test_exact import COLUMNS, moments
from numpy.testing import assert_allclose, assert_array_equal
from oracles import trends

from sktemporal import _kernels

SMALLEST = 5e-324


def slopes(x, starts=None, stops=None, width=None):
    """Slopes of slices of a column, by default of all of it."""
    starts = np.array([0]) if starts is None else starts
    stops = np.array([len(x)]) if stops is None else stops
    bits = x.view(np.int64)
    narrowest, unit = _kernels.width_and_unit(*_kernels.exponents(bits), len(x) ** 2)
    width = width or narrowest
    table = np.empty((len(x) + 1, 2 * width), dtype=np.uint64)
    _kernels.cumulate_positions(width)(bits, unit, table)
    out = np.empty(len(starts))
    _kernels.slopes(width)(table, unit, starts, stops, out)
    return out


def volatilities(x, starts, stops):
    changes, (before, beyond) = np.empty(len(x)), np.empty((2, len(x) + 1), dtype=np.int64)
    _kernels.returns(x, changes, before, beyond)
    firsts = np.minimum(starts + 1, stops)
    out = moments(changes[: before[-1]], before[firsts], before[stops])[:, 3]
    return np.where(beyond[stops] > beyond[firsts], np.nan, out)


def trend_and_volatility(x, starts=STARTS, stops=STOPS):
    return np.column_stack([slopes(x, starts, stops), volatilities(x, starts, stops)])


@pytest.mark.parametrize("large", [False, True])
def test_trend_and_volatility_are_the_oracle_s(large):
    x = values(large=large)
    expected = [trends.trend_and_volatility(part) for part in each_slice(x)]
    assert_allclose(trend_and_volatility(x)[:, 0], np.array(expected)[:, 0], rtol=2.3e-16)
    # A return is a float: it has the rounding errors of a difference and of a quotient.
    assert_allclose(trend_and_volatility(x)[:, 1], np.array(expected)[:, 1], rtol=1e-13)


@given(COLUMNS, st.data())
def test_slopes_are_within_two_rounding_errors_of_the_exact_ones(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    expected = [trends.trend_and_volatility(part)[0] for part in each_slice(x, starts, stops)]
    assert_allclose(slopes(x, starts, stops), expected, rtol=2.3e-16, atol=SMALLEST)


@given(COLUMNS, st.data())
def test_slopes_have_the_same_bits_wherever_the_column_begins(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    alone = [slopes(x[start:stop].copy())[0] for start, stop in zip(starts, stops, strict=True)]
    assert slopes(x, starts, stops).tobytes() == np.array(alone, dtype=float).tobytes()


@pytest.mark.parametrize("width", [4, 34])
def test_slopes_of_wider_numbers_have_the_same_bits(width):
    x = np.round(values(), 2)
    bits = slopes(x, STARTS, STOPS).tobytes()
    assert bits == slopes(x, STARTS, STOPS, width).tobytes()


@pytest.mark.parametrize(
    ("x", "slope"),
    [
        ([], np.nan),
        ([1.0], np.nan),
        ([0.1, 0.1, 0.1], 0.0),
        ([1.7e308, -1.7e308], -np.inf),
        ([-1.7e308, 0.0, 1.7e308], 1.7e308),
        ([0.0, 5e-324], 5e-324),
        ([1e300, 1.0, 2.0, 1e300], 0.1 * (1.0 - 2.0) * -1.0),
        ([1e16, 1.0, 0.0, 1e16], -0.1),
    ],
)
def test_known_slopes(x, slope):
    assert_allclose(slopes(np.array(x)), [slope], rtol=2.3e-16)


@given(COLUMNS, st.data())
def test_returns_are_those_between_the_values_of_a_slice(x, data):
    changes, (before, beyond) = np.empty(len(x)), np.empty((2, len(x) + 1), dtype=np.int64)
    with np.errstate(over="ignore"):
        _kernels.returns(x, changes, before, beyond)
    start, stop = data.draw(st.tuples(*[st.integers(0, len(x))] * 2).map(sorted))
    first = min(start + 1, stop)
    got = changes[before[first] : before[stop]]
    expected = np.array([*map(float_of, trends.returns(x[start:stop].tolist()))])
    finite = np.isfinite(expected)
    assert beyond[stop] - beyond[first] == np.count_nonzero(~finite)
    # A difference may be rounded to a smallest float, and that divided.
    assert_allclose(got[finite], expected[finite], rtol=3e-16, atol=0)
    assert_array_equal(got[~finite], 0.0)


def float_of(fraction):
    try:
        return float(fraction)
    except OverflowError:
        return np.inf


def test_a_slope_is_no_less_accurate_than_a_fold_of_deviations():
    rng = np.random.default_rng(0)
    worst = {"exact": 0.0, "fold": 0.0}
    for center in (0.0, 1e3 / 3):
        for n in (2, 3, 20, 300):
            x = center + rng.normal(size=n)
            true, _ = trends.trend_and_volatility(x.tolist())
            places = np.arange(n) - (n - 1) / 2
            fold = float(np.sum(places * (x - x.mean()))) * 12.0 / (n * (n * n - 1.0))
            for name, got in (("exact", slopes(x)[0]), ("fold", fold)):
                worst[name] = max(worst[name], abs(got - true) / np.spacing(abs(true)))
    assert worst["exact"] <= 1.5 < worst["fold"]
