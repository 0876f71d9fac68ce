"""tsfresh: its own calculators of the summaries; it has none of the rest."""

from ..columns import FIELDS, QUANTILES
from ._contender import Contender

_CALCULATORS = {
    "count": "length",
    "sum": "sum_values",
    "mean": "mean",
    "std": "standard_deviation",
    "min": "minimum",
    "max": "maximum",
    "skew": "skewness",
    "kurtosis": "kurtosis",
}


def _load(histories, part):
    import pandas as pd
    from tsfresh import extract_features

    frame = pd.DataFrame({"entity": histories.entities, **histories.columns()})
    parameters = dict.fromkeys(_CALCULATORS.values())
    parameters["quantile"] = [{"q": q} for q in QUANTILES.values()]
    n_jobs = 2 if len(histories.lengths) > 1 else 0
    return lambda: extract_features(
        frame,
        column_id="entity",
        default_fc_parameters=parameters,
        n_jobs=n_jobs,
        disable_progressbar=True,
    )


def _columns(frame, part):
    names = dict(_CALCULATORS)
    names |= {name: f"quantile__q_{q}" for name, q in QUANTILES.items()}
    return {
        f"{name}_{field}": frame[f"{field}__{calculator}"].to_numpy(float)
        for field in FIELDS
        for name, calculator in names.items()
    }


CONTENDERS = (
    Contender(
        "tsfresh, extract_features",
        "tsfresh",
        _load,
        _columns,
        ("summaries",),
        # Its skewness and kurtosis are those of pandas: the bias-corrected G1 and G2.
        differs={"skew": "bias-corrected", "kurtosis": "bias-corrected"},
        has_workers=True,
        note="n_jobs=2 (a single entity: n_jobs=0)",
    ),
)
