"""What a feature alone tells of the target."""

from datetime import datetime
from numbers import Real
from typing import NamedTuple

import numpy as np

from ._blocks import in_threads

#: Rows beyond this are not looked at; those that are lie evenly over the table.
MAX_ROWS = 20_000
# Targets of more whole numbers than this are numbers, not classes.
_MOST_CLASSES = 32
_MOST_GROUPS = 32
_ROWS_PER_CELL = 5
_FEWEST_ROWS = 30
_FEWEST_OF_OTHER_CLASSES = 10


class TargetMeasures(NamedTuple):
    """What each feature tells of the target; every field has the shape (n_features,)."""

    #: in nats, corrected for the bias of few rows, and at least 0
    mutual_information: np.ndarray
    #: within [0, 1]; NaN where there are too few rows to tell
    predictive_power: np.ndarray


def read_target(y):
    """Read a target of whatever type.

    Parameters
    ----------
    y : array-like of shape (n_entities,) or (n_entities, 1)
        NaN, None and the like are unknown. Strings, booleans, categories and at most 32 distinct
        whole numbers are classes; other numbers and times are numbers.

    Returns
    -------
    known : ndarray of shape (n_entities,), bool, or None
        Where the target is known; None for a target of several outputs.
    y : ndarray of shape (n_known,)
        Whole numbers from 0 for the classes, or float64.
    classification : bool

    Raises
    ------
    ValueError
        If `y` is complex, or not an array.

    Examples
    --------
    >>> from sktemporal.quality.target import read_target
    >>> read_target(["no", "yes", None, "no"])
    (array([ True,  True, False,  True]), array([0, 1, 0]), True)
    """
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        return None, y, False
    if y.dtype.kind == "c":
        raise ValueError(f"y must be classes or real numbers; got {y.dtype}")
    known = _known(y)
    y = y[known]
    if y.dtype.kind == "O":
        y = _as_numbers(y)
    if y.dtype.kind in "mM":
        y = y.astype(np.int64)
    if y.dtype.kind in "iuf":
        numbers = y.astype(np.float64)
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers))
        if not whole.all() or len(np.unique(y)) > _MOST_CLASSES:
            return known, numbers, False
    seen = {}
    classes = [seen.setdefault(value, len(seen)) for value in y.tolist()]
    return known, np.array(classes, dtype=np.int64), True


def _known(y):
    """Return where values are neither NaN nor None nor another library's word for missing."""
    if y.dtype.kind in "fmM":
        return y == y  # noqa: PLR0124
    if y.dtype.kind != "O":
        return np.ones(len(y), dtype=bool)
    # pandas.NA equals nothing, but is not False either.
    equal = (value is not None and value == value for value in y)  # noqa: PLR0124
    return np.array([isinstance(e, bool | np.bool_) and bool(e) for e in equal], dtype=bool)


def _as_numbers(objects):
    """Return booleans, numbers or times as an array of such; other objects as they are."""
    if all(isinstance(value, bool | np.bool_) for value in objects):
        return objects.astype(bool)
    if all(isinstance(value, Real) for value in objects):
        return objects.astype(np.float64)
    if all(isinstance(value, datetime) for value in objects):
        return np.array([value.timestamp() for value in objects])
    return objects


def evenly_spaced(n_rows):
    """Return the numbers of the rows to look at."""
    n = min(n_rows, MAX_ROWS)
    return np.arange(n) * n_rows // max(n, 1)


def target_measures(X, y, classification, n_jobs=None):
    r"""Measure how much each column alone tells of the target.

    Parameters
    ----------
    X : ndarray of shape (n_entities, n_features)
        NaN is missing.
    y : ndarray of shape (n_entities,)
        Whole numbers from 0 for the classes, or numbers other than NaN.
    classification : bool
        Whether `y` holds classes.
    n_jobs : int, default=None
        Number of threads, as in joblib. The result does not depend on it.

    Returns
    -------
    measures : TargetMeasures

    Notes
    -----
    The values of a column, and those of a target that is no class, are divided into at most k
    groups of about the same size, equal values staying together and missing ones being a group of
    their own; a column of at most k distinct values has a group for each. k is 32, and so much less
    where rows are few that a table of k by k groups has 5 rows to a cell. With the shares
    :math:`p_{ab}` of the table of column by target, and its margins,

    .. math:: I = \sum_{ab} p_{ab} \ln \frac{p_{ab}}{p_a\,p_b}

    The mutual information is I less its bias in n rows, :math:`(k_a - 1)(k_b - 1) / 2n` [1]_, at
    least 0. The predictive power is the largest of

    - :math:`I / H`, the share of the target's entropy that the groups explain [2]_;
    - for two classes, :math:`|2\,\mathrm{AUC} - 1|`, with the missing values taken for the lowest
      or for the highest, whichever gives more;
    - for a target that is no class, the absolute rank correlation (Spearman) over the rows in which
      the column is observed.

    It is undefined for fewer than 30 rows, and where fewer than 10 are outside of the commonest
    class. Of more than 20,000 rows, as many evenly spaced ones are used.

    References
    ----------
    .. [1] G. A. Miller, "Note on the bias of information estimates", Information Theory in
       Psychology, 1955.
    .. [2] H. Theil, "On the estimation of relationships involving qualitative variables", American
       Journal of Sociology 76(1), 1970.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.target import target_measures
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, size=1000)
    >>> X = np.column_stack([y + rng.normal(size=1000), y * 7.0, rng.normal(size=1000)])
    >>> target_measures(X, y, classification=True).predictive_power.round(2)
    array([0.58, 1.  , 0.06])
    """
    if len(y) > MAX_ROWS:
        rows = evenly_spaced(len(y))
        X, y = X[rows], y[rows]
    n_groups = int(np.clip(np.sqrt(len(y) / _ROWS_PER_CELL), 2, _MOST_GROUPS))
    classes = y.astype(np.int64) if classification else _groups(y, n_groups)
    tasks = [(X[:, j], y, classes, classification, n_groups) for j in range(X.shape[1])]
    found = np.array(list(in_threads(_measures_of, tasks, n_jobs, X.size))).reshape(-1, 2)
    return TargetMeasures(found[:, 0], found[:, 1])


def _measures_of(column, y, classes, classification, n_groups):
    n = len(column)
    if n == 0:
        return np.nan, np.nan
    column = np.ascontiguousarray(column, dtype=np.float64)
    groups = _groups(column, n_groups)
    information, bias, entropy = _mutual_information(groups, classes)
    others = n - np.bincount(classes).max() if classification else n
    if n < _FEWEST_ROWS or entropy == 0.0 or others < _FEWEST_OF_OTHER_CLASSES:
        return max(information - bias, 0.0), np.nan
    power = information / entropy
    if not classification:
        power = max(power, _rank_correlation(column, y))
    elif classes.max() == 1:
        power = max(power, _discrimination(column, classes == 1))
    return max(information - bias, 0.0), min(power, 1.0)


def _groups(values, n_groups):
    """Return the number of the group of each value, missing ones in a group of their own."""
    observed = ~np.isnan(values)
    x = values[observed]
    distinct, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    if len(distinct) > n_groups:
        number = (np.cumsum(counts) - counts) * n_groups // len(x)
        inverse = number[inverse]
    groups = np.full(len(values), n_groups)
    groups[observed] = inverse
    return groups


def _mutual_information(a, b):
    """Return the mutual information of two groupings, its bias, and the entropy of the second."""
    n = len(a)
    n_b = b.max() + 1
    table = np.bincount(a * n_b + b, minlength=(a.max() + 1) * n_b).reshape(-1, n_b) / n
    p_a, p_b = table.sum(axis=1), table.sum(axis=0)
    there = table > 0
    independent = np.outer(p_a, p_b)
    information = float(np.sum(table[there] * np.log(table[there] / independent[there])))
    p_b = p_b[p_b > 0]
    bias = (np.count_nonzero(p_a) - 1) * (len(p_b) - 1) / (2 * n)
    return information, bias, float(-np.sum(p_b * np.log(p_b)))


def _ranks(values):
    """Return the average ranks, from 1."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _rank_correlation(column, y):
    """Return the absolute rank correlation over the rows in which the column is observed."""
    observed = ~np.isnan(column)
    if np.count_nonzero(observed) < _FEWEST_ROWS:
        return 0.0
    a, b = _ranks(column[observed]), _ranks(y[observed])
    a, b = a - a.mean(), b - b.mean()
    length = np.sqrt((a @ a) * (b @ b))
    return abs(a @ b) / length if length > 0 else 0.0


def _discrimination(column, positive):
    """Return the largest ``|2 AUC - 1|`` with missing values lowest, and highest."""
    n, n_positive = len(column), np.count_nonzero(positive)
    missing = np.isnan(column)
    n_missing = np.count_nonzero(missing)
    ranks = np.empty(n)
    ranks[~missing] = _ranks(column[~missing])
    best = 0.0
    for shift, rank in (
        (n_missing, (n_missing + 1) / 2),
        (0, n - n_missing + (n_missing + 1) / 2),
    ):
        total = np.sum(ranks[positive & ~missing] + shift)
        total += rank * np.count_nonzero(positive & missing)
        area = (total - n_positive * (n_positive + 1) / 2) / (n_positive * (n - n_positive))
        best = max(best, abs(2 * area - 1))
    return best
