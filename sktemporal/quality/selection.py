"""Which features to keep: of duplicates, of clusters of correlated ones, and in all."""

import numpy as np

#: What ``drop=True`` removes, and what is recommended to be removed.
RECOMMENDED = ("missing", "constant", "low_variance", "duplicate", "correlated")


def duplicate_of(fingerprint, candidates):
    """Find the first column that each column equals in every row.

    Parameters
    ----------
    fingerprint : ndarray of shape (n_features,)
        Equal for equal columns, as in :class:`~sktemporal.quality.profiles.ColumnProfiles`.
    candidates : ndarray of shape (n_features,), bool
        Columns to look at.

    Returns
    -------
    first : ndarray of shape (n_features,), int64
        The first candidate that equals the column; its own number where there is none before it.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.selection import duplicate_of
    >>> duplicate_of(np.array([7, 8, 7, 7]), np.array([False, True, True, True]))
    array([0, 1, 2, 2])
    """
    first = np.arange(len(fingerprint))
    seen = {}
    for i in np.flatnonzero(candidates):
        first[i] = seen.setdefault(fingerprint[i].tobytes(), i)
    return first


def correlated_clusters(correlation, threshold, candidates, preference, alike):
    """Divide columns into clusters around the columns to keep.

    Parameters
    ----------
    correlation : ndarray of shape (n_features, n_features)
        Symmetric; NaN is undefined and never above the threshold.
    threshold : float
        A column joins a cluster if its absolute correlation with the kept one is larger.
    candidates : ndarray of shape (n_features,), bool
        Columns to look at.
    preference : ndarray of shape (n_features,), int64
        All columns, best first.
    alike : ndarray of shape (n_features,), int64
        Equal for columns that are missing in the same rows. Others repeat neither, however their
        values correlate: what is missing may tell something, too.

    Returns
    -------
    kept : ndarray of shape (n_features,), int64
        The column that is kept in place of each column, itself if it is kept.

    Notes
    -----
    Columns are visited best first. A column that is not yet in a cluster is kept and begins one,
    which every other column that is not yet in a cluster and correlates with it joins. So each
    column that goes correlates with one that stays, and no two that stay correlate: in a chain
    a~b~c, with a and c not correlated, and a the best, b goes and c stays.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.selection import correlated_clusters
    >>> correlation = np.array([[1, 0.995, 0.1], [0.995, 1, 0.993], [0.1, 0.993, 1]])
    >>> alike = np.zeros(3, dtype=int)
    >>> correlated_clusters(correlation, 0.99, np.full(3, True), np.array([0, 1, 2]), alike)
    array([0, 0, 2])
    >>> correlated_clusters(correlation, 0.99, np.full(3, True), np.array([1, 0, 2]), alike)
    array([1, 1, 1])
    >>> alike = np.array([0, 0, 2])
    >>> correlated_clusters(correlation, 0.99, np.full(3, True), np.array([1, 0, 2]), alike)
    array([1, 1, 2])
    """
    kept = np.arange(len(correlation))
    free = candidates.copy()
    for i in preference:
        if free[i]:
            joins = free & (np.abs(correlation[i]) > threshold) & (alike == alike[i])
            kept[joins] = i
            kept[i] = i
            free &= ~joins
            free[i] = False
    return kept


def preference(n_features, mutual_information=None):
    """Order columns, best first: more information on the target, earlier.

    Parameters
    ----------
    n_features : int
    mutual_information : ndarray of shape (n_features,), default=None
        With the target; undefined is least.

    Returns
    -------
    order : ndarray of shape (n_features,), int64

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.selection import preference
    >>> preference(3), preference(3, np.array([np.nan, 1.0, 2.0]))
    (array([0, 1, 2]), array([2, 1, 0]))
    """
    if mutual_information is None:
        return np.arange(n_features)
    return np.argsort(-np.nan_to_num(mutual_information), kind="stable")
