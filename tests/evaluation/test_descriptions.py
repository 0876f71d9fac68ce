"""Descriptions of nodes: as they read, and whether they are true."""

import dataclasses
import functools
import itertools
import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from evaluation.nodes import HOUR, LEAVES, Planned
from histories import features, histories, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.exact import mean_of, std_of
from oracles.families import History
from oracles.plan import found_by

from sktemporal import (
    BehavioralFeatures,
    CategoricalFeatures,
    ExponentialSmoothingFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
    describe,
)
from sktemporal.evaluation import (
    Age,
    Codes,
    Derived,
    Events,
    Fold,
    Intervals,
    Last,
    Numeric,
    Session,
    Since,
    Undefined,
    Where,
    Whole,
)
from sktemporal.evaluation import calls as kernel_calls
from sktemporal.evaluation.arithmetic import FUNCTIONS, WORDS
from sktemporal.evaluation.descriptions import describe_node
from sktemporal.evaluation.words import STATISTICS, duration_words
from sktemporal.exceptions import EmptyHistoryWarning
from sktemporal.sequences import duration_in_microseconds

DAY = 24 * HOUR
AMOUNT = Numeric("amount")
EVERY_STATISTIC = (
    *("count", "sum", "mean", "std", "min", "max", "p25", "skew", "kurtosis", "range", "cv"),
    *("var", "median", "first", "last", "n_unique", "q90"),
)


def mean(window=Whole(), column=AMOUNT):  # noqa: B008 - frozen
    return Fold("mean", column, window)


DEFINITIONS = [
    (mean(), "mean of amount over the whole history"),
    (mean(Last(7)), "mean of amount over the last 7 observed values"),
    (mean(Last(1)), "mean of amount over the last observed value"),
    (mean(Since(7 * DAY)), "mean of amount over the last 7 days"),
    (mean(Since(HOUR)), "mean of amount over the last 1 hour"),
    (
        mean(Since(7 * DAY, "left", DAY)),
        "mean of amount over the 7 days that end 1 day before the reference time, start included, "
        "end excluded",
    ),
    (
        mean(Since(90 * 60_000_000, "both")),
        "mean of amount over the last 90 minutes, both ends included",
    ),
    (mean(Whole("left")), "mean of amount over the whole history before the reference time"),
    (mean(Whole("right")), "mean of amount over the whole history"),
    (
        mean(Last(3, None, HOUR)),
        "mean of amount over the last 3 observed values up to 1 hour before the reference time",
    ),
    (
        mean(Last(3, "neither", HOUR)),
        "mean of amount over the last 3 observed values up to 1 hour before the reference time, "
        "end excluded",
    ),
    (
        mean(Last(3), Intervals(("amount", "fee"))),
        "mean of the seconds between events in which amount or fee is observed over the last 3 "
        "intervals",
    ),
    (Fold("count", AMOUNT), "number of values of amount over the whole history"),
    (Fold("count", Events(), Since(DAY)), "number of events over the last 1 day"),
    (Fold("n_unique", Codes("shop")), "number of distinct values of shop over the whole history"),
    (Fold("lag", AMOUNT, parameter=2), "value of amount 2 values before the last"),
    (Fold("lag", AMOUNT, parameter=0), "last value of amount"),
    (Fold("first", AMOUNT, Whole(None, HOUR)), "first value of amount up to 1 hour before the "
     "reference time"),
    (Fold("quantile", AMOUNT, parameter=0.5), "median of amount over the whole history"),
    (Fold("quantile", AMOUNT, parameter=0.9), "90th percentile of amount over the whole history"),
    (Fold("quantile", AMOUNT, parameter=0.01), "1st percentile of amount over the whole history"),
    (Fold("quantile", AMOUNT, parameter=0.12), "12th percentile of amount over the whole history"),
    (Fold("quantile", AMOUNT, parameter=0.29), "29th percentile of amount over the whole history"),
    (
        Fold("smoothed", AMOUNT, parameter=0.3),
        "exponentially smoothed level (alpha 0.3) of amount over the whole history",
    ),
    (
        Derived("ratio", (mean(Last(7)), mean(Last(30)))),
        "mean of amount over the last 7 observed values divided by mean of amount over the last "
        "30 observed values",
    ),
    (
        Derived("ratio", (Derived("difference", (mean(), Fold("last", AMOUNT))), mean())),
        "(mean of amount less last value of amount) divided by mean of amount, over the whole "
        "history",
    ),
    (
        Fold("count", Where(Intervals(), ">=", 1800.0)),
        "number of intervals between events where the interval >= 1800 seconds over the whole "
        "history",
    ),
    (
        mean(Last(3), Where(Where(AMOUNT, ">", 1.0), "<", 5.0)),
        "mean of amount where amount > 1 and amount < 5 over the last 3 such values",
    ),
    (
        Fold("count", Where(Codes("shop"), "==", 3.0)),
        "number of values of shop where the code == 3 over the whole history",
    ),
    (
        mean(Session(HOUR // 2)),
        "mean of amount over the last session (since a gap of at least 30 minutes)",
    ),
    (
        Fold("count", Events(), Session(HOUR, "left")),
        "number of events over the last session before the reference time (since a gap of at "
        "least 1 hour)",
    ),
    (Age("last", AMOUNT), "seconds since the last value of amount"),
    (Age("first", Events(), Since(DAY)), "seconds since the first event over the last 1 day"),
    (Undefined(), "undefined, since there are no fields"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "definition"), DEFINITIONS)
def test_definitions_are_sentences(node, definition):
    assert describe_node(node).definition == definition


UNITS = [
    (Fold("sum", AMOUNT), "of amount"),
    (Fold("var", AMOUNT), "of amount squared"),
    (Fold("slope", AMOUNT), "of amount per step"),
    (Fold("cv", AMOUNT), "1"),
    (Fold("count", AMOUNT), "values"),
    (Fold("count", Events()), "events"),
    (Fold("count", Intervals()), "intervals"),
    (mean(column=Intervals()), "seconds"),
    (Fold("var", Intervals()), "seconds squared"),
    (Derived("ratio", (mean(), Fold("last", AMOUNT))), "1"),
    (Derived("ratio", (Fold("sum", AMOUNT), Fold("count", Events()))), "of amount per events"),
    (Derived("ratio", (mean(), mean(column=Numeric("fee")))), "of amount per fee"),
    (Derived("ratio", (mean(), Fold("cv", AMOUNT))), "of amount"),
    (Derived("difference", (mean(), Fold("last", AMOUNT))), "of amount"),
    (Derived("difference", (mean(), Fold("cv", AMOUNT))), None),
    (mean(column=Where(AMOUNT, ">", 1.0)), "of amount"),
    (Age("last", AMOUNT), "seconds"),
    (Derived("ratio", (Derived("difference", (mean(), Fold("cv", AMOUNT))), mean())), None),
    (Undefined(), None),
]


@pytest.mark.parametrize(("node", "unit"), UNITS)
def test_units(node, unit):
    assert describe_node(node).unit == unit


STATES = [
    (mean(), "A"),
    (Fold("smoothed", AMOUNT, parameter=0.3), "A"),
    (Fold("lag", AMOUNT, parameter=0), "A"),
    (Fold("n_unique", AMOUNT), "A*"),
    (Fold("lag", AMOUNT, parameter=1), "B"),
    (mean(Last(3)), "B"),
    (mean(Since(DAY)), "B"),
    (Fold("gini", Intervals(), Last(3)), "B"),
    (Fold("gini", Intervals()), "C"),
    (Fold("quantile", AMOUNT, parameter=0.5), "C"),
    (Age("last", Where(AMOUNT, ">", 1.0)), "A"),
    (mean(Session(HOUR)), "A"),
    (Fold("n_unique", AMOUNT, Session(HOUR)), "A*"),
    (Fold("quantile", AMOUNT, Session(HOUR), 0.5), "B"),
    (mean(Session(HOUR, "left")), "B"),
    # What is behind a gap, or at a moment that is left out, waits.
    (mean(Whole(None, HOUR)), "B"),
    (mean(Whole("left")), "B"),
    (mean(Whole("neither")), "B"),
    (mean(Whole("right")), "A"),
    (Fold("n_unique", AMOUNT, Whole("left")), "B"),
    (Fold("quantile", AMOUNT, Whole("left"), 0.5), "C"),
    # The worst of the arguments.
    (Derived("ratio", (mean(), Fold("n_unique", AMOUNT))), "A*"),
    (Derived("ratio", (mean(Last(3)), Fold("n_unique", AMOUNT))), "B"),
    (Derived("ratio", (Derived("ratio", (Fold("gini", Intervals()), mean())), mean())), "C"),
    (Undefined(), "A"),
]


@pytest.mark.parametrize(("node", "state"), STATES)
def test_states(node, state):
    assert describe_node(node).state == state


def test_every_statistic_and_every_function_has_words():
    kernels = kernel_calls._kernels
    named = {*kernels.MOMENTS, *kernels.EXTREMES, *kernels.SHAPE}
    named |= {*kernel_calls.OF_CODES, *kernel_calls.OF_FOLDS, "span"}
    assert STATISTICS.keys() == named
    assert WORDS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("node", [Numeric("amount"), "mean", None])
def test_what_is_no_node_is_refused(node):
    with pytest.raises(TypeError, match="must be a"):
        describe_node(node)


@given(st.integers(1, 10**15))
def test_durations_in_words_are_the_durations(microseconds):
    short, spoken = duration_words(microseconds)
    assert duration_in_microseconds(short) == microseconds
    number, unit = spoken.split()
    assert short.startswith(number)
    assert unit.endswith("s") == (number != "1")


# Whether it is true where a column is undefined, and what is read


def families(with_times):
    nan = {"fill_value": np.nan}
    windows = (2, "1h") if with_times else (2,)
    some = ("count", "mean", "skew", "n_unique", "q90", "last")
    ends = [{}]
    if with_times:
        ends += [{"closed": "left"}, {"closed": "both", "gap": "1s"}, {"gap": "1h"}]
    return [
        StatisticalFeatures(EVERY_STATISTIC, **nan),
        CategoricalFeatures(**nan),
        TemporalPatternFeatures(**nan),
        TemporalPatternFeatures(fields=("x0",), **nan),
        BehavioralFeatures(**nan),
        LagFeatures((0, 1, 3), **nan),
        ExponentialSmoothingFeatures(**nan),
        *(RollingWindowFeatures(windows, some, **end, **nan) for end in ends),
        Planned(tuple(_nodes_of_events(with_times))),
    ]


def _nodes_of_events(with_times):
    """What no family has, of intervals and of events."""
    windows = [Whole(), Last(2)]
    if with_times:
        windows += [Since(HOUR), Since(DAY, "both", 1_000_000), Whole("left")]
    for column in (Intervals(), Intervals(("x0", "x1"))):
        for window in windows:
            for statistic in ("count", "sum", "mean", "gini", "slope", "n_unique", "skew"):
                yield Fold(statistic, column, window)
    for column in (Events(), Events(("x1",))):
        for window in windows:
            yield Fold("count", column, window)
            yield Fold("span", column, window)
            yield Derived(
                "where_any", (Fold("span", column, window), Fold("count", column, window))
            )
    yield Fold("lag", Numeric("x0"), Last(2), 2)
    for window in windows:
        a_mean, a_sum = (Fold(statistic, Numeric("x0"), window) for statistic in ("mean", "sum"))
        yield Derived("ratio", (a_mean, a_mean))
        if not isinstance(window, Last):
            yield Derived("ratio", (a_sum, Fold("count", Events(), window)))
    yield Undefined()


@functools.cache
def fitted(with_times):
    """Return a fitted union of all that there is, and its description."""
    members = [(f"m{k}", family) for k, family in enumerate(families(with_times))]
    union = TemporalFeatureUnion(members)
    union.fit(sequences_of([History({"x0": [1.0], "x1": [2.0]}, {"c0": [1]}, [0])]))
    return union, describe(union).to_dict("records")


@st.composite
def asked_histories(draw):
    """Draw histories with the moments that they are asked for."""
    drawn = draw(histories(max_entities=3, max_length=6))
    inclusive = draw(st.booleans())
    for history in drawn:
        after = draw(st.sampled_from((0, 1, 1_000_000, HOUR, DAY)))
        history.reference = (history.times[-1] if history.times else 10**15) + after
        history.inclusive = inclusive
    return drawn


@st.composite
def timeless_histories(draw):
    """Draw histories with intervals, or with nothing that tells the time."""
    drawn = draw(histories(max_entities=3, max_length=6))
    seconds = st.sampled_from((0.0, 0.0, 0.5, 3600.0))
    as_intervals = draw(st.booleans())
    for history in drawn:
        history.times = None
        if as_intervals:
            n = len(history)
            history.intervals = draw(st.lists(seconds, min_size=n, max_size=n))
    return drawn


def transformed(fitted_family, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        return fitted_family.transform(X)


def with_intervals(some_histories):
    parts = {}
    if some_histories[0].intervals is not None:
        parts["intervals"] = np.concatenate([h.intervals for h in some_histories])
    return sequences_of(some_histories, **parts)


WINDOW = re.compile(
    r"(whole history|last (?P<n>\d+) \w+|(?P<duration>\d+[a-z]+))"
    r"(, closed (?P<closed>\w+))?(, gap (?P<gap>\w+))?"
)


class Seen:
    """What a history has in the window of a row of the description, worked out by itself."""

    def __init__(self, history, row):
        self.history = history
        self.row = row
        window = WINDOW.fullmatch(row["window"])
        assert window, row["window"]
        closed, gap = window["closed"], duration_in_microseconds(window["gap"] or "1us")
        gap = gap if window["gap"] else 0
        self.n = int(window["n"]) if window["n"] else None
        self.start, self.stop = -math.inf, math.inf
        reference = history.reference
        if window["duration"]:
            self.start = reference - gap - duration_in_microseconds(window["duration"])
        if gap or closed in ("left", "neither"):
            self.stop = reference - gap
        self.starts_in = closed in ("left", "both") or (closed is None and not history.inclusive)
        self.ends_in = closed in ("right", "both") or (closed is None and history.inclusive)
        # What is at the very end is in where the window is not cut.
        if closed is None and not gap:
            self.stop = math.inf

    def _is_in(self, t):
        if t is None:
            return True
        late = t > self.start or (t == self.start and self.starts_in)
        return late and (t < self.stop or (t == self.stop and self.ends_in))

    def events(self, fields=()):
        """Moments (None for unknown) of the events, of those with one of the fields observed."""
        history = self.history
        times = history.times or [None] * len(history)
        chosen = [
            k
            for k in range(len(history))
            if not fields or any(not math.isnan(history.values[f][k]) for f in fields)
        ]
        inside = [k for k in chosen if self._is_in(times[k])]
        return chosen, inside, times

    def values(self):
        """Values of the one field in the window."""
        name, history = self.row["field"], self.history
        _, inside, _ = self.events()
        if name in history.codes:
            values = [history.codes[name][k] for k in inside if history.codes[name][k]]
        else:
            values = [x for k in inside if not math.isnan(x := history.values[name][k])]
        return values[-self.n :] if self.n else values

    def intervals(self, fields):
        """Seconds between events in the window."""
        history = self.history
        chosen, inside, times = self.events(fields)
        if history.intervals is not None:
            seconds, waiting = [], 0.0
            last = -1
            for k in chosen:
                waiting = sum(map(Fraction, history.intervals[last + 1 : k + 1]))
                seconds.append(waiting)
                last = k
        elif history.times is None:
            seconds = []
        else:
            moments = [times[k] for k in inside]
            seconds = [Fraction(b - a, 10**6) for a, b in itertools.pairwise(moments)]
        return seconds[-self.n :] if self.n else seconds


COUNTED = re.compile(
    r"(no|fewer than (?P<n>\d+)) (?P<what>value|interval|event)s?(?P<which>.*?)( in the window)?"
)


def is_so(condition, seen):
    """Tell whether a condition of a description holds of a history."""
    counted = COUNTED.fullmatch(condition)
    fields = seen.row["field"].split(", ") if seen.row["field"] else ()
    if counted:
        observing = re.search("in which (.*) is observed", counted["which"])
        fields = observing[1].split(" or ") if observing else ()
        things = {
            "value": seen.values,
            "interval": lambda: seen.intervals(fields),
            "event": lambda: seen.events(fields)[1],
        }[counted["what"]]()
        if seen.n:
            things = things[-seen.n :]
        return len(things) < int(counted["n"] or 1)
    of_intervals = "seconds between events" in seen.row["definition"]
    x = [Fraction(v) for v in (seen.intervals(fields) if of_intervals else seen.values())]
    if condition == "a sum that is not positive":
        return sum(x) <= 0
    if condition == "a standard deviation of at most 2.2e-16 times the mean":
        least = Fraction(np.finfo(float).eps)
        return not x or float(std_of(x)) <= least * abs(mean_of(x))
    if condition == "no step from a value other than 0":
        return not any(x[:-1])
    if condition == "a return beyond the range of floats":
        returns = [abs((b - a) / a) for a, b in itertools.pairwise(x) if a]
        return max(returns, default=0) >= 2 * Fraction(2.0**1023)
    if condition == "mean of x0 equal to 0":
        return bool(x) and mean_of(x) == 0
    raise AssertionError(condition)


def is_so_of_patterns(condition, seen):
    """Do the same for the columns of several fields or of times."""
    fields = seen.row["field"].split(", ") if seen.row["field"] else ()
    if condition == "no field with at least 2 values and a mean other than 0":
        observed = (
            [Fraction(x) for x in seen.history.values[f] if not math.isnan(x)] for f in fields
        )
        return not any(len(x) >= 2 and sum(x) != 0 for x in observed)
    if condition == "no time from the first of the events to the last":
        return sum(seen.intervals(fields)) <= 0
    if re.fullmatch("a mean of the seconds between events.* that is not positive", condition):
        return sum(seen.intervals(fields)) <= 0
    if condition == "neither times nor intervals":
        return seen.history.times is None and seen.history.intervals is None
    if condition == "both are beyond the range of floats":  # none that is drawn
        return False
    return is_so(condition, seen)


def check_where_undefined(some_histories, with_times):
    union, rows = fitted(with_times)
    block = transformed(union, with_intervals(some_histories))
    for history, computed in zip(some_histories, block, strict=True):
        for row, value in zip(rows, computed.tolist(), strict=True):
            said = row["undefined_when"]
            where = f"{row['name']} of {history}: {said}"
            if said == "always":
                assert math.isnan(value), where
                continue
            seen = Seen(history, row)
            if said.startswith("never"):
                assert not math.isnan(value), where
                nothing = re.fullmatch(r"never \(0 for (.*)\)", said)[1]
                if is_so(nothing, seen):
                    assert value == 0, where
                continue
            expected = any(is_so_of_patterns(some, seen) for some in said.split(", or "))
            assert math.isnan(value) == expected, where


@settings(max_examples=20)
@given(asked_histories())
def test_a_column_is_undefined_where_its_description_says(drawn):
    check_where_undefined(drawn, with_times=True)


@settings(max_examples=15)
@given(timeless_histories())
def test_and_without_times(drawn):
    check_where_undefined(drawn, with_times=False)


EXTREME = [
    [1e-300, 1e300],
    [1e308, -1e308],
    [1.0, -1.7e308],
    [0.0, 5.0],
    [5.0, 0.0],
    [0.0, 0.0, 0.0],
    [1e16, 1e16, 1e16 + 2],
    [1e17, 1e17, 1e17 + 16],
    [-0.0, 1.0, 1.0 + 2.0**-52],
    [1e-300, 0.0],
    [1.0, -1.0],
    [2.0**1023, 2.0**1023, -(2.0**1023)],
]


@pytest.mark.parametrize("x", EXTREME, ids=str)
def test_and_of_extreme_values(x):
    times = [HOUR * k for k in range(len(x))]
    history = History({"x0": x, "x1": x}, {"c0": [1] * len(x)}, times, reference=times[-1])
    check_where_undefined([history], with_times=True)


def test_conditions_of_several_windows_and_columns_say_of_which():
    ratio = Derived("ratio", (mean(Since(7 * DAY)), mean(Since(30 * DAY))))
    assert describe_node(ratio).undefined_when == (
        "no value over the last 7 days, or no value over the last 30 days, or mean of amount over "
        "the last 30 days equal to 0, or both are beyond the range of floats"
    )
    ratio = Derived("difference", (mean(), mean(column=Numeric("fee"))))
    assert describe_node(ratio).undefined_when == (
        "no value of amount, or no value of fee, or both are beyond the range of floats"
    )
    trends = (Fold("slope", Numeric(field), Since(DAY)) for field in ("amount", "fee"))
    assert describe_node(Derived("difference", tuple(trends))).undefined_when == (
        "fewer than 2 values of amount in the window, or fewer than 2 values of fee in the window, "
        "or both are beyond the range of floats"
    )
    shapes = (Fold("skew", Numeric(field)) for field in ("amount", "fee"))
    assert describe_node(Derived("difference", tuple(shapes))).undefined_when == (
        "no value of amount, or a standard deviation of at most 2.2e-16 times the mean, of amount, "
        "or no value of fee, or a standard deviation of at most 2.2e-16 times the mean, of fee, "
        "or both are beyond the range of floats"
    )
    since = Derived("ratio", (Age("last", Events()), mean(column=Intervals())))
    assert describe_node(since).undefined_when == (
        "no event, or no times, or no interval between events, or mean of the seconds between "
        "events equal to 0, or both are beyond the range of floats"
    )


@settings(max_examples=60)
@given(asked_histories(), st.lists(LEAVES, min_size=1, max_size=5))
def test_conditions_and_zeros_of_any_node_are_true(drawn, nodes):
    seqs = sequences_of(drawn)
    block = features(Planned(tuple(nodes)), seqs)
    for i, row in enumerate(block):
        for node, value in zip(nodes, row.tolist(), strict=True):
            said = describe_node(node).undefined_when
            n_values = len(found_by(node, seqs, i))
            if said == "always":
                assert math.isnan(value), node
                continue
            # The first condition says how few values are too few; times are there.
            condition = re.sub(r"^never \(0 for (.*)\)$", r"\1", said).split(", or ")[0]
            counted = COUNTED.fullmatch(condition)
            too_few = n_values < int(counted["n"] or 1) if counted else False
            never = said.startswith("never") or not counted
            assert math.isnan(value) == (too_few and not never), (node, said)
            assert not (too_few and never) or value == 0, (node, said)


@pytest.mark.parametrize(
    ("node", "when"),
    [
        (Fold("lag", AMOUNT, Last(3), 3), "always"),
        (Fold("lag", AMOUNT, Last(3), 2), "fewer than 3 values"),
        (Fold("mean", AMOUNT, Last(3)), "no value"),
        (Fold("mean", AMOUNT, Last(3, "left")), "no value in the window"),
        (Fold("mean", AMOUNT, Whole(None, HOUR)), "no value in the window"),
        (Fold("mean", AMOUNT, Since(HOUR)), "no value in the window"),
        (Fold("n_unique", Codes("shop")), "no value"),
        (Fold("n_unique", AMOUNT), "never (0 for no value)"),
        (Fold("span", Events()), "neither times nor intervals"),
        (Undefined(), "always"),
    ],
)
def test_conditions_in_words(node, when):
    assert describe_node(node).undefined_when == when


# What is read

READS = [
    (mean(), "all events"),
    (mean(Last(7)), "last 7 observed values"),
    (Fold("lag", AMOUNT, parameter=7), "last 8 observed values"),
    (Fold("lag", AMOUNT, parameter=0), "last observed value"),
    (Fold("lag", AMOUNT, Last(3), 1), "last 2 observed values"),
    (Fold("lag", AMOUNT, Last(3), 9), "last 3 observed values"),
    (Fold("last", AMOUNT, Last(3)), "last observed value"),
    (Fold("first", AMOUNT, Last(3)), "last 3 observed values"),
    (Fold("first", AMOUNT), "first observed value"),
    (mean(Last(7), Intervals()), "last 7 intervals"),
    (Fold("count", Events(), Last(7)), "last 7 events"),
    (mean(Since(DAY)), "events of the last 1 day"),
    (mean(Since(DAY, None, HOUR)), "events of the 1 day that end 1 hour before the reference time"),
    (Derived("ratio", (mean(Last(7)), mean(Last(30)))), "last 30 observed values"),
    (Derived("ratio", (mean(Last(30)), mean(Last(7)))), "last 30 observed values"),
    (Derived("ratio", (mean(Last(30)), mean())), "all events"),
    (
        Derived("ratio", (mean(Last(3)), mean(Last(9), Numeric("fee")))),
        "last 3 observed values of amount; last 9 observed values of fee",
    ),
    (
        Derived("ratio", (mean(Last(3)), mean(Since(DAY)))),
        "last 3 observed values; events of the last 1 day",
    ),
    (
        Derived("ratio", (mean(Last(3)), mean(Last(9, "left")))),
        "last 3 observed values; last 9 observed values before the reference time",
    ),
    (Derived("ratio", (Fold("last", AMOUNT), Fold("first", AMOUNT))),
     "last observed value; first observed value"),
    (Age("last", AMOUNT), "last observed value"),
    (Age("last", Where(AMOUNT, ">", 1.0)), "last value of amount where amount > 1"),
    (Age("first", Events()), "first event"),
    (mean(Session(HOUR)), "events of the last session (since a gap of at least 1 hour)"),
    (Undefined(), "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "reads"), READS)
def test_reads(node, reads):
    assert describe_node(node).reads == reads


_SPOKEN = {"day": DAY, "hour": HOUR, "second": 1_000_000}
_DURATION = r"(\d+) (day|hour|second)s?"


def _microseconds(n, unit):
    return int(n) * _SPOKEN[unit]


def bounds_of(reads, reference, inclusive):
    """Return from when to when events are read, at most, as the words have it."""
    window = re.match(rf"events of the last {_DURATION}", reads)
    if window:
        return reference - _microseconds(*window.groups()), math.inf
    window = re.match(rf"events of the {_DURATION} that end {_DURATION} before", reads)
    if window:
        end = reference - _microseconds(*window.groups()[2:])
        return end - _microseconds(*window.groups()[:2]), end
    gap = re.search(rf" up to {_DURATION} before the reference time(, end \w+)?", reads)
    if gap:
        excluded = not inclusive if gap[3] is None else gap[3] == ", end excluded"
        return -math.inf, reference - _microseconds(*gap.groups()[:2]) - excluded
    return -math.inf, reference - 1 if "before the reference time" in reads else math.inf


def reach_of(history, row):
    """Return which events may change a column, by the words of its description alone."""
    first, last = bounds_of(row["reads"], history.reference, history.inclusive)
    inside = [k for k, t in enumerate(history.times) if first <= t <= last]
    session = re.search(rf"last session.* \(since a gap of at least {_DURATION}\)", row["reads"])
    if session:
        steps = itertools.pairwise(inside)
        timeout = _microseconds(*session.groups()[-2:])
        starts = [b for a, b in steps if history.times[b] - history.times[a] >= timeout]
        return {k for k in inside if not starts or k >= starts[-1]}
    counted = re.match(r"(first|last) ((\d+) )?observed value", row["reads"])
    if counted is None:
        return set(inside)
    if row["field"] in history.codes:
        seen = [k for k in inside if history.codes[row["field"]][k]]
    else:
        seen = [k for k in inside if not math.isnan(history.values[row["field"]][k])]
    n = int(counted[3] or 1)
    if counted[1] == "first":
        return {k for k in inside if not seen or k <= seen[n - 1 : n][0]}
    return {k for k in inside if len(seen) < n or k >= seen[-n]}


def with_other_events(history, kept):
    """Other values in the events that are not kept."""
    changed = {k for k in range(len(history)) if k not in kept}
    values = {
        name: [1e6 + 7.0 * k if k in changed else v for k, v in enumerate(x)]
        for name, x in history.values.items()
    }
    codes = {
        name: [k % 3 if k in changed else c for k, c in enumerate(x)]
        for name, x in history.codes.items()
    }
    return dataclasses.replace(history, values=values, codes=codes)


def without_other_events(history, kept):
    def chosen(x):
        return [v for k, v in enumerate(x) if k in kept]

    values, codes = (
        {name: chosen(x) for name, x in part.items()} for part in (history.values, history.codes)
    )
    return dataclasses.replace(history, values=values, codes=codes, times=chosen(history.times))


@functools.cache
def fitted_for_reads():
    nan = {"fill_value": np.nan, "fields": ("x0",)}
    ends = ({}, {"closed": "left"}, {"closed": "neither", "gap": "1s"}, {"gap": "1h"})
    statistics = ("mean", "first", "last", "q90")
    members = [RollingWindowFeatures((3, "1h"), statistics, **end, **nan) for end in ends]
    means = [mean(Last(n), Numeric("x1")) for n in (2, 4)]
    nodes = (
        Fold("mode_share", Codes("c0"), Last(2)),
        Fold("n_unique", Codes("c0"), Last(1, "left")),
        Fold("lag", Numeric("x1"), Last(3, None, HOUR), 1),
        Fold("sum", Numeric("x1"), Whole(None, HOUR)),
        Derived("difference", tuple(means)),
    )
    members += [
        StatisticalFeatures(("first", "last", "mean"), **nan),
        LagFeatures((0, 1, 3), **nan),
        Planned(nodes),
    ]
    union = TemporalFeatureUnion([(f"m{k}", m) for k, m in enumerate([*members, Planned(nodes)])])
    union.fit(sequences_of([History({"x0": [1.0], "x1": [2.0]}, {"c0": [1]}, [0])]))
    return union, describe(union)


@settings(max_examples=12)
@given(asked_histories())
def test_what_is_not_read_changes_nothing_and_what_is_suffices(drawn):
    union, description = fitted_for_reads()
    block = transformed(union, sequences_of(drawn))
    for (field, reads), rows in description.groupby(["field", "reads"]):
        row = {"field": field, "reads": reads}
        kept = [reach_of(history, row) for history in drawn]
        for change in (with_other_events, without_other_events):
            changed = [change(h, k) for h, k in zip(drawn, kept, strict=True)]
            found = transformed(union, sequences_of(changed))
            assert found[:, rows.index].tobytes() == block[:, rows.index].tobytes(), (row, drawn)


READ_EXACTLY = [
    Fold("sum", Numeric("x0"), Session(2 * HOUR)),
    Fold("sum", Numeric("x0"), Session(2 * HOUR, "left", 3 * HOUR)),
    Fold("sum", Numeric("x0"), Last(3)),
    Fold("sum", Numeric("x0"), Last(3, "left")),
    Fold("sum", Numeric("x0"), Last(2, None, 2 * HOUR)),
    Fold("sum", Numeric("x0"), Since(3 * HOUR, "both")),
    Fold("sum", Numeric("x0"), Since(3 * HOUR, "both", 2 * HOUR)),
    Fold("sum", Numeric("x0"), Whole("neither", HOUR)),
    Fold("sum", Numeric("x0")),
    Fold("last", Numeric("x0")),
    Fold("first", Numeric("x0")),
    Fold("last", Numeric("x0"), Last(2, "left")),
    Fold("first", Numeric("x0"), Whole("left")),
]


@pytest.mark.parametrize("node", READ_EXACTLY)
def test_no_more_is_said_to_be_read_than_is(node):
    hours = (0, 2, 3, 4, 6, 7, 9, 10, 11)
    history = History({"x0": [1.0] * 9}, {}, [HOUR * h for h in hours], reference=11 * HOUR)
    family = Planned((node,))
    before = features(family, sequences_of([history]))
    others = [
        dataclasses.replace(history, values={"x0": [1.0] * k + [2.0] + [1.0] * (8 - k)})
        for k in range(9)
    ]
    changes = {k for k, h in enumerate(others) if features(family, sequences_of([h])) != before}
    row = describe(family).iloc[0]
    read = reach_of(history, row)
    if node.statistic in ("first", "last"):
        read = {max(read)} if node.statistic == "last" else {min(read)}
    assert changes == read
