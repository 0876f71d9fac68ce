"""Leaving out what had not arrived."""

import numpy as np

from .. import _kernels


def arrived(view, histories, moments, at_moment, keep_last):
    """Leave out of a view the events that had not arrived by its moments.

    Parameters
    ----------
    view : EventSequences
        Beginnings of the slices of `histories`, with the same table.
    histories : EventSequences
    moments : int64 array of shape (n_rows,)
    at_moment : bool
        Whether an event that arrives at the very moment is known by then.
    keep_last : bool
        Keep the last event of each slice in any case.

    Returns
    -------
    sequences : EventSequences
        With the same table where every slice is then shorter at its end alone; else the rows of
        the others are copied behind it.
    """
    latest = np.empty_like(view.arrivals)
    _kernels.running_maximum(view.arrivals, histories.starts, histories.stops, latest)
    kept, n_kept = np.empty((2, len(view)), dtype=np.int64)
    cut = view.arrivals, latest, view.starts, view.stops, moments, at_moment, keep_last
    _kernels.count_arrived(*cut, kept, n_kept)
    stops = view.starts + kept
    holed = n_kept > kept
    if not holed.any():
        return view.replace(stops=stops)

    rows = np.empty(n_kept[holed].sum(), dtype=np.int64)
    part = view[holed]
    cut = view.arrivals, part.starts, part.stops, moments[holed], at_moment, keep_last
    _kernels.arrived_rows(*cut, rows)
    n_events = len(view.values)
    starts, stops = view.starts.copy(), stops.copy()
    stops[holed] = n_events + np.cumsum(n_kept[holed])
    starts[holed] = stops[holed] - n_kept[holed]
    table = view.table.of_rows(lambda column: np.concatenate((column, column[rows])))
    return view.replace(table=table, starts=starts, stops=stops)
