"""The slow twin of the executor: a node of one slice, event by event."""

import operator

import numpy as np

from sktemporal.evaluation import (
    Age,
    Codes,
    Derived,
    Events,
    Intervals,
    Last,
    Numeric,
    Session,
    Since,
    Where,
)
from sktemporal.evaluation.arithmetic import FUNCTIONS

COMPARISONS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
COMPARISONS |= {">=": operator.ge, ">": operator.gt}
STATISTICS = {
    "count": len,
    "sum": lambda x: float(np.sum(x)),
    "mean": lambda x: np.mean(x) if x else np.nan,
    "std": lambda x: np.std(x) if x else np.nan,
    "min": lambda x: min(x, default=np.nan),
    "max": lambda x: max(x, default=np.nan),
    "first": lambda x: x[0] if x else np.nan,
    "last": lambda x: x[-1] if x else np.nan,
    "n_unique": lambda x: len(set(x)),
}


def evaluate(node, seqs, i):
    """Return the value of a node for slice i of sequences with times."""
    if isinstance(node, Derived):
        arguments = (np.array([float(evaluate(a, seqs, i))]) for a in node.arguments)
        return FUNCTIONS[node.function](*arguments)[0]
    found = found_by(node, seqs, i)
    if isinstance(node, Age):
        if not found:
            return np.nan
        row = found[0 if node.end == "first" else -1][0]
        return (seqs.reference_times[i] - seqs.times[row]) / 1e6
    if node.statistic == "span":
        return (seqs.times[found[-1][0]] - seqs.times[found[0][0]]) / 1e6 if found else 0.0
    return _statistic(node, [value for _, value in found])


def found_by(node, seqs, i):
    """(row, value) for each value in the window of a Fold or an Age."""
    events = _events(node.column, seqs, i)
    window = _in_window(node.window, events, seqs, i)
    found = _values(node.column, seqs, events, window, _is_whole(node.window))
    return found[-node.window.n :] if isinstance(node.window, Last) else found


def _statistic(node, values):
    of_codes = "Codes(" in repr(node.column)
    if of_codes and node.statistic == "n_unique" and not values:
        return np.nan
    if node.statistic == "lag":
        return values[-1 - node.parameter] if len(values) > node.parameter else np.nan
    if node.statistic == "quantile":
        return np.quantile(values, node.parameter) if values else np.nan
    return STATISTICS[node.statistic](values)


def _is_whole(window):
    return not isinstance(window, (Since, Session))


def _events(column, seqs, i):
    """Rows of the events that a column knows of."""
    if isinstance(column, Where):
        return _events(column.column, seqs, i)
    rows = range(seqs.starts[i], seqs.stops[i])
    observing = getattr(column, "observing", None)
    if observing is None:
        return [*rows]
    fields = [seqs.fields.index(name) for name in observing]
    return [row for row in rows if not np.isnan(seqs.values[row, fields]).all()]


def _in_window(window, rows, seqs, i):
    """Those of the rows that are in a window; of `Last`, before they are counted."""
    end = int(seqs.reference_times[i]) - window.gap
    closed, times = window.closed, seqs.times
    ends_in = seqs.inclusive if closed is None else closed in ("right", "both")
    starts_in = not seqs.inclusive if closed is None else closed in ("left", "both")
    if window.gap or closed is not None:
        rows = [row for row in rows if times[row] < end or (ends_in and times[row] == end)]
    if isinstance(window, Since):
        first = end - window.duration
        rows = [row for row in rows if times[row] > first or (starts_in and times[row] == first)]
    if isinstance(window, Session):
        for k in range(len(rows) - 1, 0, -1):
            if times[rows[k]] - times[rows[k - 1]] >= window.timeout:
                return rows[k:]
    return rows


def _values(column, seqs, events, window, whole):
    """(row, value) for each value of a column that is in a window."""
    if isinstance(column, Where):
        meets = COMPARISONS[column.compares]
        values = _values(column.column, seqs, events, window, whole)
        return [(row, value) for row, value in values if meets(value, column.value)]
    if isinstance(column, Numeric):
        values = seqs.values[:, seqs.fields.index(column.field)]
        return [(row, float(values[row])) for row in window if not np.isnan(values[row])]
    if isinstance(column, Codes):
        codes = seqs.codes[:, seqs.categorical_fields.index(column.field)]
        return [(row, float(codes[row])) for row in window if codes[row]]
    if isinstance(column, Events):
        return [(row, None) for row in window]
    assert isinstance(column, Intervals)
    among = events if whole else window
    before = dict(zip(among[1:], among[:-1], strict=True))
    times = seqs.times
    return [(row, (times[row] - times[before[row]]) / 1e6) for row in window if row in before]
