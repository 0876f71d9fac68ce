import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import STARTS, STOPS, columns_and_slices, each_slice, one_by_one, values
from numpy.testing import assert_allclose, assert_array_equal
from oracles import ordering

from sktemporal import _kernels
from sktemporal._kernels import ordering as kernels
from sktemporal._kernels.ordering import _LONGEST_RANK_SORT, longest_slice, sorted_copy

PERCENT = np.array([0.0, 0.01, 0.25, 0.29, 0.5, 0.99, 1.0])


def order_statistics(x, starts, stops, out=None):
    out = np.empty((len(starts), 8)) if out is None else out
    _kernels.order_statistics(x, starts, stops, PERCENT, np.arange(8), out)
    return out


def test_order_statistics_are_the_oracle_s():
    x = np.round(values(), 1)  # some of them equal
    expected = [ordering.order_statistics(part, PERCENT) for part in each_slice(x)]
    assert_allclose(order_statistics(x, STARTS, STOPS), expected, rtol=1e-14)


@given(columns_and_slices(), st.sampled_from((1, 3, 10)))
def test_order_statistics_of_any_slices_in_any_order_have_the_bits_of_each_alone(drawn, longer):
    # Only a slice that is long for its step is slid on.
    x, starts, stops = drawn
    drawn = x.repeat(longer), starts * longer, stops * longer
    expected = one_by_one(order_statistics, *drawn, n_columns=8)
    assert order_statistics(*drawn).tobytes() == expected.tobytes()


@pytest.mark.parametrize("window", [4, 40, _LONGEST_RANK_SORT, _LONGEST_RANK_SORT + 1, 700])
@pytest.mark.parametrize("step", [1, 3, 100])
def test_order_statistics_of_windows_that_slide_have_the_bits_of_each_alone(window, step):
    rng = np.random.default_rng(window)
    x = np.where(rng.random(1000) < 0.5, rng.normal(size=1000), rng.integers(-5, 6, size=1000))
    stops = np.arange(0, 1001, step)
    starts = np.maximum(stops - window, 0)
    expected = one_by_one(order_statistics, x, starts, stops, n_columns=8)
    assert order_statistics(x, starts, stops).tobytes() == expected.tobytes()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(0, 100))
def test_quantiles_have_numpy_s_bits(x, percent):
    x = np.array(x) + 0.0
    got = np.empty((1, 1))
    fraction, places = np.array([percent / 100]), np.array([0, -1])
    _kernels.order_statistics(x, np.array([0]), np.array([len(x)]), fraction, places, got)
    assert got[0, 0] == np.quantile(x, percent / 100)


def test_order_statistics_are_written_into_the_columns_asked_for_and_no_others():
    x = values()
    for places in ([2, 0, -1], [0, 2, 1]):
        matrix = np.full((6, 7), -1.0, order="F")
        target, fractions = matrix[:, 1:6:2], np.array([0.99, 0.25])
        _kernels.order_statistics(x, STARTS, STOPS, fractions, np.array(places), target)
        expected = np.full((6, 3), -1.0)
        columns = order_statistics(x, STARTS, STOPS).T[[5, 2, 7]]
        for place, column in zip(places, columns, strict=True):
            if place >= 0:
                expected[:, place] = column
        assert_array_equal(target, expected)
        assert (matrix[:, ::2] == -1.0).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)))
def test_longest_slice_is_the_oracle_s(pairs):
    starts, stops = np.array(pairs, dtype=np.int64).reshape(-1, 2).T.copy()
    assert longest_slice(starts, stops) == ordering.longest_slice(starts, stops)


LENGTHS = [0, 1, 2, 3, _LONGEST_RANK_SORT - 1, _LONGEST_RANK_SORT, _LONGEST_RANK_SORT + 1, 700]


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kind", ["distinct", "tied", "equal", "zeros", "ascending", "descending"])
def test_sorted_copy_is_numpy_s_sort(n, kind):
    rng = np.random.default_rng(n)
    x = {
        "distinct": rng.normal(size=n),
        "tied": rng.integers(-3, 4, size=n).astype(float),
        "equal": np.full(n, 0.1),
        "zeros": rng.choice([-0.0, 0.0], size=n),
        "ascending": np.arange(n, dtype=float),
        "descending": -np.arange(n, dtype=float),
    }[kind]
    ordered = np.full(n + 3, 77.0)
    before = x.copy()
    sorted_copy(x, ordered)
    assert_array_equal(ordered[:n], np.sort(x))
    assert (ordered[n:] == 77.0).all()
    assert x.tobytes() == before.tobytes()
    if kind != "zeros":
        assert ordered[:n].tobytes() == np.sort(x).tobytes()
    # Which zeros come first is open, but none may change its sign.
    assert np.signbit(ordered[:n]).sum() == np.signbit(x).sum()


@given(st.lists(st.floats(allow_nan=False), max_size=300))
def test_sorted_copy_of_any_values_is_numpy_s_sort(x):
    x = np.array(x, dtype=float)
    ordered = np.empty(len(x))
    sorted_copy(x, ordered)
    assert_array_equal(ordered, np.sort(x))


@pytest.mark.parametrize("n", [257, 258, 1000, 4097, 20_000])
@pytest.mark.parametrize(
    "kind",
    [
        *("distinct", "tied", "equal", "ascending", "descending", "organ pipe", "sawtooth"),
        *("high sample", "low sample"),
    ],
)
def test_quantiles_of_long_slices_that_stand_alone_have_numpy_s_bits(n, kind):
    rng = np.random.default_rng(n)
    x = {
        "distinct": rng.lognormal(size=n),
        "tied": rng.integers(-3, 4, size=n).astype(float),
        "equal": np.full(n, 0.1),
        "ascending": np.arange(n, dtype=float),
        "descending": -np.arange(n, dtype=float),
        "organ pipe": np.minimum(np.arange(n), np.arange(n)[::-1]).astype(float),
        "sawtooth": np.arange(n) % 17 - 0.5,
        "high sample": rng.normal(size=n) + 100.0 * (np.arange(n) % max(n // 1024, 8) == 0),
        "low sample": rng.normal(size=n) - 100.0 * (np.arange(n) % max(n // 1024, 8) == 0),
    }[kind]
    fractions = np.array([0.9, 0.0, 0.25, 0.25, 0.5, 0.75, 1.0, 0.01])
    places = np.array([*range(8), -1])
    out = np.empty((1, 8))
    before = x.copy()
    _kernels.order_statistics(x, np.array([0]), np.array([n]), fractions, places, out)
    assert out[0].tolist() == np.quantile(x, fractions).tolist()
    assert x.tobytes() == before.tobytes()


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_selection_that_takes_too_long_is_sorted(steps, monkeypatch):
    rng = np.random.default_rng(steps)
    monkeypatch.setattr(kernels, "_SELECT_STEPS", steps)
    plain = {name: getattr(kernels, name).py_func for name in ("_select", "_select_for")}
    monkeypatch.setattr(kernels, "_select", plain["_select"])
    for n in (1, 2, 300):
        x = rng.normal(size=n)
        ordered = np.full(n, np.nan)
        plain["_select_for"](x, ordered, np.array([0.3, 0.8]))
        for fraction in (0.3, 0.8):
            below = int((n - 1) * fraction)
            assert ordered[below : below + 2].tolist() == np.sort(x)[below : below + 2].tolist()
