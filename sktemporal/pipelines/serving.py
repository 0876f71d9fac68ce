"""Fitted pipelines as callables, for serving."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.validation import check_is_fitted

from .._state import check_state
from ..evaluation.executor import Executor
from ..features._base import FeatureFamily, is_plain_family
from ..quality import QualityReportTransformer
from ..sequences import as_sequences
from .union import TemporalFeatureUnion

if TYPE_CHECKING:
    from .._types import Estimator, Features, Histories, Names


def prepare(pipeline: Estimator) -> PreparedPipeline:
    """Make a fitted pipeline a callable that computes features with little overhead.

    What scikit-learn does in every call of `transform`, and what depends on the pipeline alone, is
    done once. It pays for few entities at a time: a request that asks for one of them.

    Parameters
    ----------
    pipeline : Pipeline, TemporalFeatureUnion or feature family
        Fitted. Of a pipeline, the first step computes features, and all steps transform.

    Returns
    -------
    prepared : PreparedPipeline
        To be called with X, see :class:`PreparedPipeline`. It has a copy of the pipeline; fitting
        that again calls for preparing it again.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    TypeError
        If the first step is neither a family nor a union, or the last one does not transform.

    Examples
    --------
    >>> import numpy as np
    >>> import sktemporal
    >>> X = np.random.default_rng(0).lognormal(size=(100, 12, 1))
    >>> pipeline = sktemporal.make_temporal_pipeline(windows=(3,), lags=(1,)).fit(X)
    >>> serve = sktemporal.prepare(pipeline)
    >>> bool((serve(X[:1]) == pipeline.transform(X[:1])).all())
    True
    """
    return PreparedPipeline(pipeline)


class PreparedPipeline:
    """What :func:`prepare` returns: a callable with the features of a fitted pipeline.

    Parameters
    ----------
    pipeline : Pipeline, TemporalFeatureUnion or feature family
        Fitted.

    Attributes
    ----------
    feature_names : ndarray of str
        Names of the columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import LagFeatures, prepare
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> serve = prepare(LagFeatures(lags=(1,)).fit(X))
    >>> serve(X)
    array([[2.]])
    >>> serve.feature_names
    array(['lag_1_x0'], dtype=object)
    """

    def __init__(self, pipeline: Estimator) -> None:
        check_is_fitted(pipeline)
        pipeline = copy.deepcopy(pipeline)  # fitting it again must not change this
        named = pipeline.steps if isinstance(pipeline, Pipeline) else [("features", pipeline)]
        steps: list[Estimator] = [s for _, s in named if s not in (None, "passthrough")]
        if not steps or not isinstance(steps[0], (FeatureFamily, TemporalFeatureUnion)):
            found = type(steps[0]).__name__ if steps else "no step"
            raise TypeError(
                "the first step of a pipeline to prepare must be a feature family or a "
                f"TemporalFeatureUnion; got {found}"
            )
        if not hasattr(steps[-1], "transform"):
            raise TypeError(
                "all steps of a pipeline to prepare must transform; the last one is a "
                f"{type(steps[-1]).__name__} (prepare pipeline[:-1], and give it the features)"
            )
        for step in steps:
            if hasattr(step, "_check_fitted"):
                check_state(step)
        self._pipeline = pipeline
        self._first, *rest = steps
        families = _plain_families(self._first)
        self._executor: Executor | None = None if families is None else Executor(families)
        self._quality: list[QualityReportTransformer] = []
        before = self._first
        while rest and type(rest[0]) is QualityReportTransformer:
            before = rest.pop(0)
            self._quality.append(before)
        self._before, self._rest = before, make_pipeline(*rest) if rest else None

    @property
    def feature_names(self) -> Names:
        """Names of the columns, as `get_feature_names_out` of the pipeline gives them."""
        return self._pipeline.get_feature_names_out()

    def __call__(self, X: Histories) -> Features:
        """Compute the features of X.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories with the fields seen in fit. An EventSequences is the quickest.

        Returns
        -------
        features : ndarray of shape (n_entities, n_columns)
            Of the same bits as the pipeline's `transform` gives (a sparse matrix where that does).
            Neither are entities without an event warned of, nor infinite features refused.
        """
        if self._executor is None:
            features = self._first.transform(X)
            if self._quality:  # what another's code returns may be what it keeps
                features = np.array(features)
        else:
            features = self._executor.features(self._sequences(X, self._executor.families[0]))
        for step in self._quality:
            features = step.fill_and_select(_floats(features))
        if self._rest is not None:
            if isinstance(features, np.ndarray):
                features = _wrap_data_with_container("transform", features, X, self._before)
            features = self._rest.transform(features)
        return features if hasattr(features, "toarray") else np.asarray(features)

    def _sequences(self, X, family):
        if self._first is family:
            return family._sequences(X, reset=False)
        return as_sequences(X, family, reset=False)


def _plain_families(first):
    """The families to compute directly; None where a step or a member does more than that."""
    if type(first) is TemporalFeatureUnion:
        return first.plain_families()
    return [first] if is_plain_family(first) else None


def _floats(features):
    return features if features.dtype.kind == "f" else features.astype(np.float64)
