"""Histories side by side in tiles have the bits that each has alone."""

import numpy as np
import pytest

from sktemporal import (
    BehavioralFeatures,
    EventSequences,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
)

STATISTICS = ("sum", "mean", "std", "var", "cv", "skew", "kurtosis", "q10", "median", "n_unique")
ENDS = ("count", "min", "max", "range", "first", "last")


def union():
    return TemporalFeatureUnion(
        [
            ("statistical", StatisticalFeatures((*STATISTICS, *ENDS), fill_value=np.nan)),
            (
                "rolling",
                RollingWindowFeatures(
                    (30, "2h", 4, 10**15, "5min"), (*ENDS, *STATISTICS), fill_value=np.nan
                ),
            ),
            ("lag", LagFeatures((0, 3, 100), fill_value=np.nan)),
            ("smoothing", ExponentialSmoothingFeatures(0.7, fill_value=np.nan)),
            ("behavioral", BehavioralFeatures(fill_value=np.nan)),
            ("temporal", TemporalPatternFeatures(fill_value=np.nan)),
        ]
    )


def histories(missing, seed=0):
    """Of 0 to 60 events, and two of over 16384, which no tile takes; fields of all sorts."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 60, size=90)
    lengths[[20, 70]] = 16_385, 17_000
    stops = np.cumsum(lengths)
    n = stops[-1]
    values = np.column_stack(
        [
            np.round(rng.lognormal(3.0, 1.0, n), 2),
            1e9 + rng.normal(size=n),
            rng.integers(-2, 3, n),
            rng.normal(size=n) * 10.0 ** rng.integers(-200, 200, size=n),
            np.full(n, 0.1),
        ]
    )
    values[rng.random(values.shape) < missing] = np.nan
    times = np.cumsum(rng.integers(0, 600_000_000, n))
    return EventSequences(values, stops - lengths, stops, times=times)


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.filterwarnings("ignore:.* no valid event:sktemporal.exceptions.EmptyHistoryWarning")
def test_every_history_has_the_features_that_it_has_alone(missing):
    seqs = histories(missing)
    fitted = union().fit(seqs)
    together = fitted.transform(seqs)
    alone = np.vstack([fitted.transform(seqs[[i]]) for i in range(len(seqs))])
    names = fitted.get_feature_names_out()
    same = (together == alone) | (np.isnan(together) & np.isnan(alone))
    assert names[~same.all(axis=0)].tolist() == []


def test_a_field_of_equal_values_has_no_deviation_in_a_tile():
    seqs = histories(0.0)
    family = StatisticalFeatures(("mean", "std", "skew"), fields=[4], fill_value=np.nan).fit(seqs)
    long_enough = seqs[seqs.lengths > 1]
    assert np.unique(family.transform(long_enough)[:, :2], axis=0).tolist() == [[0.1, 0.0]]


def test_a_slope_is_exact_where_sums_of_two_floats_lose_what_is_left():
    x = np.array([2.0**120, 2.0**60, 1.0, 0.0, 2.0**60, 2.0**120])
    seqs = EventSequences.from_padded(np.tile(x, (9, 1))[..., np.newaxis])
    slopes = BehavioralFeatures().set_output(transform="pandas").fit_transform(seqs)
    assert slopes["trend_slope_x0"].tolist() == [-1 / 35] * 9
