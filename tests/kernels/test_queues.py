import numpy as np
import pytest
from hypothesis import given
from kernels.drawn import FLOATS, STARTS, STOPS, columns_and_slices, each_slice, one_by_one, values
from oracles import queues

from sktemporal import _kernels

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
    expected = [list(queues.extremes(part).values()) for part in each_slice(x)]
    assert tuple(queues.extremes([])) == _kernels.EXTREMES
    np.testing.assert_array_equal(extremes(x, STARTS, STOPS), expected)


@given(columns_and_slices())
def test_extremes_of_any_slices_in_any_order_have_the_bits_of_each_alone(drawn):
    expected = one_by_one(extremes, *drawn, n_columns=N)
    assert extremes(*drawn).tobytes() == expected.tobytes()


@given(columns_and_slices(FLOATS.filter(lambda value: abs(value) < 1e308)))
def test_extremes_of_any_values_are_the_oracle_s(drawn):
    expected = [list(queues.extremes(part).values()) for part in each_slice(*drawn)]
    np.testing.assert_array_equal(extremes(*drawn), np.reshape(expected, (-1, N)))


def test_extremes_of_windows_that_slide_over_a_long_column_are_numpy_s():
    x = values(large=True).repeat(20) + np.random.default_rng(1).random(1200)
    stops = np.arange(1, 1201)
    for window in (1, 2, 50, 1200):
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
