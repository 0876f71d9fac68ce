"""Pearson correlation over pairwise-complete observations, by matrix products."""

import numpy as np

from ._blocks import BLOCK_SIZE, binary_scale, deviations, in_threads, row_blocks
from .profiles import profile_columns

# A pair is measured again, centred on its own rows, when less than this share of its sum of squares
# is left after subtracting the square of its mean: the products have then lost 3 of 16 digits.
_CANCELLATION = 1e-3
_UNDERFLOW = 1e-200
# Rows of the matrix that are worth a pass over X.
_FEWEST_ROWS = 128


def correlation_matrix(X, profiles=None, n_jobs=None):
    r"""Pearson correlation of every two columns over the rows in which both are observed.

    Parameters
    ----------
    X : ndarray of shape (n_entities, n_features), float32 or float64
        One row per entity. What is not finite is missing.
    profiles : ColumnProfiles, default=None
        What `profile_columns` found of X, where that is at hand.
    n_jobs : int, default=None
        Number of threads, as in joblib. The result does not depend on it.

    Returns
    -------
    correlation : ndarray of shape (n_features, n_features), float64
        Symmetric, within [-1, 1], and 1 on the diagonal. NaN where undefined: fewer than two
        common rows, or a column that is constant over them.

    Notes
    -----
    With :math:`R` the rows in which columns i and j are both observed, and the means over R,

    .. math:: r_{ij} = \frac{\sum_R (x_i - \bar x_i)(x_j - \bar x_j)}
                            {\sqrt{\sum_R (x_i - \bar x_i)^2 \sum_R (x_j - \bar x_j)^2}}

    which is what :meth:`pandas.DataFrame.corr` computes. Here the columns are centred on their
    overall means, and the sums over all R at once are products of the deviations, their squares
    and the masks of the distinct patterns of missingness. Where the mean over R lies so far from
    the overall mean that subtracting it would cancel digits, the pair is computed again in two
    passes over R itself, which also tells a constant from a nearly constant column exactly.

    The cost is that of one product of X with itself without NaN, of up to four with. A pair that
    is computed again costs a pass over its two columns; columns that miss the same rows share it.
    The memory beyond the result is a few blocks of rows and a few matrices of its size;
    `StrongCorrelations` does without them.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance:
       analysis and recommendations", The American Statistician 37(3), 1983.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.checks import correlation_matrix
    >>> X = np.array([[1.0, 2.0, 5.0], [2.0, 4.0, 5.0], [3.0, 6.0, np.nan], [4.0, np.nan, 5.0]])
    >>> correlation_matrix(X)
    array([[ 1.,  1., nan],
           [ 1.,  1., nan],
           [nan, nan, nan]])
    """
    if profiles is None:
        profiles, _ = profile_columns(X, n_jobs=n_jobs)
    correlation = np.zeros((X.shape[1], X.shape[1]))
    for _, correlation in _blocks_of_rows(X, profiles, n_jobs, max(X.shape[1], 1)):
        for i in range(1, len(correlation)):
            correlation[i, :i] = correlation[:i, i]
    return correlation


class StrongCorrelations:
    """The correlations of a matrix that are large, for so many columns that all are too many.

    Parameters
    ----------
    X, profiles, n_jobs
        As in `correlation_matrix`.
    threshold : float
        Absolute correlations above it are kept.

    Attributes
    ----------
    largest : float
        The largest absolute correlation of two distinct columns, NaN where none is defined.
    """

    def __init__(self, X, profiles, threshold, n_jobs=None):
        self._n_columns = X.shape[1]
        self.largest = np.nan
        found = []
        width = max(_FEWEST_ROWS, BLOCK_SIZE // max(1, X.shape[1]))
        for start, block in _blocks_of_rows(X, profiles, n_jobs, width):
            i, j = np.nonzero(np.triu(np.abs(block) > threshold, k=1))
            found.append((start + i, start + j, block[i, j]))
            for row, values in enumerate(block):
                strongest = np.fmax.reduce(np.abs(values[row + 1 :]), initial=np.nan)
                self.largest = np.fmax(self.largest, strongest)
        self._pairs = tuple(map(np.concatenate, zip(*found, strict=True)))
        i, j, values = self._pairs
        both = np.concatenate((i, j)), np.concatenate((j, i)), np.concatenate((values, values))
        order = np.argsort(both[0], kind="stable")
        self._others, self._values = both[1][order], both[2][order]
        self._starts = np.searchsorted(both[0][order], np.arange(self._n_columns + 1))

    def __len__(self):
        return self._n_columns

    def __getitem__(self, key):
        """Return a row, or an entry; NaN is what is not kept."""
        i, j = key if isinstance(key, tuple) else (key, slice(None))
        part = slice(self._starts[i], self._starts[i + 1])
        row = np.full(self._n_columns, np.nan)
        row[self._others[part]] = self._values[part]
        return row[j]

    def pairs(self, threshold):
        """Return the pairs above a threshold that is no lower, in the order of the columns."""
        strong = np.abs(self._pairs[2]) > threshold
        return tuple(part[strong] for part in self._pairs)


def _blocks_of_rows(X, profiles, n_jobs, width):
    """Yield rows of the matrix of correlations, from the diagonal on, so many at a time."""
    scale = binary_scale(profiles.minimum, profiles.maximum)
    centre = np.where(profiles.n_observed > 0, profiles.mean * scale, 0.0)
    constant = profiles.minimum == profiles.maximum
    masks, _, pattern = _missing_patterns(X)
    for start in range(0, X.shape[1], width):
        columns = slice(start, None)
        arguments = X[:, columns], scale[columns], centre[columns], constant[columns]
        yield start, _rows_of(*arguments, masks, pattern[columns], width, n_jobs)


def _rows_of(X, scale, centre, constant, masks, pattern, width, n_jobs):
    """Return the correlations of the first columns with all; those left of the diagonal vary."""
    n_columns, n_rows = X.shape[1], min(width, X.shape[1])
    # Of columns that miss the same rows one is looked at for that.
    _, first, place = np.unique(pattern, return_index=True, return_inverse=True)
    _, first_left, place_left = np.unique(pattern[:n_rows], return_index=True, return_inverse=True)

    shapes = (
        (n_rows, n_columns),
        *2 * ((n_rows, len(first)), (len(first_left), n_columns)),
        (len(first_left), len(first)),
    )
    totals = [np.zeros(shape) for shape in shapes]
    tasks = ((block, scale, centre, n_rows, first_left, first) for block in row_blocks(X))
    for parts in in_threads(_products, tasks, n_jobs, X.size):
        for total, part in zip(totals, parts, strict=True):
            np.add(total, part, out=total)
        del parts, part  # before the next ones are made
    correlation, sums_i, sums_j, squares_i, squares_j, common = totals

    common[common < 2] = np.nan
    doubtful = np.zeros(correlation.shape, dtype=bool)
    for i in _column_chunks(np.arange(n_rows), n_columns):
        # Entry (i, j) belongs to columns i and j over the rows that they share, (j, i) likewise.
        n = common[place_left[i]][:, place]
        n[constant[i]] = np.nan
        n[:, constant] = np.nan
        sum_i, sum_j = sums_i[i][:, place], sums_j[place_left[i]]
        deviation = _deviation(squares_i[i][:, place], sum_i, n)
        deviation *= _deviation(squares_j[place_left[i]], sum_j, n)
        correlation[i] = (correlation[i] - sum_i * sum_j / n) / deviation
        doubtful[i] = np.isnan(correlation[i]) & ~np.isnan(n)

    _correlate_again(X, correlation, doubtful, masks, pattern)
    np.clip(correlation, -1.0, 1.0, out=correlation)
    diagonal = correlation.diagonal()
    np.fill_diagonal(correlation, np.where(np.isnan(diagonal), np.nan, 1.0))
    return correlation


def _deviation(squares, sums, n):
    """Return the root of the sum of squared deviations, NaN where its digits have cancelled."""
    variation = squares - sums * sums / n
    variation[~(variation > _CANCELLATION * squares + _UNDERFLOW)] = np.nan
    return np.sqrt(variation)


def _products(block, scale, centre, n_left, first_left, first):
    """Return sums over the rows of a block: of products, values, squares, and common rows.

    Of values and squares with what is observed in others: of the left columns, and of all.
    """
    values, missing = deviations(block, scale, centre)
    left = values[:, :n_left]
    # 0 and 1: their sums over a block are exact in float32, too, at half of the cost.
    observed_left, observed = (~missing[:, columns] for columns in (first_left, first))
    common = observed_left.astype(np.float32).T @ observed.astype(np.float32)
    observed_left, observed = observed_left.astype(np.float64), observed.astype(np.float64)
    products = left.T @ values
    sums, sums_left = _both(left, values, observed_left, observed)
    np.square(values, out=values)
    squares, squares_left = _both(left, values, observed_left, observed)
    return products, sums, sums_left, squares, squares_left, common


def _both(left, values, observed_left, observed):
    """Return the sums of the left values where others are observed, and the reverse."""
    sums = left.T @ observed
    return sums, (sums.T if left.shape == values.shape else observed_left.T @ values)


def _missing_patterns(X):
    """Return the distinct columns of what is missing, bits packed, where each is, and whose."""
    packed = [np.packbits(~np.isfinite(block), axis=0) for block in row_blocks(X)]
    packed = np.concatenate(packed) if packed else np.zeros((1, X.shape[1]), dtype=np.uint8)
    # np.unique would sort the columns, which takes longer than all of the rest.
    seen = {}
    pattern = [seen.setdefault(column.tobytes(), len(seen)) for column in packed.T]
    pattern = np.array(pattern, dtype=np.intp)
    first = np.unique(pattern, return_index=True)[1]
    return packed[:, first], first, pattern


def _correlate_again(X, correlation, doubtful, masks, pattern):
    """Overwrite the doubtful entries above the diagonal, each from its own rows alone.

    Columns with the same pattern of missingness are taken together, which may overwrite others of
    their entries with the same value.
    """
    doubtful = np.triu(doubtful)
    pattern_left = pattern[: len(doubtful)]
    for left, right in np.unique(pattern[np.argwhere(doubtful)], axis=0):
        among = doubtful & (pattern_left == left)[:, np.newaxis] & (pattern == right)
        missing = np.unpackbits(masks[:, left] | masks[:, right], count=X.shape[0])
        rows = np.flatnonzero(missing == 0)
        for i in _column_chunks(np.flatnonzero(among.any(axis=1)), X.shape[0]):
            unit_i = _unit_vectors(X[:, i].T[:, rows])
            for j in _column_chunks(np.flatnonzero(among.any(axis=0)), X.shape[0]):
                unit_j = _unit_vectors(X[:, j].T[:, rows])
                correlation[np.ix_(i, j)] = unit_i @ unit_j.T


def _column_chunks(columns, n_rows):
    """Yield column numbers, as many at a time as fill a block."""
    step = max(1, BLOCK_SIZE // max(1, n_rows))
    for start in range(0, len(columns), step):
        yield columns[start : start + step]


def _unit_vectors(vectors):
    """Centre each row, free of NaN, and bring it to length 1; NaN if its values are all equal."""
    lower, upper = vectors.min(axis=1), vectors.max(axis=1)
    scale = binary_scale(lower, upper)
    centred = np.multiply(vectors, scale[:, np.newaxis], dtype=np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    centred -= centred.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    return centred / np.where(lower == upper, np.nan, length)[:, np.newaxis]
