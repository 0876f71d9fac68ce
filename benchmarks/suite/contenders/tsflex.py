"""tsflex: numpy and scipy functions over the segments of one long series."""

import warnings

import numpy as np
from scipy import signal, stats

from ..columns import AGGREGATIONS, ALPHA, FIELDS, LAGS, QUANTILES, WINDOWS, column_names
from ._contender import Contender


def _tails(x):
    """Five aggregations of each tail window."""
    parts = (x[-window:] for window in WINDOWS)
    return tuple(getattr(part, name)() for part in parts for name in AGGREGATIONS)


def _lags(x):
    return tuple(x[-1 - lag] if lag < len(x) else np.nan for lag in LAGS)


def _level(x):
    start = np.array([(1 - ALPHA) * x[0]])
    return signal.lfilter([ALPHA], [1, ALPHA - 1], x, zi=start)[0][-1]


def _functions():
    from tsflex.features import FuncWrapper

    tails = [f"rolling_{window}_{name}" for window in WINDOWS for name in AGGREGATIONS]
    quantiles = {"q": list(QUANTILES.values()), "output_names": list(QUANTILES)}
    return [
        FuncWrapper(len, output_names="count"),
        *(FuncWrapper(getattr(np, name), output_names=name) for name in AGGREGATIONS),
        FuncWrapper(np.quantile, **quantiles),
        FuncWrapper(stats.skew, output_names="skew"),
        FuncWrapper(stats.kurtosis, output_names="kurtosis"),
        FuncWrapper(_tails, output_names=tails),
        FuncWrapper(_lags, output_names=[f"lag_{lag}" for lag in LAGS]),
        FuncWrapper(_level, output_names="exp_smooth"),
    ]


def _load(histories, part):
    import pandas as pd
    from tsflex.features import FeatureCollection, MultipleFeatureDescriptors

    frame = pd.DataFrame(histories.columns())
    features = FeatureCollection(
        MultipleFeatureDescriptors(_functions(), list(FIELDS), windows=None, strides=None)
    )
    n_jobs = 2 if len(histories.lengths) > 1 else 1
    segments = {"segment_start_idxs": histories.starts, "segment_end_idxs": histories.stops}

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scipy's, of nearly identical values
            return features.calculate(frame, **segments, return_df=True, n_jobs=n_jobs)

    return run


def _columns(frame, part):
    """Its names are field__function__w=manual."""
    parts = (name.split("__") for name in frame.columns)
    frame = frame.set_axis([f"{function}_{field}" for field, function, _ in parts], axis=1)
    return {name: frame[name].to_numpy(float) for name in column_names(part)}


CONTENDERS = (
    Contender(
        "tsflex, numpy and scipy functions",
        "tsflex",
        _load,
        _columns,
        has_workers=True,
        note="n_jobs=2 (a single entity: 1); the segments are given",
    ),
)
