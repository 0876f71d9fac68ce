"""This project, from sequences and from a frame, and one pass over the input."""

from functools import partial

import numpy as np

from sktemporal import (
    EventSequences,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
)

from ..columns import AGGREGATIONS, ALPHA, FIELDS, LAGS, SUMMARIES, WINDOWS, column_names
from ._contender import Contender


def feature_union(part, n_jobs):
    """The columns as an unfitted union."""
    members = [("summaries", StatisticalFeatures(SUMMARIES, fill_value=np.nan))]
    if part == "all":
        members += [
            ("rolling", RollingWindowFeatures(WINDOWS, AGGREGATIONS, fill_value=np.nan)),
            ("lag", LagFeatures(LAGS, fill_value=np.nan)),
            ("smoothing", ExponentialSmoothingFeatures(ALPHA, fill_value=np.nan)),
        ]
    return TemporalFeatureUnion(members, n_jobs=n_jobs, verbose_feature_names_out=False)


def sequences_of(histories):
    return EventSequences(histories.values, histories.starts, histories.stops, fields=FIELDS)


def _from_sequences(histories, part, n_jobs):
    sequences = sequences_of(histories)
    union = feature_union(part, n_jobs).fit(sequences[:1])
    return lambda: union.transform(sequences)


def _from_frame(histories, part, n_jobs):
    """From one row an event: finding the entities is part of the work."""
    import pandas as pd

    frame = pd.DataFrame({"entity": histories.entities, **histories.columns()})
    union = feature_union(part, n_jobs).fit(sequences_of(histories)[:1])
    return lambda: union.transform(EventSequences.from_frame(frame, entity="entity"))


def _columns(features, part):
    """The smoothed deviation comes with the level, and no one else computes it."""
    example = EventSequences(np.ones((1, len(FIELDS))), [0], [1], fields=FIELDS)
    names = feature_union(part, 1).fit(example).get_feature_names_out()
    computed = dict(zip(names, features.T, strict=True))
    return {name: computed[name] for name in column_names(part)}


def _one_pass(histories, part):
    return histories.values.sum


SEQUENCES_1 = "sktemporal, n_jobs=1"
SEQUENCES_2 = "sktemporal, n_jobs=2"
FRAME_2 = "sktemporal, n_jobs=2, from a frame"
WALL = "the wall: numpy sum of the input"

CONTENDERS = (
    Contender(
        SEQUENCES_2,
        "sktemporal",
        partial(_from_sequences, n_jobs=2),
        _columns,
        ("all", "summaries"),
        note="4 columns more: the smoothed deviation comes with the level",
    ),
    Contender(
        SEQUENCES_1,
        "sktemporal",
        partial(_from_sequences, n_jobs=1),
        _columns,
        ("all", "summaries"),
        note="one core",
    ),
    Contender(
        FRAME_2,
        "sktemporal",
        partial(_from_frame, n_jobs=2),
        _columns,
        note="`EventSequences.from_frame` of a pandas frame of events, and transform",
    ),
    Contender(
        WALL,
        "numpy",
        _one_pass,
        lambda _, part: {},
        ("all", "summaries"),
        note="one core; no columns: as fast as the input can be read",
    ),
)
