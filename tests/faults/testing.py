"""Faults of the checks that others test their transformers with."""

from faults import Fault

_CHECKS = "sktemporal/testing/_checks.py"
_COMPARISON = "sktemporal/testing/_comparison.py"
_LEAKAGE = "sktemporal/testing/_leakage.py"

_TESTS_OF_CHECKS = ("tests/test_testing.py",)
_TESTS_OF_COMPARISON = ("tests/test_comparison.py",)
_TESTS_OF_LEAKAGE = ("tests/test_other_futures.py", "tests/test_leakage.py")

_VALUES = '    parts["values"][changed] = other - 3.0 * np.nan_to_num(parts["values"][changed])\n'
_CODES = '    parts["codes"][changed] = (rng.random_sample(shape) * n_codes).astype(np.int32)\n'
_MOVED = '        moved = is_future & ~(taken & (parts["times"] == references))\n'

FAULTS = [
    Fault("leakage: values unchanged", _LEAKAGE, _VALUES, "", _TESTS_OF_LEAKAGE),
    Fault("leakage: codes unchanged", _LEAKAGE, _CODES, "", _TESTS_OF_LEAKAGE),
    Fault(
        "leakage: intervals unchanged",
        _LEAKAGE,
        '        parts["intervals"][changed] = rng.exponential(1000.0, n_changed)\n',
        "        pass\n",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: times behind the histories unchanged",
        _LEAKAGE,
        '        parts["times"][moved] = _after(references[moved], rng)\n',
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: times of later rows unchanged",
        _LEAKAGE,
        '            parts["times"][late] = _between(later_than, references[late], rng)\n',
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: values of later rows unchanged",
        _LEAKAGE,
        "            changed |= late\n",
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: arrivals unchanged",
        _LEAKAGE,
        '        parts["arrivals"][changed] = parts["times"][changed]\n',
        "        pass\n",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: events at the very moment unchanged",
        _LEAKAGE,
        _MOVED,
        _MOVED + "        changed = moved.copy()\n",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: what is observed of events that are added is not",
        _LEAKAGE,
        '        parts["observed"] |= is_future\n',
        "        pass\n",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: the events behind a history are not there",
        _LEAKAGE,
        "_N_TAKEN, _N_ADDED = 3, 2",
        "_N_TAKEN, _N_ADDED = 0, 0",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: no events are added",
        _LEAKAGE,
        "_N_TAKEN, _N_ADDED = 3, 2",
        "_N_TAKEN, _N_ADDED = 3, 0",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: none of the events behind a history is taken over",
        _LEAKAGE,
        "_N_TAKEN, _N_ADDED = 3, 2",
        "_N_TAKEN, _N_ADDED = 0, 2",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: no event of a later row is left out",
        _LEAKAGE,
        "_SHARE_KEPT = 0.7",
        "_SHARE_KEPT = 1.0",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: later rows keep their entities",
        _LEAKAGE,
        "            entities[later_rows] = rng.permutation(entities[later_rows])\n",
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: later rows keep their moments",
        _LEAKAGE,
        "        moments[later_rows] = _after(np.full(len(later_rows), later_than), rng)\n",
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: rows at the moment itself are not compared",
        _LEAKAGE,
        "            later = sequences.reference_times > moment\n",
        "            later = sequences.reference_times >= moment\n",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: events of later rows at the moment itself unchanged",
        _LEAKAGE,
        "(seqs.times[rows] >= later_than)",
        "(seqs.times[rows] > later_than)",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: the first moment alone is looked at",
        _LEAKAGE,
        "return distinct[np.linspace(0, len(distinct) - 1, n).astype(int)]",
        "return distinct[:1]",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: an event that arrived at the reference time is refused",
        _LEAKAGE,
        "late = (seqs.arrivals[rows] > moments) & ~asked_about",
        "late = (seqs.arrivals[rows] >= moments) & ~asked_about",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: the event asked about has to have arrived",
        _LEAKAGE,
        "late = (seqs.arrivals[rows] > moments) & ~asked_about",
        "late = seqs.arrivals[rows] > moments",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: the last event may have arrived later, whenever it was",
        _LEAKAGE,
        "(rows == seqs.stops[owner] - 1) & (seqs.times[rows] == moments)",
        "rows == seqs.stops[owner] - 1",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: any event at the reference time may have arrived later",
        _LEAKAGE,
        "(rows == seqs.stops[owner] - 1) & (seqs.times[rows] == moments)",
        "seqs.times[rows] == moments",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: what fit reads of the future is not looked at",
        _LEAKAGE,
        "refitted = clone(transformer).fit(_with_another_future(sequences, rng), y)",
        "refitted = fitted",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: a fitted transformer is fitted again",
        _LEAKAGE,
        "if not _is_fitted(transformer):",
        "if True:",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: targets of other rows",
        _LEAKAGE,
        "None if y is None else np.asarray(y)[chosen]",
        "None if y is None else np.asarray(y)[: len(chosen)]",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: whether the reference moment is in is forgotten",
        _LEAKAGE,
        "        inclusive=seqs.inclusive,\n",
        "",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "leakage: the events of a history out of order",
        _LEAKAGE,
        'np.lexsort((parts["times"], is_future, owner))',
        "np.lexsort((is_future, owner))",
        _TESTS_OF_LEAKAGE,
    ),
    Fault(
        "comparison: -0.0 is 0.0",
        _COMPARISON,
        "        same &= np.signbit(found) == np.signbit(expected)\n",
        "",
        _TESTS_OF_COMPARISON,
    ),
    Fault(
        "comparison: the sign of NaN counts",
        _COMPARISON,
        "same |= np.isnan(found) & np.isnan(expected)",
        "same |= np.isnan(found) & np.isnan(expected) & "
        "(np.signbit(found) == np.signbit(expected))",
        _TESTS_OF_COMPARISON,
    ),
    Fault(
        "comparison: NaN is any number",
        _COMPARISON,
        "same |= np.isnan(found) & np.isnan(expected)",
        "same |= np.isnan(found) | np.isnan(expected)",
        _TESTS_OF_COMPARISON,
    ),
    Fault(
        "comparison: the type does not count",
        _COMPARISON,
        " or found.dtype != expected.dtype:",
        ":",
        _TESTS_OF_COMPARISON,
    ),
    Fault(
        "comparison: rows that differ are counted by values",
        _COMPARISON,
        "(~same).any(axis=1).sum()",
        "(~same).sum()",
        _TESTS_OF_COMPARISON,
    ),
    Fault(
        "checks: garbage behind the mask in transform alone",
        _CHECKS,
        "        found = _features(_fit(transformer, dirty), X)\n",
        "        found = _features(fitted, X)\n",
        _TESTS_OF_CHECKS,
    ),
    Fault(
        "checks: read-only input is not given",
        _CHECKS,
        "        part.flags.writeable = False\n",
        "        pass\n",
        _TESTS_OF_CHECKS,
    ),
    Fault(
        "checks: a pickle may grow by a byte for each entity",
        _CHECKS,
        "if growth >= (repeats - 1) * len(X):",
        "if growth > 2 * (repeats - 1) * len(X):",
        _TESTS_OF_CHECKS,
    ),
    Fault(
        "checks: other warnings of empty histories are allowed",
        _CHECKS,
        "if not issubclass(warning.category, EmptyHistoryWarning):",
        "if not issubclass(warning.category, UserWarning):",
        _TESTS_OF_CHECKS,
    ),
    Fault(
        "checks: a number of fields too many is not tried",
        _CHECKS,
        "for other in (1, n_fields + 1):",
        "for other in (1,):",
        _TESTS_OF_CHECKS,
    ),
]
