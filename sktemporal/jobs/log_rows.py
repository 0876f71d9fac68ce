"""The rows of the feature job on an event log: which histories, and what identifies them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exceptions import InputError
from ..io import log_files, read_event_log
from ..sequences import EventSequences
from .event_log import (
    as_known_before,
    as_written,
    in_settings,
    moment_of,
    named,
    notation_of,
    read_log,
    with_ids_like,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .settings import JobSettings


@dataclass(frozen=True)
class LogSource:
    """An event log as the input of the feature job, and the rows that are wanted.

    Without `labels` and `each_event`, a row is an entity with all of its events.

    Parameters
    ----------
    events : sequence of str or Path
        Files, directories or patterns; see :func:`sktemporal.io.log_files`.
    labels : str or Path, default=None
        A file with a row for each row wanted: the entity, under the name that it has in the log;
        the moment whose features are asked for, under that of the log's times or `label_time_field`
        of the settings (what happens at it, or later, is not known); and any other columns.
    each_event : bool, default=False
        A row for each event, with what came before it.
    until : str or datetime, default=None
        Only events before this moment count. The features are asked for at it; with `each_event`,
        the rows are those of the events before it.
    target : str, default=None
        The column with the target: of the labels, or with `each_event` of the log.
    """

    events: Any
    labels: Any = None
    each_event: bool = False
    until: Any = None
    target: str | None = None

    def __post_init__(self):
        if self.labels is not None and self.each_event:
            raise InputError("--labels, --each-event: each says which rows; give one of them")
        if self.target is not None and self.labels is None and not self.each_event:
            raise InputError("--target: a column of --labels, or of the log with --each-event")

    def files(self, settings: JobSettings) -> list[tuple[Path, str]]:
        """Find the files of the log."""
        return log_files(self.events, notation_of(settings))


@dataclass(frozen=True)
class Rows:
    """Histories whose features are asked for, and what goes along with them.

    Attributes
    ----------
    sequences : EventSequences
    left_out : datetime64[us] array of shape (n_rows,) or None
        When the latest of the events happened that are missing before each history; None: not
        known.
    has_moments : bool, default=False
        Whether the moments belong to what identifies the rows.
    n_dropped : int, default=0
        Events without an entity that were left out.
    labels : pyarrow.Table of n_rows rows or None
        The columns of the labels.
    target : ndarray of shape (n_rows,) or None
    """

    sequences: EventSequences
    left_out: np.ndarray | None = None
    has_moments: bool = False
    n_dropped: int = 0
    labels: Any = None
    target: np.ndarray | None = None


def rows_of_log(source, settings, like=None):
    """Read an event log and cut the histories that are wanted.

    Parameters
    ----------
    source : LogSource
    settings : JobSettings
    like : Pipeline, default=None
        A fitted pipeline, whose fields and categories are those of the log.

    Returns
    -------
    rows : Rows

    Raises
    ------
    InputError
        If a file, a row or a cell cannot be used, or there is no row.
    """
    files = source.files(settings)
    until = None if source.until is None else moment_of(source.until, settings)
    of_log = [source.target] if source.target is not None and source.each_event else []
    sequences, dropped, columns = read_log(files, settings, like, also=of_log)
    if source.labels is not None:
        rows = _labelled(sequences, source, until, settings)
    elif source.each_event:
        rows = _each_event(sequences, source, until, columns, dropped)
    else:
        cut = sequences if until is None else as_known_before(sequences, until)
        rows = Rows(cut)
    if len(rows.sequences) == 0:
        raise InputError(f"{named(files)}: no event before {source.until}")
    return replace(rows, n_dropped=len(dropped))


def _each_event(sequences, source, until, columns, dropped):
    """Rows entity by entity, in order of time, each with the row of the log that it is about."""
    import pyarrow as pa

    view = sequences.each_event()
    frame_row = sequences.frame_rows[sequences.event_rows()[0]]
    if until is not None:
        early = np.flatnonzero(view.reference_times < until)
        view, frame_row = view.part(early), frame_row[early]
    keys = view.row_labels(True)
    labels = {name: pa.Array.from_pandas(keys[name]) for name in keys}
    if "log_row" in labels or source.target == "log_row":
        raise InputError(
            "--each-event: the labels have a column 'log_row', the row in the log; rename that of "
            "the log"
        )
    log_rows = np.delete(np.arange(len(sequences.frame_rows) + len(dropped)), dropped)
    labels["log_row"] = pa.array(log_rows[frame_row])
    target = None
    if source.target is not None:
        column = columns[source.target].take(frame_row)
        labels.setdefault(source.target, column)
        target = _target_of(column, source)
    return Rows(view, None, True, labels=pa.table(labels), target=target)


def _labelled(sequences, source, until, settings):
    """Rows in the order of the labels."""
    entity = settings.entity_columns
    time = settings.label_time_field or settings.timestamp_field
    roles = dict.fromkeys(entity, "label")
    if until is None:
        roles[time] = "moment" if settings.time_format is None else "label"
    if source.target is not None:
        roles.setdefault(source.target, "any")
    notation = notation_of(settings, source.labels)
    files = log_files([source.labels], notation)
    labels, _ = read_event_log(
        files, roles, notation, required=entity, drop_missing=None, rest=True
    )
    if len(labels) == 0:
        raise InputError(f"{source.labels}: no label")
    if until is not None and time in labels.column_names:
        raise InputError(
            f"--until: {source.labels} has moments of its own, in column {time!r}; give one of them"
        )
    labels = with_ids_like(labels, entity, sequences.entity_ids, source.labels)
    ids = labels[entity[0]] if len(entity) == 1 else labels.select(list(entity))
    moments = {"times": until, "time_unit": "us"}
    if until is None:
        moments = as_written(labels[time], settings)
    try:
        view = sequences.as_of(ids, unknown=settings.unknown_entities, **moments)
    except ValueError as error:
        raise InputError(f"{source.labels}: {in_settings(error)}") from error
    target = None if source.target is None else _target_of(labels[source.target], source)
    return Rows(view, None, until is None, labels=labels, target=target)


def _target_of(column, source):
    """Take the values of a column for the target."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        raise InputError(
            f"--target: column {source.target!r} must hold numbers, times or classes; its type is "
            f"{column.type}"
        )
    if all(column.is_null(nan_is_null=True).to_pylist()):
        raise InputError(f"--target: column {source.target!r} has no value in any of the rows")
    return column.to_pandas().to_numpy()
