"""Whether features have come to be distributed otherwise than those of a reference."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import scipy.stats
from scipy.spatial.distance import jensenshannon
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from ._blocks import binary_scale
from ._json import json_number
from .sketches import FeatureSketches

if TYPE_CHECKING:
    from .._types import Correction, Report

#: Features of no more distinct values are compared value by value.
MAX_FEW = 20
# Neighbours that differ by less than this, of their magnitude or of the range of all values, are
# one value: float32 has seven digits.
_ROUNDING = 1e-7
_FEWEST_EXPECTED = 5
_FURTHEST = 2000
# What practice takes for a moderate and for a large population stability index.
_MODERATE, _LARGE = 0.1, 0.25


@validate_params(
    {
        "reference": [FeatureSketches],
        "new": [FeatureSketches],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "method": [StrOptions({"bh", "by"})],
    },
    prefer_skip_nested_validation=True,
)
def drift_report(
    reference: FeatureSketches,
    new: FeatureSketches,
    *,
    level: float = 0.05,
    method: Correction = "bh",
) -> Report:
    r"""Compare the distributions of features with those of a reference.

    Parameters
    ----------
    reference, new : FeatureSketches
        Of the same features.
    level : float, default=0.05
        False discovery rate: the expected share of features without drift among those that are
        reported. Where no feature drifts it is the probability that any is reported.
    method : {"bh", "by"}, default="bh"
        Control of the false discovery rate by Benjamini and Hochberg [1]_, for features that are
        independent or depend positively on each other, or by Benjamini and Yekutieli [2]_, for
        whatever dependence, with less power.

    Returns
    -------
    report : dict
        Strictly JSON-serializable, with the keys

        - ``"drift"``: bool, whether any feature drifts;
        - ``"verdict"``: the same as a sentence, or that no feature could be compared, as where
          there are no new rows;
        - ``"level"``, ``"method"``, ``"n_reference"``, ``"n_new"``, ``"n_features"``;
        - ``"drifted"``: list of names, the most surprising first;
        - ``"share_drifted"``: of the features; None if there are none;
        - ``"features"``: by name, ``"drift"``; ``"severity"`` (``"small"``, from 0.1 of the
          ``"psi"`` ``"moderate"``, from 0.25 ``"large"``); ``"psi"``; ``"ks"``; ``"wasserstein"``
          and ``"wasserstein_in_std"``; ``"jensen_shannon"`` and ``"chi_square"``, None where the
          values are many; ``"missing_reference"`` and ``"missing_new"``, shares; ``"test"``
          (``"ks"``, ``"chi_square"`` or None); ``"p_value"``, ``"p_missing"`` and ``"p_adjusted"``.

    Raises
    ------
    ValueError
        If the features are others, or a parameter is not as described.

    See Also
    --------
    QualityReportTransformer.drift : The same against the features of the fit.
    FeatureSketches : Which can be made of parts of the rows, and merged.

    Notes
    -----
    Everything is measured in the bins of the sketches, so that distributions that differ only
    within bins count as equal; with at most 512 distinct values nothing is lost but what rounding
    sets apart: neighbours, not both of them whole numbers, that differ by less than 1e-7 of their
    magnitude or of the range of all values are one value. Infinite values
    are the lowest and the highest bin. A number rounded to float32 is another value than before:
    see :meth:`FeatureSketches.rounded` to compare features of two precisions. With
    :math:`p_i, q_i` the shares of reference and new values:

    - PSI is :math:`\sum_i (q_i - p_i) \ln(q_i / p_i)` [3]_ over groups, which are tenths of the
      reference or, where reference and new rows have at most 20 distinct values together, the
      values; missing ones are a group of their own. Half a row is added to each group. Without
      drift its mean is about :math:`(k - 1)(1/n + 1/m)` for k groups and n and m rows.
    - KS is the two-sample Kolmogorov-Smirnov statistic :math:`\max |F - G|`, its p-value the
      asymptotic one of :func:`scipy.stats.ks_2samp`; both leave missing values out.
    - The Wasserstein distance is :math:`\int |F - G|`, in the units of the feature and in standard
      deviations of the reference, with every value in the middle of its bin, and of finite values.
    - Of at most 20 distinct values, the Jensen-Shannon distance, within [0, 1], which is the root
      of :math:`\frac{1}{2} \sum_i p_i \log_2 \frac{2 p_i}{p_i + q_i} + \frac{1}{2} \sum_i q_i
      \log_2 \frac{2 q_i}{p_i + q_i}` [4]_, and the chi-square test of homogeneity, for which values
      expected less than 5 times are put together.
    - Whether more or fewer values are missing is tested by chi-square without continuity
      correction, and by Fisher's exact test where a count below 5 is expected.

    The p-value of a feature is that of its test of values; where any value is missing, twice the
    smaller of this and `p_missing` (Bonferroni).

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate: a practical and
       powerful approach to multiple testing", J. R. Stat. Soc. B 57(1), 1995.
    .. [2] Y. Benjamini, D. Yekutieli, "The control of the false discovery rate in multiple testing
       under dependency", The Annals of Statistics 29(4), 2001.
    .. [3] N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006.
    .. [4] J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on
       Information Theory 37(1), 1991.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import FeatureSketches, drift_report
    >>> rng = np.random.default_rng(0)
    >>> names = ["amount", "count"]
    >>> reference = FeatureSketches.from_matrix(rng.normal(size=(1000, 2)), names)
    >>> new = FeatureSketches.from_matrix(rng.normal([0.5, 0], size=(1000, 2)), names)
    >>> report = drift_report(reference, new)
    >>> report["verdict"]
    '1 of 2 features drifts at a false discovery rate of 0.05.'
    >>> report["drifted"], report["features"]["amount"]["severity"]
    (['amount'], 'large')
    """
    if reference.names != new.names:
        raise ValueError(
            "new must have the features of the reference, in their order; got "
            f"{_first_difference(reference.names, new.names)}"
        )
    level = float(level)  # of numpy it would make bools of numpy
    pairs = zip(reference.names, reference.sketches, new.sketches, strict=True)
    features = {name: compare(a, b) for name, a, b in pairs}
    tested = {name: p for name, f in features.items() if (p := _combined(f)) is not None}
    adjusted: dict[str, float | None] = dict.fromkeys(features)
    if tested:
        found = scipy.stats.false_discovery_control(list(tested.values()), method=method)
        adjusted.update(zip(tested, found.tolist(), strict=True))
    for name, feature in features.items():
        feature["p_adjusted"] = p = adjusted[name]
        feature["drift"] = p is not None and p <= level
    drifted = sorted(
        (n for n, f in features.items() if f["drift"]), key=lambda n: features[n]["p_adjusted"]
    )
    report = {
        "drift": bool(drifted),
        "verdict": None,
        "level": level,
        "method": method,
        "n_reference": reference.n_rows,
        "n_new": new.n_rows,
        "n_features": len(features),
        "drifted": drifted,
        "share_drifted": len(drifted) / len(features) if features else None,
        "features": features,
    }
    report["verdict"] = _verdict(report, len(tested))
    return report


def compare(reference, new):
    """Measure how far two sketches of one feature are from each other.

    Parameters
    ----------
    reference, new : Sketch

    Returns
    -------
    measured : dict
        As in `drift_report`, but for what takes other features: ``"p_adjusted"`` and ``"drift"``.
    """
    values, p, q, exact = _aligned(reference, new)
    few = exact and len(values) <= MAX_FEW
    n, m = p.sum(), q.sum()
    measured = dict.fromkeys(
        (
            "psi",
            "severity",
            "ks",
            "wasserstein",
            "wasserstein_in_std",
            "jensen_shannon",
            "chi_square",
            "missing_reference",
            "missing_new",
            "test",
            "p_value",
            "p_missing",
        )
    )
    if reference.n_rows and new.n_rows:
        measured["missing_reference"] = reference.n_missing / reference.n_rows
        measured["missing_new"] = new.n_missing / new.n_rows
        measured["p_missing"] = _p_of_missing(reference, new)
        measured["psi"] = _stability(p, q, reference.n_missing, new.n_missing, few)
        grades = {"small": measured["psi"] < _MODERATE, "moderate": measured["psi"] < _LARGE}
        measured["severity"] = next((name for name, fits in grades.items() if fits), "large")
    if n and m:
        distance = float(np.max(np.abs(np.cumsum(p) / n - np.cumsum(q) / m)))
        measured["ks"] = distance
        measured["test"] = "ks"
        measured["p_value"] = float(scipy.stats.kstwo.sf(distance, max(1, round(n * m / (n + m)))))
        if few:
            measured["jensen_shannon"] = float(jensenshannon(p / n, q / m, base=2))
            statistic, p_value = _homogeneity(p, q)
            if statistic is not None:
                measured.update(chi_square=statistic, p_value=p_value, test="chi_square")
    finite = np.isfinite(values)
    if p[finite].any() and q[finite].any():
        measured.update(_transport(values[finite], p[finite], q[finite]))
    return measured


def _aligned(reference, new):
    """Return the values of the bins of both, their counts in each, and whether that is exact."""
    level = max(reference.level, new.level)
    a, b = reference.at_level(level), new.at_level(level)
    both = a._replace(keys=np.union1d(a.keys, b.keys))
    counts = np.zeros((2, len(both.keys) + 2), dtype=np.int64)
    for row, sketch in zip(counts, (a, b), strict=True):
        row[1 + np.searchsorted(both.keys, sketch.keys)] = sketch.counts
        row[0], row[-1] = sketch.n_lowest, sketch.n_highest
    values = np.concatenate(([-np.inf], both.values, [np.inf]))
    there = counts.any(axis=0)
    values, counts = values[there], counts[:, there]
    if level == 0:
        values, counts = _joined(values, counts)
    return values, *counts, level == 0


def _joined(values, counts):
    """Join neighbours that rounding alone sets apart; whole numbers are never joined."""
    finite = np.isfinite(values)
    if finite.sum() < 2:
        return values, counts
    low, high = values[:-1], values[1:]
    whole = (low == np.round(low)) & (high == np.round(high))
    ends = values[finite][[0, -1]]
    scale = 0.5 * np.maximum(ends[1] / 2 - ends[0] / 2, np.maximum(np.abs(low), np.abs(high)) / 2)
    with np.errstate(invalid="ignore"):
        joined = (high / 4 - low / 4 <= _ROUNDING * scale) & ~whole & finite[:-1] & finite[1:]
    first = np.flatnonzero(np.append(True, ~joined))
    return values[first], np.add.reduceat(counts, first, axis=1)


def _stability(p, q, missing_p, missing_q, few):
    """Return the population stability index of counts in ascending bins."""
    if not few and p.any():
        group = (10 * (np.cumsum(p) - p / 2) / p.sum()).astype(np.int64)
        p, q = (np.bincount(np.minimum(group, 9), counts, minlength=10) for counts in (p, q))
        there = (p + q) > 0
        p, q = p[there], q[there]
    if missing_p or missing_q:
        p, q = np.append(p, missing_p), np.append(q, missing_q)
    p, q = ((counts + 0.5) / np.sum(counts + 0.5) for counts in (p, q))
    return float(np.sum((q - p) * np.log(q / p)))


def _homogeneity(p, q):
    """Return chi-square and its p-value, None where no two values are expected often enough."""
    n, m = p.sum(), q.sum()
    rare = (p + q) * min(n, m) / (n + m) < _FEWEST_EXPECTED
    if rare.any():
        p, q = (np.append(counts[~rare], counts[rare].sum()) for counts in (p, q))
        if (p[-1] + q[-1]) * min(n, m) / (n + m) < _FEWEST_EXPECTED and len(p) > 1:
            # Together still rare: with the rarest of the others.
            rarest = np.argmin((p + q)[:-1])
            for counts in (p, q):
                counts[rarest] += counts[-1]
            p, q = p[:-1], q[:-1]
    if len(p) == 1:
        return (0.0, 1.0) if not rare.any() else (None, None)
    found = scipy.stats.chi2_contingency([p, q], correction=False)
    return float(found.statistic), float(found.pvalue)


def _p_of_missing(reference, new):
    """Return the p-value of equal shares of missing values; None where nothing is missing."""
    missing = np.array([reference.n_missing, new.n_missing])
    if not missing.any():
        return None
    there = np.array([reference.n_rows, new.n_rows]) - missing
    if not there.any():
        return 1.0
    table = np.array([missing, there])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    if expected.min() < _FEWEST_EXPECTED:
        return _fisher(table, *np.unravel_index(expected.argmin(), (2, 2)))
    return float(scipy.stats.chi2_contingency(table, correction=False).pvalue)


def _fisher(table, i, j):
    """Return the p-value of Fisher's exact test, given where the fewest are expected.

    `scipy.stats.fisher_exact` gives the same, but takes time in proportion to the rows.
    """
    n, in_row, in_column = int(table.sum()), int(table[i].sum()), int(table[:, j].sum())
    fewest = max(0, in_row + in_column - n)
    # Fewer than five are expected: what is further from that has no probability that counts.
    most = min(in_row, in_column, fewest + _FURTHEST)
    if table[i, j] > most:
        return 0.0
    x = np.arange(fewest, most, dtype=np.float64)
    ratios = (in_row - x) * (in_column - x) / ((x + 1) * (n - in_row - in_column + x + 1))
    p = np.cumprod(np.append(1.0, ratios))
    p /= p.sum()
    observed = p[table[i, j] - fewest]
    return float(min(1.0, p[p <= observed * (1 + 1e-12)].sum()))


def _transport(values, p, q):
    """Return the Wasserstein distance, in units and in standard deviations of the reference."""
    scale = binary_scale(values[0], values[-1])
    x = values * scale
    distance = scipy.stats.wasserstein_distance(x, x, p, q)
    mean = np.average(x, weights=p)
    deviation = np.sqrt(np.average((x - mean) ** 2, weights=p))
    with np.errstate(over="ignore"):
        in_units = json_number(distance / scale)
    in_std = json_number(distance / deviation) if deviation > 0 else None
    return {"wasserstein": in_units, "wasserstein_in_std": in_std}


def _combined(feature):
    """Return the p-value of a feature, None where nothing could be tested."""
    tests = [p for p in (feature["p_value"], feature["p_missing"]) if p is not None]
    return min(1.0, len(tests) * min(tests)) if tests else None


def _verdict(report, n_tested):
    """Return the outcome as a sentence, which is another one where nothing could be compared."""
    n_drifted, n_features = len(report["drifted"]), report["n_features"]
    if not n_tested:
        rows = f"{report['n_reference']:,} reference and {report['n_new']:,} new rows"
        return f"No feature could be compared: there are {rows} of {_features(n_features)}."
    verb = "drift" if n_drifted > 1 else "drifts"
    return (
        f"{n_drifted or 'None'} of {_features(n_features)} {verb} at a false discovery rate of "
        f"{report['level']:g}."
    )


def _features(n):
    return f"{n:,} feature{'' if n == 1 else 's'}"


def _first_difference(expected, found):
    for i, (a, b) in enumerate(zip(expected, found, strict=False)):
        if a != b:
            return f"{b!r} in place of {a!r} at position {i}"
    return f"{len(found)} features in place of {len(expected)}"
