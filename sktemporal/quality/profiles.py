"""What is measured of each column of a feature matrix, from one sort of it."""

from functools import partial
from typing import NamedTuple

import numpy as np

from .. import _kernels
from ._blocks import BLOCK_SIZE, binary_scale, in_threads
from .sketches import sketch_of

# Shorter columns are sorted faster by comparing.
_LONG = 2048
# Blocks of columns that one task works on in the same memory.
_BLOCKS_PER_TASK = 4


class ColumnProfiles(NamedTuple):
    """Measurements of the columns; every field is an ndarray of shape (n_features,).

    NaN is missing. The *observed* values are the finite ones: infinities are counted, and left out
    of everything else. What is undefined is NaN: all numbers but counts where nothing is observed,
    and what the fields below say.
    """

    #: int64, number of rows
    n_rows: np.ndarray
    #: int64, number of NaN
    n_missing: np.ndarray
    #: int64, number of infinite values
    n_infinite: np.ndarray
    #: int64, number of distinct observed values
    n_distinct: np.ndarray
    #: int64, number of observed zeros
    n_zero: np.ndarray
    #: int64, number of observed values equal to the fill value
    n_filled: np.ndarray
    #: the commonest observed value, the smallest of those that are equally common
    mode: np.ndarray
    #: int64, how often it is observed
    n_mode: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    #: quartiles by linear interpolation
    q1: np.ndarray
    median: np.ndarray
    q3: np.ndarray
    mean: np.ndarray
    #: sample variance (ddof=1); 0 for a constant column, NaN for fewer than two values
    variance: np.ndarray
    #: biased, as scipy.stats.skew; NaN where the values are nearly identical
    skewness: np.ndarray
    #: biased excess kurtosis, as scipy.stats.kurtosis; NaN where they are nearly identical
    kurtosis: np.ndarray
    #: Tukey's fences; a value on a fence is no outlier
    lower: np.ndarray
    upper: np.ndarray
    #: int64, number of observed values beyond the fences
    n_outliers: np.ndarray
    #: bool, whether all observed values are whole numbers
    whole: np.ndarray
    #: 16 bytes each, equal for columns that are equal in every row
    fingerprint: np.ndarray
    #: 16 bytes each, equal for columns that are missing, or infinite, in the same rows
    gaps: np.ndarray

    @property
    def n_observed(self):
        """Number of finite values."""
        return self.n_rows - self.n_missing - self.n_infinite

    @property
    def missing_rate(self):
        """Share of the rows that are NaN; NaN if there are no rows."""
        return _share(self.n_missing, self.n_rows)

    @property
    def infinite_rate(self):
        """Share of the rows that are infinite; NaN if there are no rows."""
        return _share(self.n_infinite, self.n_rows)

    @property
    def zero_rate(self):
        """Share of zeros among the observed values."""
        return _share(self.n_zero, self.n_observed)

    @property
    def fill_rate(self):
        """Share of the fill value among the observed values."""
        return _share(self.n_filled, self.n_observed)

    @property
    def mode_rate(self):
        """Share of the commonest value among the observed values."""
        return _share(self.n_mode, self.n_observed)

    @property
    def distinct_rate(self):
        """Number of distinct values for each observed value."""
        return _share(self.n_distinct, self.n_observed)

    @property
    def outlier_rate(self):
        """Share of the observed values that lie beyond Tukey's fences."""
        return _share(self.n_outliers, self.n_observed)


_COUNTS = {name: 0 for name in ColumnProfiles._fields if name.startswith("n_")}
_NOTHING_OBSERVED = ColumnProfiles(  # of one column: numbers
    **{**dict.fromkeys(ColumnProfiles._fields, np.nan), **_COUNTS, "whole": False}  # type: ignore[arg-type]
)


def profile_columns(X, fill_value=np.nan, n_jobs=None):
    r"""Profile and sketch every column of a feature matrix.

    Parameters
    ----------
    X : ndarray of shape (n_entities, n_features), float32 or float64
        One row per entity. NaN is missing; there may be infinities, no rows or no columns.
    fill_value : float, default=np.nan
        Value to be counted, the one that stands for undefined.
    n_jobs : int, default=None
        Number of threads, as in joblib. The result does not depend on it.

    Returns
    -------
    profiles : ColumnProfiles
    sketches : list of Sketch
        The binned distribution of each column.

    Notes
    -----
    A column is copied, sorted and read a few times; everything is measured in float64 and depends
    on the values of the column, not on their order. With n observed values x, their mean
    :math:`\bar x` and deviations :math:`d = x - \bar x`, the sample variance is

    .. math:: \frac{1}{n - 1} \left( \sum d^2 - \frac{1}{n} \Big(\sum d\Big)^2 \right)

    the corrected two-pass algorithm [1]_: the second term takes out the rounding of the mean.
    Skewness is :math:`m_3 / m_2^{3/2}` and kurtosis :math:`m_4 / m_2^2 - 3` with the central
    moments :math:`m_k = \frac{1}{n} \sum d^k`. The fences are :math:`Q_1 - 1.5\,(Q_3 - Q_1)` and
    :math:`Q_3 + 1.5\,(Q_3 - Q_1)` [2]_.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance:
       analysis and recommendations", The American Statistician 37(3), 1983.
    .. [2] J. W. Tukey, "Exploratory Data Analysis", Addison-Wesley, 1977.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.profiles import profile_columns
    >>> X = np.array([[1.0, 7.0], [2.0, 7.0], [3.0, np.nan], [4.0, np.nan], [100.0, np.inf]])
    >>> profiles, sketches = profile_columns(X)
    >>> profiles.missing_rate, profiles.n_infinite, profiles.n_distinct
    (array([0. , 0.4]), array([0, 1]), array([5, 1]))
    >>> profiles.variance.round(1), profiles.lower, profiles.upper, profiles.n_outliers
    (array([1902.5,    0. ]), array([-1.,  7.]), array([7., 7.]), array([1, 0]))
    """
    found = _of_columns(X, partial(_profile, fill_value=fill_value), n_jobs)
    # One column more makes the dtypes those of a profile where there are no columns.
    found.append(_profile(np.empty(0), np.empty((2, 0)), fill_value=fill_value))
    rows, sketches = zip(*found, strict=True)
    profiles = ColumnProfiles(*(np.array(field)[:-1] for field in zip(*rows, strict=True)))
    return profiles, list(sketches[:-1])


def sketch_columns(X, n_jobs=None):
    """Sketch every column of a feature matrix, and measure nothing else.

    Parameters
    ----------
    X, n_jobs
        As in `profile_columns`.

    Returns
    -------
    sketches : list of Sketch

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.profiles import sketch_columns
    >>> sketch_columns(np.array([[1.0], [7.0], [7.0], [np.nan]]))[0].counts
    array([1, 2])
    """
    return _of_columns(X, _sketch, n_jobs)


def _of_columns(X, measure, n_jobs):
    """Measure every column, a copy of which is given with memory for two more."""
    n_rows, n_columns = X.shape
    # Eight neighbours in a row share a cache line, so fewer would read X more than once.
    width = max(8, BLOCK_SIZE // max(1, n_rows))
    step = width * _BLOCKS_PER_TASK
    tasks = [(X[:, start : start + step], width, measure) for start in range(0, n_columns, step)]
    blocks = in_threads(_of_blocks, tasks, n_jobs, X.size)
    return [found for block in blocks for found in block]


def _of_blocks(X, width, measure):
    memory = np.empty((min(width, X.shape[1]), len(X)))
    scratch = np.empty((2, len(X)))
    found = []
    for start in range(0, X.shape[1], width):
        block = X[:, start : start + width].T
        columns = memory[: len(block)]
        np.add(block, 0.0, out=columns, dtype=np.float64)  # -0.0 becomes 0.0
        found += [measure(column, scratch) for column in columns]
    return found


def _one_nan(column):
    """Give all NaN in a column one sign and payload; return how many there are."""
    missing = np.isnan(column)
    n_missing = int(np.count_nonzero(missing))
    if n_missing:
        column[missing] = np.nan
    return n_missing


def _sketch(column, scratch):
    """Return the sketch of one column, which is sorted in place."""
    return _sorted_and_sketched(column, _one_nan(column), scratch)[1]


def _sorted_and_sketched(column, n_missing, scratch):
    """Sort a column in place; return its finite values, and its sketch."""
    if len(column) < _LONG:
        column.sort()
    else:
        _kernels.radix_sort(column.view(np.uint64), scratch[0].view(np.uint64))
    values = column[: len(column) - n_missing]
    first = np.searchsorted(values, -np.inf, "right")
    stop = np.searchsorted(values, np.inf, "left")
    finite = values[first:stop]
    return finite, sketch_of(finite, n_missing, int(first), int(len(values) - stop))


def _profile(column, scratch, fill_value):
    """Return the fields and the sketch of one column, which is sorted in place."""
    import xxhash

    n_missing = _one_nan(column)
    fingerprint = np.frombuffer(xxhash.xxh3_128_digest(column), dtype="V16")[0]
    finite = np.isfinite(column)
    gaps = b"" if finite.all() else np.where(finite, 0.0, column)
    gaps = np.frombuffer(xxhash.xxh3_128_digest(gaps), dtype="V16")[0]
    values, sketch = _sorted_and_sketched(column, n_missing, scratch)
    n = len(values)
    n_infinite = len(column) - n_missing - n
    if n == 0:
        profile = _NOTHING_OBSERVED._replace(
            n_rows=len(column),
            n_missing=n_missing,
            n_infinite=n_infinite,
            fingerprint=fingerprint,
            gaps=gaps,
        )
        return profile, sketch
    n_distinct, start, n_mode, whole = _kernels.count_runs(values)
    q1, median, q3 = (_quantile(values, q) for q in (0.25, 0.5, 0.75))
    with np.errstate(over="ignore"):
        reach = 1.5 * (q3 - q1)
        lower, upper = q1 - reach, q3 + reach
    mean, variance, skewness, kurtosis = _moments(values, scratch)
    profile = ColumnProfiles(
        n_rows=len(column),
        n_missing=n_missing,
        n_infinite=n_infinite,
        n_distinct=n_distinct,
        n_zero=_n_equal(values, 0.0),
        n_filled=0 if np.isnan(fill_value) else _n_equal(values, fill_value),
        mode=values[start],
        n_mode=n_mode,
        minimum=values[0],
        maximum=values[-1],
        q1=q1,
        median=median,
        q3=q3,
        mean=mean,
        variance=variance,
        skewness=skewness,
        kurtosis=kurtosis,
        lower=lower,
        upper=upper,
        n_outliers=np.searchsorted(values, lower) + n - np.searchsorted(values, upper, "right"),
        whole=whole,
        fingerprint=fingerprint,
        gaps=gaps,
    )
    return profile, sketch


def _n_equal(ordered, value):
    return np.searchsorted(ordered, value, "right") - np.searchsorted(ordered, value, "left")


def _quantile(ordered, q):
    """Return the q-quantile of ascending values, to the very bits of numpy's."""
    position = q * (len(ordered) - 1)
    below = int(position)
    a, b = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    t = position - below
    # From the nearer of a and b; half of their difference can't overflow, doubling is exact.
    nearer_b = t >= 0.5
    return (b if nearer_b else a) + (b / 2 - a / 2) * (2 * (t - nearer_b))


def _moments(ordered, scratch):
    """Return mean, variance, skewness and kurtosis of ascending values."""
    n = len(ordered)
    scale = binary_scale(ordered[0], ordered[-1])
    deviation = np.multiply(ordered, scale, out=scratch[0, :n])
    centre = np.clip(deviation.sum() / n, deviation[0], deviation[-1])
    deviation -= centre
    power = np.multiply(deviation, deviation, out=scratch[1, :n])
    second = power.sum()
    corrected = max(second - deviation.sum() ** 2 / n, 0.0)
    with np.errstate(over="ignore"):
        mean = centre / scale
        variance = corrected / (n - 1) / scale / scale if n > 1 else np.nan
    if second / n <= (np.finfo(np.float64).resolution * centre) ** 2:
        return mean, variance, np.nan, np.nan
    # Not as products of vectors, for which BLAS starts threads that wait for each other.
    third = np.multiply(power, deviation, out=deviation).sum()
    fourth = np.square(power, out=power).sum()
    spread = second / n
    return mean, variance, third / n / spread**1.5, fourth / n / spread**2 - 3.0


def _share(part, whole):
    return part / np.where(whole > 0, whole, np.nan)
