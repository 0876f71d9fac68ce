"""Features as pandas frames that carry the labels of their rows."""

from sklearn.utils._set_output import ADAPTERS_MANAGER, PandasAdapter, _get_output_config

from ..quality._handover import taker_of
from ..sequences import EventSequences


class LabellingAdapter(PandasAdapter):
    """scikit-learn's way of making pandas frames, which knows the labels of event sequences.

    scikit-learn takes the index of an X of pandas. Whatever any transformer, of this package or
    not, makes of an `EventSequences` gets its labels likewise: pandas puts frames together by their
    index, and a :class:`~sklearn.pipeline.FeatureUnion` mixes transformers.
    """

    def create_container(self, X_output, X_original, columns, inplace=True):
        """Make a frame of an output; see scikit-learn's protocol for containers."""
        index = row_index(X_original, getattr(columns, "__self__", None))
        if index is not None and len(X_output) == len(index):
            import pandas as pd

            if not isinstance(X_output, pd.DataFrame):
                X_output = pd.DataFrame(X_output, index=index, copy=not inplace)
            elif X_output.index.identical(pd.RangeIndex(len(index))):
                X_output = X_output.set_axis(index)
        return super().create_container(X_output, X_original, columns, inplace)


ADAPTERS_MANAGER.register(LabellingAdapter())


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
