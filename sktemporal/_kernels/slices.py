"""Walking the slices of a table: compaction, counting, searching, checking."""

import numpy as np
from numba import types

from ._jit import (
    AGES,
    COUNTS,
    FLOAT_TABLES,
    INDEX,
    OUT,
    PLACES,
    READ_ONLY_TABLES,
    VALUES,
    forced_inline,
    inlined,
    kernel,
)
from ._lanes import (
    LANES,
    all_hold,
    choose,
    count_up_to,
    has_long_columns,
    load_column,
    spread,
)

_SIGN = np.uint64(1 << 63)


@kernel(
    *(
        types.boolean(table, INDEX, INDEX, INDEX, types.boolean, VALUES)
        for table in READ_ONLY_TABLES
    )
)
def copy_observed(table, fields, starts, stops, skip_zero, x):
    """Do what `compact` does, as long as nothing is missing; then every place is known.

    Parameters
    ----------
    table, fields, starts, stops, skip_zero
        As for `compact`.
    x : float64 array of shape (1 + n_fields * the sum of the lengths,)
        Receives the elements.

    Returns
    -------
    whole : bool
        Whether nothing was missing; else `x` is left in disorder.
    """
    n_rows = 0
    for i in range(starts.size):
        n_rows += stops[i] - starts[i]
    i = row = 0
    while i < starts.size:
        start, stop = starts[i], stops[i]
        i += 1
        while i < starts.size and starts[i] == stop:  # on without a gap
            stop = stops[i]
            i += 1
        missing = 0
        for k in range(fields.size):
            column = table[start:stop, fields[k]]
            position = k * n_rows + row
            for j in range(column.size):
                value = np.float64(column[j]) + 0.0
                x[np.uint64(position + j)] = value
                missing += (value != value) | ((value == 0.0) & skip_zero)
        if missing > 0:
            return False
        row += stop - start
    return True


@kernel(
    *(
        types.void(table, INDEX, INDEX, INDEX, types.boolean, VALUES, PLACES)
        for table in READ_ONLY_TABLES
    )
)
def compact(table, fields, starts, stops, skip_zero, x, place):
    """Copy the observed elements of every slice, field by field, one slice after the other.

    Parameters
    ----------
    table : array of shape (n_events, n_columns)
        Values or codes; NaN is missing.
    fields : int64 array of shape (n_fields,)
        The columns of `table` to copy.
    starts, stops : int64 arrays of shape (n_slices,)
        The slices of `table`.
    skip_zero : bool
        Leave out zeros as well: in a column of codes they stand for missing.
    x : float64 array of shape (1 + n_fields * the sum of the lengths,)
        Receives the elements; a negative zero as a positive one, so that equal values are the
        same bits.
    place : int64 array of shape (n_fields, 1 + the sum of the lengths)
        Receives for each element of a field, counted through all slices, its position in `x`, or
        that of the next observed one; in the last column, where the field ends.

    Notes
    -----
    A slice is copied as if nothing were missing, in a loop without branches, which counts what is.
    Where something is, a second loop closes the gaps: it stores each element where the next
    observed one belongs, and moves on only past an observed one.
    """
    position = 0
    for k in range(fields.size):
        row = 0
        for i in range(starts.size):
            column = table[starts[i] : stops[i], fields[k]]
            n = column.size
            observed = 0
            for j in range(n):
                value = np.float64(column[j]) + 0.0
                x[position + j] = value
                place[k, row + j] = position + j
                observed += (value == value) & ((value != 0.0) | (not skip_zero))
            if observed < n:
                ahead = position
                for j in range(n):
                    value = x[position + j]
                    x[ahead] = value
                    place[k, row + j] = ahead
                    ahead += (value == value) & ((value != 0.0) | (not skip_zero))
            position += observed
            row += n
        place[k, row] = position


@kernel(types.void(INDEX, INDEX, INDEX, INDEX, types.boolean, COUNTS))
def first_event_after(times, starts, stops, moments, at_moment, rows):
    """Find in every slice the first row later than a moment, by bisection.

    Parameters
    ----------
    times : int64 array of shape (n_events,)
        Sorted inside each slice.
    starts, stops, moments : int64 arrays of shape (n_entities,)
        The slices, and the moment asked for in each.
    at_moment : bool
        Take a row *at* the moment as later, too.
    rows : int64 array of shape (n_entities,)
        Receives the row; ``stops[i]`` where there is none.
    """
    for i in range(starts.size):
        low, high = starts[i], stops[i]
        while low < high:
            middle = (low + high) // 2
            if times[middle] > moments[i] or (at_moment and times[middle] == moments[i]):
                high = middle
            else:
                low = middle + 1
        rows[i] = low


@kernel(types.void(INDEX, INDEX, COUNTS, COUNTS))
def each_row(starts, stops, rows, owners):
    """Write every row of every slice, one slice after the other, and the slice that it is in."""
    position = 0
    for i in range(starts.size):
        for row in range(starts[i], stops[i]):
            rows[position] = row
            owners[position] = i
            position += 1


@kernel(types.boolean(INDEX, INDEX, INDEX))
def ascending(first, second, third):
    """Tell whether the triples of three columns ascend."""
    for i in range(1, first.size):
        if first[i] != first[i - 1]:
            if first[i] < first[i - 1]:
                return False
        elif second[i] != second[i - 1]:
            if second[i] < second[i - 1]:
                return False
        elif third[i] < third[i - 1]:
            return False
    return True


@kernel(types.void(INDEX, INDEX, COUNTS, types.boolean[::1]))
def newly_covered(starts, stops, covered, apart):
    """Count in every slice the rows that no slice before it covers.

    Parameters
    ----------
    starts, stops : int64 arrays of shape (n_slices,)
        In ascending order of `starts`.
    covered : int64 array of shape (n_slices,)
        Receives the counts.
    apart : bool array of shape (n_slices,)
        Receives where a slice overlaps none before it.
    """
    end = np.int64(-1)
    for i in range(starts.size):
        apart[i] = starts[i] >= end
        covered[i] = max(stops[i] - max(starts[i], end), 0)
        end = max(end, stops[i])


@kernel(types.UniTuple(types.int64, 2)(INDEX, INDEX, types.boolean, COUNTS, COUNTS, COUNTS))
def merge(starts, stops, one_start, run_starts, run_stops, shifts):
    """Merge slices that overlap into runs.

    Parameters
    ----------
    starts, stops : int64 arrays of shape (n_slices,)
        In ascending order of `starts`.
    one_start : bool
        Merge only slices that start in the same row.
    run_starts, run_stops : int64 arrays of shape (n_slices,)
        Receive the runs.
    shifts : int64 array of shape (n_slices,)
        Receives for each slice how far its run moves back where runs lie one after the other.

    Returns
    -------
    n_runs, n_rows : int
        How many there are, and how many rows they have.
    """
    n_runs = n_rows = shift = 0
    for i in range(starts.size):
        opens = i == 0
        if i > 0:
            last = n_runs - 1
            opens = starts[i] != starts[i - 1] if one_start else starts[i] >= run_stops[last]
            if opens:
                n_rows += run_stops[last] - run_starts[last]
            else:
                run_stops[last] = max(run_stops[last], stops[i])
        if opens:
            run_starts[n_runs], run_stops[n_runs] = starts[i], stops[i]
            shift = starts[i] - n_rows
            n_runs += 1
        shifts[i] = shift
    if n_runs > 0:
        n_rows += run_stops[n_runs - 1] - run_starts[n_runs - 1]
    return n_runs, n_rows


@inlined
def _is_younger(time, reference, age, or_equal):
    # The difference of two int64 in order always fits uint64.
    older_by = np.uint64(reference) - np.uint64(time)
    return (older_by < age) | (or_equal & (older_by == age))


@inlined
def _first_younger(times, low, high, reference, age, or_equal):
    """Find the first row of low:high that is younger, in steps that double, then by bisection."""
    step = 1
    while low + step <= high and not _is_younger(times[low + step - 1], reference, age, or_equal):
        low += step
        step *= 2
    high = min(high, low + step - 1)
    while low < high:
        middle = (low + high) // 2
        if _is_younger(times[middle], reference, age, or_equal):
            high = middle
        else:
            low = middle + 1
    return low


@kernel(types.void(INDEX, INDEX, INDEX, INDEX, AGES, types.boolean, PLACES))
def first_younger(times, starts, stops, references, ages, or_equal, rows):
    """Find in every slice the first row that is younger, at the reference time, than each age.

    Parameters
    ----------
    times : int64 array of shape (n_events,)
        Sorted inside each slice.
    starts, stops, references : int64 arrays of shape (n_entities,)
        The slices, and a moment for each that is not before its last row.
    ages : uint64 array of shape (n_ages,)
        In the unit of `times`.
    or_equal : bool
        Take a row of that very age as well.
    rows : int64 array of shape (n_ages, n_entities)
        Receives the rows; ``stops[i]`` where there is none.

    Notes
    -----
    From the rows found in the slice before, where that can be, on: eight rows in one comparison,
    then in steps that double and by bisection: O(1) for successive moments of one history,
    amortised, else O(log n).
    """
    found = np.zeros(ages.size, dtype=np.int64)
    for i in range(starts.size):
        start, stop, reference = starts[i], stops[i], references[i]
        if i == 0 or (
            (start != starts[i - 1]) | (stop < stops[i - 1]) | (reference < references[i - 1])
        ):
            found[:] = start
        oldest = np.uint64(reference) ^ _SIGN  # age of the earliest time of all, -2**63
        for k in range(ages.size):
            row = found[k]
            n = LANES
            if (ages[k] > oldest) | (or_equal & (ages[k] == oldest)):
                n = 0
            elif row + LANES <= times.size:
                latest = reference - np.int64(ages[k]) - or_equal
                n = count_up_to(times, row, latest, stop - row)
                row += n
            if n == LANES:
                row = _first_younger(times, row, stop, reference, ages[k], or_equal)
            found[k] = rows[k, i] = row


@forced_inline
def _any_infinite(values, j, start, stop):
    """Tell whether a column has an infinity in a slice: eight at a time where they lie together."""
    row = start
    if has_long_columns(values) and stop - start >= LANES:
        largest = spread(0.0)
        while row < stop:
            row = min(row, stop - LANES)
            value = abs(load_column(values, row, j))
            largest = choose(value > largest, value, largest)
            row += LANES
        return not all_hold(largest < np.inf)
    infinite = False
    for row in range(start, stop):
        infinite |= abs(values[row, j]) == np.inf
    return infinite


@kernel(*(types.UniTuple(types.int64, 2)(table, INDEX, INDEX) for table in FLOAT_TABLES))
def first_infinity(values, starts, stops):
    """Find the first infinity inside a slice: (slice, position in the table), or (-1, -1).

    The position counts the elements of `values` row by row. Quickest for a single column.
    """
    n_fields = values.shape[1]
    for i in range(starts.size):
        for j in range(n_fields):
            if _any_infinite(values, j, starts[i], stops[i]):
                for row in range(starts[i], stops[i]):
                    for k in range(n_fields):
                        if abs(values[row, k]) == np.inf:
                            return i, row * n_fields + k
    return -1, -1


@inlined
def _all_missing(values, row):
    for j in range(values.shape[1]):
        if values[row, j] == values[row, j]:
            return False
    return True


@kernel(*(types.void(table, COUNTS, COUNTS) for table in FLOAT_TABLES))
def trim_missing(values, starts, stops):
    """Move the ends of every slice inwards past rows in which all fields are NaN, in place."""
    for i in range(starts.size):
        while starts[i] < stops[i] and _all_missing(values, starts[i]):
            starts[i] += 1
        while starts[i] < stops[i] and _all_missing(values, stops[i] - 1):
            stops[i] -= 1


@kernel(types.void(VALUES, INDEX, INDEX, INDEX, INDEX, OUT))
def lagged(x, starts, stops, lags, places, out):
    """Take earlier values of every slice.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
        Observed values in time order.
    starts, stops : int64 arrays of shape (n_entities,)
        The slices of `x`.
    lags : int64 array of shape (n_lags,)
        How far back from the last value, which is lag 0.
    places : int64 array of shape (n_lags,)
        The columns of `out` for them; -1 for what is not wanted.
    out : float64 array of shape (n_entities, n_columns)
        Receives the values; NaN where the slice is too short.
    """
    for i in range(starts.size):
        for k in range(lags.size):
            position = stops[i] - 1 - lags[k]
            if places[k] >= 0:
                out[i, places[k]] = x[position] if position >= starts[i] else np.nan


@kernel(types.void(OUT, types.float64))
def fill_undefined(block, value):
    """Replace every NaN by a value, in place."""
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            block[i, j] = block[i, j] if block[i, j] == block[i, j] else value


@kernel(types.void(INDEX, INDEX, INDEX, COUNTS))
def running_maximum(times, starts, stops, latest):
    """Write a time to each row of every slice that none before it in the slice is later than.

    The latest of them, where no slices overlap; else one at least as late. It never falls inside a
    slice.
    """
    latest[:] = times
    for i in range(starts.size):
        for row in range(starts[i] + 1, stops[i]):
            latest[row] = max(latest[row], latest[row - 1])


@inlined
def _has_arrived(arrival, moment, at_moment):
    return arrival < moment or (at_moment and arrival == moment)


@kernel(types.void(INDEX, INDEX, INDEX, INDEX, INDEX, types.boolean, types.boolean, COUNTS, COUNTS))
def count_arrived(
    arrivals, latest, starts, stops, moments, at_moment, keep_last, n_leading, n_arrived
):
    """Count the events of every slice that had arrived at a moment.

    Parameters
    ----------
    arrivals : int64 array of shape (n_events,)
        When each event became known.
    latest : int64 array of shape (n_events,)
        From `running_maximum`: it tells by bisection where the first late event may be.
    starts, stops, moments : int64 arrays of shape (n_slices,)
        The slices and a moment for each.
    at_moment : bool
        Whether what arrives at the very moment has arrived.
    keep_last : bool
        Count the last event of a slice in any case.
    n_leading, n_arrived : int64 arrays of shape (n_slices,)
        Receive the number of events before the first that had not arrived, and of all that had.
    """
    for i in range(starts.size):
        low, high = starts[i], stops[i]
        while low < high:
            middle = (low + high) // 2
            if _has_arrived(latest[middle], moments[i], at_moment):
                low = middle + 1
            else:
                high = middle
        leading = arrived = low - starts[i]
        for row in range(low, stops[i]):
            kept = keep_last and row == stops[i] - 1
            if kept or _has_arrived(arrivals[row], moments[i], at_moment):
                arrived += 1
                leading += arrived == row - starts[i] + 1
        n_leading[i], n_arrived[i] = leading, arrived


@kernel(types.void(INDEX, INDEX, INDEX, INDEX, types.boolean, types.boolean, COUNTS))
def arrived_rows(arrivals, starts, stops, moments, at_moment, keep_last, rows):
    """Write the rows that `count_arrived` counts, one slice after the other."""
    position = 0
    for i in range(starts.size):
        for row in range(starts[i], stops[i]):
            kept = keep_last and row == stops[i] - 1
            if kept or _has_arrived(arrivals[row], moments[i], at_moment):
                rows[position] = row
                position += 1
