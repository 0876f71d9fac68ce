import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import FLOATS, STARTS, STOPS, columns_and_slices, each_slice, one_by_one, values
from oracles import queues as oracle

from sktemporal import _kernels
from sktemporal._kernels import queues

N = len(_kernels.EXTREMES)
COUNT, MIN, MAX, RANGE, FIRST, LAST = map(
    _kernels.EXTREMES.index, ("count", "min", "max", "range", "first", "last")
)


def extremes(x, starts, stops, out=None):
    out = np.empty((len(starts), N)) if out is None else out
    _kernels.extremes(x, starts[np.newaxis], stops, np.arange(N)[np.newaxis], out)
    return out


def test_extremes_are_the_oracle_s():
    x = values()
    expected = [list(oracle.extremes(part).values()) for part in each_slice(x)]
    assert tuple(oracle.extremes([])) == _kernels.EXTREMES
    np.testing.assert_array_equal(extremes(x, STARTS, STOPS), expected)


@given(columns_and_slices())
def test_extremes_of_any_slices_in_any_order_have_the_bits_of_each_alone(drawn):
    expected = one_by_one(extremes, *drawn, n_columns=N)
    assert extremes(*drawn).tobytes() == expected.tobytes()


@given(columns_and_slices(FLOATS.filter(lambda value: abs(value) < 1e308)))
def test_extremes_of_any_values_are_the_oracle_s(drawn):
    expected = [list(oracle.extremes(part).values()) for part in each_slice(*drawn)]
    np.testing.assert_array_equal(extremes(*drawn), np.reshape(expected, (-1, N)))


def test_extremes_of_windows_that_slide_over_a_long_column_are_numpy_s():
    x = values(large=True).repeat(20) + np.random.default_rng(1).random(1200)
    stops = np.arange(1, 1201)
    for window in (1, 2, 50, 127, 128, 130, 300, 1200):
        got = extremes(x, np.maximum(stops - window, 0), stops)
        parts = [x[max(stop - window, 0) : stop] for stop in stops]
        assert got[:, MIN].tolist() == [part.min() for part in parts]
        assert got[:, MAX].tolist() == [part.max() for part in parts]


@pytest.mark.parametrize("wanted", [(LAST, RANGE), (FIRST, MIN, COUNT), (MAX, LAST), (COUNT,)])
def test_extremes_are_written_into_the_columns_asked_for_and_no_others(wanted):
    x, places = values(), np.full(N, -1)
    places[[*wanted]] = np.arange(len(wanted))
    matrix = np.full((6, 7), -1.0, order="F")
    _kernels.extremes(x, STARTS[np.newaxis], STOPS, places[np.newaxis], matrix[:, 1:6:2])
    expected = np.full((6, 3), -1.0)
    expected[:, : len(wanted)] = extremes(x, STARTS, STOPS)[:, wanted]
    np.testing.assert_array_equal(matrix[:, 1:6:2], expected)
    assert (matrix[:, ::2] == -1.0).all()


@st.composite
def columns_and_windows(draw):
    """A column, and for each of some slices windows of several lengths that end with it."""
    x, starts, stops = draw(columns_and_slices())
    shorter = st.lists(st.integers(0, 40), min_size=len(stops), max_size=len(stops))
    of_one_length = st.integers(0, 8).map(lambda length: [length] * len(stops))
    rows = draw(st.lists(st.one_of(shorter, of_one_length), max_size=2))
    lengths = np.array(rows, dtype=np.int64).reshape(len(rows), len(stops))
    return x, np.vstack([starts, np.maximum(starts, stops - lengths)]), stops


def largest(x, starts, stops):
    """The largest value of each window, by window and slice."""
    return [
        [max(x[start:stop], default=np.nan) for start, stop in zip(row, stops, strict=True)]
        for row in starts
    ]


@given(columns_and_windows())
def test_several_windows_of_a_slice_have_their_own_extremes(drawn):
    x, starts, stops = drawn
    places = np.arange(len(starts) * N).reshape(-1, N)
    out = np.empty((len(stops), len(starts) * N))
    _kernels.extremes(x, starts, stops, places, out)
    alone = [extremes(x, row, stops) for row in starts]
    assert out.tobytes() == np.hstack(alone).tobytes()


@given(columns_and_windows(), st.sampled_from([1.0, -1.0]))
def test_a_queue_has_the_largest_value_of_any_windows_in_any_order(drawn, sign):
    # Of whatever length: in a column as short as this, `extremes` has another way.
    x, starts, stops = drawn
    wanted = np.column_stack([np.arange(len(starts)), np.arange(len(starts))[::-1]])
    out = np.full((len(stops), len(starts)), -99.0)
    queues._largest_of_long(x, sign, starts, stops, wanted, out)
    expected = sign * np.array(largest(sign * x, starts, stops)).T
    np.testing.assert_array_equal(out[:, ::-1], expected.reshape(out.shape))
