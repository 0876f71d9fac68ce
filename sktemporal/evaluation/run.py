"""One chunk through a program: columns of events are read, kernels called, rows computed."""

import numpy as np

from .plan import Intervals, Last, Numeric, Session, Since, Where
from .program import field_of


def run(program, columns, block, side_by_side):
    """Compute the columns of a program for one chunk.

    Parameters
    ----------
    program : Program
    columns : ObservedColumns
    block : float64 array of shape (n_rows, program.width)
        Receives them; NaN for undefined.
    side_by_side : bool
        Whether the slices go side by side; see `roads`.
    """
    for place in program.undefined:
        block[:, place] = np.nan
    for source in program.sources:
        seen = _seen(columns, source.read)
        windows = source.everything
        if side_by_side:
            windows = source.rest
            if source.tails is not None:
                source.tails.write(_column(seen, source.read, source.tails.fields).slices, block)
        for some in windows:
            column = _column(seen, source.read, some.fields)
            if len(block) == 1:
                some.write_row(seen, column, block[0])
            else:
                some.write(seen, column, block)
    for fold, place in program.of_events:
        seen = _seen(columns, fold.column)
        measure = seen.spans if fold.statistic == "span" else seen.n_events
        block[:, place] = measure(*_rows_of_window(seen, fold.window))
    for age, place, window in program.ages:
        block[:, place] = _ages(_seen(columns, age.column), age, window)
    for function, arguments, place in program.derived:
        block[:, place] = function(*(block[:, argument] for argument in arguments))
    if program.copies.size:
        sources, targets = program.copies
        block[:, targets] = block[:, sources]


def _seen(columns, read):
    """Return the columns of the events that are read: those that observe some fields, or all."""
    if type(read) is Where:
        return _seen(columns, read.column)
    observing = getattr(read, "observing", None)
    return columns if observing is None else columns.observing(observing)


def _column(columns, read, fields):
    if type(read) is Where:
        inner = np.array([field_of(read.column)])
        return columns.where(_column(columns, read.column, inner), read.compares, read.value)
    if type(read) is Intervals:
        return columns.intervals()
    is_numeric = read is Numeric or type(read) is Numeric
    return columns.numerical(fields) if is_numeric else columns.categorical(fields)


def _rows_of_window(columns, window):
    """Return the rows of the chunk with which the windows of events begin and end."""
    durations = [window.duration] if type(window) is Since else []
    first, stops = columns.window_bounds(durations, window.closed, window.gap)
    starts = columns.starts
    if type(window) is Since:
        starts = first[0]
    elif type(window) is Last:
        starts = np.maximum(starts, stops - window.n)
    elif type(window) is Session:
        starts = columns.session_starts(window.timeout, stops)
    return np.minimum(starts, stops), stops


def _ages(columns, age, window):
    """Return the seconds since the first or last event of windows."""
    if window is None:
        starts, stops = _rows_of_window(columns, age.window)
    else:
        fields = np.array([field_of(age.column)])
        column = _column(columns, age.column, fields)
        starts, stops = window.bounds(columns, column)
        starts, stops = starts[0, 0], stops[0]
    found = np.flatnonzero(stops > starts)
    rows = starts[found] if age.end == "first" else stops[found] - 1
    if window is not None:
        rows = column.rows_of(rows)
    ages = np.full(len(starts), np.nan)
    ages[found] = columns.ages(rows, found)
    return ages
