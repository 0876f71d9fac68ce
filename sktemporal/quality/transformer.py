"""The quality report as the last step of a feature pipeline."""

from __future__ import annotations

import contextlib
import copy
import sys
from numbers import Real
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from .._constraints import That, checks_parameters
from .._state import check_names, check_state, checked_count, refuse
from .._warnings import warn
from ._handover import may_write
from ._kept import KeepsReport
from ._numeric import check_numeric
from .drift import drift_report
from .findings import CHECKS
from .report import REPORT, THRESHOLD_CONSTRAINTS, all_thresholds, distinct_names, measure
from .selection import RECOMMENDED
from .sketches import FeatureSketches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import ArrayLike

    from .._types import Booleans, Correction, Features, Floats, MatrixLike, Names, Report

_FILL_VALUE = [Interval(Real, None, None, closed="neither"), "nan"]
# The settings of the fit, which `report` repeats.
_SETTINGS = {
    "fill_value": _FILL_VALUE,
    **{name: allowed for name, allowed in THRESHOLD_CONSTRAINTS.items() if name != "n_jobs"},
    "selected": [
        That(
            lambda names: isinstance(names, tuple) and all(name in (*CHECKS,) for name in names),
            "a tuple of names of checks",
        )
    ],
}


def _is_plain_frame(X):
    """Tell whether X is a pandas frame of one dtype, a float of numpy's."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(X, pandas.DataFrame):
        return False
    dtypes = set(X.dtypes.array)
    return len(dtypes) == 1 and dtypes <= {np.dtype(np.float64), np.dtype(np.float32)}


class QualityReportTransformer(KeepsReport, SelectorMixin, BaseEstimator):
    """Measure the quality of features, fill the missing ones, and drop the useless ones.

    `fit` measures the training features: what is missing, constant, redundant, wild, or knows too
    much of the target. `transform` passes features on with missing values filled, and with `drop`
    without the columns that are of no use.

    Parameters
    ----------
    missing_value_threshold : float, default=0.95
        Features with a larger share of missing values are recommended against.
    correlation_threshold : float, default=0.99
        Of features with a larger absolute correlation all but the best are recommended against.
    variance_threshold : float, default=0.01
        Features with a smaller variance are listed in the report. That depends on the unit of a
        feature, so it is no reason to drop one; see `thresholds` for ``"low_variance"``.
    outlier_detection : bool, default=True
        Whether the report looks for outliers. They are no reason to drop a feature.
    thresholds : dict of str to float, default=None
        Thresholds of other checks; see :func:`quality_report`.
    drop : bool, str or sequence of str, default=False
        Names of the checks whose findings `transform` leaves out, such as ``("correlated",
        "constant")``, or one of them; see :func:`quality_report`. True: those recommended against,
        ``("missing", "constant", "low_variance", "duplicate", "correlated")``. False: none.
    fill_value : float, default=0.0
        What `transform` puts in place of NaN. ``np.nan`` keeps NaN.
    n_jobs : int, default=None
        Number of threads in `fit`, as in joblib. The report does not depend on it.
    copy : bool, default=True
        If False, `transform` fills in place where it can: a writeable float array of which no
        column is dropped. A :func:`~sktemporal.make_temporal_pipeline` copies nothing that it has
        made itself, whatever is said here.

    Attributes
    ----------
    report_ : dict
        The report on the training features, as `quality_report` returns it. Its
        ``"selection"`` lists the features that `drop` leaves out, or would with True, each with the
        reason and, where it is redundant, the feature that is kept in its place.
    reference_ : FeatureSketches
        The binned distributions of the training features, which `drift` compares with: a few KB a
        feature at most, and no rows.
    support_ : ndarray of shape (n_features_in_,), bool
        True for the features that `transform` keeps.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features seen during `fit`. Defined only when X has feature names that are
        all strings.

    See Also
    --------
    quality_report : The report as a function, with its shape and definitions.
    QualityReportDisplay : The report as a picture.

    Notes
    -----
    Missing values are NaN. `fit` and `report` count infinities; `transform` refuses them in the
    features that it keeps. float32 features stay float32; everything is measured in float64. The
    fitted transformer holds the report, the reference and the mask, so that its size depends on
    the features but, beyond 512 entities, not on their number.

    `fit` costs about one matrix product of the features with themselves, three if there are NaN,
    and a sort of every column; `transform` one pass.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import QualityReportTransformer
    >>> X = np.array([[1.0, 2.0, 7.0], [2.0, 4.0, 7.0], [4.0, 8.0, 7.0], [np.nan, np.nan, 7.0]])
    >>> quality = QualityReportTransformer(drop=True).fit(X)
    >>> quality.report_["quality_metrics"]["grade"]
    'good'
    >>> for sentence in quality.report_["recommendations"]:
    ...     print(sentence)  # doctest: +NORMALIZE_WHITESPACE
    Remove 1 feature with one value only: 'x2'.
    Remove 1 feature that a better or earlier feature repeats, missing in the same rows and with an
    absolute correlation above 0.99: 'x1'.
    >>> quality.transform(X)
    array([[1.],
           [2.],
           [4.],
           [0.]])
    """

    _parameter_constraints: ClassVar[dict] = {
        **THRESHOLD_CONSTRAINTS,
        "drop": ["boolean", StrOptions(set(CHECKS)), list, tuple],
        "fill_value": _FILL_VALUE,
        "copy": ["boolean"],
    }

    def __init__(
        self,
        *,
        missing_value_threshold: float = 0.95,
        correlation_threshold: float = 0.99,
        variance_threshold: float = 0.01,
        outlier_detection: bool = True,
        thresholds: dict[str, float] | None = None,
        drop: bool | str | Sequence[str] = False,
        fill_value: float = 0.0,
        n_jobs: int | None = None,
        copy: bool = True,
    ) -> None:
        self.missing_value_threshold = missing_value_threshold
        self.correlation_threshold = correlation_threshold
        self.variance_threshold = variance_threshold
        self.outlier_detection = outlier_detection
        self.thresholds = thresholds
        self.drop = drop
        self.fill_value = fill_value
        self.n_jobs = n_jobs
        self.copy = copy

    @checks_parameters
    def fit(self, X: MatrixLike, y: ArrayLike | None = None) -> Self:
        """Measure the training features.

        Parameters
        ----------
        X : array-like of shape (n_entities, n_features)
            NaN is missing.
        y : array-like of shape (n_entities,), default=None
            The target, for mutual information and suspected leakage; see :func:`quality_report`.

        Returns
        -------
        self : QualityReportTransformer
            Fitted transformer.

        Raises
        ------
        ValueError
            If X has no rows, names that aren't distinct, or `drop` or `thresholds` name no check.

        Warns
        -----
        UserWarning
            If `drop` leaves no feature.
        """
        self.__dict__.pop("_default_names", None)
        settings = {
            "fill_value": self.fill_value,
            "missing_value_threshold": self.missing_value_threshold,
            "correlation_threshold": self.correlation_threshold,
            "variance_threshold": self.variance_threshold,
            "outlier_detection": self.outlier_detection,
            "thresholds": dict(self.thresholds or {}),
            "selected": self._selected(),
        }
        X = self._validated(X, reset=True, ensure_all_finite=False)
        report, sketches = measure(X, self._names(), y, n_jobs=self.n_jobs, **settings)
        self._settings = settings
        self._of_float32 = X.dtype == np.float32
        self._keep(report, FeatureSketches(self._names(), sketches))
        self.support_ = np.ones(X.shape[1], dtype=bool)
        if self.drop:
            dropped = {entry["feature"] for entry in report["selection"]["dropped"]}
            self.support_[:] = [name not in dropped for name in self._names()]
            if not self.support_.any():
                warn(
                    f"drop={self.drop!r} leaves none of the {X.shape[1]} features: the report has "
                    "a reason to remove each of them",
                    UserWarning,
                )
        return self

    def transform(self, X: MatrixLike) -> Features:
        """Fill the missing values and leave out the dropped features.

        Parameters
        ----------
        X : array-like of shape (n_entities, n_features)
            NaN is missing. There may be no rows.

        Returns
        -------
        X_out : ndarray of shape (n_entities, n_features_out)
        """
        check_is_fitted(self)
        check_state(self)
        dropping = not self.support_.all()
        in_place = not dropping and (not self.copy or may_write(self))
        # What is dropped may be infinite.
        finite = False if dropping else "allow-nan"
        X = self._validated(
            X,
            reset=False,
            ensure_min_samples=0,
            force_writeable=in_place,
            ensure_all_finite=finite,
        )
        if not in_place and not dropping:
            if not np.isnan(self.fill_value):
                return np.where(np.isnan(X), X.dtype.type(self.fill_value), X)
            X = X.copy()
        X = self.fill_and_select(X)
        if dropping:
            assert_all_finite(X, allow_nan=True, estimator_name=type(self).__name__, input_name="X")
        return X

    def fill_and_select(self, X: Floats) -> Floats:
        """Do what `transform` does to an array that is known to be valid, in place where it can.

        Parameters
        ----------
        X : ndarray of shape (n_entities, n_features)
            float32 or float64; NaN is missing.

        Returns
        -------
        X_out : ndarray of shape (n_entities, n_features_out)
        """
        if X.shape[1] != len(self.support_):
            raise ValueError(
                f"X has {X.shape[1]} features, but {type(self).__name__} is expecting "
                f"{len(self.support_)} features as input"
            )
        if not self.support_.all():
            # take, unlike a boolean index, keeps the rows contiguous.
            X = X.take(np.flatnonzero(self.support_), axis=1)
        if not np.isnan(self.fill_value):
            np.copyto(X, self.fill_value, where=np.isnan(X))
        return X

    def report(self, X: MatrixLike, y: ArrayLike | None = None) -> Report:
        """Report on other features, under the settings and names of the fit.

        Parameters
        ----------
        X : array-like of shape (n_entities, n_features)
            The features before `transform`, say of the validation data. NaN is missing. There may
            be no rows.
        y : array-like of shape (n_entities,), default=None
            Their target; see :meth:`fit`.

        Returns
        -------
        report : dict
            As `quality_report` returns it.
        """
        check_is_fitted(self)
        self._check_loaded()
        X = self._validated(X, reset=False, ensure_min_samples=0, ensure_all_finite=False)
        report, _ = measure(X, self._names(), y, n_jobs=self.n_jobs, **self._settings)
        return report

    def drift(self, X: MatrixLike, *, level: float = 0.05, method: Correction = "bh") -> Report:
        """Compare the distributions of other features with those of the training features.

        Parameters
        ----------
        X : array-like of shape (n_entities, n_features)
            The features before `transform`, say of this week. NaN is missing. There may be no
            rows. Where either these or the training features are float32, both are compared as
            such.
        level : float, default=0.05
            False discovery rate; without any drift, the probability of reporting some.
        method : {"bh", "by"}, default="bh"
            Benjamini-Hochberg or, for whatever dependence of the features, Benjamini-Yekutieli.

        Returns
        -------
        report : dict
            As :func:`drift_report` returns it.

        Examples
        --------
        >>> import numpy as np
        >>> from sktemporal.quality import QualityReportTransformer
        >>> rng = np.random.default_rng(1)
        >>> quality = QualityReportTransformer().fit(rng.normal(size=(500, 3)))
        >>> quality.drift(rng.normal(size=(500, 3)))["drift"]
        False
        >>> quality.drift(rng.normal([0, 0, 1], size=(500, 3)))["drifted"]
        ['x2']
        """
        check_is_fitted(self)
        check_state(self)
        X = self._validated(X, reset=False, ensure_min_samples=0, ensure_all_finite=False)
        reference = self.reference_
        if self._of_float32 and X.dtype != np.float32:
            with np.errstate(over="ignore"):
                X = X.astype(np.float32)
        elif X.dtype == np.float32 and not self._of_float32:
            reference = reference.rounded()
        new = FeatureSketches.from_matrix(X, self._names(), n_jobs=self.n_jobs)
        return drift_report(reference, new, level=level, method=method)

    def _selected(self):
        """Return the names of the checks whose findings go, or would go."""
        if isinstance(self.drop, bool | np.bool_):
            return RECOMMENDED
        names = (self.drop,) if isinstance(self.drop, str) else tuple(self.drop)
        for name in names:
            if name not in CHECKS:
                raise ValueError(f"drop must name checks from {tuple(CHECKS)}; got {name!r}")
        return names

    def narrowed(self, keep: ArrayLike, altered: Booleans | None = None) -> Self:
        """Return a fitted copy for an X that has only some of the columns.

        Parameters
        ----------
        keep : array-like of bool of shape (n_features_in_,)
            True for the columns that X will have.
        altered : array-like of bool of shape (n_features_in_,), default=None
            True for those of them that are no longer what they were in the training: they have no
            reference any more, and `drift` says nothing of them.

        Returns
        -------
        narrowed : QualityReportTransformer
            Its `support_` and its names are those of these columns; its `report_` is that of the
            training, on all of them.

        Examples
        --------
        >>> from sktemporal.quality import QualityReportTransformer
        >>> X = [[1.0, 7.0, 5.0], [2.0, 7.0, 3.0], [4.0, 7.0, 8.0]]
        >>> quality = QualityReportTransformer(drop=True).fit(X)
        >>> quality.narrowed([True, False, True]).transform([[6.0, 9.0]])
        array([[6., 9.]])
        """
        check_is_fitted(self)
        check_state(self)
        keep = np.asarray(keep)
        if keep.dtype != bool or keep.shape != (self.n_features_in_,):
            raise ValueError(
                f"keep must have one bool for each of the {self.n_features_in_} features; got "
                f"{keep!r}"
            )
        narrowed = copy.deepcopy(self)
        narrowed.n_features_in_ = int(keep.sum())
        narrowed.support_ = self.support_[keep]
        reference = self.reference_
        if altered is not None:
            reference = reference.forget(altered)
        narrowed._reference = reference.select(keep).to_bytes()
        if hasattr(self, "feature_names_in_"):
            narrowed.feature_names_in_ = self.feature_names_in_[keep]
        else:
            # Without names, x3 of the report stays x3.
            narrowed._default_names = np.array(self._names(), dtype=object)[keep]
        return narrowed

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Names:
        """Name the features that `transform` keeps.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input features; None: those seen in fit, or ``x0, x1, ...``.

        Returns
        -------
        names : ndarray of str objects
        """
        if input_features is None:
            input_features = getattr(self, "_default_names", None)
        return super().get_feature_names_out(input_features)

    def _validated(self, X, *, reset, **params):
        params = {"dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan", **params}
        if not _is_plain_frame(X):
            check_numeric(X)
            return validate_data(self, X, reset=reset, **params)
        # scikit-learn looks at the columns of a frame one by one, which takes longer than the rest.
        validate_data(self, X, reset=reset, skip_check_array=True)
        values = X.to_numpy()
        if params.get("force_writeable"):
            # As check_array does with frames; what is mapped read-only, it copies.
            with contextlib.suppress(ValueError):
                values.flags.writeable = True
        return check_array(values, estimator=self, input_name="X", **params)

    def _check_fitted(self):
        """Check what `transform` reads; see `check_state`."""
        n = checked_count(self, "n_features_in_")
        for attribute in ("feature_names_in_", "_default_names"):
            if hasattr(self, attribute):
                check_names(self, attribute, n)
        support = getattr(self, "support_", None)
        if not isinstance(support, np.ndarray) or support.dtype != bool or support.shape != (n,):
            refuse(self, "support_", f"a bool array of shape ({n},)", support)
        if not isinstance(getattr(self, "_of_float32", None), bool | np.bool_):
            refuse(self, "_of_float32", "a bool", getattr(self, "_of_float32", None))

    def _check_loaded(self):
        """Check all that fit made."""
        check_state(self)
        self._check_kept(REPORT, self._names())
        settings = getattr(self, "_settings", None)
        if not isinstance(settings, dict) or settings.keys() != _SETTINGS.keys():
            refuse(self, "_settings", f"a dict with {sorted(_SETTINGS)}", settings)
        validate_parameter_constraints(_SETTINGS, settings, type(self).__name__)
        all_thresholds(**{name: settings[name] for name in _SETTINGS if "threshold" in name})

    def _names(self):
        names = getattr(self, "feature_names_in_", getattr(self, "_default_names", None))
        return distinct_names(names, self.n_features_in_)

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
