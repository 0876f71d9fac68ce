"""What a user writes, for a type checker: ``mypy`` takes it with all that it is strict about."""

from typing import assert_type

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

import sktemporal
from sktemporal import (
    EventSequences,
    FeatureMemory,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    make_temporal_pipeline,
    prepare,
    prune,
)
from sktemporal.datasets import load_cdnow
from sktemporal.evaluation import Derived, Fold, Last, Numeric
from sktemporal.features import FeatureFamily
from sktemporal.io import load_pipeline, save_pipeline
from sktemporal.model_selection import MomentSplit
from sktemporal.quality import QualityReportTransformer, quality_report
from sktemporal.testing import check_no_leakage, check_sequence_transformer


def histories() -> EventSequences:
    log = load_cdnow()
    seqs = EventSequences.from_frame(log, entity="customer_id", time="date", duplicates="keep")
    seqs = seqs.as_of(seqs.entity_ids, "1998-01-01", unknown="ignore")
    assert_type(seqs.tail(3).since("7d", closed="left").each_event(), EventSequences)
    assert_type(seqs[:10], EventSequences)
    assert_type(len(seqs), int)
    assert_type(seqs.shape, tuple[int, int, int])
    padded = EventSequences.from_padded(np.ones((2, 3, 1)), np.ones((2, 3)), fields=["amount"])
    return seqs if len(padded) else padded


def features(seqs: EventSequences) -> pd.DataFrame:
    pipeline = make_temporal_pipeline(windows=(3, "30d"), lags=(1, 2), closed=None, n_jobs=2)
    frame: pd.DataFrame = pipeline.set_output(transform="pandas").fit_transform(seqs)
    for sentence in pipeline.report_["recommendations"]:
        print(sentence)
    small = prune(pipeline, ["lag_1_dollar_value"])
    serve = prepare(small)
    assert_type(serve, sktemporal.pipelines.PreparedPipeline)
    save_pipeline(pipeline, "pipeline.skops")
    load_pipeline("pipeline.skops", trusted=["sklearn.tree._tree.Tree"]).transform(seqs)
    return frame


def families(seqs: EventSequences) -> None:
    assert_type(StatisticalFeatures(("mean", "max")).fit(seqs), StatisticalFeatures)
    rolling = RollingWindowFeatures((7, np.timedelta64(1, "D")), ("mean",), gap="1h").fit(seqs)
    print(rolling.get_feature_names_out().tolist())
    lags = LagFeatures(lags=(1,), fields=["dollar_value"], fill_value=np.nan, dtype=np.float32)
    union = TemporalFeatureUnion([("rolling", rolling), ("lags", lags)], memory=FeatureMemory())
    model = Pipeline([("features", union), ("quality", QualityReportTransformer(drop=True))])
    purchases = seqs[::40].each_event(inclusive=True)
    for train, test in MomentSplit(3, gap="30d").split(purchases):
        model.fit(purchases[train]).transform(purchases[test])
    report = quality_report(union.fit(seqs).transform(seqs), union.get_feature_names_out())
    print(report["quality_metrics"])


class LastToMean(FeatureFamily):
    """The ratio of the last value to the mean of the last so many."""

    def __init__(self, n: int = 7, *, fields: list[str] | None = None) -> None:
        self.n = n
        self.fields = fields
        self.fill_value = 0.0
        self.prefix = ""
        self.dtype = np.float64

    def _plan(self, fields: list[str]) -> list[tuple[str, Derived]]:
        return [(f"last_to_mean_{name}", self._node(Numeric(name))) for name in fields]

    def _node(self, column: Numeric) -> Derived:
        return Derived("ratio", (Fold("last", column), Fold("mean", column, Last(self.n))))


def checks(seqs: EventSequences) -> None:
    check_sequence_transformer(LastToMean(), needs_times=False)
    check_no_leakage(LastToMean(), seqs[::40].each_event(), n_rows=100)


def mistakes(seqs: EventSequences) -> None:
    """What a type checker finds: it is told to, and complains where it would not."""
    seqs.tail("3")  # type: ignore[arg-type]
    seqs.since("7d", closed="open")  # type: ignore[arg-type]
    seqs.as_of(["a"])  # type: ignore[call-arg]
    seqs.at_once()  # type: ignore[attr-defined]
    LagFeatures(lag=(1,))  # type: ignore[call-arg]
    StatisticalFeatures(dtype="int")  # type: ignore[arg-type]
    make_temporal_pipeline(windows=7)  # type: ignore[arg-type]
    MomentSplit(groups="card")  # type: ignore[arg-type]
    Fold("mean", "amount")  # type: ignore[arg-type]
    prune(seqs, columns=1)  # type: ignore[arg-type]


if __name__ == "__main__":
    seqs = histories()
    print(features(seqs))
    families(seqs)
    checks(seqs)
