"""From the files of an event log to histories, as the settings say."""

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
            time_unit=settings.timestamp_unit,
            time_format=settings.time_format,
            time_zone=settings.time_zone,
            ambiguous=settings.ambiguous_times,
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
    # What has a format of its own is not to be taken for a number: it may begin with 0.
    moment_role = "moment" if settings.time_format is None else "label"
    columns = {
        "SEQUENCE_GROUPING_FIELD": ([settings.sequence_grouping_field], "label"),
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


def as_known_before(sequences, until, settings):
    """Cut the histories at a moment given in a setting or an option; those without events go."""
    known = sequences.as_of(sequences.entity_ids, **moment(until, settings))
    return known[known.stops > known.starts]


def moment(until, settings):
    """What `as_of` takes for a moment: ISO 8601, or a number where there is a unit for it."""
    if settings.timestamp_unit is not None and isinstance(until, str):
        try:
            return {"times": int(until), "time_unit": settings.timestamp_unit}
        except ValueError:
            pass
    return {"times": until, "ambiguous": settings.ambiguous_times}
