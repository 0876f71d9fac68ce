"""Twins of the feature families: one history at a time, column name to value or NaN.

Written from the table of definitions alone: nothing here knows of slices, chunks or kernels.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from . import codes as code_kernels
from . import smoothing, spacing, statistics, trends
from .exact import NAN, fractions_of, mean_of, rounded, std_of
from .slices import compact


@dataclass
class History:
    """The events of one entity in time order."""

    values: dict  # field -> floats, NaN where missing
    codes: dict = field(default_factory=dict)  # categorical field -> ints, 0 where missing
    times: list | None = None  # microseconds
    intervals: list | None = None  # seconds, where the data came as intervals
    reference: int | None = None  # microseconds; None: the last event
    inclusive: bool = True  # whether the reference moment itself is in

    def __len__(self):
        parts = [*self.values.values(), *self.codes.values()]
        return len(parts[0])


def StatisticalFeatures(history, names=statistics.ALL):
    columns = {}
    for name, x in history.values.items():
        summary = statistics.summarize(compact(x), names)
        columns |= {f"{s}_{name}": summary[s] for s in names}
    return columns


def CategoricalFeatures(history):
    columns = {}
    for name, codes in history.codes.items():
        diversity = code_kernels.code_diversity(compact(codes, skip_zero=True))
        kinds = ("unique_count", "diversity", "mode_freq")
        columns |= {f"{kind}_{name}": d for kind, d in zip(kinds, diversity, strict=True)}
    return columns


def _intervals(history):
    if history.intervals is not None:
        return fractions_of(compact(history.intervals))
    return [] if history.times is None else spacing.intervals(history.times)


def TemporalPatternFeatures(history):
    names = (
        "avg_time_delta",
        "std_time_delta",
        "min_time_delta",
        "max_time_delta",
        "temporal_span",
        "event_frequency",
        "interval_regularity",
    )
    columns = dict.fromkeys(names, NAN)
    d = _intervals(history)
    if not d:
        return columns
    span = sum(d)
    mean, std = mean_of(d), std_of(d)
    columns |= {
        "avg_time_delta": float(mean),
        "std_time_delta": float(std),
        "min_time_delta": float(min(d)),
        "max_time_delta": float(max(d)),
        "temporal_span": rounded(span),
    }
    if span > 0:
        columns["event_frequency"] = rounded(len(history) / span)
    if mean > 0:
        columns["interval_regularity"] = float(1 / (1 + Fraction(std) / mean))
    return columns


def BehavioralFeatures(history):
    scores = []
    per_field = {}
    for name, x in history.values.items():
        observed = compact(x)
        slope, volatility = trends.trend_and_volatility(observed)
        per_field |= {f"trend_slope_{name}": slope, f"volatility_{name}": volatility}
        f = fractions_of(observed)
        if len(f) >= 2 and mean_of(f) != 0:
            scores.append(1 / (1 + abs(Fraction(std_of(f)) / mean_of(f))))
    return {
        "activity_concentration": spacing.gini(_intervals(history)),
        "consistency_score": float(mean_of(scores)) if scores else NAN,
        **per_field,
    }


def _is_between(t, start, end, closed):
    return (
        start < t < end
        or (t == start and closed in ("left", "both"))
        or (t == end and closed in ("right", "both"))
    )


def RollingWindowFeatures(history, windows, aggregations, closed=None, gap=0):
    """Windows are ints, or pairs (name, microseconds); so is the gap microseconds."""
    reference, times = history.reference, history.times
    if reference is None and times:
        reference = times[-1]
    # Without a gap the history itself is cut where its windows end.
    end = math.inf if closed is None and gap == 0 else (reference or 0) - gap
    if closed is None:
        closed = "right" if history.inclusive else "left"
    columns = {}
    for name, x in history.values.items():
        for window in windows:
            start, label = -math.inf, window
            if not isinstance(window, int):
                label, microseconds = window
                start = reference - gap - microseconds if times else start
            recent = [
                value
                for value, t in zip(x, times, strict=True)
                if _is_between(t, start, end, closed)
            ]
            recent = compact(recent)[-window:] if isinstance(window, int) else compact(recent)
            summary = statistics.summarize(recent, aggregations)
            columns |= {f"rolling_{label}_{a}_{name}": summary[a] for a in aggregations}
    return columns


def LagFeatures(history, lags):
    columns = {}
    for name, x in history.values.items():
        observed = compact(x)
        for lag in lags:
            columns[f"lag_{lag}_{name}"] = observed[-1 - lag] if lag < len(observed) else NAN
    return columns


def ExponentialSmoothingFeatures(history, alpha):
    columns = {}
    for name, x in history.values.items():
        level, deviation = smoothing.exponential_smoothing(compact(x), alpha)
        columns |= {f"exp_smooth_{name}": level, f"exp_smooth_std_{name}": deviation}
    return columns
