"""What is wrong with single features: pure checks of column profiles, each with its threshold."""

from collections.abc import Callable
from numbers import Real
from typing import NamedTuple

import numpy as np

# Fewer distinct whole numbers than this are no identifiers, however few the rows.
_FEWEST_IDENTIFIERS = 100
# All larger floats are whole numbers.
_LARGEST_IDENTIFIER = 2.0**53


class Check(NamedTuple):
    """A number measured of every feature, and the threshold beyond which it is a finding.

    Calling it with :class:`ColumnProfiles` returns where the number is beyond the threshold;
    undefined never is.
    """

    #: "error": mend it; "warning": the feature is of no use; "info": worth knowing
    severity: str
    #: its default
    threshold: float
    #: one sentence, with places for the features and the threshold
    advice: str
    #: from column profiles to an array of shape (n_features,); None: what is measured elsewhere
    measure: Callable | None
    #: whether what lies below the threshold is a finding, not what lies above
    below: bool = False
    #: whether the threshold is a share, which is written as a percentage
    share: bool = True

    def __call__(self, profiles, threshold=None):
        """Return where the number, measured of the profiles, is beyond the threshold."""
        return self.beyond(self.measure(profiles), threshold)

    def beyond(self, values, threshold=None):
        """Return where values, as `measure` returns them, are beyond the threshold."""
        threshold = self.threshold if threshold is None else threshold
        return values < threshold if self.below else values > threshold

    def sentence(self, features, threshold):
        """Return the advice for features, named in a phrase."""
        value = f"{100 * threshold:.10g}%" if self.share else f"{threshold:.10g}"
        return self.advice.format(features=features, threshold=value) + "."


def checked_threshold(name, threshold):
    """Return the threshold that is given for a check as a float, or say what is wrong with it."""
    if not isinstance(threshold, Real) or not threshold >= 0:
        raise ValueError(
            f"thresholds: that of {name!r} must be a number of at least 0; got {threshold!r}"
        )
    return float(threshold)


def _infinite(profiles):
    return profiles.infinite_rate


def _missing(profiles):
    return profiles.missing_rate


def _distinct(profiles):
    """Number of distinct values: missing is one, and so is infinite."""
    others = (profiles.n_missing > 0).astype(int) + (profiles.n_infinite > 0)
    defined = (profiles.n_observed > 0) & (profiles.n_rows > 1)
    return np.where(defined, profiles.n_distinct + others, np.nan)


def _share_unless_constant(count, profiles):
    """Share of all rows, missing or not."""
    constant = ~(_distinct(profiles) > 1)
    return np.where(constant, np.nan, count / np.maximum(profiles.n_rows, 1))


def _mode_unless_constant(profiles):
    return _share_unless_constant(np.maximum(profiles.n_mode, profiles.n_missing), profiles)


def _relative_range(profiles):
    """Largest difference of two values over the largest absolute one, where none is missing."""
    largest = np.maximum(np.abs(profiles.minimum), np.abs(profiles.maximum))
    with np.errstate(over="ignore"):
        difference = profiles.maximum - profiles.minimum
    defined = (profiles.n_observed == profiles.n_rows) & (profiles.n_rows > 1)
    return np.where(defined, difference / np.where(largest > 0, largest, 1.0), np.nan)


def _zeros_unless_constant(profiles):
    return _share_unless_constant(profiles.n_zero, profiles)


def _filled_unless_constant(profiles):
    return _share_unless_constant(profiles.n_filled, profiles)


def _distinct_whole_numbers(profiles):
    largest = np.maximum(np.abs(profiles.minimum), np.abs(profiles.maximum))
    whole = profiles.whole & (largest <= _LARGEST_IDENTIFIER)
    many = whole & (profiles.n_distinct >= _FEWEST_IDENTIFIERS)
    return np.where(many, profiles.distinct_rate, np.nan)


def _outliers(profiles):
    return profiles.outlier_rate


def _absolute_skewness(profiles):
    return np.abs(profiles.skewness)


def _kurtosis(profiles):
    return profiles.kurtosis


#: The checks of single columns by name, in the order in which they give the reason for a removal.
COLUMN_CHECKS = {
    "infinite": Check("error", 0.0, "Mend {features} with infinite values", _infinite),
    "missing": Check(
        "warning",
        0.95,
        "Remove {features} missing in more than {threshold} of the entities",
        _missing,
    ),
    "constant": Check(
        "warning", 2, "Remove {features} with one value only", _distinct, below=True, share=False
    ),
    "near_constant": Check(
        "info",
        0.99,
        "Consider removing {features} in which one value, or missing, makes up more than "
        "{threshold}",
        _mode_unless_constant,
    ),
    "low_variance": Check(
        "warning",
        1e-9,
        "Remove {features} whose values differ by less than {threshold} of the largest of them",
        _relative_range,
        below=True,
        share=False,
    ),
    "zeros": Check(
        "info",
        0.95,
        "Consider an indicator in place of {features} with more than {threshold} zeros",
        _zeros_unless_constant,
    ),
    "filled": Check(
        "info",
        0.95,
        "Consider removing {features} equal to the fill value in more than {threshold}",
        _filled_unless_constant,
    ),
    "high_cardinality": Check(
        "info",
        0.95,
        "Look whether {features} of whole numbers, more than {threshold} of them distinct, only "
        "identify the entity",
        _distinct_whole_numbers,
    ),
    "outliers": Check(
        "info",
        0.1,
        "Consider robust scaling or clipping of {features} in which more than {threshold} of the "
        "observed values are outliers",
        _outliers,
    ),
    "skewed": Check(
        "info",
        3.0,
        "Consider a power transform of {features} with an absolute skewness above {threshold}",
        _absolute_skewness,
        share=False,
    ),
    "heavy_tails": Check(
        "info",
        10.0,
        "Consider ranks or clipping of {features} with an excess kurtosis above {threshold}",
        _kurtosis,
        share=False,
    ),
}

#: The checks that look at more than one column: of the target, and of other features.
LEAKAGE = Check(
    "error",
    0.98,
    "Look whether {features} came to be known with the target: alone, with a predictive power "
    "above {threshold}",
    lambda target: target.predictive_power,
    share=False,
)
DUPLICATE = Check(
    "warning", 0.0, "Remove {features} equal to an earlier feature in every row", None
)
CORRELATED = Check(
    "warning",
    0.99,
    "Remove {features} that a better or earlier feature repeats, missing in the same rows and with "
    "an absolute correlation above {threshold}",
    None,
    share=False,
)

#: All checks, most severe reason for a removal first.
CHECKS = {
    "leakage": LEAKAGE,
    **COLUMN_CHECKS,
    "duplicate": DUPLICATE,
    "correlated": CORRELATED,
}
