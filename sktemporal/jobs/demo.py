"""The whole path on real data: an event log to features, a report, and a model."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from ..datasets import load_cdnow
from .commands import path_option
from .normalization import normalize
from .settings import read_settings
from .temporal_feature_engineering import engineer_features

_HORIZON = "90 days"
_CUT_OFFS: dict[Literal["training", "validation"], str] = {
    "training": "1998-01-01",
    "validation": "1998-04-01",
}
_SETTINGS = {
    "sequence_grouping_field": "customer_id",
    "timestamp_field": "date",
    "value_fields": ["dollar_value", "number_of_cds"],
    "categorical_fields": [],
    "window_kind": "time",
    "window_sizes": [30, 90, 180, 365],
}


def demo(
    output_directory: Annotated[
        Path, path_option("--output", help="Directory for all files of the demo.")
    ] = Path("sktemporal-demo"),
) -> None:
    """Run everything once on the bundled CDNOW purchase log, and fit a classifier."""
    log = load_cdnow()
    print(f"CDNOW: {len(log):,} purchases of {log.customer_id.nunique():,} customers\n")
    output_directory.mkdir(parents=True, exist_ok=True)
    log.to_parquet(output_directory / "log.parquet")

    # Under this prefix there are no variables: the demo is the same in every environment.
    settings = read_settings(_env_prefix="SKTEMPORAL_DEMO_", **_SETTINGS)
    tensors = {}
    for job_type, cut_off in _CUT_OFFS.items():
        directory = output_directory / job_type
        sequences = directory / "normalized_sequences"
        normalized = normalize(output_directory / "log.parquet", sequences, settings, until=cut_off)
        pipeline = None
        if job_type != "training":
            pipeline = output_directory / "training" / "features" / "pipeline.skops"
        result = engineer_features(job_type, settings, sequences, directory / "features", pipeline)
        tensors[job_type] = result
        _print_job(job_type, cut_off, normalized, result, directory / "features")
    _print_recommendations(tensors["training"].report)
    _print_scores(log, tensors)


def _print_job(job_type, cut_off, normalized, result, directory):
    metrics = result.report["quality_metrics"]
    print(
        f"{job_type}: purchases before {cut_off}\n"
        f"  sequences  {_shape(normalized.numerical)}  (customers, steps, columns)\n"
        f"  features   {_shape(result.features)}  (customers, features)\n"
        f"  quality    {metrics['overall_score']:.2f} ({metrics['grade']})\n"
        f"  files      {directory}"
    )


def _shape(array):
    return " x ".join(f"{n:,}" for n in array.shape)


def _print_recommendations(report):
    print("\nThe report on the training features recommends:")
    for sentence in report["recommendations"]:
        print(f"  - {sentence}")


def _print_scores(log, tensors):
    """Fit the same classifier on the features and on recency and frequency, and compare."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    def tables(job_type):
        result = tensors[job_type]
        baseline, label = _baseline_and_label(log, result.entity_ids, _CUT_OFFS[job_type])
        return {"sktemporal": result.features, "recency and frequency": baseline}, label

    train, y_train = tables("training")
    test, y_test = tables("validation")
    print(
        f"\nWho buys again within {_HORIZON}? Trained at {_CUT_OFFS['training']}, tested at "
        f"{_CUT_OFFS['validation']} ({y_test.mean():.0%} do). ROC AUC:"
    )
    for name, features in train.items():
        model = HistGradientBoostingClassifier(
            learning_rate=0.05, max_leaf_nodes=15, random_state=0
        ).fit(features, y_train)
        score = roc_auc_score(y_test, model.predict_proba(test[name])[:, 1])
        print(f"  {name:<22} {features.shape[1]:>3} columns   {score:.3f}")


def _baseline_and_label(log, customers, cut_off):
    """Days since the last purchase and number of purchases; whether one follows in time."""
    import pandas as pd

    cut_off = pd.Timestamp(cut_off)
    before = log[log.date < cut_off].groupby("customer_id").date.agg(["max", "count"])
    recency = (cut_off - before["max"]).dt.days
    baseline = np.column_stack([recency, before["count"]])[before.index.get_indexer(customers)]
    after = log[(log.date >= cut_off) & (log.date < cut_off + pd.Timedelta(_HORIZON))]
    return baseline, np.isin(customers, after.customer_id)
