"""pandas: the compiled aggregations of a groupby."""

import numpy as np

from ..columns import ALPHA, FIELDS, LAGS, QUANTILES, WINDOWS, column_names
from ._contender import Contender


def _load(histories, part):
    import pandas as pd

    frame = pd.DataFrame({"entity": histories.entities, **histories.columns()})
    return lambda: features_of_frame(frame)


def features_of_frame(frame):
    """All columns of a frame of events, in order of time within each entity."""
    import pandas as pd

    groups = frame.groupby("entity", sort=False)
    basic = _moments(groups, "")
    basic["count_{}"] = groups.count()
    for name, q in QUANTILES.items():
        basic[f"{name}_{{}}"] = groups.quantile(q)
    basic["skew_{}"] = groups.skew()
    basic["kurtosis_{}"] = groups.kurt()
    for window in WINDOWS:
        tail = groups.tail(window).groupby("entity", sort=False)
        basic |= _moments(tail, f"rolling_{window}_")
    for lag in LAGS:
        basic[f"lag_{lag}_{{}}"] = groups.nth(-1 - lag).set_index("entity")
    level = groups.ewm(alpha=ALPHA, adjust=False).mean()
    last = np.cumsum(groups.size().to_numpy()) - 1
    basic["exp_smooth_{}"] = level.iloc[last].droplevel(1)
    named = [
        block.set_axis([name.format(f) for f in FIELDS], axis=1) for name, block in basic.items()
    ]
    return pd.concat(named, axis=1)


def _moments(groups, prefix):
    return {
        f"{prefix}mean_{{}}": groups.mean(),
        f"{prefix}sum_{{}}": groups.sum(),
        f"{prefix}std_{{}}": groups.std(ddof=0),
        f"{prefix}min_{{}}": groups.min(),
        f"{prefix}max_{{}}": groups.max(),
    }


def _columns(frame, part):
    return {name: frame[name].to_numpy(float) for name in column_names(part)}


CONTENDERS = (
    Contender(
        "pandas, groupby",
        "pandas",
        _load,
        _columns,
        # DataFrameGroupBy.skew and .kurt are the bias-corrected G1 and G2.
        differs={"skew": "bias-corrected", "kurtosis": "bias-corrected"},
        note="one core",
    ),
)
