"""Event logs as JSON Lines: one object a line, one line an event."""

import json
import math

from ..exceptions import InputError
from .columns import checked_names, integers_beyond_floats, warn_of_inexact
from .text_files import not_in_encoding, open_text


def read_columns(path, roles, notation, rest=False):
    """Read fields of the objects in a file of JSON Lines, compressed or not.

    Parameters
    ----------
    path : Path
    roles : dict of str to {"label", "number", "moment", "any"}
        What the fields are for. Values keep their type: text stays text. A field that an object
        lacks is missing in it.
    notation : LogNotation
        Of it, the encoding.
    rest : bool, default=False
        Read the other fields, too, as "any".

    Returns
    -------
    table : pyarrow.Table

    Raises
    ------
    InputError
        If the file, a line or a value is not what it must be.
    """
    import pyarrow as pa

    columns = {}
    try:
        with open_text(path, notation.encoding) as lines:
            n_events = _read_into(columns, lines, None if rest else roles, path)
    except UnicodeError as error:
        raise not_in_encoding(path, notation.encoding) from error
    except (OSError, EOFError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: expected JSON Lines, found: {reason}") from error
    names = checked_names(list(columns), path, roles, rest) if n_events else list(roles)
    kinds = {name: roles.get(name, "any") for name in names}
    for values in columns.values():
        values.extend([None] * (n_events - len(values)))
    return pa.table(
        {name: _column(columns.get(name, []), name, kind, path) for name, kind in kinds.items()}
    )


def _read_into(columns, lines, wanted, path):
    """Add the values of each line to the columns; returns the number of events."""
    n_events = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line, object_pairs_hook=_without_repetition)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: expected a JSON object: {error}") from error
        if not isinstance(event, dict):
            raise InputError(
                f"{path}, line {number}: expected a JSON object for each event, "
                f"found {line.strip()[:60]!r}"
            )
        for name in event if wanted is None else [name for name in event if name in wanted]:
            value = event[name]
            if isinstance(value, float) and math.isnan(value):
                value = None
            if isinstance(value, (dict, list)):
                raise InputError(
                    f"{path}, line {number}: {name!r} must be text, a number, a truth value or "
                    f"null; found {json.dumps(value)[:60]}"
                )
            column = columns.setdefault(name, [])
            column.extend([None] * (n_events - len(column)))
            column.append(value)
        n_events += 1
    return n_events


def _without_repetition(pairs):
    event = dict(pairs)
    if len(event) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} occurs twice in it")
    return event


def _column(values, name, role, path):
    """Make a column of one type; numbers and text are never mixed."""
    import pyarrow as pa

    present = [value for value in values if value is not None]
    types = {type(value) for value in present}
    if not types:
        return pa.nulls(len(values), pa.float64() if role == "number" else pa.string())
    if types <= {int, float} and (role == "number" or (role == "moment" and float in types)):
        whole = [value for value in present if type(value) is int and abs(value) >= 2**53]
        warn_of_inexact(integers_beyond_floats(whole), name, path)
        return pa.array([_as_float(value) for value in values], pa.float64())
    if role == "number" and types != {bool}:
        i = next(i for i, value in enumerate(values) if type(value) not in (int, float, type(None)))
        raise InputError(
            f"{path}: field {name!r} must hold numbers; event {i + 1} has {values[i]!r}"
        )
    if len(types) > 1:
        other = next(v for v in present if type(v) is not type(present[0]))
        raise InputError(
            f"{path}: {name!r} must be of one type in all events; event "
            f"{values.index(other) + 1} has {other!r}, others have {present[0]!r}"
        )
    try:
        return pa.array(values)
    except OverflowError as error:
        raise InputError(f"{path}: integers of {name!r} must fit 64 bits: {error}") from error
    except (pa.ArrowException, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: {name!r} cannot be read: {reason}") from error


def _as_float(value):
    try:
        return None if value is None else float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # refused by name where fields are read
