"""Features as frames: of pandas with the labels of their rows; column by column."""

import numpy as np
from sklearn.utils._set_output import (
    ADAPTERS_MANAGER,
    PandasAdapter,
    PolarsAdapter,
    _get_output_config,
)

from ..quality._handover import taker_of
from ..sequences import EventSequences, by_columns


class LabellingAdapter(PandasAdapter):
    """scikit-learn's way of making pandas frames, which knows the labels of event sequences.

    scikit-learn takes the index of an X of pandas. Whatever any transformer, of this package or
    not, makes of an `EventSequences` gets its labels likewise: pandas puts frames together by their
    index, and a :class:`~sklearn.pipeline.FeatureUnion` mixes transformers.
    """

    def create_container(self, X_output, X_original, columns, inplace=True):
        """Make a frame of an output; see scikit-learn's protocol for containers."""
        X_output = _for_a_frame(X_output, X_original, columns)
        index = row_index(X_original, getattr(columns, "__self__", None))
        if index is not None and len(X_output) == len(index):
            import pandas as pd

            if not isinstance(X_output, pd.DataFrame):
                X_output = pd.DataFrame(X_output, index=index, copy=not inplace)
            elif X_output.index.identical(pd.RangeIndex(len(index))):
                X_output = X_output.set_axis(index)
        return super().create_container(X_output, X_original, columns, inplace)


class ColumnwiseAdapter(PolarsAdapter):
    """scikit-learn's way of making polars frames, which takes a matrix column by column."""

    def create_container(self, X_output, X_original, columns, inplace=True):
        """Make a frame of an output; see scikit-learn's protocol for containers."""
        X_output = _for_a_frame(X_output, X_original, columns)
        return super().create_container(X_output, X_original, columns, inplace)


def _for_a_frame(X_output, X, columns):
    """Let each column of a matrix of features be one piece, unless another step takes it first.

    Of sequences and arrays of histories alike: the order in memory decides a model's last bits.
    """
    is_matrix = isinstance(X_output, np.ndarray) and X_output.ndim == 2
    if not (is_matrix and len(getattr(X, "shape", ())) == 3):
        return X_output
    taken = taker_of(getattr(columns, "__self__", None)) is not None
    return X_output if taken else by_columns(X_output)


ADAPTERS_MANAGER.register(LabellingAdapter())
ADAPTERS_MANAGER.register(ColumnwiseAdapter())


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
    return _get_output_config("transform", estimator)["dense"] == "pandas"
