"""The correlation matrix against pandas, numpy and exact arithmetic, where digits cancel too."""

import itertools
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from sktemporal.quality import _blocks, _correlation, quality_report, report
from sktemporal.quality.checks import (
    StrongCorrelations,
    correlation_matrix,
    high_correlation_pairs,
)
from sktemporal.quality.profiles import profile_columns

VALUES = st.sampled_from([0.1, 0.3, -2.0, 1e9, 1e9 + 1e-6, 1e17, 1e-160, 1e308, np.nan])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK_SIZE", 8)
    monkeypatch.setattr(_correlation, "BLOCK_SIZE", 8)


def exact_deviations(values):
    values = [Fraction(value) for value in values.tolist()]
    mean = sum(values) / len(values)
    return [value - mean for value in values]


def exact_correlation(x, y):
    """Pearson's formula in rational numbers, over the rows in which both are observed."""
    common = ~(np.isnan(x) | np.isnan(y))
    if np.count_nonzero(common) < 2:
        return np.nan
    x, y = exact_deviations(x[common]), exact_deviations(y[common])
    squares = sum(a * a for a in x) * sum(b * b for b in y)
    if squares == 0:
        return np.nan
    product = sum(a * b for a, b in zip(x, y, strict=True))
    return math.sqrt(product * product / squares) * (1 if product > 0 else -1)


def exact_matrix(X):
    correlation = np.full((X.shape[1], X.shape[1]), np.nan)
    for i, j in itertools.combinations_with_replacement(range(X.shape[1]), 2):
        correlation[i, j] = correlation[j, i] = exact_correlation(X[:, i], X[:, j])
    return correlation


def hostile_matrix(seed, n_entities=60):
    """Columns that defeat sums of squares, each on some of the rows that others are missing in."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_entities, 14))
    X[:, :4] += [1e9, -1e9, 1e12, 1e15]  # large offsets
    X[:, 4] = 0.1  # constant
    X[:, 5] = np.nan
    half = n_entities // 2
    X[:half, 6] = 0.3  # constant on the half in which the next is observed
    X[half:, 7] = np.nan
    X[:half, 8] = 1e9  # all but constant on that half
    X[3, 8] += 1e-6
    X[0, 9] = 1e17  # an outlier in a row that the next misses
    X[0, 10] = np.nan
    X[:, 11] = X[:, 12] * -3e-200  # a twin, in another unit
    X[:, 13] = X[:, 12] + 1e-7 * X[:, 13]  # nearly a twin
    missing = rng.random(X.shape) < rng.choice([0.0, 0.05, 0.5], X.shape[1])
    missing[3] = False  # the row that tells column 8 from a constant
    return np.where(missing, np.nan, X)


@pytest.mark.parametrize("seed", range(4))
def test_exact_on_hostile_columns(seed):
    X = hostile_matrix(seed)
    correlation = correlation_matrix(X)
    assert_allclose(correlation, exact_matrix(X), rtol=0, atol=1e-13)
    assert np.isnan(correlation[4]).all()
    assert np.isnan(correlation[6, 7])
    assert np.isfinite(correlation[7, 8])


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 9), st.integers(0, 4)), elements=VALUES))
def test_exact_on_few_values(X):
    assert_allclose(correlation_matrix(X), exact_matrix(X), rtol=0, atol=1e-13)


def test_common_rows_whose_squares_vanish_beside_the_rest():
    # The mean of x is near 0 and its unit 1, but the rows that it shares with y are of size 1e-160.
    x = np.r_[1.0, -1.0, 1e-160 * np.array([1.0, 5.0, 2.0, -3.0, 4.0])]
    y = np.r_[np.nan, np.nan, 3.0, 1.0, 4.0, 1.0, 5.0]
    assert correlation_matrix(np.column_stack([x, y]))[0, 1] == pytest.approx(
        np.corrcoef(1e160 * x[2:], y[2:])[0, 1], abs=1e-14
    )


@pytest.mark.parametrize("offset", [0.0, 1e9])
@pytest.mark.parametrize("missing", [0.0, 0.02, 0.7])
def test_against_pandas(missing, offset):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(2000, 12)) @ rng.normal(size=(12, 12)) + offset
    X[rng.random(X.shape) < missing] = np.nan
    X[:, 3], X[:, 4] = np.nan, 7.0
    expected = pd.DataFrame(X).corr()
    assert_allclose(correlation_matrix(X), expected, rtol=0, atol=1e-7 if offset else 1e-13)


def test_against_numpy_without_missing_values():
    X = np.random.default_rng(2).normal(size=(5000, 40))
    assert_allclose(correlation_matrix(X), np.corrcoef(X, rowvar=False), rtol=0, atol=1e-14)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("order", ["C", "F"])
def test_many_blocks_and_chunks(order):
    X = np.asarray(hostile_matrix(5), order=order)
    assert_allclose(correlation_matrix(X), exact_matrix(X), rtol=0, atol=1e-13)


def test_shared_patterns_of_missing_values():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 12))
    missing = rng.random((60, 3)) < 0.2
    X[missing[:, np.arange(12) % 3]] = np.nan
    # Columns 0, 3, ... are constant wherever columns 1, 4, ... are observed, and vary elsewhere.
    X[~missing[:, 1] & ~missing[:, 0], ::3] = 0.7
    correlation = correlation_matrix(X)
    assert_allclose(correlation, exact_matrix(X), rtol=0, atol=1e-13)
    assert np.isnan(correlation[::3, 1::3]).all()


@pytest.mark.parametrize("seed", range(3))
def test_symmetric_bounded_and_one_on_the_diagonal(seed):
    correlation = correlation_matrix(hostile_matrix(seed))
    assert_array_equal(correlation, correlation.T)
    defined = ~np.isnan(correlation)
    assert (np.abs(correlation[defined]) <= 1).all()
    assert set(correlation.diagonal()[defined.diagonal()]) == {1.0}
    assert correlation[11, 12] < -1 + 1e-15


def test_float32_is_measured_in_float64():
    X = np.random.default_rng(4).normal(size=(500, 6)).astype(np.float32) + np.float32(1000)
    X[::7, 2] = np.nan
    assert_array_equal(correlation_matrix(X), correlation_matrix(X.astype(np.float64)))


def test_a_unit_changes_nothing():
    X = hostile_matrix(6)[:, [0, 1, 6, 7, 8, 12, 13]]
    scale = 2.0 ** np.array([-900, 800, 0, 5, -3, -1000, 1000])
    assert_allclose(correlation_matrix(X * scale), correlation_matrix(X), rtol=0, atol=1e-13)


def test_ordinary_columns_are_not_measured_twice(monkeypatch):
    X = np.random.default_rng(8).lognormal(size=(200, 9)) + 1e6
    X[:150, 2:5] = np.nan
    X[160:, 5] = np.nan
    X[:160, 6] = np.nan  # one row in common with column 5, none with the next
    X[159, 6] = 1.0
    X[159:, 7] = np.nan
    X[:, 8] = 3.0
    expected = exact_matrix(X)
    monkeypatch.setattr(_correlation, "_unit_vectors", None)
    assert_allclose(correlation_matrix(X), expected, rtol=0, atol=1e-13)


def test_memory_stays_far_below_the_matrix():
    X = np.random.default_rng(7).normal(size=(60_000, 100))
    X[::3, ::2] = np.nan
    tracemalloc.start()
    correlation_matrix(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 2


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("threshold", [0.3, 0.99, 1.0])
def test_strong_correlations_are_those_of_the_matrix(threshold, missing, monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 150))
    X[:, 1], X[:, 5], X[:, 9] = X[:, 0], 7.0, X[:, 8] * 2 + 1e9
    X[rng.random(X.shape) < missing] = np.nan
    X[:, 100], X[:, 149] = X[:, 8], X[:, 148] + 1e-7 * rng.normal(size=60)
    expected = correlation_matrix(X)
    profiles, _ = profile_columns(X)
    monkeypatch.setattr(_correlation, "_FEWEST_ROWS", 37)
    monkeypatch.setattr(_correlation, "BLOCK_SIZE", 8)
    strong = StrongCorrelations(X, profiles, threshold)
    first, second, _ = high_correlation_pairs(expected, threshold)
    found = high_correlation_pairs(strong, threshold)
    assert set(zip(first, second, strict=True)) == set(zip(found[0], found[1], strict=True))
    assert_allclose(found[2], expected[found[0], found[1]], rtol=0, atol=1e-13)
    assert strong.largest == pytest.approx(np.nanmax(np.abs(np.triu(expected, 1))), abs=1e-13)
    assert len(strong) == len(expected)
    for i in range(len(expected)):
        row = np.where(np.abs(expected[i]) > threshold, expected[i], np.nan)
        row[i] = np.nan
        assert_allclose(strong[i], row, rtol=0, atol=1e-13)


def test_a_wide_matrix_has_the_report_of_all_correlations(monkeypatch):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 90))
    X[:, 1], X[:, 40], X[:, 41] = X[:, 0], X[:, 0] + 1e-9 * rng.normal(size=40), 3 * X[:, 2]
    X[:5, 60:62] = np.nan
    X[:, 61] = X[:, 60]
    expected = quality_report(X)
    monkeypatch.setattr(report, "_WIDE", 10**9)
    monkeypatch.setattr(report.checks, "correlation_matrix", None)
    assert quality_report(X) == expected


def test_a_wide_matrix_takes_little_memory():
    X = np.random.default_rng(0).normal(size=(300, 4000))
    quality_report(X[:, :10])
    tracemalloc.start()
    quality_report(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All correlations would take 128 MB; the report itself takes some MB.
    assert peak < 3 * X.nbytes + 2**25


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_strong_correlations_are_above_the_threshold_not_at_it(sign):
    X = np.random.default_rng(0).normal(size=(50, 4))
    X[:, 1] += sign * X[:, 0]
    profiles, _ = profile_columns(X)
    value = correlation_matrix(X)[0, 1]
    assert 0.5 < sign * value < 0.9
    at, below = sign * value, np.nextafter(sign * value, 0.0)
    assert len(StrongCorrelations(X, profiles, at).pairs(at)[0]) == 0
    strong = StrongCorrelations(X, profiles, below)
    assert [part.tolist() for part in strong.pairs(below)] == [[0], [1], [value]]
    assert len(strong.pairs(at)[0]) == 0
    assert strong.largest == at


@pytest.mark.parametrize("n_common", [1, 2, 3])
def test_two_common_rows_have_a_correlation(n_common):
    X = np.array([[1.0, np.nan], [np.nan, 5.0], [2.0, 7.0], [3.0, 8.0], [4.0, 6.0]])
    X = X[: 2 + n_common]
    expected = {1: np.nan, 2: 1.0, 3: -0.5}[n_common]
    assert_allclose(correlation_matrix(X)[0, 1], expected, atol=1e-14)


def test_equal_columns_of_a_wide_matrix_correlate_at_any_threshold(monkeypatch):
    X = np.random.default_rng(0).normal(size=(40, 9))
    X[:, 5] = X[:, 2]
    expected = quality_report(X, correlation_threshold=1.0)
    monkeypatch.setattr(report, "_WIDE", 10**9)
    found = quality_report(X, correlation_threshold=1.0)
    assert found["checks"] == expected["checks"]
    assert found["checks"][0]["features"] == {"x5": pytest.approx(1.0)}


@pytest.mark.parametrize("offset", [30.0, 1e3, 1e5])
def test_common_rows_far_from_the_mean_of_all(offset):
    X = np.random.default_rng(0).normal(size=(80, 2))
    X[:40, 0] += offset
    X[40:, 0] -= offset
    X[40:, 1] = np.nan
    assert_allclose(correlation_matrix(X), exact_matrix(X), rtol=0, atol=1e-14)
