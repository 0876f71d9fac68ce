"""Sorted columns, and what is counted along them, against numpy."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sktemporal import _kernels


def radix_sorted(values):
    result = values.copy()
    _kernels.radix_sort(result.view(np.uint64), np.empty(len(values), dtype=np.uint64))
    return result


@given(hnp.arrays(np.float64, st.integers(0, 50), elements=st.floats(allow_nan=False)))
def test_any_values(values):
    values = values + 0.0
    np.testing.assert_array_equal(radix_sorted(values), np.sort(values))


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_many_values(scale):
    values = np.random.default_rng(0).normal(size=20_000) * scale
    values[::11] = np.nan
    values[5], values[6] = np.inf, -np.inf
    np.testing.assert_array_equal(radix_sorted(values), np.sort(values))


@pytest.mark.parametrize("n", [2, 300, 5000])
def test_values_that_differ_in_their_last_bits_alone(n):
    values = 1.0 + np.random.default_rng(n).permutation(n) * 2.0**-52
    np.testing.assert_array_equal(radix_sorted(values), np.sort(values))


TIED = st.lists(st.integers(-3, 3).map(float) | st.sampled_from([0.5, 1e300]), min_size=1)


@given(TIED)
@example([1.0, 1.0, 2.0, 2.0])
@example([1.0, 2.0, 2.0])
def test_runs_are_those_of_numpy(values):
    ascending = np.sort(values)
    distinct, starts, lengths = np.unique(ascending, return_index=True, return_counts=True)
    longest = lengths.argmax()  # the first of them
    assert _kernels.count_runs(ascending) == (
        len(distinct),
        starts[longest],
        lengths[longest],
        all(value.is_integer() for value in values),
    )


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0), min_size=1),
    st.integers(2, 9),
)
@example([1.0, 2.0, 3.0], 2)
@example([-1.0, 1.0, 2.0], 2)
def test_bins_are_the_finest_there_is_room_for(values, n_most):
    bits = np.sort(values).view(np.int64)
    # A whole number that is ordered as the floats are: that of negative ones counts backwards.
    places = [b if b >= 0 else -(b & 2**63 - 1) - 1 for b in bits.tolist()]

    def bins(level):
        return np.unique([place >> level for place in places], return_counts=True)

    finest = next(level for level in range(65) if len(bins(level)[0]) <= n_most)
    # What lies behind the room is not written.
    keys, counts = np.full((2, n_most + 2), -99)
    level, n_bins = _kernels.bin_ascending(bits, keys[:n_most], counts[:n_most])
    expected = bins(finest)
    assert (level, n_bins) == (finest, len(expected[0]))
    assert keys[:n_bins].tolist() == expected[0].tolist()
    assert counts[:n_bins].tolist() == expected[1].tolist()
    assert keys[n_most:].tolist() == counts[n_most:].tolist() == [-99, -99]
