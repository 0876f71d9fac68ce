import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernels.drawn import FLOATS, STARTS, STOPS, TIED, each_slice, slices_of, values
from numpy.testing import assert_allclose
from oracles import exact

from sktemporal import _kernels

WIDTHS = (2, 4, 34)
SMALLEST_NORMAL = 2.0**-1022

# Of one magnitude each: enough for 2 limbs, for 4, and for no less than all.
_NEAR = st.integers(-1000, 900).flatmap(
    lambda e: st.lists(st.integers(-(2**53), 2**53).map(lambda k: math.ldexp(k, e - 53)))
)
_APART = st.integers(-800, 700).flatmap(
    lambda e: st.lists(st.floats(-(2.0**150), 2.0**150).map(lambda v: math.ldexp(v, e)))
)
_ODD = st.sampled_from(
    (0.0, 5e-324, -5e-324, SMALLEST_NORMAL, 1e-300, 1e300, 1e308, -1.7e308, 0.1, 1.0, -1.0, 3e15)
)
_ANY = st.one_of(
    st.lists(FLOATS),
    st.lists(_ODD),
    st.lists(TIED),
    st.lists(st.integers(-(10**15), 10**15).map(float)),
    _NEAR,
    _APART,
)
# What is added and taken away again leaves the smallest digits.
_CANCELLING = _ANY.flatmap(lambda x: st.permutations([*x, *(-v + 0.0 for v in x[1:])]))
COLUMNS = st.one_of(_ANY, _CANCELLING).map(lambda x: np.array(x, dtype=float))
NOT_EMPTY = COLUMNS.filter(len)


def width_and_unit(x):
    return _kernels.width_and_unit(*_kernels.exponents(x.view(np.int64)), len(x))


def smallest_unit(x, width):
    """The smallest unit that numbers of this width have for sums of x."""
    return exact.exponents(x)[0] + 54 + len(x).bit_length() - 64 * width


def running_sums(x, width, unit):
    table = np.empty((len(x) + 1, 3 * width), dtype=np.uint64)
    _kernels.cumulate(width)(x.view(np.int64), unit, table)
    return table


def moments(x, starts=None, stops=None, sizes=None):
    """The five moments of slices of a column, by default of all of it."""
    width, unit = sizes or width_and_unit(x)
    starts = np.array([0]) if starts is None else starts
    stops = np.array([len(x)]) if stops is None else stops
    out = np.empty((len(starts), 5))
    table = running_sums(x, width, unit)
    _kernels.moments(width)(table, unit, x, starts, stops, np.arange(5), out)
    return out


def moments_of(x):
    return dict(zip(_kernels.MOMENTS, moments(x)[0].tolist(), strict=True))


def cumulated(x, unit, width):
    """The running sums of values and squares as ints."""
    table = running_sums(x, width, unit)
    return [(whole_number(row[:width]), whole_number(row[width:])) for row in table]


def whole_number(limbs):
    return int.from_bytes(limbs.tobytes(), "little")


@given(COLUMNS)
@example(np.array([1.0, SMALLEST_NORMAL]))
@example(np.array([0.0, 0.0]))
def test_exponents_are_the_oracle_s(x):
    assert _kernels.exponents(x.view(np.int64)) == exact.exponents(x)


@given(st.integers(1, 2046), st.integers(0, 2045), st.integers(0, 2**40))
@example(2046, 2045, 2**40)
@example(70, 69, 31)
@example(71, 70, 31)
def test_the_width_holds_any_sum_and_is_no_larger_than_need_be(highest, spread, n):
    lowest = max(highest - spread, 1)
    width, unit = _kernels.width_and_unit(highest, lowest, n)
    assert unit <= lowest
    assert n * (2**53 - 1) << (highest - unit) < 2 ** (64 * width - 1)
    largest = n * (2**53 - 1) << (highest - lowest)
    assert all(8 * largest >= 2 ** (64 * w - 1) for w in WIDTHS if w < width and n)


@given(COLUMNS, st.data())
def test_cumulate_is_the_oracle_s(x, data):
    highest, lowest = exact.exponents(x)
    # One value has to fit; sums of several may wrap around.
    width = data.draw(st.sampled_from([w for w in WIDTHS if highest - lowest <= 64 * w - 54]))
    unit = data.draw(st.integers(highest - 64 * width + 54, lowest))
    assert cumulated(x, unit, width) == exact.cumulate(x, unit, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_sums_that_wrap_around_are_the_oracle_s(width):
    place = min(64 * width - 54, 2045)
    x = math.ldexp(2**53 - 1, place - 1074) * np.array([1.0, 1.0, 1.0, -0.5, -0.25, -1.0, -1.0])
    got = cumulated(x, 1, width)
    assert got == exact.cumulate(x, 1, width)
    assert (got[2][0] >= 2 ** (64 * width - 1)) == (width < 34)


@pytest.mark.parametrize("large", [False, True])
def test_moments_are_the_oracle_s(large):
    x = values(large=large)
    expected = [list(exact.moments(part).values()) for part in each_slice(x)]
    assert_allclose(moments(x, STARTS, STOPS), expected, rtol=1e-15)


def test_moments_are_written_into_the_columns_asked_for_and_no_others():
    x = values()
    width, unit = width_and_unit(x)
    table = running_sums(x, width, unit)
    matrix = np.full((6, 7), -1.0, order="F")
    places = np.array([2, -1, -1, 0, 1])
    _kernels.moments(width)(table, unit, x, STARTS, STOPS, places, matrix[:, 1:6:2])
    expected = moments(x, STARTS, STOPS)[:, [3, 4, 0]]
    assert matrix[:, 1:6:2].tobytes() == expected.tobytes()
    assert (matrix[:, ::2] == -1.0).all()


@given(COLUMNS)
@example(np.array([1.0, SMALLEST_NORMAL, -1.0]))
@example(np.array([1e308, 5e-324, -1e308]))
@example(np.array([2.0**53, 1.0, 5e-324]))
@example(np.array([2.0**53, 1.0, -5e-324]))
def test_the_sum_is_the_exact_one_rounded_once(x):
    assert moments_of(x)["sum"] == exact.moments(x)["sum"]


@given(NOT_EMPTY)
@example(np.array([1000799917193440.0 + k for k in (7, 4, 4, 5, 7, 4, 4, 3, 5)]))
def test_the_mean_is_within_a_unit_in_the_last_place(x):
    mean = exact.mean_of(exact.fractions_of(x))
    assert abs(Fraction(moments_of(x)["mean"]) - mean) <= Fraction(math.ulp(float(mean)))


@given(NOT_EMPTY)
def test_the_spread_is_exact_to_fifteen_digits(x):
    got, expected = moments_of(x), exact.moments(x)
    for name in ("var", "std"):
        assert_allclose(got[name], expected[name], rtol=1e-15, atol=5e-324, err_msg=name)


# Whole numbers of the unit, so that limbs begin where 64 of their bits do.
@pytest.mark.parametrize(
    ("x", "width"),
    [
        ([2.0**130, 2.0**53], 4),  # a borrow goes through a limb of which nothing is left
        ([-(2.0**130), 3 * 2.0**52, 0.0], 4),
        # 0x5555555555555555 times 3 is all ones, to which the limb below carries
        ([10650230752218169344.0, 6369051674145866.0, 0.0], 2),
    ],
)
def test_carries_go_through_whole_limbs(x, width):
    unit = _kernels.exponents(np.array([2.0**52]).view(np.int64))[0]
    got = dict(zip(_kernels.MOMENTS, moments(np.array(x), sizes=(width, unit))[0], strict=True))
    expected = exact.moments(x)
    assert_allclose([got["var"], got["std"]], [expected["var"], expected["std"]], rtol=1e-15)


@pytest.mark.parametrize("x", [[2.0**-500, -(2.0**-500), 2.0**-1060], [0.5, 0.25, -0.75, 5e-324]])
def test_the_ratio_to_a_mean_that_lacks_digits_is_exact_to_fourteen(x):
    assert_allclose(moments_of(np.array(x))["cv"], exact.moments(x)["cv"], rtol=1e-14)


@given(FLOATS, st.integers(1, 200))
@example(float.fromhex("0x1.95265a3717d13p+1023"), 59)
@example(SMALLEST_NORMAL, 3)
def test_equal_values_are_their_own_mean_and_have_no_spread(value, n):
    got = moments_of(np.full(n, value))
    assert (got["mean"], got["var"], got["std"], got["cv"]) == (value, 0.0, 0.0, 0.0)


@given(st.lists(st.floats(1e308, 1.79e308), min_size=2, max_size=20), st.sampled_from((-1.0, 1.0)))
def test_where_the_sum_overflows_the_mean_is_finite(x, sign):
    got = moments_of(sign * np.array(x))
    assert got["sum"] == sign * np.inf
    assert_allclose(got["mean"], sign * float(exact.mean_of(exact.fractions_of(x))), rtol=4e-16)
    assert got["std"] <= 1.79e308


@given(COLUMNS, st.data())
def test_neither_width_nor_unit_changes_a_bit(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    lowest = exact.exponents(x)[1]
    width = data.draw(st.sampled_from([w for w in WIDTHS if smallest_unit(x, w) <= lowest]))
    unit = data.draw(st.integers(smallest_unit(x, width), lowest))
    got = moments(x, starts, stops, (width, unit))
    assert got.tobytes() == moments(x, starts, stops, (34, smallest_unit(x, 34))).tobytes()


@pytest.mark.parametrize("scale", [1.0, 2.0**-1000, 2.0**900])
def test_each_width_has_the_same_bits_where_two_limbs_are_enough(scale):
    x = scale * values()
    lowest = exact.exponents(x)[1]
    assert width_and_unit(x)[0] == 2
    expected = moments(x, STARTS, STOPS).tobytes()
    for width in WIDTHS:
        for unit in (lowest, smallest_unit(x, width)):
            assert moments(x, STARTS, STOPS, (width, unit)).tobytes() == expected


@given(COLUMNS, st.data())
def test_the_order_of_the_values_changes_no_bit_of_sum_and_spread(x, data):
    moved = np.array(data.draw(st.permutations(x.tolist())), dtype=float)
    got, expected = moments_of(moved), moments_of(x)
    for name in ("sum", "var", "std"):
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)


@given(_ANY, NOT_EMPTY, _ANY)
@example([1.0], np.array([SMALLEST_NORMAL, SMALLEST_NORMAL]), [])
@example([5e-324], np.array([1.0, 3.0]), [1e308])
def test_what_else_is_in_the_column_changes_no_bit(before, x, after):
    column = np.concatenate((before, x, after))
    start = np.array([len(before)])
    assert moments(column, start, start + len(x)).tobytes() == moments(x).tobytes()


@given(COLUMNS, st.data())
def test_a_slice_among_others_has_the_bits_it_has_alone(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    alone = [moments(x[a:b].copy()) for a, b in zip(starts, stops, strict=True)]
    expected = np.concatenate([*alone, np.empty((0, 5))])
    assert moments(x, starts, stops).tobytes() == expected.tobytes()
