"""From the files of an event log to histories, as the settings say."""

import warnings

from ..exceptions import InputError
from ..io import LogNotation, read_event_log
from ..sequences import EventSequences


def notation_of(settings):
    """How the files of the log are written."""
    return LogNotation(
        settings.log_format,
        "\t" if settings.csv_separator == "\\t" else settings.csv_separator,  # as shells give it
        settings.csv_quote,
        settings.csv_decimal,
        settings.log_encoding,
    )


def read_log(files, settings, like=None):
    """Read an event log with the columns that the settings name.

    Parameters
    ----------
    files : list of (Path, str)
        As `log_files` returns them.
    settings : JobSettings
    like : Pipeline, default=None
        A fitted pipeline whose codes the categories get.

    Returns
    -------
    sequences : EventSequences
    n_dropped : int
        How many rows without an entity were left out.

    Raises
    ------
    InputError
        If a file, a row or a cell cannot be used.
    """
    frame, n_dropped = read_event_log(
        files,
        _roles(settings),
        notation_of(settings),
        required=[settings.sequence_grouping_field],
        drop_missing=settings.drop_missing_entity,
    )
    where = named(files)
    if len(frame) == 0:
        raise InputError(f"{where}: no event")
    frame = _with_datetimes(frame, settings, where)
    fields = settings.value_fields, settings.categorical_fields
    try:
        sequences = EventSequences.from_frame(
            frame,
            entity=settings.sequence_grouping_field,
            time=settings.timestamp_field,
            arrival=settings.arrival_field,
            fields=fields[0] if like is None else None,
            categorical_fields=fields[1] if like is None else None,
            like=like,
        )
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    return sequences, n_dropped


def named(files):
    """Name some files in a message."""
    first = str(files[0][0])
    return first if len(files) == 1 else f"{first} and {len(files) - 1} other files"


def _roles(settings):
    roles = {}
    columns = {
        "SEQUENCE_GROUPING_FIELD": ([settings.sequence_grouping_field], "label"),
        "TIMESTAMP_FIELD": ([settings.timestamp_field], "moment"),
        "ARRIVAL_FIELD": ([settings.arrival_field] if settings.arrival_field else [], "moment"),
        "VALUE_FIELDS": (settings.value_fields, "number"),
        "CATEGORICAL_FIELDS": (settings.categorical_fields, "label"),
    }
    of = {}
    for variable, (names, role) in columns.items():
        for name in names:
            if name in roles:
                raise InputError(f"{variable}: {name!r} is named by {of[name]}, too")
            roles[name], of[name] = role, variable
    return roles


def _with_datetimes(frame, settings, where):
    """Read times that are text."""
    import pandas as pd
    import pyarrow as pa

    for name in (settings.timestamp_field, settings.arrival_field):
        kind = None if name is None else frame.schema.field(name).type
        if kind in (pa.string(), pa.large_string()):
            column = _datetimes(frame[name].to_pandas(), where)
            times = pa.Array.from_pandas(pd.Series(column))
            frame = frame.set_column(frame.column_names.index(name), name, times)
    return frame


def _datetimes(column, where):
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
            f"{where}: column {column.name!r} must hold datetimes of one unambiguous format, like "
            f"2026-01-31 or 2026-01-31T12:00:00+01:00; the first is {column.iloc[0]!r}"
        ) from error
