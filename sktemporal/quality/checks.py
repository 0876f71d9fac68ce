"""The scores and the correlations of a feature matrix: pure functions, arrays in, arrays out.

A column is a feature, a row an entity, NaN is missing. A result is NaN where undefined.
"""

import numpy as np

from ._correlation import StrongCorrelations, correlation_matrix

__all__ = [
    "StrongCorrelations",
    "component_scores",
    "correlation_matrix",
    "grade",
    "high_correlation_pairs",
    "overall_score",
]


def high_correlation_pairs(correlation, threshold):
    """Pairs of distinct columns with an absolute correlation above a threshold.

    Parameters
    ----------
    correlation : ndarray of shape (n_features, n_features) or StrongCorrelations
        Symmetric; NaN is undefined and never above.
    threshold : float
        Pairs at the threshold itself are left out.

    Returns
    -------
    first, second : ndarray of shape (n_pairs,), int64
        Column numbers, ``first < second``. Strongest pair first, ties in column order.
    values : ndarray of shape (n_pairs,)
        Their correlation, with its sign.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.checks import high_correlation_pairs
    >>> high_correlation_pairs(np.array([[1, 0.5, -0.9], [0.5, 1, 0], [-0.9, 0, 1]]), 0.4)
    (array([0, 0]), array([2, 1]), array([-0.9,  0.5]))
    """
    if isinstance(correlation, StrongCorrelations):
        first, second, values = correlation.pairs(threshold)
    else:
        first, second = np.nonzero(np.triu(np.abs(correlation) > threshold, k=1))
        values = correlation[first, second]
    order = np.argsort(-np.abs(values), kind="stable")
    return first[order], second[order], values[order]


def component_scores(avg_missing_rate, avg_variance, n_high_correlations):
    """Score missing values, variance and correlation, each within [0, 1], 1 being best.

    Parameters
    ----------
    avg_missing_rate : float
        Mean missing rate of the features.
    avg_variance : float
        Mean variance of the features.
    n_high_correlations : int
        Number of highly correlated pairs.

    Returns
    -------
    missing_value_score, variance_score, correlation_score : float
        NaN for what is undefined.

    Examples
    --------
    >>> from sktemporal.quality.checks import component_scores
    >>> component_scores(0.25, 5.0, 4)
    (0.75, 0.5, 0.6)
    """
    return (
        float(1.0 - avg_missing_rate),
        float(np.minimum(1.0, avg_variance / 10.0)),
        float(max(0.0, 1.0 - n_high_correlations / 10.0)),
    )


def overall_score(avg_missing_rate, avg_variance, n_high_correlations):
    r"""Mean of the three component scores.

    Parameters
    ----------
    avg_missing_rate, avg_variance, n_high_correlations
        As in `component_scores`.

    Returns
    -------
    score : float
        Within [0, 1]; NaN if one of the components is undefined.

    Notes
    -----
    With m the average missing rate, v the average variance and h the number of highly correlated
    pairs, :math:`\frac{1}{3} \big( (1 - m) + \min(1, v / 10) + \max(0, 1 - h / 10) \big)`.

    Examples
    --------
    >>> from sktemporal.quality.checks import overall_score
    >>> overall_score(avg_missing_rate=0.0, avg_variance=10.0, n_high_correlations=10)
    0.6666666666666666
    """
    return float(np.mean(component_scores(avg_missing_rate, avg_variance, n_high_correlations)))


def grade(score):
    """Name an overall score.

    Parameters
    ----------
    score : float
        An overall score; NaN if undefined.

    Returns
    -------
    grade : {"excellent", "good", "fair", "poor"} or None
        Excellent above 0.8, good from 0.6 to 0.8, fair from 0.4 to below 0.6, poor below 0.4. A
        score on a boundary gets the better grade, except that 0.8 is not above 0.8 and so good.
        None for NaN.

    Examples
    --------
    >>> from sktemporal.quality.checks import grade
    >>> [grade(score) for score in (0.81, 0.8, 0.6, 0.4, 0.39)]
    ['excellent', 'good', 'good', 'fair', 'poor']
    """
    if np.isnan(score):
        return None
    if score > 0.8:
        return "excellent"
    if score >= 0.6:
        return "good"
    return "fair" if score >= 0.4 else "poor"
