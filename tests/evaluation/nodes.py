"""Nodes of plans, drawn by hypothesis, and a family of given ones."""

import numpy as np
from hypothesis import strategies as st

from sktemporal.evaluation import (
    Age,
    Codes,
    Derived,
    Events,
    Fold,
    Intervals,
    Last,
    Numeric,
    Session,
    Since,
    Where,
    Whole,
)
from sktemporal.features._base import FeatureFamily

HOUR = 3_600_000_000
ENDS = st.sampled_from(
    [(None, 0), ("right", 0), ("left", 0), ("both", HOUR), ("neither", 1), (None, 24 * HOUR)]
)
NUMERIC = st.sampled_from(("x0", "x1")).map(Numeric)
CODES = st.just(Codes("c0"))
OBSERVING = st.sampled_from((None, ("x0",), ("x0", "x1")))
INTERVALS = OBSERVING.map(Intervals)
PLAIN = st.one_of(NUMERIC, CODES, INTERVALS)
COMPARES = st.sampled_from(("<", "<=", "==", "!=", ">=", ">"))
VALUES = PLAIN | st.builds(Where, PLAIN, COMPARES, st.sampled_from((0.0, 1.0, 2.0, 3600.0)))


@st.composite
def windows(draw):
    kind = draw(st.sampled_from((Whole, Last, Since, Session)))
    size = {
        Whole: (),
        Last: (draw(st.integers(1, 4)),),
        Since: (draw(st.sampled_from((1, 10**6, HOUR, 30 * HOUR))),),
        Session: (draw(st.sampled_from((1, 10**6, HOUR, 30 * HOUR))),),
    }[kind]
    return kind(*size, *draw(ENDS))


STATISTICS = st.sampled_from(
    ("count", "sum", "mean", "std", "min", "max", "first", "last", "n_unique")
).map(lambda name: (name, None)) | st.sampled_from(
    (("lag", 0), ("lag", 2), ("quantile", 0.25), ("quantile", 0.5))
)
FOLDS = st.builds(
    lambda statistic, column, window: Fold(statistic[0], column, window, statistic[1]),
    STATISTICS,
    VALUES,
    windows(),
)
OF_EVENTS = st.builds(Fold, st.sampled_from(("count", "span")), OBSERVING.map(Events), windows())
AGES = st.builds(Age, st.sampled_from(("first", "last")), VALUES | OBSERVING.map(Events), windows())
LEAVES = FOLDS | OF_EVENTS | AGES
NODES = LEAVES | st.builds(
    lambda name, a, b: Derived(name, (a, b)),
    st.sampled_from(("difference", "ratio")),
    LEAVES,
    LEAVES,
)


class Planned(FeatureFamily):
    """A family whose plan is a parameter."""

    _parameter_constraints = {**FeatureFamily._parameter_constraints, "nodes": [tuple]}

    def __init__(self, nodes=(), *, fields=None, fill_value=np.nan, prefix="", dtype=np.float64):
        self.nodes = nodes
        self.fields = fields
        self.fill_value = fill_value
        self.prefix = prefix
        self.dtype = dtype

    def _plan(self, fields):
        # Its columns are of all fields, whatever they are called.
        return [(f"column {k}", node) for k, node in enumerate(self.nodes)]
