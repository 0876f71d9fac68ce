"""Fitted pipelines in files that run no code when they are read."""

import copy
from pathlib import Path

from ..exceptions import InputError

# What a pipeline of this package is made of, beyond what skops trusts by itself.
_OURS = tuple(
    f"sktemporal.{name}"
    for name in (
        "features.behavioral.BehavioralFeatures",
        "features.categorical.CategoricalFeatures",
        "features.lag.LagFeatures",
        "features.pipeline.Pipeline",
        "features.rolling.RollingWindowFeatures",
        "features.smoothing.ExponentialSmoothingFeatures",
        "features.statistical.StatisticalFeatures",
        "features.temporal.TemporalPatternFeatures",
        "features.union.TemporalFeatureUnion",
        "quality.sequences.SequenceQualityReport",
        "quality.transformer.QualityReportTransformer",
    )
)


def save_pipeline(pipeline, path):
    """Save a fitted pipeline with skops.

    Parameters
    ----------
    pipeline : estimator
        For example from :func:`sktemporal.make_temporal_pipeline`. What it keeps in a `memory` is
        not saved.
    path : str or Path
        By convention with the ending ``.skops``.

    See Also
    --------
    load_pipeline : The way back.
    """
    import skops.io

    skops.io.dump(_without_memory(pipeline), path)


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


def load_pipeline(path, trusted=()):
    """Load a pipeline that `save_pipeline` saved.

    Unlike a pickle, the file cannot run code of its own choosing: it names the types that it is
    made of, and only known ones are made.

    Parameters
    ----------
    path : str or Path
    trusted : sequence of str, default=()
        Full names of types to accept beyond scikit-learn's, numpy's and this package's own.

    Returns
    -------
    pipeline : estimator

    Raises
    ------
    InputError
        If the file cannot be read, or holds a type that is not trusted.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from sktemporal import LagFeatures
    >>> from sktemporal.io import load_pipeline, save_pipeline
    >>> path = os.path.join(tempfile.mkdtemp(), "lags.skops")
    >>> save_pipeline(LagFeatures(lags=(1,)).fit(np.ones((5, 3, 1))), path)
    >>> load_pipeline(path)
    LagFeatures(lags=(1,))
    """
    import zipfile

    import skops.io

    path = Path(path)
    try:
        unknown = set(skops.io.get_untrusted_types(file=path)) - {*_OURS, *trusted}
        if unknown:
            raise InputError(
                f"{path}: holds types that are not trusted: {', '.join(sorted(unknown))}"
            )
        return skops.io.load(path, trusted=[*_OURS, *trusted])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected a pipeline saved by skops, found: {reason}") from error
