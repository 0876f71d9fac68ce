"""Features as pandas frames that carry the labels of their rows."""

import numpy as np
from sklearn.utils._set_output import _auto_wrap_is_configured, _get_output_config

from ..quality._handover import taker_of
from ..sequences import EventSequences


def labelled(features, X, estimator):
    """Give the features of sequences their index, where scikit-learn will make a pandas frame.

    It takes the index of a frame that it gets, and the columns from the estimator.
    """
    if not isinstance(features, np.ndarray) or not _gives_pandas(estimator):
        return features
    index = row_index(X, estimator)
    if index is None:
        return features
    import pandas as pd

    return pd.DataFrame(features, index=index, copy=False)


def row_index(X, estimator):
    """Return the index of sequences; None for another X, or where the next step does without."""
    taker = taker_of(estimator)
    if not isinstance(X, EventSequences) or (taker is not None and not _gives_pandas(taker)):
        return None
    return X.row_index()


def with_index(blocks, X, estimator):
    """Give frames of several members one index, since pandas puts them together by that."""
    if not isinstance(X, EventSequences) or not all(hasattr(block, "iloc") for block in blocks):
        return blocks
    index = row_index(X, estimator)
    return [block.set_axis(range(len(X)) if index is None else index) for block in blocks]


def _gives_pandas(estimator):
    output = _get_output_config("transform", estimator)["dense"]
    return output == "pandas" and _auto_wrap_is_configured(estimator)
