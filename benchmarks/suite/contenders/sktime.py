"""sktime: SummaryTransformer, which aggregates with pandas, one entity after the other."""

from ..columns import FIELDS, QUANTILES, SUMMARIES
from ._contender import Contender

_FUNCTIONS = ("count", "sum", "mean", "std", "min", "max", "skew", "kurt")


def _load(histories, part):
    import numpy as np
    import pandas as pd
    from sktime.transformations.summarize import SummaryTransformer

    steps = np.arange(len(histories.values)) - np.repeat(histories.starts, histories.lengths)
    index = pd.MultiIndex.from_arrays([histories.entities, steps], names=["entity", "step"])
    frame = pd.DataFrame(histories.columns(), index=index)
    transformer = SummaryTransformer(_FUNCTIONS, tuple(QUANTILES.values()))
    return lambda: transformer.fit_transform(frame)


def _columns(frame, part):
    theirs = {"kurtosis": "kurt", **{name: str(q) for name, q in QUANTILES.items()}}
    return {
        f"{name}_{field}": frame[f"{field}__{theirs.get(name, name)}"].to_numpy(float)
        for field in FIELDS
        for name in SUMMARIES
    }


CONTENDERS = (
    Contender(
        "sktime, SummaryTransformer",
        "sktime",
        _load,
        _columns,
        ("summaries",),
        # They are those of pandas: ddof=1, and the bias-corrected G1 and G2.
        differs={"std": "ddof=1", "skew": "bias-corrected", "kurtosis": "bias-corrected"},
        note="one core",
    ),
)
