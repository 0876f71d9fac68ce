"""Columns and slices of them, for the tests of the kernels."""

import numpy as np
import pytest
from hypothesis import strategies as st

STARTS = np.array([3, 3, 10, 11, 13, 0])
STOPS = np.array([3, 10, 11, 13, 60, 60])  # of lengths 0, 7, 1, 2, 47 and 60, overlapping


def read_only(array):
    array = np.asarray(array)
    array.flags.writeable = False
    return array


def values(seed=0, large=False):
    x = np.random.default_rng(seed).lognormal(size=60)
    return 1e9 + x % 1 if large else x


def each_slice(column, starts=STARTS, stops=STOPS):
    return [column[start:stop].tolist() for start, stop in zip(starts, stops, strict=True)]


LAYOUTS = {
    "contiguous": lambda column: column.copy(),
    "strided": lambda column: np.repeat(column, 3)[::3],
    "reversed": lambda column: column[::-1].copy()[::-1],
    "column": lambda column: np.column_stack([column, column])[:, 1],
    "read-only": lambda column: read_only(column.copy()),
    "read-only column": lambda column: read_only(np.column_stack([column, column]))[:, 0],
    "not aligned": lambda column: np.frombuffer(
        b"\0" * 8 + column.tobytes(), dtype=column.dtype, offset=8
    ),
}
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))


def _pairs(n):
    place = st.integers(0, n)
    return st.lists(st.tuples(place, place).map(sorted), max_size=12)


@st.composite
def _sliding(draw, n):
    """A slice that moves on by a little, as the windows of successive events do."""
    step = st.integers(0, 2)
    start, stop = 0, draw(st.integers(0, n))
    pairs = []
    for start_step, stop_step in draw(st.lists(st.tuples(step, step), max_size=20)):
        stop = min(stop + stop_step, n)
        start = min(start + start_step, stop)
        pairs.append((start, stop))
    return pairs


@st.composite
def slices_of(draw, n):
    """Starts and stops of slices of n values: in any order, repeated, moving on, or growing."""
    pairs = draw(
        st.one_of(
            _pairs(n),
            _pairs(n).flatmap(lambda pairs: st.permutations(pairs + pairs)),
            _pairs(n).map(
                lambda pairs: [*zip(*map(sorted, zip(*pairs, strict=True)), strict=True)]
            ),
            _sliding(n),
            st.lists(st.integers(0, n), max_size=12).map(lambda ends: [(0, end) for end in ends]),
        )
    )
    starts, stops = np.array(pairs, dtype=np.int64).reshape(-1, 2).T.copy()
    return starts, stops


# A negative zero never reaches these kernels: `compact` makes it a positive one.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
TIED = st.integers(-3, 3).map(float)


@st.composite
def columns_and_slices(draw, elements=FLOATS):
    """A column, and starts and stops of slices of it."""
    x = draw(st.one_of(st.lists(elements, max_size=40), st.lists(TIED, max_size=40)))
    return np.array(x, dtype=float), *draw(slices_of(len(x)))


def one_by_one(kernel, x, starts, stops, n_columns):
    """What a kernel writes for each slice in a call of its own, with nothing else in the column."""
    out = np.empty((len(starts), n_columns))
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        kernel(x[start:stop].copy(), np.array([0]), np.array([stop - start]), out[i : i + 1])
    return out
