"""What names and values of columns tell of their role: ids, labels, row numbers, times."""

import re
from itertools import pairwise
from numbers import Integral

import numpy as np

from .._warnings import warn
from ..exceptions import DefaultFieldsWarning
from ._held import NUMBERS, held_in, missing_objects

_ID = re.compile(r"(?i:id|uuid|guid|.*[ _.-](id|uuid|guid))|.*[a-z0-9](Id|ID)")
_TIME = re.compile(
    r"(?i:ts|(.*[ _.-])?(time|date|datetime|timestamp)|.*_(at|ts))|.*[a-z](Time|Date|At)"
)
_LABEL = re.compile(
    r"(?i:class|labels?|outcome|target|y|(is[ _]?)?(fraud|fraudulent|churn|churned|chargeback|"
    r"default|defaulted|anomaly|converted)([ _]?(flag|label|target))?)"
)

# No more rows than these are looked at.
_N_ROWS = 1000
# From so many rows on, a column that counts them is taken for their numbers, and text that is
# another one in each row for an id; where the name says so, too, from fewer rows on.
_ENOUGH, _ENOUGH_NAMED = 100, 20


def is_id_name(name):
    """Tell names such as id, card_id, cardId."""
    return _ID.fullmatch(name) is not None


def is_time_name(name):
    """Tell names such as date, event_time, created_at."""
    return _TIME.fullmatch(name) is not None


def warn_of_roles(frame, fields, categorical_fields):
    """Warn of fields taken by default that look like ids or labels.

    Integers whose name is that of an id, or that count the rows; text that is another one in each
    row; and what has the name of a label and at most two values that repeat, whole where they are
    numbers. The first rows tell.
    """
    rows = frame.head(_N_ROWS)
    ids = [name for name in fields if _is_numeric_id(rows.get_column(name))]
    ids += [name for name in categorical_fields if _is_text_id(rows.get_column(name))]
    labels = [
        name
        for name in (*fields, *categorical_fields)
        if _LABEL.fullmatch(name) and _is_label(rows.get_column(name))
    ]
    if not (ids or labels):
        return
    found = [
        f"{', '.join(map(repr, names))} for {role}"
        for names, role in ((ids, "ids"), (labels, "labels"))
        if names
    ]
    meant = {"fields": fields, "categorical_fields": categorical_fields}
    meant = [
        f"{parameter}={[name for name in names if name not in (*ids, *labels)]!r}"
        for parameter, names in meant.items()
        if {*names} & {*ids, *labels}
    ]
    warn(
        f"the fields are all columns that could be some, and one could take {' and '.join(found)}; "
        f"features of them mislead. Say which fields are meant, as in {', '.join(meant)}",
        DefaultFieldsWarning,
    )


def _is_numeric_id(column):
    if is_id_name(column.name):
        return _is_numeric(column) and _are_whole(column)
    present = _present(column)
    if len(present) < max(len(column), _ENOUGH) or not all(map(_is_integer, present)):
        return False
    return all(after - before == 1 for before, after in pairwise(present))


def _is_text_id(column):
    enough = _ENOUGH_NAMED if is_id_name(column.name) else _ENOUGH
    return len(column) >= enough and len(set(_present(column))) == len(column)


def _is_label(column):
    if _is_numeric(column) and not _are_whole(column):
        return False
    present = _present(column)
    return len(set(present)) <= 2 and len(set(present)) < len(present)


def _is_numeric(column):
    return held_in(column)[0] == NUMBERS


def _is_integer(value):
    return isinstance(value, Integral) and not isinstance(value, bool)


def _are_whole(column):
    present = _present(column)
    return len(present) > 0 and all(
        isinstance(value, Integral) or float(value).is_integer() for value in present
    )


def _present(column):
    objects = np.empty(len(column), dtype=object)
    objects[:] = column.to_list()
    return objects[~missing_objects(objects)].tolist()
