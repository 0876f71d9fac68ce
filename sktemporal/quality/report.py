"""The quality report: what the checks measured, as one JSON document."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.parallel import _threadpool_controller_decorator
from sklearn.utils.validation import _get_feature_names

from . import checks
from ._blocks import BLOCK_SIZE
from ._json import json_number
from ._numeric import check_numeric
from .findings import CHECKS, COLUMN_CHECKS, checked_threshold
from .profiles import profile_columns
from .recommendations import recommendations
from .selection import RECOMMENDED, correlated_clusters, duplicate_of, preference
from .target import evenly_spaced, read_target, target_measures

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .._types import MatrixLike, Report

THRESHOLD_CONSTRAINTS = {
    "missing_value_threshold": [Interval(Real, 0, 1, closed="both")],
    "correlation_threshold": [Interval(Real, 0, 1, closed="both")],
    "variance_threshold": [Interval(Real, 0, None, closed="left")],
    "outlier_detection": ["boolean"],
    "thresholds": [dict, None],
    "n_jobs": [Integral, None],
}

# Those that have a parameter of their own.
_PARAMETER_OF = {
    "missing": "missing_value_threshold",
    "correlated": "correlation_threshold",
}
# Where the matrix of all correlations would be more than this part of X, the strong ones are kept.
_WIDE = 2
# Features that are equal correlate by more.
_NEARLY_EQUAL = 0.9999
# More pairs than this are counted, but not listed.
_N_PAIRS = 1000

#: What every report has.
REPORT = (
    "n_entities",
    "n_features",
    "thresholds",
    "validation_results",
    "quality_metrics",
    "features",
    "checks",
    "selection",
    "recommendations",
)

_SEVERITIES = ("error", "warning", "info")
_PROFILE = (
    "mean",
    "minimum",
    "q1",
    "median",
    "q3",
    "maximum",
    "skewness",
    "kurtosis",
    "n_distinct",
    "mode",
    "mode_rate",
    "zero_rate",
    "fill_rate",
    "infinite_rate",
)


@validate_params(
    {
        "X": ["array-like"],
        "feature_names": ["array-like", None],
        "y": ["array-like", None],
        "fill_value": [Interval(Real, None, None, closed="neither"), "nan"],
        **THRESHOLD_CONSTRAINTS,
    },
    prefer_skip_nested_validation=True,
)
def quality_report(
    X: MatrixLike,
    feature_names: ArrayLike | None = None,
    *,
    y: ArrayLike | None = None,
    fill_value: float = np.nan,
    missing_value_threshold: float = 0.95,
    correlation_threshold: float = 0.99,
    variance_threshold: float = 0.01,
    outlier_detection: bool = True,
    thresholds: dict[str, float] | None = None,
    n_jobs: int | None = None,
) -> Report:
    r"""Measure the quality of a feature matrix.

    Parameters
    ----------
    X : array-like of shape (n_entities, n_features)
        One row of features per entity. NaN is missing. There may be no rows or no columns, and
        infinities, which are counted and left out of everything else.
    feature_names : array-like of str of shape (n_features,), default=None
        Distinct names. None: the column names of a dataframe, else ``x0``, ``x1``, ...
    y : array-like of shape (n_entities,), default=None
        The target, classes or numbers, as :func:`~sktemporal.quality.target.read_target` reads it.
        With it the report says what each feature alone tells of it, from the entities of which it
        is known. A target of several outputs is left out of account.
    fill_value : float, default=np.nan
        Value that stands for undefined, whose share is looked at; that of 0 always is.
    missing_value_threshold : float, default=0.95
        Features with a larger share of missing values are problematic.
    correlation_threshold : float, default=0.99
        Pairs of features with a larger absolute correlation are highly correlated.
    variance_threshold : float, default=0.01
        Features with a smaller variance are listed as of low variance. Variances are of the unit of
        a feature, so that it says little; the check of that name is independent of units.
    outlier_detection : bool, default=True
        Whether to look for outliers.
    thresholds : dict of str to float, default=None
        Other thresholds than the default ones, by the names of the checks: ``"infinite"`` (0),
        ``"constant"`` (2), ``"near_constant"`` (0.99), ``"low_variance"`` (1e-9), ``"zeros"``
        (0.95), ``"filled"`` (0.95), ``"high_cardinality"`` (0.95), ``"outliers"`` (0.1),
        ``"skewed"`` (3), ``"heavy_tails"`` (10), ``"leakage"`` (0.98). With infinity a check finds
        nothing (but ``"constant"`` and ``"low_variance"``, which find what is below).
    n_jobs : int, default=None
        Number of threads, as in joblib. The report does not depend on it.

    Returns
    -------
    report : dict
        Strictly JSON-serializable (``json.dumps(report, allow_nan=False)`` works), with

        - ``"n_entities"``, ``"n_features"``;
        - ``"thresholds"``: the four parameters above, and ``"checks"``, the others by check;
        - ``"validation_results"``:

          - ``"missing_values"``: ``"missing_rates"`` by feature, ``"problematic_features"``,
            ``"max_missing_rate"``, ``"avg_missing_rate"``;
          - ``"correlations"``: ``"high_correlation_pairs"``, a list of ``{"feature1", "feature2",
            "correlation"}``, strongest first, at most 1,000 of them;
            ``"n_high_correlation_pairs"``, the number of all; ``"clusters"``, a list of ``{"kept",
            "others"}``; ``"max_correlation"``, the largest absolute correlation of two distinct
            features;
          - ``"variance"``: ``"variances"`` by feature, ``"low_variance_features"``,
            ``"min_variance"``, ``"avg_variance"``;
          - ``"outliers"``: by feature ``{"outlier_count", "outlier_rate", "lower_bound",
            "upper_bound"}``, the rate being that among the observed values; ``{}`` without
            outlier detection;

        - ``"quality_metrics"``: ``"overall_score"``, ``"grade"``, ``"missing_value_score"``,
          ``"variance_score"``, ``"correlation_score"``;
        - ``"features"``: by feature ``"mean"``, ``"minimum"``, ``"q1"``, ``"median"``, ``"q3"``,
          ``"maximum"``, ``"skewness"``, ``"kurtosis"``, ``"n_distinct"``, ``"mode"``,
          ``"mode_rate"``, ``"zero_rate"``, ``"fill_rate"``, ``"infinite_rate"``, and with a target
          ``"mutual_information"`` and ``"predictive_power"``;
        - ``"checks"``: for each check that found something ``{"check", "severity", "threshold",
          "features", "advice"}``, the features with the number that was found, severity being
          ``"error"``, ``"warning"`` or ``"info"``;
        - ``"selection"``: ``"checks"``, those whose findings are recommended to be removed, and
          ``"dropped"``, a list of ``{"feature", "reason", "in_favour_of"}``;
        - ``"recommendations"``: a list of sentences.

    Raises
    ------
    ValueError
        If X isn't 2D, y has another length, a threshold is of no check, or the names aren't
        distinct or not one per column.
    TypeError
        If a name is no string.

    See Also
    --------
    QualityReportTransformer : The same as a step of a pipeline.
    sktemporal.quality.profiles.profile_columns : What is measured of each column.
    sktemporal.quality.findings : The checks of single columns.
    sktemporal.quality.selection : Which of duplicates and of correlated features stay.
    sktemporal.quality.target : Mutual information and predictive power.
    sktemporal.quality.checks : Correlation, and the scores.

    Notes
    -----
    The overall score is the mean of the three component scores,

    .. math:: \frac{1}{3} \big( (1 - m) + \min(1, v / 10) + \max(0, 1 - h / 10) \big)

    with the average missing rate m, the average variance v and the number h of highly correlated
    pairs. It is graded excellent above 0.8, good from 0.6, fair from 0.4, and poor below.

    A feature that is to be removed has one reason, that of the first of ``"leakage"``,
    ``"infinite"``, ``"missing"``, ``"constant"``, ``"near_constant"``, ``"low_variance"``,
    ``"zeros"``, ``"filled"``, ``"high_cardinality"``, ``"outliers"``, ``"skewed"``,
    ``"heavy_tails"``, ``"duplicate"`` and ``"correlated"`` that is among the selected checks. Of
    duplicates the first stays; of a cluster of correlated features, missing in the same rows, the
    one with most information on the target, where there is one, then the first. Features that go
    for another reason make none redundant.

    What is recommended does not depend on units, and counts missing as a value: a feature of one
    value that is missing in some rows is not constant; shares of the commonest value, of zeros and
    of the fill value are of all rows; the values of a feature of low variance differ by less than a
    billionth of the largest of them, and none is missing.

    Undefined numbers are None: the rates of no rows, the variance of fewer than two observed
    values, and what follows from them. Averages, minima and maxima are those of the features for
    which the number is defined. Undefined is neither high nor low, and gives no recommendation. A
    number too large for float64, such as the variance of 1e200 and -1e200, is the largest float64.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import quality_report
    >>> amount = np.array([10.0, 12.0, 11.0, 90.0, np.nan])
    >>> X = np.column_stack([amount, 2 * amount, np.ones(5)])
    >>> report = quality_report(X, ["amount", "doubled", "constant"])
    >>> report["validation_results"]["correlations"]["high_correlation_pairs"]
    [{'feature1': 'amount', 'feature2': 'doubled', 'correlation': 1.0}]
    >>> report["quality_metrics"]["grade"]
    'excellent'
    >>> for sentence in report["recommendations"]:  # doctest: +NORMALIZE_WHITESPACE
    ...     print(sentence)
    Remove 1 feature with one value only: 'constant'.
    Remove 1 feature that a better or earlier feature repeats, missing in the same rows and with an
    absolute correlation above 0.99: 'doubled'.
    Consider robust scaling or clipping of 1 feature in which more than 10% of the observed values
    are outliers: 'amount'.
    """
    check_numeric(X)
    if feature_names is None:
        feature_names = _get_feature_names(X)
    if getattr(X, "shape", ())[1:] == (0,):
        X = np.empty(X.shape)  # a frame without columns has no dtype, which check_array looks for
    X = check_array(
        X,
        dtype=[np.float64, np.float32],
        ensure_all_finite=False,
        ensure_min_samples=0,
        ensure_min_features=0,
        input_name="X",
    )
    report, _ = measure(
        X,
        distinct_names(feature_names, X.shape[1]),
        y,
        fill_value=fill_value,
        missing_value_threshold=missing_value_threshold,
        correlation_threshold=correlation_threshold,
        variance_threshold=variance_threshold,
        outlier_detection=outlier_detection,
        thresholds=thresholds,
        n_jobs=n_jobs,
    )
    return report


def distinct_names(feature_names, n_features):
    """Return the names as a list of plain str, x0, x1, ... for None, or say what is wrong."""
    if feature_names is None:
        return [f"x{i}" for i in range(n_features)]
    if len(feature_names) != n_features:
        raise ValueError(
            "feature_names must have one name for each column of X; got "
            f"{len(feature_names)} names for {n_features} columns"
        )
    seen = set()
    for name in feature_names:
        if not isinstance(name, str):
            raise TypeError(f"feature_names must be strings; got {name!r}")
        if name in seen:
            raise ValueError(f"feature_names must be distinct; got {name!r} more than once")
        seen.add(name)
    return [str(name) for name in feature_names]


def all_thresholds(thresholds, **parameters):
    """Return the threshold of every check, or say what is wrong with those that are given."""
    result = {name: check.threshold for name, check in CHECKS.items()}
    for name, threshold in (thresholds or {}).items():
        if name in _PARAMETER_OF:
            raise ValueError(
                f"thresholds: that of {name!r} is the parameter {_PARAMETER_OF[name]}; "
                f"got {threshold!r}"
            )
        if name not in CHECKS or name == "duplicate":
            raise ValueError(f"thresholds: there is no check {name!r} with one")
        result[name] = checked_threshold(name, threshold)
    for name, parameter in _PARAMETER_OF.items():
        result[name] = float(parameters[parameter])
    return result


# BLAS on one thread: its threads gain little on products of this shape, and on a busy machine they
# wait for each other and take several times as long. Blocks of rows go to threads of our own.
@_threadpool_controller_decorator(limits=1, user_api="blas")
def measure(
    X,
    names,
    y=None,
    *,
    fill_value,
    missing_value_threshold,
    correlation_threshold,
    variance_threshold,
    outlier_detection,
    thresholds,
    n_jobs,
    selected=RECOMMENDED,
):
    """Return the report of a float array with distinct names, and a sketch of each column.

    See `quality_report`; `selected` are the names of the checks whose findings are to be removed.
    """
    limits = all_thresholds(
        thresholds,
        missing_value_threshold=missing_value_threshold,
        correlation_threshold=correlation_threshold,
    )
    variance_threshold = float(variance_threshold)
    profiles, sketches = profile_columns(
        X, np.nan if fill_value == 0.0 else fill_value, n_jobs=n_jobs
    )
    target = _target(X, y, n_jobs)
    if _WIDE * X.shape[1] ** 2 > max(X.size, BLOCK_SIZE):
        least = min(limits["correlated"], _NEARLY_EQUAL)
        correlation = checks.StrongCorrelations(X, profiles, least, n_jobs=n_jobs)
    else:
        correlation = checks.correlation_matrix(X, profiles, n_jobs=n_jobs)
    pairs = checks.high_correlation_pairs(correlation, limits["correlated"])
    found = _found(profiles, target, limits, outlier_detection)
    dropped, redundant, clusters = _select(found, profiles, target, correlation, limits, selected)
    n_pairs = len(pairs[0])
    averages = _mean(profiles.missing_rate), _mean(profiles.variance)
    scores = checks.component_scores(*averages, n_pairs)
    overall_score = checks.overall_score(*averages, n_pairs)
    report = {
        "n_entities": X.shape[0],
        "n_features": X.shape[1],
        "thresholds": {
            "missing_value_threshold": limits["missing"],
            "correlation_threshold": limits["correlated"],
            "variance_threshold": variance_threshold,
            "outlier_detection": bool(outlier_detection),
            "checks": {
                name: json_number(limit)
                for name, limit in limits.items()
                if name not in {*_PARAMETER_OF, "duplicate"}
            },
        },
        "validation_results": {
            "missing_values": {
                "missing_rates": _by_name(names, profiles.missing_rate),
                "problematic_features": _where(profiles.missing_rate > limits["missing"], names),
                "max_missing_rate": json_number(
                    np.fmax.reduce(profiles.missing_rate, initial=np.nan)
                ),
                "avg_missing_rate": json_number(averages[0]),
            },
            "correlations": {
                "high_correlation_pairs": [
                    {"feature1": names[i], "feature2": names[j], "correlation": float(value)}
                    for i, j, value in zip(*(part[:_N_PAIRS] for part in pairs), strict=True)
                ],
                "n_high_correlation_pairs": n_pairs,
                "clusters": [
                    {"kept": names[kept], "others": [names[i] for i in others]}
                    for kept, others in clusters.items()
                ],
                "max_correlation": json_number(_largest_of_distinct(correlation)),
            },
            "variance": {
                "variances": _by_name(names, profiles.variance),
                "low_variance_features": _where(profiles.variance < variance_threshold, names),
                "min_variance": json_number(np.fmin.reduce(profiles.variance, initial=np.nan)),
                "avg_variance": json_number(averages[1]),
            },
            "outliers": _outliers(profiles, names) if outlier_detection else {},
        },
        "quality_metrics": {
            "overall_score": json_number(overall_score),
            "grade": checks.grade(overall_score),
            "missing_value_score": json_number(scores[0]),
            "variance_score": json_number(scores[1]),
            "correlation_score": json_number(scores[2]),
        },
        "features": _features(profiles, target, names),
        "checks": _findings_as_json(found, redundant, correlation, limits, names),
        "selection": {
            "checks": list(selected),
            "dropped": [
                {
                    "feature": names[i],
                    "reason": reason,
                    "in_favour_of": None if other is None else names[other],
                }
                for i, (reason, other) in sorted(dropped.items())
            ],
        },
    }
    report["recommendations"] = recommendations(report)
    return report, sketches


def _target(X, y, n_jobs):
    """Measure what the features tell of the target, if there is one of a single output."""
    if y is None:
        return None
    check_consistent_length(X, y)
    known, y, classification = read_target(y)
    if known is None:
        return None
    if not known.all():
        rows = evenly_spaced(len(y))
        X, y = X[np.flatnonzero(known)[rows]], y[rows]
    return target_measures(X, y, classification, n_jobs=n_jobs)


def _found(profiles, target, limits, outlier_detection):
    """Return the measured values and where they are beyond the threshold, by check."""
    measured = {name: check.measure(profiles) for name, check in COLUMN_CHECKS.items()}
    if not outlier_detection:
        del measured["outliers"]
    if target is not None:
        measured["leakage"] = target.predictive_power
    return {
        name: (measured[name], check.beyond(measured[name], limits[name]))
        for name, check in CHECKS.items()
        if name in measured
    }


def _select(found, profiles, target, correlation, limits, selected):
    """Return the reason and the better column of each column to drop, the redundant, and clusters.

    The redundant columns are by check, each with the column that it repeats, whether or not these
    checks are selected.
    """
    dropped = {}
    for name, (_, beyond) in found.items():
        if name in selected:
            for i in np.flatnonzero(beyond).tolist():
                dropped.setdefault(i, (name, None))
    candidates = profiles.n_observed > 1  # one value is equal to anything
    candidates[list(dropped)] = False
    first = duplicate_of(profiles.fingerprint, candidates)
    duplicates = np.flatnonzero(first != np.arange(len(first)))
    redundant = {"duplicate": {i: int(first[i]) for i in duplicates.tolist()}, "correlated": {}}
    if "duplicate" in selected or "correlated" not in selected:
        candidates[duplicates] = False
    information = None if target is None else target.mutual_information
    order = preference(len(candidates), information)
    alike = duplicate_of(profiles.gaps, np.full(len(candidates), True))
    kept = correlated_clusters(correlation, limits["correlated"], candidates, order, alike)
    clusters = {}
    for i in np.flatnonzero(kept != np.arange(len(kept))).tolist():
        clusters.setdefault(int(kept[i]), []).append(i)
        redundant["correlated"][i] = int(kept[i])
    if "correlated" not in selected:
        kept = np.arange(len(kept))
    for name, others in redundant.items():
        if name in selected:
            dropped.update({i: (name, int(kept[other])) for i, other in others.items()})
    return dropped, redundant, dict(sorted(clusters.items()))


def _findings_as_json(found, redundant, correlation, limits, names):
    features = {
        name: {names[i]: json_number(values[i]) for i in np.flatnonzero(beyond)}
        for name, (values, beyond) in found.items()
    }
    for name, others in redundant.items():
        features[name] = {names[i]: json_number(correlation[i, j]) for i, j in others.items()}
    findings = [
        {
            "check": name,
            "severity": check.severity,
            "threshold": json_number(limits[name]),
            "features": features[name],
            "advice": check.sentence("features", limits[name]),
        }
        for name, check in CHECKS.items()
        if features.get(name)
    ]
    return sorted(findings, key=lambda finding: _SEVERITIES.index(finding["severity"]))


def _features(profiles, target, names):
    measured = {name: getattr(profiles, name) for name in _PROFILE}
    if target is not None:
        measured.update(target._asdict())
    values = zip(*(map(json_number, column) for column in measured.values()), strict=True)
    return {
        name: dict(zip(measured, row, strict=True)) for name, row in zip(names, values, strict=True)
    }


def _outliers(profiles, names):
    columns = profiles.n_outliers, profiles.outlier_rate, profiles.lower, profiles.upper
    return {
        name: {
            "outlier_count": int(count),
            "outlier_rate": json_number(rate),
            "lower_bound": json_number(lower),
            "upper_bound": json_number(upper),
        }
        for name, count, rate, lower, upper in zip(names, *columns, strict=True)
    }


def _largest_of_distinct(correlation):
    if isinstance(correlation, checks.StrongCorrelations):
        return correlation.largest
    rows = (np.abs(row[i + 1 :]) for i, row in enumerate(correlation))
    return np.fmax.reduce([np.fmax.reduce(row, initial=np.nan) for row in rows], initial=np.nan)


def _by_name(names, values):
    return dict(zip(names, map(json_number, values), strict=True))


def _where(mask, names):
    return [names[i] for i in np.flatnonzero(mask)]


def _mean(values):
    """Return the mean of the defined values, NaN if there are none."""
    defined = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        return defined.mean() if defined.size else np.nan
