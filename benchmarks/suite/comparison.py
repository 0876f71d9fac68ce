"""Contenders side by side on the same histories: checked, then timed in turns."""

from typing import NamedTuple

import numpy as np

from ..measuring import medians, timed
from . import histories
from .columns import column_names
from .contenders import CONTENDERS


class Limits(NamedTuple):
    """How long a comparison may take."""

    #: seconds of one run, beyond which a contender stops
    one_run: float
    #: seconds of all rounds, beyond which there are no more of them
    all_rounds: float
    rounds: int = 5


def contenders_of(part):
    return [c for c in CONTENDERS.values() if part in c.parts and c.installed]


def warm_up(contenders):
    """Load and compile what a contender's first run loads and compiles."""
    few = histories.ragged(20)
    for contender in contenders:
        for part in contender.parts:
            contender.load(few, part)()


def compare(data, part, contenders, limits, report, expected=None):
    """Time the contenders, ours first, after their columns were found equal to ours.

    `expected` seconds of one run, by name, say who is too slow to be tried. Returns a dict from
    name to what is known: "seconds"; or "expected", the seconds for which it was left out; "once"
    where it was run once; "checked", the number of equal columns; "unequal", names of columns.
    """
    expected = expected or {}
    results, runs, ours = {}, {}, None
    for contender in contenders:
        if expected.get(contender.name, 0.0) > limits.one_run:
            results[contender.name] = {"expected": expected[contender.name]}
            continue
        run = contender.load(data, part)
        seconds, computed = timed(run)
        columns = contender.columns(computed, part)
        ours = ours or columns
        results[contender.name] = {"seconds": seconds, **checked(contender, columns, ours)}
        report(f"    {contender.name}: {seconds:.3f} s the first time")
        if seconds > limits.one_run:
            results[contender.name]["once"] = True
        else:
            runs[contender.name] = run
        del run, computed, columns
    ours = None  # its memory is for the runs
    one_round = 3 * sum(results[name]["seconds"] for name in runs)
    n_rounds = int(np.clip(limits.all_rounds / max(one_round, 1e-6), 1, limits.rounds))
    for name, seconds in medians(runs, n_rounds).items():
        results[name]["seconds"] = seconds
    return results


def checked(contender, columns, ours):
    """Compare a contender's columns to ours, except where it defines them differently."""
    names = contender.compared(columns)
    unequal = [name for name in names if not equal(columns[name], ours[name])]
    return {"checked": len(names) - len(unequal), "unequal": unequal}


def equal(theirs, ours):
    """Whether two columns agree to 1e-8, relative; skews near 0 to 1e-9."""
    try:
        np.testing.assert_allclose(theirs, ours, rtol=1e-8, atol=1e-9)
    except AssertionError:
        return False
    return True


def by_size(part, sizes, limits, report):
    """Compare at each number of entities; who is too slow stops."""
    contenders = contenders_of(part)
    tables, expected = {}, {}
    for n_entities, following in zip(sizes, (*sizes[1:], sizes[-1]), strict=True):
        growth = following / n_entities
        report(f"{part}: {n_entities:,} entities")
        data = histories.ragged(n_entities)
        table = compare(data, part, contenders, limits, report, expected)
        tables[str(n_entities)] = table
        for name, result in table.items():
            seconds = result.get("seconds", result.get("expected"))
            expected[name] = seconds * growth
    return {"columns": len(column_names(part)), "tables": tables}


def by_length(lengths, n_events, limits, report):
    """Compare at each length of the histories, with the same number of events in all."""
    contenders = [c for c in contenders_of("all") if not c.has_workers]
    tables = {}
    for kind in ("fixed", "log-normal"):
        tables[kind] = {}
        for length in lengths:
            report(f"{n_events:,} events in histories of {length} steps, {kind}")
            data = histories.of_mean_length(length, n_events, kind)
            tables[kind][str(length)] = compare(data, "all", contenders, limits, report)
    return {"n_events": n_events, "tables": tables}
