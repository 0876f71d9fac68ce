"""aeon: SevenNumberSummary, numba functions over one entity after the other."""

from ..columns import FIELDS
from ._contender import Contender

_SUMMARIES = ("mean", "std", "min", "max", "p25", "p50", "p75")  # in its order


def _load(histories, part):
    import numpy as np
    from aeon.transformations.collection.feature_based import SevenNumberSummary

    parts = np.split(np.ascontiguousarray(histories.values.T), histories.stops[:-1], axis=1)
    collection = [np.ascontiguousarray(values) for values in parts]
    transformer = SevenNumberSummary()
    return lambda: transformer.fit_transform(collection)


def _columns(features, part):
    names = [f"{name}_{field}" for name in _SUMMARIES for field in FIELDS]
    return dict(zip(names, features.T, strict=True))


CONTENDERS = (
    Contender(
        "aeon, SevenNumberSummary",
        "aeon",
        _load,
        _columns,
        ("summaries",),
        lacks=("count", "sum", "skew", "kurtosis"),
        note="one core; 28 of the 44 columns",
    ),
)
