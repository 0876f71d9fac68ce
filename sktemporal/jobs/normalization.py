"""The job before feature engineering: a raw event log to normalized sequences."""

import warnings
from pathlib import Path

import numpy as np

from ..exceptions import InputError
from ..io import NORMALIZED_FILES, NormalizedSequences, published, write_normalized
from ..sequences import EventSequences


def normalize(log, output, settings, *, length=51, until=None, file_format="numpy"):
    """Make the input directory of the feature job from a raw event log.

    The latest `length` events of every entity, padded in front; ``"truncated_entities"`` in the
    metadata says how many entities have more. The numerical columns are the
    settings' `value_fields` as they are, then the seconds since the event before (missing for the
    first event ever), then the padding indicator (1 = event, 0 = padding). Categories are coded
    1, 2, ... in sorted order.

    Parameters
    ----------
    log : str or Path
        A ``.parquet`` or ``.csv`` file, one row an event.
    output : str or Path
        The directory to write.
    settings : JobSettings
        Names the columns: `sequence_grouping_field`, `timestamp_field`, `value_fields`,
        `categorical_fields`.
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
    log = Path(log)
    try:
        seqs = EventSequences.from_frame(
            _read_log(log, settings),
            entity=settings.sequence_grouping_field,
            time=settings.timestamp_field,
            fields=settings.value_fields,
            categorical_fields=settings.categorical_fields,
        )
        if until is not None:
            seqs = seqs.as_of(seqs.entity_ids, until)
            seqs = seqs[seqs.stops > seqs.starts]
    except ValueError as error:
        raise InputError(f"{log}: {error}") from error
    if len(seqs) == 0:
        raise InputError(f"{log}: no event" + (f" before {until}" if until is not None else ""))
    sequences = _normalized(seqs, length, settings)
    with published(output, NORMALIZED_FILES, inputs=[log]) as staging:
        write_normalized(staging, sequences, file_format, settings.sequence_grouping_field)
    return sequences


def _read_log(path, settings):
    import pandas as pd

    if path.suffix not in _READERS:
        raise InputError(f"{path}: expected a file ending in {' or '.join(_READERS)}")
    if not path.is_file():
        raise InputError(f"{path}: expected an event log, found no such file")
    try:
        frame = _READERS[path.suffix](path, settings)
    except Exception as error:  # each reader has its own; all of them mean an unreadable file
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected a {path.suffix[1:]} file, found: {reason}") from error
    if len(frame) == 0:
        raise InputError(f"{path}: no event")
    name = settings.timestamp_field
    if name in frame and not pd.api.types.is_numeric_dtype(frame[name]):
        frame[name] = _datetimes(frame[name], path)
    return frame


def _read_parquet(path, settings):
    import pandas as pd

    return pd.read_parquet(path)


def _read_csv(path, settings):
    """Read ids and categories as the text that they are; in other columns pandas guesses."""
    import pandas as pd

    text = {settings.sequence_grouping_field, *settings.categorical_fields}
    columns = pd.read_csv(path, nrows=0).columns
    missing = {name: [""] if name in text else _MISSING for name in columns}
    types = {name: str for name in columns if name in text}
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=missing)


def _datetimes(column, path):
    import pandas as pd

    try:
        return pd.to_datetime(column, utc=True, format="ISO8601")
    except (ValueError, TypeError):
        pass  # another format, then: one for all
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # that pandas would guess one by one
            return pd.to_datetime(column, utc=True)
    except (ValueError, TypeError, UserWarning) as error:
        raise InputError(
            f"{path}: column {column.name!r} must hold datetimes of one unambiguous format, like "
            f"2026-01-31 or 2026-01-31T12:00:00+01:00; the first is {column.iloc[0]!r}"
        ) from error


_READERS = {".parquet": _read_parquet, ".csv": _read_csv}
# What stands for a missing number or time in a CSV file.
_MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "NaT"]


def _normalized(seqs, length, settings):
    rows, _ = seqs.event_rows()
    since_before = np.full(len(seqs.times), np.nan)
    later = np.setdiff1d(rows, seqs.starts, assume_unique=False)
    since_before[later] = (seqs.times[later] - seqs.times[later - 1]) / 1e6
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
        reference_delays=(seqs.reference_times - last) / 1e6,
        metadata={
            "sequence_length": length,
            "temporal_field": settings.timestamp_field,
            "entity_id_field": settings.sequence_grouping_field,
            "value_fields": list(seqs.fields),
            "categorical_fields": list(seqs.categorical_fields),
            "categories": {name: [str(v) for v in values] for name, values in vocabularies},
            "include_attention_masks": True,
            "reference_inclusive": seqs.inclusive,
            "truncated_entities": int(np.count_nonzero(seqs.lengths > length)),
        },
    )
