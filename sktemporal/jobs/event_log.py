"""From the files of an event log to histories, as the settings say."""

import re
from pathlib import Path

from ..exceptions import InputError
from ..io import LogNotation, has_known_ending, read_event_log
from ..sequences import EventSequences, TimeNotation, as_microseconds


def notation_of(settings, labels=None):
    """How the files of the log are written, or those of labels, whose format may be another."""
    own = labels is not None and has_known_ending(Path(labels))
    return LogNotation(
        "auto" if own else settings.events_format,
        "\t" if settings.csv_separator == "\\t" else settings.csv_separator,  # as shells give it
        settings.csv_quote,
        settings.csv_decimal,
        settings.events_encoding,
    )


def read_log(files, settings, like=None, also=()):
    """Read an event log with the columns that the settings name.

    Parameters
    ----------
    files : list of (Path, str)
        As `log_files` returns them.
    settings : JobSettings
    like : Pipeline, default=None
        A fitted pipeline whose codes the categories get.
    also : sequence of str, default=()
        Other columns that are wanted.

    Returns
    -------
    sequences : EventSequences
    dropped : ndarray of int
        The rows of the log that were left out, since they name no entity.
    columns : pyarrow.Table
        Those of `also`.

    Raises
    ------
    InputError
        If a file, a row or a cell cannot be used.
    """
    frame, dropped = read_event_log(
        files,
        dict.fromkeys(also, "any") | _roles(settings),
        notation_of(settings),
        required=settings.entity_columns,
        drop_missing=settings.drop_missing_entity,
    )
    where = named(files)
    if len(frame) == 0:
        raise InputError(f"{where}: no event")
    fields = settings.value_fields, settings.categorical_fields
    entity = settings.entity_columns
    try:
        sequences = EventSequences.from_frame(
            frame,
            entity=list(entity) if len(entity) > 1 else entity[0],
            time=settings.timestamp_field,
            arrival=settings.arrival_field,
            fields=fields[0] if like is None else None,
            categorical_fields=fields[1] if like is None else None,
            like=like,
            time_unit=settings.timestamp_unit,
            time_format=settings.time_format,
            time_zone=settings.time_zone,
            ambiguous=settings.ambiguous_times,
        )
    except ValueError as error:
        counted = " (rows are counted without those that name no entity)" if len(dropped) else ""
        raise InputError(f"{where}: {in_settings(error)}{counted}") from error
    return sequences, dropped, frame.select(list(also))


# The settings behind the parameters that errors of the library name.
_SETTINGS = {
    "time_unit": "TIMESTAMP_UNIT",
    "time_format": "TIME_FORMAT",
    "time_zone": "TIME_ZONE",
    "ambiguous": "AMBIGUOUS_TIMES",
}
# Not where they are quoted: a column may have such a name.
_PARAMETER = re.compile(rf"(?<!['\w])({'|'.join(_SETTINGS)})(?!['\w])")


def in_settings(error):
    """The message of an error of the library with the names of settings for its parameters'."""
    message = str(error).replace("unknown='ignore'", "UNKNOWN_ENTITIES=ignore")
    return _PARAMETER.sub(lambda found: _SETTINGS[found[0]], message)


def named(files):
    """Name some files in a message."""
    first = str(files[0][0])
    return first if len(files) == 1 else f"{first} and {len(files) - 1} other files"


def _roles(settings):
    roles = {}
    # What has a format of its own is not to be taken for a number: it may begin with 0.
    moment_role = "moment" if settings.time_format is None else "label"
    columns = {
        "SEQUENCE_GROUPING_FIELD": (settings.entity_columns, "label"),
        "TIMESTAMP_FIELD": ([settings.timestamp_field], moment_role),
        "ARRIVAL_FIELD": ([settings.arrival_field] if settings.arrival_field else [], moment_role),
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


def moment_of(until, settings):
    """Read the moment of an option: ISO 8601, or a number where there is a unit for it.

    Returns
    -------
    microseconds : int
        Since 1970 in UTC.
    """
    unit = settings.timestamp_unit
    number = unit is not None and isinstance(until, str) and re.fullmatch(r"-?\d+", until)
    notation = TimeNotation(
        unit if number else None, None, settings.time_zone, settings.ambiguous_times
    )
    try:
        return int(as_microseconds(int(until) if number else until, "--until", notation))
    except ValueError as error:
        # No format is read in an option.
        message = re.sub(r", or have a time_format|: give time_format=.*", "", str(error))
        raise InputError(in_settings(message)) from error


def as_known_before(sequences, microseconds):
    """Cut the histories at a moment; those without events go."""
    known = sequences.as_of(sequences.entity_ids, microseconds, time_unit="us")
    return known[known.stops > known.starts]


def as_written(column, settings):
    """The parameters of `as_of` for moments that are written as those of the log, or plainly.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
    settings : JobSettings

    Returns
    -------
    parameters : dict
    """
    import pyarrow as pa

    parameters = {"times": column, "ambiguous": settings.ambiguous_times}
    types = pa.types
    if types.is_integer(column.type) or types.is_floating(column.type):
        parameters["time_unit"] = settings.timestamp_unit
    if "time_unit" not in parameters or settings.timestamp_unit is None:
        is_time = types.is_timestamp(column.type) or types.is_date(column.type)
        parameters["time_format"] = None if is_time else settings.time_format
    return parameters


def with_ids_like(labels, columns, ids, path):
    """Make integers of ids that came as text, where those of the log are integers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for k, name in enumerate(columns):
        in_log = ids.tolist()[0] if len(columns) == 1 else ids.tolist()[0][k]
        column = labels[name]
        if type(in_log) is not int or column.type not in (pa.string(), pa.large_string()):
            continue
        wrong = pc.invert(pc.match_substring_regex(column, r"^(0|-?[1-9][0-9]{0,18})$"))
        if pc.any(wrong).as_py():
            row = pc.index(wrong, True).as_py()
            raise InputError(
                f"{path}: {name!r} must hold integers, as in the log; row {row} has "
                f"{column[row].as_py()!r}"
            )
        try:
            integers = column.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise InputError(f"{path}: {name!r} must fit 64 bits: {error}") from error
        labels = labels.set_column(labels.column_names.index(name), name, integers)
    return labels
