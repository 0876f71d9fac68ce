"""Histories side by side have the bits of the kernels for single slices."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import columns_and_slices, slices_of
from kernels.test_exact import COLUMNS, moments
from kernels.test_trends import trend_and_volatility

from sktemporal import _kernels

EVERYTHING = np.iinfo(np.int64).max
TAILS = st.lists(st.integers(1, 12), max_size=3).map(lambda t: np.array([*sorted(t), EVERYTHING]))
# Of a table with the column in the middle: rows side by side, columns side by side, neither.
LAYOUTS = {
    "rows": lambda x: np.column_stack([-x, x, x + 1]),
    "columns": lambda x: np.asfortranarray(np.column_stack([-x, x, x + 1])),
    "strided": lambda x: np.repeat(np.column_stack([-x, x, x + 1]), 2, axis=0)[::2],
}


@st.composite
def tables(draw, drawn):
    """A table with slices of it; and a column, with slices that have the same observed values."""
    x, starts, stops = drawn
    with np.errstate(over="ignore"):
        gaps = st.integers(0, 2) if draw(st.booleans()) else st.just(0)
        gaps = np.array(draw(st.lists(gaps, min_size=len(x), max_size=len(x))), dtype=np.int64)
        before = np.append(0, np.cumsum(gaps + 1))
        spaced = np.full(before[-1], np.nan)
        spaced[before[1:] - 1] = x
        layout = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
        return layout(spaced), before[starts], before[stops]


def _numbered(first, *shape):
    return first + np.arange(np.prod(shape, dtype=np.int64)).reshape(shape)


def of_tails(
    table, starts, stops, fields=(1,), *, tails=(), fractions=(), alphas=(), lags=(), n_trends=0
):
    """All that can be wanted: arrays whose first axes are the entities and the fields."""
    n_fields, n_tails = len(fields), len(tails)
    shapes = {
        "summaries": (n_fields, n_tails, len(_kernels.SUMMARIES)),
        "quantiles": (n_fields, n_tails, len(fractions)),
        "smoothed": (len(alphas), n_fields, 2),
        "lagged": (n_fields, len(lags)),
        "trends": (n_trends, n_fields, 2),
    }
    columns, end = {}, 0
    for name, shape in shapes.items():
        columns[name] = _numbered(end, *shape)
        end += columns[name].size
    out = np.full((len(starts), end), -99.0)
    doubtful = np.full(n_fields * len(starts) * (n_tails + 1), -99)
    with np.errstate(all="ignore"):
        n_doubtful = _kernels.features_of_tails(table.dtype)(
            table,
            np.array(fields),
            starts[np.newaxis],
            stops[np.newaxis],
            np.array(tails, dtype=np.int64),
            columns["summaries"],
            np.array(fractions, dtype=np.float64),
            columns["quantiles"],
            np.array(alphas, dtype=np.float64),
            columns["smoothed"],
            np.array(lags, dtype=np.int64),
            columns["lagged"],
            columns["trends"],
            out,
            doubtful,
        )
    results = SimpleNamespace(**{name: out[:, place] for name, place in columns.items()})
    sure = np.ones(doubtful.size, dtype=bool)
    assert len(set(doubtful[:n_doubtful].tolist())) == n_doubtful
    sure[doubtful[:n_doubtful]] = False
    sure = sure.reshape(n_fields, len(starts), n_tails + 1).swapaxes(0, 1)
    results.sure, results.trends_sure = sure[..., :-1], sure[..., -1]
    return results


def each_tail(kernel, starts, stops, tails, n_columns):
    """What a kernel for single slices writes for each tail: (n_slices, n_tails, n_columns)."""
    out = np.empty((len(tails), len(starts), n_columns))
    for part, tail in zip(out, np.array(tails).tolist(), strict=True):
        kernel(np.maximum(starts, stops - min(tail, 10**6)), stops, part)
    return out.swapaxes(0, 1)


def summaries(results, names):
    """Of the one field: (n_slices, n_tails, n_names), contiguous."""
    return results.summaries[:, 0][..., [_kernels.SUMMARIES.index(name) for name in names]].copy()


@given(columns_and_slices(), TAILS, st.data())
def test_extremes_have_the_bits_of_those_of_windows(drawn, tails, data):
    x, starts, stops = drawn

    def single(begin, end, part):
        _kernels.extremes(x, begin[np.newaxis], end, np.arange(6)[np.newaxis], part)

    got = of_tails(*data.draw(tables(drawn)), tails=tails)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = each_tail(single, starts, stops, tails, 6)
    assert summaries(got, _kernels.EXTREMES).tobytes() == expected.tobytes()


@given(COLUMNS, TAILS, st.data())
def test_moments_and_shape_that_are_sure_have_the_bits_of_the_exact_ones(x, tails, data):
    starts, stops = data.draw(slices_of(len(x)))

    def single(begin, end, part):
        if len(part):
            part[:] = moments(x, begin, end)

    def shape(begin, end, part):
        if len(part):
            mean_and_std = moments(x, begin, end)[:, [1, 3]]
            _kernels.shape(x, begin, end, np.arange(2), mean_and_std, part)

    got = of_tails(*data.draw(tables((x, starts, stops))), tails=tails)
    sure = got.sure[:, 0]
    for names, kernel in ((_kernels.MOMENTS, single), (_kernels.SHAPE, shape)):
        with np.errstate(all="ignore"):
            expected = each_tail(kernel, starts, stops, tails, len(names))
        of_tail = summaries(got, names)
        assert of_tail[sure].tobytes() == expected[sure].tobytes()


def ordinary(of):
    rng = np.random.default_rng(0)
    return {
        "amounts": np.round(rng.lognormal(3.0, 1.0, 40_000), 2),
        "close": 1e9 + rng.normal(size=40_000),
        "equal": np.repeat(rng.normal(size=1000), 40),
        "whole": rng.integers(-100, 100, 40_000).astype(float),
    }[of]


@pytest.mark.parametrize("of", ["amounts", "close", "equal", "whole"])
def test_moments_of_ordinary_values_are_nearly_always_sure(of):
    x = ordinary(of)
    starts = np.arange(0, 40_000, 40)
    got = of_tails(LAYOUTS["columns"](x), starts, starts + 40, tails=(2, 7, EVERYTHING))
    assert (~got.sure).sum() < 30


@pytest.mark.parametrize("scale", [1e-171, 1e-300, 1e160, 1e300])
def test_squares_beyond_the_range_of_floats_are_left_to_the_exact_moments(scale):
    x = scale * np.array([1.0, 2.0, 4.0, 4.0])
    starts, stops = np.array([0, 2, 3]), np.array([4, 4, 4])
    assert not of_tails(LAYOUTS["rows"](x), starts, stops, tails=(EVERYTHING,)).sure[0].any()


@pytest.mark.parametrize(
    "x",
    [
        [1e306] * 3,
        [-1.7e308] * 2,
        [1e300, 1e306, -1e306],
        [1.0, -1.0, 1e-305],
        [1.0, 3e-310, -1.0, 3e-310, 3e-310],
        [3e-310] * 3,
        [1e-290, 1e-300],
    ],
)
def test_sums_beyond_what_can_be_split_have_the_exact_moments_where_they_are_sure(x):
    x, starts, stops = np.array(x), np.array([0, 0]), np.array([len(x), 2])
    got = of_tails(LAYOUTS["rows"](x), starts, stops, tails=(EVERYTHING,))
    sure = got.sure[:, 0, 0]
    with np.errstate(all="ignore"):
        expected = moments(x, starts, stops)
    assert summaries(got, _kernels.MOMENTS)[sure, 0].tobytes() == expected[sure].tobytes()


@given(columns_and_slices(), TAILS, st.data())
def test_order_statistics_have_the_bits_of_those_of_windows(drawn, tails, data):
    x, starts, stops = drawn
    fractions = np.array([0.0, 0.1, 0.5, 0.99, 1.0])

    def single(begin, end, part):
        _kernels.order_statistics(x, begin, end, fractions, np.arange(6), part)

    got = of_tails(*data.draw(tables(drawn)), tails=tails, fractions=fractions)
    got = np.concatenate([got.quantiles[:, 0], summaries(got, ["n_unique"])], axis=2)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = each_tail(single, starts, stops, tails, 6)
    assert got.tobytes() == expected.tobytes()


@pytest.mark.parametrize("n", [*range(1, 70), 96, 97, 127, 128, 129, 160, 257, 1000])
def test_rows_of_any_number_are_sorted(n):
    x = np.random.default_rng(n).normal(size=8 * n).round(1)
    starts = np.arange(0, 8 * n, n)
    ranks = np.linspace(0.0, 1.0, n)
    got = of_tails(x[:, None], starts, starts + n, (0,), tails=(EVERYTHING,), fractions=ranks)
    expected = np.sort(x.reshape(8, n), axis=1)
    np.testing.assert_allclose(got.quantiles[:, 0, 0], expected, rtol=1e-12, atol=1e-12)
    distinct = summaries(got, ["n_unique"])[:, 0, 0].tolist()
    assert distinct == [len(set(row)) for row in expected.tolist()]


@given(columns_and_slices(), st.sampled_from((1e-3, 0.3, 0.5, 0.9, 1.0)), st.data())
def test_smoothing_has_the_bits_of_that_of_slices(drawn, alpha, data):
    x, starts, stops = drawn
    expected = np.empty((len(starts), 2))
    with np.errstate(all="ignore"):
        _kernels.exponential_smoothing(x, starts, stops, alpha, np.arange(2), expected)
    got = of_tails(*data.draw(tables(drawn)), alphas=(0.25, alpha))
    assert got.smoothed[:, 1, 0].tobytes() == expected.tobytes()


@given(columns_and_slices(), st.lists(st.integers(0, 50), max_size=3), st.data())
def test_lags_are_those_of_slices(drawn, lags, data):
    x, starts, stops = drawn
    expected = np.empty((len(starts), len(lags)))
    places = np.arange(len(lags))
    _kernels.lagged(x, starts, stops, np.array(lags, dtype=np.int64), places, expected)
    got = of_tails(*data.draw(tables(drawn)), lags=lags)
    assert got.lagged[:, 0].tobytes() == expected.tobytes()


@given(COLUMNS, st.data())
def test_trends_that_are_sure_have_the_bits_of_the_exact_ones(x, data):
    starts, stops = data.draw(slices_of(len(x)))
    got = of_tails(*data.draw(tables((x, starts, stops))), n_trends=2)
    with np.errstate(all="ignore"):
        expected = trend_and_volatility(x, starts, stops)
    sure = got.trends_sure[:, 0]
    for trends in np.moveaxis(got.trends[:, :, 0], 1, 0):
        assert trends[sure].tobytes() == expected[sure].tobytes()


@pytest.mark.parametrize("of", ["amounts", "close", "equal", "whole"])
def test_trends_of_ordinary_values_are_nearly_always_sure(of):
    x = ordinary(of)
    for n in (2, 3, 40):
        starts = np.arange(0, 40_000, n)[:1000]
        got = of_tails(LAYOUTS["columns"](x), starts, starts + n, n_trends=1)
        assert (~got.trends_sure).sum() < 10, n
        sure = got.trends_sure[:, 0]
        expected = trend_and_volatility(x, starts, starts + n)
        assert got.trends[sure, 0, 0].tobytes() == expected[sure].tobytes()


WANTED = {
    "tails": (2, 7, EVERYTHING),
    "fractions": (0.1, 0.5),
    "alphas": (0.3, 0.7),
    "lags": (0, 5),
    "n_trends": 2,
}


def parts(results):
    return results.summaries, results.quantiles, results.lagged, results.sure


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("n_fields", [1, 2, 3, 5, 9])
def test_fields_do_not_meet(n_fields, missing, dtype):
    rng = np.random.default_rng(n_fields)
    lengths = rng.integers(0, 40, size=21)
    stops = np.cumsum(lengths)
    table = rng.normal(size=(stops[-1], n_fields)).astype(dtype)
    table[rng.random(table.shape) < missing] = np.nan
    together = of_tails(table, stops - lengths, stops, range(n_fields), **WANTED)
    for f in range(n_fields):
        alone = of_tails(table.astype(float), stops - lengths, stops, (f,), **WANTED)
        for a, b in zip(parts(together), parts(alone), strict=True):
            assert a[:, f].tobytes() == b[:, 0].tobytes()
        assert together.smoothed[:, :, f].tobytes() == alone.smoothed[:, :, 0].tobytes()
        assert together.trends[:, :, f].tobytes() == alone.trends[:, :, 0].tobytes()


def test_each_field_may_have_slices_of_its_own():
    table = np.random.default_rng(0).normal(size=(30, 2))
    starts, stops = np.array([[0, 10], [5, 12]]), np.array([[10, 30], [9, 29]])
    columns = np.full((2, 1, len(_kernels.SUMMARIES)), -1)
    columns[:, 0, _kernels.SUMMARIES.index("last")] = 0, 1
    columns[:, 0, _kernels.SUMMARIES.index("count")] = 3, 2
    none, out = np.full((2, 1, 0), -1), np.full((2, 5), -99.0)
    empty = np.empty(0)
    _kernels.features_of_tails(table.dtype)(
        table,
        np.array([1, 0]),
        starts,
        stops,
        np.array([EVERYTHING]),
        columns,
        empty,
        none,
        empty,
        np.empty((0, 2, 2), dtype=np.int64),
        empty.astype(np.int64),
        np.empty((2, 0), dtype=np.int64),
        np.empty((0, 2, 2), dtype=np.int64),
        out,
        np.empty(8, dtype=np.int64),
    )
    expected = [[table[9, 1], table[8, 0], 4, 10, -99], [table[29, 1], table[28, 0], 17, 20, -99]]
    assert out.tolist() == expected
