"""Missing rates, variances and outliers against numpy, pandas, exact arithmetic and their laws."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from sktemporal.quality import _blocks, checks, profiles, selection

SETTINGS = settings(max_examples=150, deadline=None)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
# Few distinct values, so that ties, constant columns and values on a bound are common.
COARSE = hnp.arrays(np.float64, SHAPES, elements=st.sampled_from([-3.0, 0.0, 1.0, 2.5, np.nan]))
FINITE = st.floats(-1e12, 1e12, allow_subnormal=False)
FINE = hnp.arrays(np.float64, SHAPES, elements=FINITE | st.just(np.nan))


def profile_columns(X, *args, **params):
    return profiles.profile_columns(X, *args, **params)[0]


@pytest.fixture
def small_blocks(monkeypatch):
    """Make blocks of 8 rows, and a sort of 8 columns, out of what would be a single block."""
    monkeypatch.setattr(_blocks, "BLOCK_SIZE", 8)
    monkeypatch.setattr(profiles, "BLOCK_SIZE", 8)


def sparse_matrix(dtype=np.float64, shape=(101, 23)):
    rng = np.random.default_rng(0)
    X = rng.normal(size=shape) * 10.0 ** rng.integers(-3, 4, shape[1])
    X[rng.random(shape) < 0.3] = np.nan
    return X.astype(dtype)


def exact_variance(column):
    values = [Fraction(value) for value in column[~np.isnan(column)].tolist()]
    if len(values) < 2:
        return np.nan
    mean = sum(values) / len(values)
    return float(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def outliers_of_column(column):
    """Tukey's fences as one would write them down."""
    values = column[~np.isnan(column)]
    if not len(values):
        return 0, np.nan, np.nan, np.nan
    first, third = np.percentile(values, [25, 75])
    lower, upper = first - 1.5 * (third - first), third + 1.5 * (third - first)
    count = sum(value < lower or value > upper for value in values)
    return count, count / len(values), lower, upper


@SETTINGS
@given(COARSE | FINE)
def test_missing_rates_are_the_mean_of_isnan(X):
    assert_allclose(profile_columns(X).missing_rate, np.isnan(X).mean(axis=0), rtol=1e-15)


@SETTINGS
@given(COARSE | FINE)
def test_variances_are_exact(X):
    assert_allclose(profile_columns(X).variance, [exact_variance(x) for x in X.T], rtol=1e-13)


@SETTINGS
@given(COARSE | FINE)
def test_outliers_are_those_of_each_column(X):
    expected = [outliers_of_column(column) for column in X.T]
    count, rate, lower, upper = zip(*expected, strict=True)
    found = profile_columns(X)
    assert_array_equal(found.n_outliers, count)
    assert_array_equal(found.outlier_rate, rate)
    assert_array_equal(found.lower, lower)
    assert_array_equal(found.upper, upper)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_against_pandas_over_many_blocks(dtype, order):
    X = np.asarray(sparse_matrix(dtype), order=order)
    frame = pd.DataFrame(X.astype(np.float64))
    assert_allclose(profile_columns(X).missing_rate, frame.isna().mean())
    assert_allclose(profile_columns(X).variance, frame.var(ddof=1), rtol=1e-13)
    first, third = frame.quantile(0.25), frame.quantile(0.75)
    outliers = profile_columns(X)
    assert_allclose(outliers.lower, first - 1.5 * (third - first), rtol=1e-12)
    assert_allclose(outliers.upper, third + 1.5 * (third - first), rtol=1e-12)
    count = ((frame < outliers.lower) | (frame > outliers.upper)).sum()
    assert count.sum() > 5
    assert_array_equal(outliers.n_outliers, count)
    assert_allclose(outliers.outlier_rate, count / frame.notna().sum())


def test_float32_is_accumulated_in_float64():
    X = np.random.default_rng(0).lognormal(5, 1, size=(4096, 1)).astype(np.float32)
    assert_allclose(
        profile_columns(X).variance, X.astype(np.float64).var(axis=0, ddof=1), rtol=1e-13
    )
    assert (
        np.abs(X.var(axis=0, ddof=1) / profile_columns(X).variance - 1) > 1e-9
    )  # else this tests nothing


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e15])
def test_variance_ignores_the_offset(offset):
    X = offset + np.arange(1000.0).reshape(-1, 1) % 8
    assert_allclose(profile_columns(X).variance, 5.25 * 1000 / 999, rtol=1e-13)


@pytest.mark.parametrize("value", [0.1, -1e9 - 0.3, 1e308, 5e-324, 0.0])
@pytest.mark.parametrize("n_entities", [2, 3, 10, 10_007])
def test_constant_column_has_variance_zero_and_no_outliers(value, n_entities):
    X = np.full((n_entities, 1), value)
    assert profile_columns(X).variance.tolist() == [0.0]
    assert profile_columns(X).n_outliers.tolist() == [0]
    assert profile_columns(X).lower.tolist() == [value]


def test_the_rounding_of_the_mean_is_taken_out_of_the_variance():
    column = 1e15 + np.array([0.0, 1.0, 1.0])
    assert_allclose(profile_columns(column[:, None]).variance, exact_variance(column), rtol=1e-13)


def test_mean_of_a_constant_column_is_its_value():
    X = np.tile(np.random.default_rng(0).uniform(size=50), (1000, 1))
    assert_array_equal(profile_columns(X).mean, X[0])


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**900])
def test_extreme_units_lose_no_digits(scale):
    X = sparse_matrix()
    plain, scaled = profile_columns(X), profile_columns(X * scale)
    assert_array_equal(scaled.n_outliers, plain.n_outliers)
    assert_array_equal(scaled.lower, plain.lower * scale)
    with np.errstate(over="ignore"):
        assert_array_equal(
            profile_columns(X * scale).variance, profile_columns(X).variance * scale * scale
        )


def test_beyond_float64_is_infinite_and_silent():
    X = np.array([[1e308], [-1e308], [1e308], [-1e308], [0.0]])
    outliers = profile_columns(X)
    assert profile_columns(X).variance.tolist() == [np.inf]
    assert (outliers.lower, outliers.upper, outliers.n_outliers) == (-np.inf, np.inf, 0)


def test_quartile_between_values_whose_difference_overflows():
    outliers = profile_columns(np.array([[-1.5e308], [1.5e308], [1.5e308], [1.5e308]]))
    first, third = 0.75e308, 1.5e308
    assert_allclose(outliers.lower, first - 1.5 * (third - first), rtol=1e-15)
    assert outliers.n_outliers == 1


def test_undefined_is_nan():
    X = np.array([[np.nan, 1.0], [np.nan, np.nan]])
    assert profile_columns(X).missing_rate.tolist() == [1.0, 0.5]
    assert_array_equal(profile_columns(X).variance, [np.nan, np.nan])
    outliers = profile_columns(X)
    assert outliers.n_outliers.tolist() == [0, 0]
    assert_array_equal(outliers.outlier_rate, [np.nan, 0.0])
    assert_array_equal(outliers.upper, [np.nan, 1.0])


@pytest.mark.parametrize("n_columns", [0, 3])
def test_no_rows(n_columns):
    X = np.empty((0, n_columns))
    undefined = np.full(n_columns, np.nan)
    assert_array_equal(profile_columns(X).missing_rate, undefined)
    assert_array_equal(profile_columns(X).variance, undefined)
    outliers = profile_columns(X)
    assert_array_equal(outliers.n_outliers, np.zeros(n_columns))
    assert_array_equal(outliers.lower, undefined)


@pytest.mark.parametrize(
    "check",
    [profile_columns, checks.correlation_matrix],
)
def test_input_is_only_read(check):
    X = sparse_matrix()
    before = X.copy()
    X.flags.writeable = False
    check(X)
    assert_array_equal(X, before)


@SETTINGS
@given(COARSE | FINE)
def test_profiles_are_what_scipy_and_numpy_say(X):
    found = profile_columns(X, fill_value=2.5)
    for j, column in enumerate(X.T):
        values = column[~np.isnan(column)]
        profile = profiles.ColumnProfiles(*(field[j] for field in found))
        distinct, counts = np.unique(values, return_counts=True)
        assert profile.n_rows == len(column)
        assert profile.n_distinct == len(distinct)
        assert profile.n_zero == np.count_nonzero(values == 0)
        assert profile.n_filled == np.count_nonzero(values == 2.5)
        assert profile.n_mode == max(counts, default=0)
        if not len(values):
            continue
        assert profile.mode == distinct[counts.argmax()]
        assert (profile.minimum, profile.maximum) == (values.min(), values.max())
        quartiles = np.percentile(values, [25, 50, 75])
        assert_allclose([profile.q1, profile.median, profile.q3], quartiles, rtol=1e-15)
        assert_allclose(profile.mean, values.mean(), rtol=1e-12, atol=1e-3)
        assert profile.whole == all(value.is_integer() for value in values)


@pytest.mark.parametrize("distribution", ["normal", "lognormal", "uniform"])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_skewness_and_kurtosis_are_those_of_scipy(distribution, offset):
    X = offset + getattr(np.random.default_rng(0), distribution)(size=(5000, 3))
    X[::7, 1] = np.nan
    found = profile_columns(X)
    assert_allclose(found.skewness, scipy.stats.skew(X, nan_policy="omit"), rtol=1e-8, atol=1e-9)
    kurtosis = scipy.stats.kurtosis(X, nan_policy="omit")
    assert_allclose(found.kurtosis, kurtosis, rtol=1e-8, atol=1e-9)


def test_shape_of_nearly_identical_values_is_undefined():
    found = profile_columns(np.array([[1.0, 0.3], [1.0 + 2.0**-52, 0.3], [1.0, 0.3]]))
    assert found.variance[0] > 0.0
    assert np.isnan(found.skewness).all()
    assert np.isnan(found.kurtosis).all()


def test_infinities_are_counted_and_left_out():
    X = sparse_matrix()
    wild = np.vstack([X, np.full((2, X.shape[1]), np.inf), np.full((1, X.shape[1]), -np.inf)])
    plain, found = profile_columns(X), profile_columns(wild)
    assert_array_equal(found.n_infinite, np.full(X.shape[1], 3))
    for name in set(plain._fields) - {"n_rows", "n_infinite", "fingerprint", "gaps"}:
        assert_array_equal(getattr(found, name), getattr(plain, name))
    assert_allclose(
        checks.correlation_matrix(wild), checks.correlation_matrix(X), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("n_rows", [100, 5000])
def test_profiles_depend_on_values_and_threads_not(n_rows):
    X = sparse_matrix(shape=(n_rows, 150))
    X[0, 3] = -0.0
    alone, threads = profile_columns(X), profile_columns(X, n_jobs=2)
    shuffled = profile_columns(np.random.default_rng(1).permuted(X, axis=0))
    for name, field in alone._asdict().items():
        assert field.tobytes() == getattr(threads, name).tobytes(), name
        if name not in ("fingerprint", "gaps"):
            assert field.tobytes() == getattr(shuffled, name).tobytes(), name
    assert (
        checks.correlation_matrix(X).tobytes() == checks.correlation_matrix(X, n_jobs=2).tobytes()
    )


def test_columns_missing_in_the_same_rows_have_equal_gaps():
    a = np.arange(8.0)
    X = np.column_stack([a, a**2, *np.tile(a, (6, 1))])
    X[1, [2, 3, 4]] = np.nan
    X[2, 4] = np.nan
    X[1, [5, 6]] = np.inf, -np.inf
    X[7, 7] = -np.nan
    X[7, 0] = -0.0
    first = selection.duplicate_of(profile_columns(X).gaps, np.full(8, True))
    assert first.tolist() == [0, 0, 2, 2, 4, 5, 6, 7]


def test_equal_columns_have_equal_fingerprints():
    X = sparse_matrix()
    X = np.hstack([X, X, -X])
    fingerprint = profile_columns(X).fingerprint
    assert len(set(fingerprint.tolist())) == 2 * X.shape[1] // 3
    assert_array_equal(fingerprint[:23], fingerprint[23:46])


@pytest.mark.parametrize("n_rows", [100, 5000])
def test_zero_and_missing_have_no_sign(n_rows):
    column = np.random.default_rng(0).choice([0.0, 1.0, np.nan], size=n_rows)
    other = np.where(column == 0.0, -0.0, np.where(np.isnan(column), -np.nan, column))
    assert other.tobytes() != column.tobytes()
    found = profile_columns(np.column_stack([column, other]))
    for name, (first, second) in found._asdict().items():
        assert first.tobytes() == second.tobytes(), name
