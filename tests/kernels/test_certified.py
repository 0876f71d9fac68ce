import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kernels.adversarial_certificates import pieces
from kernels.drawn import each_slice, slices_of
from kernels.test_exact import COLUMNS, moments
from oracles import exact

from sktemporal import _kernels

SAFE = st.integers(-300, 300).flatmap(
    lambda e: st.lists(st.integers(-(2**53), 2**53).map(lambda k: math.ldexp(k, e)), min_size=1)
)
CLOSE = st.lists(st.integers(0, 2**20).map(lambda k: 1e9 + k / 1024.0), min_size=1)
DRAWN = st.one_of(SAFE.map(np.array), CLOSE.map(np.array), COLUMNS)


def parts_of(x):
    """Running sums in parts, and what they leave out; None where they don't hold the sums."""
    dropped = _kernels.dropped_by_parts(*_kernels.exponents(x.view(np.int64)), len(x))
    if dropped is None:
        return None
    table = np.empty((len(x) + 1) * len(_kernels.PARTS))
    _kernels.cumulate_parts(x, _kernels.exponents(x.view(np.int64))[0], table)
    return table, dropped


def certified(x, starts, stops):
    """Moments of slices, and which of them are sure; None where the column is not for parts."""
    found = parts_of(x)
    if found is None:
        return None
    out = np.full((len(starts), 5), -1.0)
    doubtful = np.full(len(starts), -1)
    n = _kernels.moments_of_parts(*found, starts, stops, np.arange(5), out, doubtful)
    assert sorted(set(doubtful[:n])) == doubtful[:n].tolist()
    sure = np.ones(len(starts), dtype=bool)
    sure[doubtful[:n]] = False
    return out, sure


@given(DRAWN)
def test_parts_are_the_sums_exactly_and_the_squares_but_for_what_is_dropped(x):
    found = parts_of(x)
    assume(found is not None)
    table, dropped = found
    n_sums = sum(name.startswith("s") for name in _kernels.PARTS)
    for i, row in enumerate(table.reshape(len(x) + 1, -1).tolist()):
        values = [Fraction(value) for value in x[:i].tolist()]
        assert sum(map(Fraction, row[:n_sums])) == sum(values)
        squares = sum(value * value for value in values)
        assert abs(sum(map(Fraction, row[n_sums:])) - squares) <= i * Fraction(dropped)


@pytest.mark.parametrize("n", [1, 3, 127, 1023])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_parts_of_many_large_values_of_one_sign_are_the_sums_exactly(n, sign):
    drawn = np.random.default_rng(n).integers(2**53 - 2**40, 2**53, size=n)
    table, dropped = parts_of(sign * drawn.astype(float))
    whole = drawn.tolist()
    *sums, q0, q1, q2, q3, q4 = map(Fraction, table[-len(_kernels.PARTS) :].tolist())
    assert sum(sums) == int(sign) * sum(whole)
    squares = sum(value * value for value in whole)
    assert abs(q0 + q1 + q2 + q3 + q4 - squares) <= n * Fraction(dropped)


@given(DRAWN, st.data())
def test_what_is_sure_has_the_bits_of_the_exact_moments(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    got = certified(x, starts, stops)
    assume(got is not None)
    out, sure = got
    assert out[sure].tobytes() == moments(x, starts, stops)[sure].tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_moments_of_amounts_are_nearly_always_sure_and_the_oracle_s(seed):
    rng = np.random.default_rng(seed)
    x = np.round(rng.lognormal(3.0, 1.0, 3000), 2)
    stops = np.arange(1, 3001)
    starts = np.maximum(stops - rng.integers(0, 60, 3000), 0)
    out, sure = certified(x, starts, stops)
    assert sure.mean() > 0.99
    few = slice(0, 3000, 50)
    expected = [
        list(exact.moments(part).values()) for part in each_slice(x, starts[few], stops[few])
    ]
    np.testing.assert_allclose(out[few], expected, rtol=1e-14)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", range(257, 512, 2))
def test_the_mean_of_a_sum_just_below_a_power_of_two(n, sign):
    # It is n m, with m halfway between two floats, for which an odd number takes all of 62 bits.
    m = 2**62 // n
    m -= 1 - m % 2
    values = [m - 1] * (n - 8)
    values += pieces(n * m - sum(values))
    x = sign * np.array(values + [0] * (n - len(values)), dtype=float)
    out, sure = certified(x, np.array([0]), np.array([n]))
    assert sure
    assert out.tobytes() == moments(x).tobytes()
    assert out[0, 0] == sign * float(n * m)


def test_equal_values_are_left_to_the_exact_moments():
    x = np.full(40, 0.1)
    _, sure = certified(x, np.array([0, 0, 5, 5]), np.array([40, 1, 5, 7]))
    assert sure.tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "x", [[1e-200, 1.0], [1e300, 1.0], [1.0, 2.0**200], [5e-324], [1e-190], [2.0**400], [1e300]]
)
def test_columns_of_extreme_values_are_not_for_parts(x):
    assert parts_of(np.array(x)) is None


@pytest.mark.parametrize("wanted", [(3,), (4, 0), (1, 2)])
def test_only_the_moments_asked_for_are_written(wanted):
    x = np.random.default_rng(0).lognormal(size=60)
    starts, stops = np.arange(0, 50), np.arange(10, 60)
    places = np.full(5, -1)
    places[[*wanted]] = np.arange(len(wanted))
    matrix = np.full((50, 7), -1.0, order="F")
    doubtful = np.empty(50, dtype=np.int64)
    _kernels.moments_of_parts(*parts_of(x), starts, stops, places, matrix[:, 1:6:2], doubtful)
    expected = np.full((50, 3), -1.0)
    expected[:, : len(wanted)] = certified(x, starts, stops)[0][:, wanted]
    np.testing.assert_array_equal(matrix[:, 1:6:2], expected)
    assert (matrix[:, ::2] == -1.0).all()
