import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import FLOATS, STARTS, STOPS, columns_and_slices, slices_of, values
from kernels.test_exact import COLUMNS, moments

from sktemporal import _kernels

LANES = 8
EVERYTHING = np.iinfo(np.int64).max
TAILS = st.lists(st.integers(1, 12), max_size=3).map(lambda t: np.array([*sorted(t), EVERYTHING]))
SMALL = FLOATS.filter(lambda value: abs(value) < 1e300)


def tiles_of(x, starts, stops, longest=100):
    """Tiles of slices, of one field or of several: values, firsts, owners, counts."""
    starts, stops = np.atleast_2d(starts), np.atleast_2d(stops)
    n_tiles = -(-np.count_nonzero(stops - starts <= longest) // LANES)
    owners, firsts = np.full((2, n_tiles * LANES), -99), np.full(n_tiles + 1, -99)
    _kernels.by_length(starts, stops, longest, owners, firsts)
    padded, counts = np.full(firsts[-1] + LANES, 7.0), np.full(n_tiles * LANES, 7.0)
    _kernels.fill_tiles(x, starts, stops, owners, firsts, padded, counts)
    return padded, firsts, owners, counts


def blocks(starts, n_columns):
    starts = np.atleast_2d(starts)
    return np.full((starts.shape[1], starts.shape[0], n_columns), -99.0)


def each_tail(kernel, starts, stops, tails, n_columns):
    """What a kernel for single slices writes for each tail, one beside the other."""
    out = np.empty((len(starts), len(tails) * n_columns))
    for w, tail in enumerate(tails.tolist()):
        part = np.empty((len(starts), n_columns))
        kernel(np.maximum(starts, stops - min(tail, 10**6)), stops, part)
        out[:, w * n_columns : (w + 1) * n_columns] = part
    return out


def places(tails, n_columns):
    return np.arange(len(tails) * n_columns).reshape(-1, n_columns)


@given(columns_and_slices(), st.integers(0, 40))
def test_every_slice_that_is_not_too_long_has_a_lane(drawn, longest):
    x, starts, stops = drawn
    padded, firsts, owners, counts = tiles_of(x, starts, stops, longest)
    n_slices = int((stops - starts <= longest).sum())
    rows = owners[0, :n_slices]
    assert sorted(rows.tolist()) == np.flatnonzero(stops - starts <= longest).tolist()
    assert (owners[0, n_slices:] == owners[0, n_slices - 1 :][:1]).all()
    assert not owners[1].any()
    assert counts[:n_slices].tolist() == sorted((stops - starts)[rows].tolist())
    for lane, row in enumerate(rows.tolist()):
        tile = padded[firsts[lane // LANES] : firsts[lane // LANES + 1]].reshape(-1, LANES)
        expected = np.zeros(len(tile))
        expected[: int(counts[lane])] = x[starts[row] : stops[row]][::-1]
        assert tile[:, lane % LANES].tolist() == expected.tolist()


@given(columns_and_slices(), TAILS)
def test_extremes_of_tails_have_the_bits_of_those_of_windows(drawn, tails):
    x, starts, stops = drawn
    out, n = blocks(starts, len(tails) * 6), len(_kernels.EXTREMES)

    def single(begin, end, part):
        _kernels.extremes(x, begin[np.newaxis], end, places([1], n), part)

    _kernels.extremes_of_tails(*tiles_of(x, starts, stops), tails, places(tails, n), out)
    assert out[:, 0].tobytes() == each_tail(single, starts, stops, tails, n).tobytes()


@given(COLUMNS, TAILS, st.data())
def test_moments_of_tails_that_are_sure_have_the_bits_of_the_exact_ones(x, tails, data):
    starts, stops = data.draw(slices_of(len(x)))
    n_tails, n = len(tails), len(_kernels.MOMENTS)
    out, doubtful = blocks(starts, n_tails * n), np.full(n_tails * len(starts), -99)
    arguments = tails, places(tails, n), out, doubtful
    n_doubtful = _kernels.moments_of_tails(*tiles_of(x, starts, stops), *arguments)
    sure = np.ones((len(starts), n_tails), dtype=bool)
    assert len(set(doubtful[:n_doubtful].tolist())) == n_doubtful
    sure.reshape(-1)[doubtful[:n_doubtful]] = False

    def single(begin, end, part):
        if len(part):
            part[:] = moments(x, begin, end)

    expected = each_tail(single, starts, stops, tails, n)
    got = out[:, 0].reshape(len(starts), n_tails, n)
    expected = expected.reshape(len(starts), n_tails, n)
    assert got[sure].tobytes() == expected[sure].tobytes()


@pytest.mark.parametrize("of", ["amounts", "close", "equal", "whole"])
def test_moments_of_tails_of_ordinary_values_are_nearly_always_sure(of):
    rng = np.random.default_rng(0)
    x = {
        "amounts": np.round(rng.lognormal(3.0, 1.0, 40_000), 2),
        "close": 1e9 + rng.normal(size=40_000),
        "equal": np.repeat(rng.normal(size=1000), 40),
        "whole": rng.integers(-100, 100, 40_000).astype(float),
    }[of]
    starts = np.arange(0, 40_000, 40)
    tails, doubtful = np.array([2, 7, EVERYTHING]), np.empty(3000, dtype=np.int64)
    arguments = tails, places(tails, 5), blocks(starts, 15), doubtful
    assert _kernels.moments_of_tails(*tiles_of(x, starts, starts + 40), *arguments) < 30


@given(columns_and_slices(), TAILS)
def test_order_statistics_of_tails_have_the_bits_of_those_of_windows(drawn, tails):
    x, starts, stops = drawn
    fractions = np.array([0.0, 0.1, 0.5, 0.99, 1.0])
    out, n = blocks(starts, len(tails) * 6), 6

    def single(begin, end, part):
        _kernels.order_statistics(x, begin, end, fractions, np.arange(n), part)

    tiles = tiles_of(x, starts, stops)
    with np.errstate(over="ignore", invalid="ignore"):
        _kernels.order_of_tails(*tiles, tails, fractions, places(tails, n), out)
        expected = each_tail(single, starts, stops, tails, n)
    assert out[:, 0].tobytes() == expected.tobytes()


@pytest.mark.parametrize("n", [*range(1, 40), 64, 100, 127, 128, 129, 1000])
def test_rows_of_any_number_are_sorted(n):
    x = np.random.default_rng(n).normal(size=8 * n).round(1)
    starts = np.arange(0, 8 * n, n)
    out, ranks = blocks(starts, n + 1), np.linspace(0.0, 1.0, n)
    tiles = tiles_of(x, starts, starts + n, longest=n)
    everything = np.array([EVERYTHING])
    _kernels.order_of_tails(*tiles, everything, ranks, places([1], n + 1), out)
    expected = np.sort(x.reshape(8, n), axis=1)
    np.testing.assert_allclose(out[:, 0, :-1], expected, rtol=1e-12, atol=1e-12)
    assert out[:, 0, -1].tolist() == [len(set(row)) for row in expected.tolist()]


@given(columns_and_slices(SMALL), st.integers(1, 50), st.sampled_from([(0, 1), (-1, 0), (1, -1)]))
def test_shape_of_tails_has_the_bits_of_that_of_windows(drawn, tail, places):
    x, starts, stops = drawn
    begin = np.maximum(starts, stops - tail)
    mean_and_std = (
        moments(x, begin, stops)[:, [1, 3]] if len(x) else np.full((len(starts), 2), np.nan)
    )
    out, expected = blocks(starts, 2), np.full((len(starts), 2), -99.0)
    places = np.array(places)
    by_field = mean_and_std[:, np.newaxis]
    _kernels.shape_of_tails(*tiles_of(x, starts, stops), tail, places, by_field, out)
    _kernels.shape(x, begin, stops, places, mean_and_std, expected)
    assert out[:, 0].tobytes() == expected.tobytes()


@given(columns_and_slices(), st.sampled_from((1e-3, 0.3, 0.5, 0.9, 1.0)))
def test_smoothing_of_tiles_has_the_bits_of_that_of_slices(drawn, alpha):
    x, starts, stops = drawn
    out, expected = blocks(starts, 2), np.empty((len(starts), 2))
    _kernels.smoothing_of_tiles(*tiles_of(x, starts, stops), alpha, out)
    _kernels.exponential_smoothing(x, starts, stops, alpha, expected)
    assert out[:, 0].tobytes() == expected.tobytes()


def test_each_field_gets_its_own_columns():
    x, shifted = values(), STARTS + 60
    fields = np.stack([STARTS, shifted]), np.stack([STOPS, STOPS + 60])
    out = np.full((6, 2, 3), -99.0)
    wanted = np.array([[-1, 0, -1, -1, -1, 2]])  # min, last
    both = np.append(x, -x)
    _kernels.extremes_of_tails(*tiles_of(both, *fields), np.array([EVERYTHING]), wanted, out)
    for f, column in enumerate((x, -x)):
        expected = np.full((6, 3), -99.0)
        _kernels.extremes(column, STARTS[np.newaxis], STOPS, wanted, expected)
        np.testing.assert_array_equal(out[:, f], expected)


@given(columns_and_slices(), st.lists(st.integers(0, 50), max_size=3, unique=True))
def test_lags_of_tiles_are_those_of_slices(drawn, lags):
    x, starts, stops = drawn
    lags = np.array(lags, dtype=np.int64)
    out, expected = blocks(starts, len(lags)), np.empty((len(starts), len(lags)))
    _kernels.lags_of_tiles(*tiles_of(x, starts, stops), lags, out)
    _kernels.lagged(x, starts, stops, lags, expected)
    assert out[:, 0].tobytes() == expected.tobytes()


@given(columns_and_slices())
def test_trends_of_tiles_are_those_of_slices(drawn):
    x, starts, stops = drawn
    out, expected = blocks(starts, 2), np.empty((len(starts), 2))
    with np.errstate(over="ignore", invalid="ignore"):
        _kernels.trends_of_tiles(*tiles_of(x, starts, stops), out)
        _kernels.trend_and_volatility(x, starts, stops, expected)
    np.testing.assert_array_equal(out[:, 0], expected)
    finite = np.isfinite(expected)
    assert out[:, 0][finite].tobytes() == expected[finite].tobytes()


@pytest.mark.parametrize("scale", [1e-171, 1e-300, 1e160, 1e300])
def test_squares_beyond_the_range_of_floats_are_left_to_the_exact_moments(scale):
    x = scale * np.array([1.0, 2.0, 4.0, 4.0])
    starts, stops, doubtful = np.array([0, 2, 3]), np.array([4, 4, 4]), np.empty(3, dtype=np.int64)
    arguments = np.array([EVERYTHING]), places([1], 5), blocks(starts, 5), doubtful
    n = _kernels.moments_of_tails(*tiles_of(x, starts, stops), *arguments)
    assert 0 in doubtful[:n]
