"""The job before feature engineering: a raw event log to normalized sequences."""

from __future__ import annotations

import math
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from ..exceptions import InputError
from ..io import NORMALIZED_FILES, NormalizedSequences, log_files, published, write_normalized
from ..sequences import EventSequences, label_text, seconds_between
from .event_log import as_known_before, moment_of, named, notation_of, read_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .._types import AnyPath, FileFormat
    from .settings import JobSettings


def normalize(
    log: AnyPath | Sequence[AnyPath],
    output: AnyPath,
    settings: JobSettings,
    *,
    length: int = 51,
    until: str | datetime | None = None,
    file_format: FileFormat = "numpy",
) -> NormalizedSequences:
    """Make the input directory of the feature job from a raw event log.

    The latest `length` events of every entity, padded in front; ``"truncated_entities"`` in the
    metadata says how many entities have more. The numerical columns are the
    settings' `value_fields` as they are, then the seconds since the event before (missing for the
    first event ever), then the padding indicator (1 = event, 0 = padding). Categories are coded
    1, 2, ... in sorted order.

    Parameters
    ----------
    log : str or Path, or list of them
        Files of one row an event, directories of such files, or patterns that name some; see
        :func:`sktemporal.io.log_files`.
    output : str or Path
        The directory to write.
    settings : JobSettings
        Names the columns: `sequence_grouping_field`, `timestamp_field`, `value_fields`,
        `categorical_fields`, `arrival_field`; and says how the files are written.
    length : int, default=51
        Number of steps.
    until : str or datetime, default=None
        Only events before this moment count, and the features are asked for at it; entities
        without any are left out. None: all events.
    file_format : {"numpy", "parquet", "csv"}, default="numpy"
        Of the output.

    Returns
    -------
    sequences : NormalizedSequences
        What was written.

    Raises
    ------
    InputError
        If the log cannot be read or lacks a column, or the output cannot be written.
    """
    if length < 1:
        raise InputError(f"length: expected a positive number of steps; got {length}")
    entity = settings.one_entity_column()
    paths = [log] if isinstance(log, (str, PathLike)) else log
    files = log_files(paths, notation_of(settings))
    moment = None if until is None else moment_of(until, settings)
    seqs, dropped, _ = read_log(files, settings)
    if moment is not None:
        seqs = as_known_before(seqs, moment)
        if len(seqs) == 0:
            raise InputError(f"{named(files)}: no event before {until}")
    sequences = _normalized(seqs, length, settings, len(dropped))
    inputs = [file for file, _ in files]
    with published(output, NORMALIZED_FILES, inputs=inputs) as staging:
        write_normalized(staging, sequences, file_format, entity)
    return sequences


def _normalized(seqs, length, settings, n_dropped):
    rows, _ = seqs.event_rows()
    since_before = np.full(len(seqs.times), np.nan)
    later = np.setdiff1d(rows, seqs.starts, assume_unique=False)
    since_before[later] = seconds_between(seqs.times[later - 1], seqs.times[later])
    table = np.column_stack([seqs.values, since_before, np.ones(len(seqs.values))])
    padded = EventSequences(table, seqs.starts, seqs.stops, codes=seqs.codes).to_padded(length)
    mask = padded.mask.astype(np.int8)
    last = seqs.times[seqs.stops - 1]
    vocabularies = zip(seqs.categorical_fields, seqs.categories, strict=True)
    return NormalizedSequences(
        numerical=np.where(padded.mask[:, :, np.newaxis], padded.numerical, 0.0),
        categorical=padded.categorical,
        numerical_mask=mask,
        categorical_mask=mask,
        entity_ids=seqs.entity_ids,
        reference_delays=seconds_between(last, seqs.reference_times),
        metadata={
            "sequence_length": length,
            "temporal_field": settings.timestamp_field,
            "entity_id_field": settings.one_entity_column(),
            "value_fields": list(seqs.fields),
            "categorical_fields": list(seqs.categorical_fields),
            "categories": {name: _for_json(values) for name, values in vocabularies},
            "include_attention_masks": True,
            "reference_inclusive": seqs.inclusive,
            "dropped_events": n_dropped,
            "truncated_entities": int(np.count_nonzero(seqs.lengths > length)),
        },
    )


def _for_json(categories):
    """Categories as JSON has them, and as different text where it has not."""
    plain = [value for value in categories if _is_of_json(value)]
    others = [str(value) for value in categories if not _is_of_json(value)]
    if len({*plain, *others}) < len(plain) + len(others):
        return [value if _is_of_json(value) else label_text(value) for value in categories]
    return [value if _is_of_json(value) else str(value) for value in categories]


def _is_of_json(value):
    return type(value) in (str, int, bool) or (type(value) is float and math.isfinite(value))
