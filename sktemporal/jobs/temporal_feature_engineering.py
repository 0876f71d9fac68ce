"""The feature job: normalized sequences, or an event log, to features with a quality report.

Runs as ``python -m sktemporal features`` and as a file of its own:
``python temporal_feature_engineering.py --job_type training``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

# Absolute, since this file is also run by its path.
from sktemporal.exceptions import InputError
from sktemporal.io import (
    FEATURE_FILES,
    published,
    write_features,
    write_json,
    write_labelled_features,
    write_labels,
)
from sktemporal.jobs.feature_input import read_sequences
from sktemporal.jobs.feature_matrix import check_cache, feature_matrix
from sktemporal.jobs.log_rows import LogSource, Rows, rows_of_log
from sktemporal.pipelines import Pipeline, load_pipeline, make_temporal_pipeline, save_pipeline
from sktemporal.pipelines.register import FAMILIES, FEATURE_TYPES

if TYPE_CHECKING:
    from typing import Any, Literal

    from .._types import AnyPath
    from .settings import JobSettings


@dataclass(frozen=True)
class FeatureTensors:
    """What the feature job made.

    Attributes
    ----------
    features : float32 ndarray of shape (n_rows, n_features)
    names : list of str
        Of the columns.
    entity_ids : ndarray of shape (n_rows,) or None
    report : dict
        The contents of quality_report.json.
    n_dropped : int
        Events of a log that were left out, since they named no entity.
    """

    features: np.ndarray
    names: list
    entity_ids: np.ndarray | None
    report: dict
    n_dropped: int = 0


def engineer_features(
    job_type: Literal["training", "validation", "testing", "calibration"],
    settings: JobSettings,
    source: AnyPath | LogSource,
    output_directory: AnyPath,
    pipeline: AnyPath | None = None,
) -> Any:
    """Compute the features of event histories and write them with a quality report.

    Parameters
    ----------
    job_type : {"training", "validation", "testing", "calibration"}
        "training" fits a pipeline and saves it as ``pipeline.skops`` beside the features.
    settings : JobSettings
    source : str, Path or LogSource
        The directory of normalized sequences; or an event log, of which the features are those of
        the pipeline on the histories that :meth:`EventSequences.as_of` or
        :meth:`EventSequences.each_event` gives.
    output_directory : str or Path
    pipeline : str or Path, default=None
        A pipeline that a training job saved, for the other job types: it is applied unchanged,
        and the report gives its training's scores beside those of these features. Without it,
        they are computed as the settings say.

    Returns
    -------
    tensors : FeatureTensors

    Raises
    ------
    InputError
        If a setting or a file cannot be used. The output is then as it was.
    """
    if pipeline is not None and job_type == "training":
        raise InputError("--pipeline: training fits its own; give it to the other job types")
    check_cache(settings, output_directory)
    fitted = None if pipeline is None else _loaded(pipeline)
    inputs = _inputs(source, settings, pipeline)
    with published(output_directory, FEATURE_FILES, inputs=inputs) as staging:
        steps = _configured(settings) if fitted is None else fitted
        rows = _rows(source, _with_fields_of(fitted, settings), fitted)
        union = steps["features"]
        if fitted is None:
            _fit(union, rows)
        _check_windows(union.named_transformers_["rolling"].windows, rows.sequences)
        names = _column_names(union)
        matrix = feature_matrix(union, rows.sequences, settings)
        _check_finite(matrix, names)
        matrix, names, report = _after_quality(steps, matrix, names, rows, fitted is None)
        report = {"job_type": job_type, **report}
        tensors = FeatureTensors(matrix, names, rows.sequences.entity_ids, report, rows.n_dropped)
        _write_features(staging, tensors, rows, source, settings)
        metadata = _metadata(tensors, union, job_type, settings, rows)
        if isinstance(source, LogSource):
            metadata |= _of_log(rows)
        write_json(staging / "feature_metadata.json", metadata)
        write_json(staging / "quality_report.json", tensors.report)
        if job_type == "training":
            save_pipeline(steps, staging / "pipeline.skops")
    return tensors


def _inputs(source, settings, pipeline):
    """Find the files that are read, which the output must not replace."""
    inputs = [] if pipeline is None else [pipeline]
    if not isinstance(source, LogSource):
        return [*inputs, source]
    inputs += [file for file, _ in source.files(settings)]
    return inputs if source.labels is None else [*inputs, source.labels]


def _rows(source, settings, fitted):
    if isinstance(source, LogSource):
        return rows_of_log(source, settings, fitted)
    settings.one_entity_column()  # several are refused before anything is computed
    return Rows(*read_sequences(Path(source), settings))


def _write_features(staging, tensors, rows, source, settings):
    features, names, file_format = tensors.features, tensors.names, settings.output_format
    if not isinstance(source, LogSource):
        field = settings.one_entity_column()
        write_features(staging, features, names, tensors.entity_ids, file_format, field)
        return
    keys = rows.sequences.row_labels(rows.has_moments)
    write_labelled_features(staging, features, names, keys, rows.has_moments, file_format)
    if rows.labels is not None:
        write_labels(staging, rows.labels, file_format)


def _loaded(path):
    pipeline = load_pipeline(path)
    if not isinstance(pipeline, Pipeline) or "features" not in pipeline.named_steps:
        raise InputError(
            f"--pipeline: expected a pipeline that a training job saved in {path}, "
            f"found {type(pipeline).__name__}"
        )
    return pipeline


def _with_fields_of(fitted, settings):
    """Take the fields from the fitted pipeline, where the settings do not name them."""
    if fitted is None:
        return settings
    union = fitted["features"]
    learned = {
        "value_fields": tuple(union.feature_names_in_),
        "categorical_fields": tuple(union.categorical_feature_names_in_),
    }
    for name, fields in learned.items():
        given = getattr(settings, name)
        if name in settings.model_fields_set and given != fields:
            raise InputError(
                f"{name.upper()}: the pipeline was fitted on {list(fields)}; got {list(given)}"
            )
    return settings.model_copy(update=learned)


def _fit(union, rows):
    try:
        union.fit(rows.sequences)
    except ValueError as error:  # windows that are the same in two units, for instance
        raise InputError(f"the settings do not fit together: {error}") from error


def _column_names(union):
    try:
        return [str(name) for name in union.get_feature_names_out()]
    except ValueError as error:  # for instance a value field called time_delta
        raise InputError(f"VALUE_FIELDS: two features would have one name. {error}") from error


def _check_windows(windows, sequences):
    if sequences.times is None and any(isinstance(window, str) for window in windows):
        raise InputError(
            f"WINDOW_SIZES: durations {list(windows)} need event times, which intervals give only "
            "if they are seconds, none of them negative"
        )


def _configured(settings):
    """Make the pipeline that the settings describe."""
    pipeline = make_temporal_pipeline(
        feature_types=settings.feature_types,
        windows=settings.windows,
        aggregations=settings.aggregation_functions,
        lags=settings.lag_features,
        alpha=settings.exponential_smoothing_alpha,
        quality=settings.enable_validation,
        dtype=np.float32,
    )
    members = dict(pipeline["features"].transformer_list)
    for entry in FAMILIES:
        if entry.name in members:
            members[entry.name].set_params(prefix=entry.prefix)
    if settings.enable_validation:
        pipeline["quality"].set_params(
            missing_value_threshold=settings.missing_value_threshold,
            correlation_threshold=settings.correlation_threshold,
            variance_threshold=settings.variance_threshold,
            outlier_detection=settings.outlier_detection,
        )
    return pipeline


def _after_quality(steps, matrix, names, rows, fit):
    """Measure the features and fill them; the quality step is fitted where the union was."""
    import pandas as pd

    if "quality" not in steps.named_steps:
        empty = {"validation_results": {}, "quality_metrics": {}, "recommendations": []}
        return matrix, names, {"validation_enabled": False, **empty}
    frame = pd.DataFrame(matrix, columns=names, copy=False)
    report = _report(steps, frame, rows, fit)
    names = [str(name) for name in steps["quality"].get_feature_names_out()]
    # What it does to an array that belongs to nobody else: no copy.
    return steps["quality"].fill_and_select(matrix), names, {"validation_enabled": True, **report}


def _report(steps, features, rows, fit):
    """Let the pipeline report: of what it is fitted on, or of others beside its training."""
    X, known = rows.sequences, {"features": features, "left_out": rows.left_out}
    if fit:
        return _with_target(steps.fit_quality, X, rows.target, **known).report_
    training = steps.report_
    return {
        **_with_target(steps.report, X, rows.target, **known),
        "drift": steps.drift(X, features=features),
        "training": {name: training[name] for name in ("n_entities", "quality_metrics")},
    }


def _with_target(measure, X, target, **known):
    try:
        return measure(X, target, **known)
    except ValueError as error:
        if target is None:
            raise
        raise InputError(f"--target: {error}") from error


def _check_finite(matrix, names):
    """Refuse what float32 cannot hold rather than write infinities."""
    infinite = np.isinf(matrix)
    if infinite.any():
        i, j = np.unravel_index(int(infinite.argmax()), matrix.shape)
        raise InputError(
            f"feature {names[j]} of entity {i} is beyond the range of float32; scale the field"
        )


def _of_log(rows):
    """What feature_metadata.json has, or has of other meaning, where the input is an event log."""
    import pandas as pd

    return {
        "entity_id_field": rows.sequences.entity_name,
        "entity_count": len(pd.unique(rows.sequences.entity_ids)),
        "row_count": len(rows.sequences),
        "truncated_entities": 0,
        "dropped_events": rows.n_dropped,
    }


def _metadata(tensors, union, job_type, settings, rows):
    """Describe the features: the contents of feature_metadata.json."""
    left_out = rows.left_out
    n_truncated = None if left_out is None else int(np.count_nonzero(~np.isnat(left_out)))
    n_entities, n_features = tensors.features.shape
    n_generic = sum(name.startswith("generic_") for name in tensors.names)
    members = union.named_transformers_
    return {
        "feature_count": n_features,
        "entity_count": n_entities,
        "truncated_entities": n_truncated,
        "output_format": settings.output_format,
        "job_type": job_type,
        "entity_id_field": settings.sequence_grouping_field,
        "temporal_field": settings.timestamp_field,
        "feature_metadata": {
            "generic_feature_count": n_generic,
            "window_feature_count": n_features - n_generic,
            "total_feature_count": n_features,
            "entity_count": n_entities,
            # Of the pipeline that made them, whatever the settings of this run.
            "configuration": {
                "feature_types": [name for name in FEATURE_TYPES if name in members],
                "value_fields": list(union.feature_names_in_),
                "categorical_fields": list(union.categorical_feature_names_in_),
                "window_sizes": list(members["rolling"].windows),
                "aggregation_functions": list(members["rolling"].aggregations),
                "lag_features": list(members["lag"].lags),
                "exponential_smoothing_alpha": members["smoothing"].alpha,
            },
        },
        "tensor_shapes": {"features": [n_entities, n_features]},
    }


if __name__ == "__main__":
    import typer

    from sktemporal.jobs.commands import features, run

    app = typer.Typer(add_completion=False)
    app.command()(features)
    run(app)
