"""Fitted pipelines in files that run no code when they are read."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from .._warnings import warn
from ..exceptions import InputError, UntrustedTypesWarning
from ..quality import QualityReportTransformer, SequenceQualityReport
from .loaded import check_loaded, check_size
from .pipeline import Pipeline
from .register import FAMILIES
from .union import TemporalFeatureUnion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._types import AnyPath, Estimator

# What a pipeline is made of, beyond what skops trusts by itself: first of this package, which
# checks what it was loaded with; then of numpy and scikit-learn, such as has no compiled code
# behind it that follows its state without a look. Trees have, and are not here; nor are the trees
# and distances of nearest neighbours.
_OWN = (
    *(entry.family for entry in FAMILIES),
    Pipeline,
    QualityReportTransformer,
    SequenceQualityReport,
    TemporalFeatureUnion,
)
_TRUSTED = (
    *(f"{cls.__module__}.{cls.__qualname__}" for cls in _OWN),
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.feature_selection._univariate_selection.f_regression",
    "sklearn.impute._iterative.IterativeImputer",
    "sklearn.impute._iterative._ImputerTriplet",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.utils._bunch.Bunch",
)


def save_pipeline(pipeline: Estimator, path: AnyPath) -> None:
    """Save a fitted pipeline with skops.

    Parameters
    ----------
    pipeline : estimator
        For example from :func:`sktemporal.make_temporal_pipeline`. What it keeps in a `memory` is
        not saved.
    path : str or Path
        By convention with the ending ``.skops``.

    Raises
    ------
    TypeError
        If `pipeline` is no estimator, or has a part that skops cannot save.

    Warns
    -----
    UntrustedTypesWarning
        If it has types that have to be named when it is loaded; the warning has the call.

    See Also
    --------
    load_pipeline : The way back.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from sktemporal import LagFeatures
    >>> from sktemporal.pipelines import save_pipeline
    >>> path = os.path.join(tempfile.mkdtemp(), "lags.skops")
    >>> save_pipeline(LagFeatures(lags=(1,)).fit(np.ones((5, 3, 1))), path)
    """
    import skops.io

    if not hasattr(pipeline, "fit"):
        raise TypeError(f"pipeline must be an estimator; got a {type(pipeline).__name__}")
    try:
        data = skops.io.dumps(_without_memory(pipeline))
    except TypeError as error:
        raise TypeError(f"pipeline has a part that cannot be saved: {error}") from error
    unknown = set(skops.io.get_untrusted_types(data=data)) - {*_TRUSTED}
    Path(path).write_bytes(data)
    if unknown:
        warn(
            f"{path} has types of which load_pipeline does not know whether they are safe; for a "
            f"file that you know to be yours: load_pipeline({str(path)!r}, "
            f"trusted={sorted(unknown)})",
            UntrustedTypesWarning,
        )


def _without_memory(pipeline):
    """Copy a pipeline that has a memory, which belongs to a machine, without it."""
    if not hasattr(pipeline, "get_params"):
        return pipeline
    memories = {
        name: None
        for name, value in pipeline.get_params().items()
        if name.rpartition("__")[2] == "memory" and value is not None
    }
    return copy.deepcopy(pipeline).set_params(**memories) if memories else pipeline


def load_pipeline(path: AnyPath, trusted: Sequence[str] = ()) -> Estimator:
    """Load a pipeline that `save_pipeline` saved.

    Unlike a pickle, the file cannot run code of its own choosing: it names the types that it is
    made of, and only known ones are made. What they hold is checked as far as they are of this
    package.

    Parameters
    ----------
    path : str or Path
    trusted : sequence of str, default=()
        Full names of types to accept beyond scikit-learn's estimators, numpy's types and this
        package's own, as the warning of `save_pipeline` gives them. They can do whatever their
        code lets them, so name them for files that you know the origin of.

    Returns
    -------
    pipeline : estimator

    Raises
    ------
    InputError
        If the file cannot be read, holds a type that is not trusted, or is no pipeline.

    Notes
    -----
    scikit-learn's trees (decision trees, forests, gradient boosting, nearest neighbours by a tree)
    have to be named: their compiled code follows the numbers of nodes in the file without a look,
    so a file made by somebody else could crash the process. What scikit-learn's other estimators
    were loaded with is not checked beyond their parameters; see the README.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from sktemporal import LagFeatures
    >>> from sktemporal.pipelines import load_pipeline, save_pipeline
    >>> path = os.path.join(tempfile.mkdtemp(), "lags.skops")
    >>> save_pipeline(LagFeatures(lags=(1,)).fit(np.ones((5, 3, 1))), path)
    >>> load_pipeline(path)
    LagFeatures(lags=(1,))
    """
    import skops.io

    if isinstance(trusted, str) or not all(isinstance(name, str) for name in trusted):
        raise ValueError(f"trusted must be a sequence of names of types; got {trusted!r}")
    path = Path(path)
    trusted = [*_TRUSTED, *trusted]
    try:
        check_size(path)
        unknown = set(skops.io.get_untrusted_types(file=path)) - {*trusted}
        if not unknown:
            pipeline = skops.io.load(path, trusted=trusted)
            check_loaded(pipeline)
            return pipeline
    except Exception as error:  # whatever reading or making the parts of a broken file raises
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path}: expected a pipeline saved by skops, found: {reason[:500]}"
        ) from error
    raise InputError(
        f"{path}: holds types that are not trusted: {', '.join(sorted(unknown))}. For a file that "
        f"you know the origin of: load_pipeline(path, trusted={sorted(unknown)})"
    )
