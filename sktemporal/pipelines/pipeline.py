"""The ready-made pipeline of all families."""

from __future__ import annotations

import functools
from contextlib import nullcontext
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn import pipeline
from sklearn.base import clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._state import check_members, refuse
from ..features._base import is_plain_family
from ..quality import QualityReportTransformer, SequenceQualityReport
from ..quality._handover import handing_over
from ..sequences import are_histories
from .register import FAMILIES, FEATURE_TYPES
from .union import TemporalFeatureUnion
from .windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from numpy.typing import ArrayLike

    from .._types import (
        ChosenFields,
        Closed,
        Correction,
        Duration,
        Estimator,
        FloatType,
        Histories,
        Report,
        Window,
    )


def _handing_over(name, fits=False):
    """A method of scikit-learn's pipeline, in which the quality step owns what it gets."""

    def is_there(steps):
        return bool(getattr(super(Pipeline, steps), name))

    @available_if(is_there)
    @functools.wraps(getattr(pipeline.Pipeline, name))
    def method(self, X, *args, **params):
        with self._handover():
            result = getattr(super(Pipeline, self), name)(X, *args, **params)
        if fits:
            self._fit_sequence_quality(X)
        return result

    return method


class Pipeline(pipeline.Pipeline):
    """scikit-learn's `Pipeline` with a report on the features and on the sequences behind them.

    Parameters
    ----------
    steps : list of (str, estimator)
        See :class:`sklearn.pipeline.Pipeline`. Among the steps is one
        :class:`~sktemporal.QualityReportTransformer`, for the attribute and the methods below.
    sequence_quality : SequenceQualityReport, default=None
        What measures the histories that the pipeline is fitted on; a clone of it is fitted. With
        ``windows=None`` it looks at those of the families in the first step. None: nothing does.
    transform_input, memory, verbose
        See :class:`sklearn.pipeline.Pipeline`.

    Attributes
    ----------
    report_ : dict
        The report of the quality step on the training features, and as ``"sequences"`` that on
        the training histories, where there is one; see
        :class:`~sktemporal.quality.SequenceQualityReport`.
    sequence_quality_ : SequenceQualityReport
        Fitted on the training histories. Defined only where there is a `sequence_quality`, and X
        had three dimensions.

    See Also
    --------
    make_temporal_pipeline : Makes one with all feature families.

    Notes
    -----
    The report on the histories is a part of the pipeline and none of its steps: a step knows
    nothing of the others, and so not which windows the families have; what caches the output of
    steps (`memory`) would keep the sequences; and what is served would go through it.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import make_temporal_pipeline
    >>> X = np.random.default_rng(0).lognormal(size=(300, 12, 1))
    >>> pipeline = make_temporal_pipeline(windows=(3, 30), lags=(1,)).fit(X)
    >>> pipeline.report_["sequences"]["windows"]["30"]
    {'share_empty': 0.0, 'share_short': 1.0, 'share_cut': None}
    >>> drift = pipeline.drift(X[:150] * 2)
    >>> drift["drift"], drift["sequences"]["drift"]
    (True, False)
    >>> pipeline = pipeline.set_params(sequence_quality__thresholds={"single_event": 0.0})
    """

    _parameter_constraints: ClassVar[dict] = {
        **pipeline.Pipeline._parameter_constraints,
        "sequence_quality": [SequenceQualityReport, None],
    }

    def __init__(
        self,
        steps: list[tuple[str, Estimator]],
        *,
        sequence_quality: SequenceQualityReport | None = None,
        transform_input: list[str] | None = None,
        memory: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(steps, transform_input=transform_input, memory=memory, verbose=verbose)
        self.sequence_quality = sequence_quality

    fit = _handing_over("fit", fits=True)
    fit_transform = _handing_over("fit_transform", fits=True)
    fit_predict = _handing_over("fit_predict", fits=True)
    transform = _handing_over("transform")
    predict = _handing_over("predict")
    predict_proba = _handing_over("predict_proba")
    predict_log_proba = _handing_over("predict_log_proba")
    decision_function = _handing_over("decision_function")
    score_samples = _handing_over("score_samples")
    score = _handing_over("score")

    def __getitem__(self, ind):
        part = super().__getitem__(ind)
        if isinstance(ind, slice) and part.steps and part.steps[0] is self.steps[0]:
            for name in ("sequence_quality", "sequence_quality_"):
                if name in vars(self):
                    setattr(part, name, getattr(self, name))
        return part

    def __setstate__(self, state):
        super().__setstate__({"sequence_quality": None, **state})
        # In 0.1.0 it was the union that had fitted one.
        for _, step in self.steps[:1]:
            report = vars(step).pop("sequence_quality_", None) if step is not None else None
            if report is not None:
                self.sequence_quality_ = report

    def _handover(self):
        """Let the quality step fill the matrix that the step before it has just made, in place."""
        steps = [step for _, step in self.steps if step not in (None, "passthrough")]
        if len(steps) > 1 and type(steps[1]) is QualityReportTransformer and _makes_anew(steps[0]):
            return handing_over(*steps[:2])
        return nullcontext()

    def fit_quality(
        self,
        X: Histories,
        y: ArrayLike | None = None,
        *,
        features: ArrayLike,
        left_out: ArrayLike | None = None,
    ) -> Self:
        """Measure the training features and histories where the features are computed already.

        What :meth:`fit` does but for the steps before the quality step, which are fitted, and those
        behind it.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
            The training histories.
        y : array-like of shape (n_entities,), default=None
            The target; see :meth:`QualityReportTransformer.fit`.
        features : array-like of shape (n_entities, n_features)
            What the steps before the quality step give for X.
        left_out : datetime64 array of shape (n_entities,), default=None
            See :meth:`SequenceQualityReport.fit`.

        Returns
        -------
        self : Pipeline
        """
        _, quality = self._around_quality("fit_quality")
        quality.fit(features, y)
        self._fit_sequence_quality(X, left_out)
        return self

    def _fit_sequence_quality(self, X, left_out=None):
        self.__dict__.pop("sequence_quality_", None)
        if self.sequence_quality is None or not are_histories(X):
            return
        sequence_quality = clone(self.sequence_quality)
        if sequence_quality.windows is None:
            given = sequence_quality.get_params()
            found = windows_of(self.steps[0][1])
            sequence_quality.set_params(**{k: v for k, v in found.items() if given[k] is None})
        self.sequence_quality_ = sequence_quality.fit(X, left_out=left_out)

    @property
    def report_(self) -> Report:
        """The report on the training features and histories."""
        _, quality = self._around_quality("report_")
        report = quality.report_
        if "sequence_quality_" in vars(self):
            report["sequences"] = self.sequence_quality_.report_
        return report

    def _check_fitted(self):
        check_members(self, "steps", (None, "passthrough"))

    def report(
        self,
        X: Histories,
        y: ArrayLike | None = None,
        *,
        features: ArrayLike | None = None,
        left_out: ArrayLike | None = None,
    ) -> Report:
        """Report on other histories and their features.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
        y : array-like of shape (n_entities,), default=None
            Their target; see :meth:`QualityReportTransformer.report`.
        features : array-like of shape (n_entities, n_features), default=None
            What the steps before the quality step give for X, where it is at hand. None: it is
            computed.
        left_out : datetime64 array of shape (n_entities,), default=None
            See :meth:`SequenceQualityReport.report`.

        Returns
        -------
        report : dict
            As `report_`.
        """
        quality, features = self._measured("report", X, features)
        report = quality.report(features, y)
        if (of_sequences := self._of_sequences(X)) is not None:
            report["sequences"] = of_sequences.report(X, left_out)
        return report

    def drift(
        self,
        X: Histories,
        *,
        level: float = 0.05,
        method: Correction = "bh",
        features: ArrayLike | None = None,
    ) -> Report:
        """Compare other histories and their features with those of the training.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
        level, method
            See :func:`~sktemporal.quality.drift_report`.
        features : array-like of shape (n_entities, n_features), default=None
            As in :meth:`report`.

        Returns
        -------
        report : dict
            As :meth:`QualityReportTransformer.drift` returns it, and as ``"sequences"`` that of
            the lengths of the histories.
        """
        quality, features = self._measured("drift", X, features)
        report = quality.drift(features, level=level, method=method)
        if (of_sequences := self._of_sequences(X)) is not None:
            report["sequences"] = of_sequences.drift(X, level=level, method=method)
        return report

    def _measured(self, method, X, features):
        """Return the quality step, and what it measures."""
        check_is_fitted(self)
        before, quality = self._around_quality(method)
        if features is None:
            features = X
            for step in before:
                features = step.transform(features)
        return quality, features

    def _of_sequences(self, X):
        """Return what measures the sequences, if it was fitted, and X is such."""
        if "sequence_quality_" not in vars(self):
            return None
        if not isinstance(self.sequence_quality_, SequenceQualityReport):
            rule = "a SequenceQualityReport"
            refuse(self, "sequence_quality_", rule, self.sequence_quality_)
        return self.sequence_quality_ if are_histories(X) else None

    def _around_quality(self, attribute):
        """Return the steps before the quality step, and this."""
        steps = [step for _, step in self.steps if step not in (None, "passthrough")]
        for k, step in enumerate(steps):
            if isinstance(step, QualityReportTransformer):
                return steps[:k], step
        raise AttributeError(
            f"{attribute} needs a QualityReportTransformer among the steps; there are "
            f"{[type(step).__name__ for step in steps]}"
        )


def _makes_anew(step):
    """Tell whether a step returns memory of its own: with another's code, that is not known."""
    if type(step) is TemporalFeatureUnion:
        return any(is_plain_family(member) for _, member in step.transformer_list)
    return is_plain_family(step)


def make_temporal_pipeline(
    *,
    feature_types: Sequence[str] = FEATURE_TYPES,
    windows: Sequence[Window] = (7, 14, 30, 90),
    aggregations: Sequence[str] = ("mean", "sum", "std", "min", "max", "count"),
    closed: Closed = None,
    gap: Duration | None = None,
    lags: Sequence[int] = (1, 7, 14, 30),
    alpha: float = 0.3,
    fields: ChosenFields = None,
    categorical_fields: ChosenFields = None,
    quality: bool = True,
    fill_value: float = 0.0,
    dtype: FloatType = np.float64,
    n_jobs: int | None = None,
    memory: Any = None,
    verbose: bool = False,
) -> Pipeline:
    """Make the pipeline of all feature families and the quality report.

    The steps are ``"features"``, a :class:`TemporalFeatureUnion` with the members
    ``"statistical"``, ``"categorical"``, ``"temporal"``, ``"behavioral"``, ``"rolling"``,
    ``"lag"`` and ``"smoothing"``, and ``"quality"``, a
    :class:`~sktemporal.quality.QualityReportTransformer`. So a grid search reaches for example
    ``features__rolling__windows``. With the quality step the families leave undefined features
    NaN, so that the report sees them, and that step fills them.

    Parameters
    ----------
    feature_types : tuple of str, default=("statistical", "temporal", "behavioral")
        Which of these kinds to compute; "statistical" brings the categorical features, too. The
        rolling, lag and smoothing features are always there.
    windows : tuple of int or duration, default=(7, 14, 30, 90)
        See :class:`RollingWindowFeatures`. Empty: no rolling features.
    aggregations : tuple of str, default=("mean", "sum", "std", "min", "max", "count")
        See :class:`RollingWindowFeatures`.
    closed : {"right", "left", "both", "neither"}, default=None
        See :class:`RollingWindowFeatures`.
    gap : duration, default=None
        See :class:`RollingWindowFeatures`.
    lags : tuple of int, default=(1, 7, 14, 30)
        See :class:`LagFeatures`.
    alpha : float, default=0.3
        See :class:`ExponentialSmoothingFeatures`.
    fields, categorical_fields : sequence of str or int, default=None
        Numerical and categorical fields to use; None: all.
    quality : bool, default=True
        Whether to add the quality step, and the report on the histories as `sequence_quality`,
        which a grid or `set_params` reaches likewise, as ``sequence_quality__long_gap``.
    fill_value : float, default=0.0
        Stands for undefined in the output.
    dtype : {np.float64, np.float32}, default=np.float64
        Of the output.
    n_jobs : int, default=None
        Number of workers of the union, and of threads of the quality step.
    memory : str or joblib.Memory, default=None
        See :class:`sklearn.pipeline.Pipeline`.
    verbose : bool, default=False
        See :class:`sklearn.pipeline.Pipeline`.

    Returns
    -------
    pipeline : Pipeline
        A :class:`sklearn.pipeline.Pipeline`.

    Raises
    ------
    ValueError
        If `feature_types` has an unknown name. (The other parameters are checked in fit.)

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import make_temporal_pipeline
    >>> X = np.random.default_rng(0).lognormal(size=(100, 12, 1))
    >>> pipeline = make_temporal_pipeline(windows=(3,), lags=(1,))
    >>> pipeline.fit_transform(X).shape
    (100, 33)
    >>> pipeline["quality"].report_["quality_metrics"]["grade"]
    'fair'
    """
    unknown = [kind for kind in feature_types if kind not in FEATURE_TYPES]
    if unknown or isinstance(feature_types, str):
        raise ValueError(
            f"feature_types must be a sequence of names from {FEATURE_TYPES}; got {feature_types!r}"
        )
    given = {
        "windows": windows,
        "aggregations": aggregations,
        "closed": closed,
        "gap": gap,
        "lags": lags,
        "alpha": alpha,
        "fields": fields,
        "categorical_fields": categorical_fields,
    }
    shared = {"fill_value": np.nan if quality else fill_value, "dtype": dtype}
    families = [
        (
            entry.name,
            entry.family(**{name: given[source] for name, source in entry.parameters.items()}),
        )
        for entry in FAMILIES
        if entry.feature_type is None or entry.feature_type in feature_types
    ]
    for _, family in families:
        family.set_params(**shared)
    union = TemporalFeatureUnion(families, n_jobs=n_jobs, verbose_feature_names_out=False)
    steps, sequence_quality = [("features", union)], None
    if quality:
        # A frame between the steps brings the names into the report.
        union.set_output(transform="pandas")
        steps.append(("quality", QualityReportTransformer(fill_value=fill_value, n_jobs=n_jobs)))
        sequence_quality = SequenceQualityReport(windows=None)
    return Pipeline(steps, sequence_quality=sequence_quality, memory=memory, verbose=verbose)
