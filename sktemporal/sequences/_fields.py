"""Which columns of a data frame are fields."""

from .._warnings import warn
from ..exceptions import DefaultFieldsWarning
from ._held import NUMBERS, NUMBERS_AND_TEXT, TEXT, held_in
from ._roles import warn_of_roles


def selected_fields(frame, keys, fields, categorical_fields):
    """Resolve which columns are numerical and categorical fields, and check that they exist.

    By default all that hold numbers or text are; what else there is, is named in a warning.
    """
    by_default = fields is None, categorical_fields is None
    fields, categorical_fields = map(_names, (fields, categorical_fields))
    columns = frame.columns
    for name in (*keys, *fields, *categorical_fields):
        if name not in columns:
            raise ValueError(f"column {name!r} is not in the frame; it has {columns}")
    if any(by_default):
        chosen = fields, categorical_fields
        fields, categorical_fields = _defaults(frame, keys, *chosen, *by_default)
    chosen = fields, categorical_fields
    for name in (*fields, *categorical_fields):
        if not isinstance(name, str):
            raise ValueError(
                f"the names of fields must be strings; column {name!r} has one of type "
                f"{type(name).__name__} (rename them, as by frame.rename(columns=str) of pandas)"
            )
    warn_of_roles(frame, *(c if d else () for c, d in zip(chosen, by_default, strict=True)))
    return chosen


def _names(names):
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def _defaults(frame, keys, fields, categorical_fields, numbers, texts):
    """Choose fields by what the columns hold, and say what may not be as expected."""
    others = [name for name in frame.columns if name not in keys]
    held = {name: held_in(frame.get_column(name)) for name in others}
    if numbers:
        fields = tuple(name for name in others if held[name][0] == NUMBERS)
    if texts:
        both = TEXT, NUMBERS_AND_TEXT
        categorical_fields = tuple(
            name for name in others if held[name][0] in both and name not in fields
        )
    unchosen = [name for name in others if name not in (*fields, *categorical_fields)]
    left_out = [name for name in unchosen if held[name][0] not in (NUMBERS, TEXT)]
    mixed = [name for name in categorical_fields if held[name][0] == NUMBERS_AND_TEXT]
    if numbers and left_out:
        listed = ", ".join(f"{name!r} ({held[name][1]})" for name in left_out)
        warn(
            f"no fields by default, since they hold neither numbers nor text alone: {listed}. "
            "Convert what is to count (a duration to seconds, say), or name the `fields`",
            DefaultFieldsWarning,
        )
    if texts and mixed:
        listed = ", ".join(f"{name!r} ({_first_text(frame, name)})" for name in mixed)
        warn(
            f"categorical by default, since they hold numbers and text: {listed}. Convert what is "
            "to be a number (pandas.to_numeric), or name the `categorical_fields`",
            DefaultFieldsWarning,
        )
    return fields, categorical_fields


def _first_text(frame, name):
    values = frame.get_column(name).to_list()
    row = next(row for row, value in enumerate(values) if isinstance(value, str))
    return f"row {row} has {values[row]!r}"
