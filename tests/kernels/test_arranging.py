from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sktemporal import _kernels
from sktemporal._kernels import arranging

NO_TIMES = np.empty(0, dtype=np.int64)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_in_order_is_what_sorting_leaves_as_it_is(pairs):
    owners, times = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    owners, times = owners.astype(np.int32), times.copy()
    assert _kernels.in_order(owners, times) == (pairs == sorted(pairs))
    assert _kernels.in_order(owners, NO_TIMES) == (owners.tolist() == sorted(owners))


@pytest.mark.parametrize("place", [1, 1023, 1024, 1025, 2047, 2999])
def test_one_row_out_of_order_is_found_in_any_block(place):
    owners, times = np.zeros(3000, dtype=np.int32), np.arange(3000)
    assert _kernels.in_order(owners, times)
    times[place] = times[place - 1] - 1
    assert not _kernels.in_order(owners, times)
    owners[place:] = 1
    assert _kernels.in_order(owners, times)


@pytest.mark.parametrize(("source", "target"), arranging.PARTITIONED)
@pytest.mark.parametrize("in_buckets", [False, True])
@pytest.mark.parametrize("n_missing", [0, 700])
def test_columns_of_every_type(source, target, in_buckets, n_missing):
    rng = np.random.default_rng(0)
    n = 2500
    limits = (0, 1) if source[0] == "f" else (np.iinfo(source).min, np.iinfo(source).max)
    values = rng.integers(*limits, 2 * n, dtype=source if source[0] != "f" else "i8", endpoint=True)
    values = values.astype(source)[::2]  # strided
    missing = np.zeros(n if n_missing else 0, dtype=bool)
    missing[:n_missing] = target[0] == "f"
    buckets = rng.integers(0, 3, n).astype(np.uint16) if in_buckets else np.empty(0, np.uint16)
    order = np.argsort(buckets, kind="stable") if in_buckets else np.arange(n)
    places = np.searchsorted(buckets[order], np.arange(3)) if in_buckets else np.empty(0, np.int64)
    out = np.empty(n, dtype=target)
    assert not _kernels.partition(source, target)(values, missing, buckets, places, out)
    expected = values.astype(target)
    if len(missing) and target[0] == "f":
        expected[missing] = np.nan
    assert_array_equal(out, expected[order])
    if source[0] == "f":
        values[-1] = -np.inf
        places = np.searchsorted(buckets[order], np.arange(3)) if in_buckets else places
        assert _kernels.partition(source, target)(values, missing, buckets, places, out)
        missing = np.arange(n) == n - 1
        places = np.searchsorted(buckets[order], np.arange(3)) if in_buckets else places
        assert not _kernels.partition(source, target)(values, missing, buckets, places, out)


@pytest.mark.parametrize("kind", ["f4", "f8", "i4", "i8"])
@pytest.mark.parametrize("index", ["i4", "i8"])
def test_gather(kind, index):
    values, rows = np.arange(50).astype(kind), np.array([49, 0, 7, 7], dtype=index)
    out = np.empty(4, dtype=kind)
    _kernels.gather(kind, index)(values, rows, out)
    assert_array_equal(out, values[rows])


@given(
    st.lists(st.sampled_from([0, 1, 2, 31, 32, 33, 64, 100, 257]), max_size=5), st.integers(0, 99)
)
def test_slices_are_sorted_as_by_a_stable_sort(lengths, seed):
    rng = np.random.default_rng(seed)
    stops = np.cumsum([0, *lengths])
    times = rng.integers(-5, rng.choice([5, 10**9]), stops[-1])
    if seed % 3 == 0:
        times = np.sort(times)[:: -1 if seed % 2 else 1].copy()
    rows = np.arange(stops[-1], dtype=np.int32)
    expected = [a + np.argsort(times[a:b], kind="stable") for a, b in pairwise(stops)]
    expected = np.concatenate([*expected, np.empty(0, dtype=int)]).astype(int)
    ordered = times.copy()
    _kernels.sort_events("i4")(ordered, rows, stops[:-1].copy(), stops[1:].copy())
    assert_array_equal(rows, expected)
    assert_array_equal(ordered, times[expected])


def test_owners_are_counted_and_cut_into_buckets():
    owners = np.array([5, 0, 3, 5, 7], dtype=np.int32)
    counts = np.zeros(8, dtype=np.int64)
    _kernels.count_owners(owners, counts)
    assert_array_equal(counts, np.bincount(owners, minlength=8))
    buckets, counts = np.empty(5, dtype=np.uint16), np.zeros(4, dtype=np.int64)
    _kernels.assign_buckets(owners, 1, buckets, counts)
    assert_array_equal(buckets, owners >> 1)
    assert_array_equal(counts, np.bincount(owners >> 1, minlength=4))
    rows, places = np.empty(5, dtype=np.int64), np.array([0, 1, 1, 1, 2, 2, 4, 4])
    _kernels.place_rows("i8")(owners, 10, places, rows)
    assert_array_equal(rows, 10 + np.argsort(owners, kind="stable"))
