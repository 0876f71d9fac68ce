import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernels.drawn import STARTS, STOPS, each_slice, every_layout, read_only, slices_of, values
from numpy.testing import assert_array_equal
from oracles import slices

from sktemporal import _kernels

ONLY = np.array([0])
EARLIEST, LATEST = -(2**63), 2**63 - 1
TIMES = st.one_of(
    st.integers(-3, 3),
    st.integers(EARLIEST, EARLIEST + 3),
    st.integers(LATEST - 3, LATEST),
    st.sampled_from((EARLIEST, LATEST, 0)),
)


def compacted(column, starts=STARTS, stops=STOPS, skip_zero=False):
    n = (stops - starts).sum()
    x, place = np.full(n + 1, -99.0), np.full((1, n + 1), -99)
    _kernels.compact(column[:, None], ONLY, starts, stops, skip_zero, x, place)
    return x[: place[0, -1]], place[0]


def check_compact(column, skip_zero):
    x, place = compacted(column, skip_zero=skip_zero)
    ends = place[np.concatenate(([0], np.cumsum(STOPS - STARTS)))]
    got = each_slice(x, ends[:-1], ends[1:])
    assert got == [slices.compact(part, skip_zero) for part in each_slice(column)]
    assert not np.signbit(x[x == 0]).any()
    elements = np.concatenate(each_slice(column))
    for element, position, following in zip(elements, place[:-1], place[1:], strict=True):
        observed = len(slices.compact([element], skip_zero))
        assert following - position == observed
        assert not observed or x[position] == element


@every_layout
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("skip_zero", [False, True])
def test_compact_is_the_oracle_s(layout, dtype, skip_zero):
    column = values().astype(dtype)
    column[::4] = np.nan
    column[::5] = 0.0
    column[::10] = -0.0
    check_compact(layout(column), skip_zero)


@every_layout
def test_compact_of_codes_is_the_oracle_s(layout):
    column = np.random.default_rng(0).integers(-2, 3, size=60, dtype=np.int32)
    check_compact(layout(column), skip_zero=True)


@pytest.mark.parametrize("order", ["C", "F"])
def test_compact_of_several_fields_is_that_of_each_one_after_the_other(order):
    table = np.random.default_rng(0).choice([np.nan, 1.0, 2.0, 3.0], size=(60, 4))
    fields, n = np.array([2, 0, 2]), (STOPS - STARTS).sum()
    x, place = np.full(3 * n + 1, -99.0), np.full((3, n + 1), -99)
    _kernels.compact(np.asarray(table, order=order), fields, STARTS, STOPS, False, x, place)
    offset = 0
    for field, places in zip(fields, place, strict=True):
        alone, expected = compacted(table[:, field])
        assert places.tolist() == (expected + offset).tolist()
        assert x[offset : places[-1]].tolist() == alone.tolist()
        offset = places[-1]


@given(st.lists(st.integers(-3, 3), max_size=20), st.integers(-4, 4), st.booleans())
def test_first_event_after_is_the_oracle_s(times, moment, at_moment):
    times = np.sort(np.array(times, dtype=np.int64))
    n = len(times)
    starts, stops = np.array([0, n // 2, n]), np.array([n, n, n])
    rows = np.empty(3, dtype=np.int64)
    moments = np.full(3, moment)
    _kernels.first_event_after(read_only(times), starts, stops, moments, at_moment, rows)
    assert rows.tolist() == [
        slices.first_event_after(times, start, stop, moment, at_moment)
        for start, stop in zip(starts, stops, strict=True)
    ]


@st.composite
def moments_of_histories(draw):
    """Times of two histories one after the other, slices of them, a reference time for each."""
    times, bounds = [], []
    for _ in range(2):
        history = sorted(draw(st.lists(TIMES, max_size=15)))
        starts, stops = draw(slices_of(len(history)))
        bounds += [(len(times) + a, len(times) + b) for a, b in zip(starts, stops, strict=True)]
        times += history
    if draw(st.booleans()):
        bounds = draw(st.permutations(bounds))
    latest = [times[stop - 1] if start < stop else EARLIEST for start, stop in bounds]
    later = st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 2**64))
    references = [min(time + draw(later), LATEST) for time in latest]
    if draw(st.booleans()):
        references = np.maximum.accumulate(np.array(references, dtype=np.int64)).tolist()
    return times, np.array(bounds, dtype=np.int64).reshape(-1, 2), references


@given(moments_of_histories(), st.booleans(), st.data())
def test_first_younger_is_the_oracle_s(drawn, or_equal, data):
    times, bounds, references = drawn
    ages = [
        reference - time
        for (start, stop), reference in zip(bounds, references, strict=True)
        for time in times[start:stop]
    ]
    some = st.sampled_from([*ages, 0, 1, 2, 2**63, 2**64 - 1])
    ages = data.draw(st.lists(some, max_size=3))
    starts, stops = bounds.T.copy()
    rows = np.full((len(ages), len(bounds)), -99)
    moments = np.array(references, dtype=np.int64)
    table = read_only(np.array(times, dtype=np.int64))
    as_uint64 = np.array(ages, dtype=np.uint64)
    _kernels.first_younger(table, starts, stops, moments, as_uint64, or_equal, rows)
    assert rows.tolist() == [
        [
            slices.first_younger(times, start, stop, reference, age, or_equal)
            for (start, stop), reference in zip(bounds.tolist(), references, strict=True)
        ]
        for age in ages
    ]


def test_first_younger_of_all_prefixes_of_a_long_history_is_numpy_s_search():
    times = np.cumsum(np.random.default_rng(0).integers(0, 3, size=2000))
    stops = np.arange(1, 2001)
    rows, ages = np.empty((1, 2000), dtype=np.int64), np.array([50], dtype=np.uint64)
    starts, references = np.zeros(2000, dtype=np.int64), times.copy()
    for or_equal, side in ((False, "right"), (True, "left")):
        _kernels.first_younger(times, starts, stops, references, ages, or_equal, rows)
        assert_array_equal(rows[0], np.searchsorted(times, times - 50, side))


@given(slices_of(30))
@example((np.array([0, 2, 2, 5]), np.array([5, 2, 4, 9])))
def test_newly_covered_is_the_oracle_s(drawn):
    order = np.lexsort(drawn[::-1])
    starts, stops = (bound[order] for bound in drawn)
    covered, apart = np.full(len(starts), -99), np.empty(len(starts), dtype=bool)
    _kernels.newly_covered(starts, stops, covered, apart)
    assert (covered.tolist(), apart.tolist()) == slices.newly_covered(starts, stops)


@given(slices_of(30), st.booleans())
@example((np.array([0, 0, 2, 5, 5]), np.array([2, 4, 2, 5, 9])), False)
def test_merge_is_the_oracle_s(drawn, one_start):
    order = np.lexsort(drawn[::-1])
    starts, stops = (bound[order] for bound in drawn)
    run_starts, run_stops, shifts = np.full((3, len(starts)), -99)
    n_runs, n_rows = _kernels.merge(starts, stops, one_start, run_starts, run_stops, shifts)
    got = list(zip(run_starts[:n_runs].tolist(), run_stops[:n_runs].tolist(), strict=True))
    expected = slices.merge(starts.tolist(), stops.tolist(), one_start)
    assert (got, n_rows, shifts.tolist()) == expected


@given(slices_of(30))
def test_each_row_is_the_oracle_s(drawn):
    starts, stops = drawn
    rows, owners = np.full((2, (stops - starts).sum()), -99)
    _kernels.each_row(starts, stops, rows, owners)
    assert (rows.tolist(), owners.tolist()) == slices.each_row(starts, stops)


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=6), st.booleans())
def test_ascending_is_the_oracle_s(rows, in_order):
    rows = sorted(rows) if in_order else rows
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    assert _kernels.ascending(*columns) == slices.ascending(*columns.tolist())


@given(st.integers(0, 2**32), st.sampled_from((np.float32, np.float64)), st.sampled_from("CF"))
def test_first_infinity_is_the_oracle_s(seed, dtype, order):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(40, 3)).astype(dtype, order=order)
    table[rng.random((40, 3)) < 0.01] = rng.choice([np.inf, -np.inf])
    table[rng.random((40, 3)) < 0.1] = np.nan
    starts = np.array([2, 0, 5, 5, 20, 12])
    stops = np.array([5, 0, 9, 12, 40, 20])
    expected = slices.first_infinity(table.tolist(), starts, stops)
    assert _kernels.first_infinity(read_only(table), starts, stops) == expected
    assert _kernels.first_infinity(np.repeat(table, 2, axis=1)[:, ::2], starts, stops) == expected


@given(st.integers(0, 2**32), st.sampled_from((np.float32, np.float64)))
def test_trim_missing_is_the_oracle_s(seed, dtype):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(12, 2)).astype(dtype)
    table[rng.random((12, 2)) < 0.6] = np.nan
    starts, stops = np.array([0, 3, 8, 8]), np.array([3, 8, 8, 12])
    expected = [slices.trim_missing(table, *s) for s in zip(starts, stops, strict=True)]
    _kernels.trim_missing(table, starts, stops)
    for start, stop, bounds in zip(starts, stops, expected, strict=True):
        assert (start == stop) if bounds is None else ((start, stop) == bounds)


def test_lagged_is_the_oracle_s():
    x, lags = values(), np.array([0, 1, 6, 7, 59, 60])
    out = np.empty((6, 6))
    _kernels.lagged(x, STARTS, STOPS, lags, np.arange(len(lags)), out)
    assert_array_equal(out, [slices.lagged(part, lags) for part in each_slice(x)])


def test_fill_undefined_is_the_oracle_s_and_changes_nothing_beside_the_block():
    matrix = np.random.default_rng(0).normal(size=(20, 6))
    matrix[matrix < 0] = np.nan
    before = matrix.copy()
    _kernels.fill_undefined(matrix[2:18, 1:5:2], -7.5)
    assert_array_equal(matrix[2:18, 1:5:2], slices.fill_undefined(before[2:18, 1:5:2], -7.5))
    matrix[2:18, 1:5:2] = before[2:18, 1:5:2]
    assert_array_equal(matrix, before)


@given(st.lists(st.lists(TIMES, max_size=8), max_size=5))
def test_running_maximum_of_slices_apart_is_the_oracle_s(histories):
    # Behind each a row that is in no slice.
    times = [time for history in histories for time in [*history, LATEST]]
    times = np.array(times, dtype=np.int64)
    lengths = np.array([len(history) for history in histories], dtype=np.int64)
    stops = np.cumsum(lengths + 1) - 1
    starts = stops - lengths
    latest = np.empty_like(times)
    _kernels.running_maximum(times, starts, stops, latest)
    expected = [slices.running_maximum(history) for history in histories]
    assert each_slice(latest, starts, stops) == expected


@st.composite
def arrivals_and_slices(draw):
    arrivals = draw(st.lists(st.integers(-3, 3), max_size=15))
    starts, stops = draw(slices_of(len(arrivals)))
    moments = draw(
        st.lists(st.integers(-4, 4), min_size=len(starts), max_size=len(starts)).map(np.array)
    )
    return np.array(arrivals, dtype=np.int64), starts, stops, moments.astype(np.int64)


@given(arrivals_and_slices())
def test_running_maximum_of_slices_that_overlap_is_no_less_than_that_of_any(drawn):
    arrivals, starts, stops, _ = drawn
    latest = np.empty_like(arrivals)
    _kernels.running_maximum(arrivals, starts, stops, latest)
    for start, stop in zip(starts, stops, strict=True):
        of_slice = slices.running_maximum(arrivals[start:stop])
        assert (latest[start:stop] >= of_slice).all()
    assert set(latest) <= set(arrivals)


@given(arrivals_and_slices(), st.booleans(), st.booleans())
def test_counts_and_rows_of_what_had_arrived_are_the_oracle_s(drawn, at_moment, keep_last):
    arrivals, starts, stops, moments = drawn
    latest = np.empty_like(arrivals)
    _kernels.running_maximum(arrivals, starts, stops, latest)
    leading, arrived = np.full((2, len(starts)), -99)
    cut = starts, stops, moments, at_moment, keep_last
    _kernels.count_arrived(arrivals, latest, *cut, leading, arrived)
    conditions = [
        (a, b, moment, at_moment, keep_last)
        for a, b, moment in zip(starts, stops, moments, strict=True)
    ]
    expected = [slices.count_arrived(arrivals, *condition) for condition in conditions]
    assert [*zip(leading, arrived, strict=True)] == expected
    rows = np.full(arrived.sum(), -99)
    _kernels.arrived_rows(arrivals, *cut, rows)
    expected = [slices.arrived_rows(arrivals, *condition) for condition in conditions]
    assert rows.tolist() == [row for rows_of_slice in expected for row in rows_of_slice]
