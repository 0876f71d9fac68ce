"""Plans in words: what a statistic, a column of the events and a window are called.

Each has one table here; the words of a function stand beside it, in `arithmetic`. What these make
of a node, `sentences` says.
"""

from typing import NamedTuple

import numpy as np

from .plan import Codes, Events, Intervals, Last, Numeric, Session, Since, Where, Whole

_UNITS = {
    "d": (86_400_000_000, "day"),
    "h": (3_600_000_000, "hour"),
    "min": (60_000_000, "minute"),
    "s": (1_000_000, "second"),
    "ms": (1000, "millisecond"),
    "us": (1, "microsecond"),
}

#: How a state grows, from the least to the most: not at all, with the distinct values, with what
#: is in a window, with the history.
STATES = ("A", "A*", "B", "C")


class StatisticWords(NamedTuple):
    """A statistic in words."""

    #: filled with what `ColumnWords` has, and with the `parameter`
    phrase: str
    #: filled likewise
    unit: str
    #: fewer values than this make it undefined
    at_least: int
    #: what an online state needs, of whole histories; see `STATES`
    state: str
    #: what else makes it undefined
    undefined: tuple = ()


#: Of histories that do not say when events were, or not how long after each other.
NO_MOMENTS, NO_TIMES = "no times", "neither times nor intervals"
_OUT_OF_RANGE = "a return beyond the range of floats"
_NOT_POSITIVE = "a sum that is not positive"
_SPREAD = "a standard deviation of at most 2.2e-16 times the mean"

#: From the name of a statistic to its words. Quantiles and the Gini coefficient need an order.
STATISTICS = {
    "count": StatisticWords("number of {things}", "{many}", 0, "A"),
    "sum": StatisticWords("sum of {of}", "{unit}", 0, "A"),
    "mean": StatisticWords("mean of {of}", "{unit}", 1, "A"),
    "var": StatisticWords("variance of {of}", "{unit} squared", 1, "A"),
    "std": StatisticWords("standard deviation of {of}", "{unit}", 1, "A"),
    "cv": StatisticWords("coefficient of variation of {of}", "1", 1, "A"),
    "min": StatisticWords("smallest of {of}", "{unit}", 1, "A"),
    "max": StatisticWords("largest of {of}", "{unit}", 1, "A"),
    "range": StatisticWords("largest less smallest of {of}", "{unit}", 1, "A"),
    "first": StatisticWords("first {thing}", "{unit}", 1, "A"),
    "last": StatisticWords("last {thing}", "{unit}", 1, "A"),
    "lag": StatisticWords("{thing} {parameter} before the last", "{unit}", 1, "B"),
    "quantile": StatisticWords("{parameter} of {of}", "{unit}", 1, "C"),
    "n_unique": StatisticWords("number of distinct {things}", "{many}", 0, "A*"),
    "diversity": StatisticWords("share of distinct ones among the {things}", "1", 1, "A*"),
    "mode_share": StatisticWords("share of the commonest among the {things}", "1", 1, "A*"),
    "skew": StatisticWords("skewness of {of}", "1", 1, "C", (_SPREAD,)),
    "kurtosis": StatisticWords("excess kurtosis of {of}", "1", 1, "C", (_SPREAD,)),
    "smoothed": StatisticWords(
        "exponentially smoothed level (alpha {parameter}) of {of}", "{unit}", 1, "A"
    ),
    "smoothed_std": StatisticWords(
        "exponentially smoothed deviation (alpha {parameter}) of {of}", "{unit}", 1, "A"
    ),
    "slope": StatisticWords("least-squares slope of {of}", "{unit} per step", 2, "A"),
    "volatility": StatisticWords(
        "standard deviation of the returns of {of}",
        "1",
        2,
        "A",
        ("no step from a value other than 0", _OUT_OF_RANGE),
    ),
    "gini": StatisticWords(
        "Gini coefficient of {of}", "1", 2, "C", ("a sum that is not positive",)
    ),
    "span": StatisticWords(
        "seconds from the first to the last of the {things}",
        "seconds",
        0,
        "A",
        (NO_TIMES,),
    ),
}

# Of no code, there is no number of distinct ones.
_OF_CODES = {"n_unique": STATISTICS["n_unique"]._replace(at_least=1)}


def statistic_words(statistic, column):
    """Return the `StatisticWords` of a statistic of a column."""
    of_codes = _OF_CODES if isinstance(column, Codes) else {}
    return of_codes.get(statistic, STATISTICS[statistic])


class ColumnWords(NamedTuple):
    """A column of the events in words."""

    #: as in "mean of ..."
    of: str
    #: what it is made of, one and several
    one: str
    many: str
    #: which of these
    which: str
    #: of one of them
    unit: str
    #: names of the fields that are read
    fields: tuple = ()
    #: "observed" of all that a field has, "such" of what meets a condition
    adjective: str = ""

    @property
    def thing(self):
        """One of them, and which."""
        return f"{self.one} {self.which}".rstrip()

    @property
    def things(self):
        """Several of them, and which."""
        return f"{self.many} {self.which}".rstrip()

    def at_end(self, end, n, which=False):
        """Say the first or last so many of them."""
        words = [end, "" if n == 1 else str(n), self.adjective, self.one if n == 1 else self.many]
        if which:
            words = [*(word for word in words if word != "such"), self.which]
        return " ".join(filter(None, words))

    def fewer_than(self, n, which=False):
        """Say that there are fewer than so many of them."""
        which = which or self.adjective != "observed"
        if n == 1:
            return f"no {self.thing if which else self.one}"
        return f"fewer than {n} {self.things if which else self.many}"


def column_words(column):
    """Return the `ColumnWords` of a column."""
    return COLUMNS[type(column)](column)


def _values(column):
    name = column.field
    return ColumnWords(name, "value", "values", f"of {name}", f"of {name}", (name,), "observed")


def _intervals(column):
    between = f"between events{_observing(column)}"
    fields = column.observing or ()
    return ColumnWords(f"the seconds {between}", *_INTERVALS, between, "seconds", fields)


def _events(column):
    which = _observing(column).strip()
    return ColumnWords("events", "event", "events", which, "events", column.observing or ())


def _observing(column):
    if column.observing is None:
        return ""
    return f" in which {listed(column.observing, 'or')} is observed"


def _where(column):
    inner, of = column_words(column.column), column_within(column)
    is_field = isinstance(of, Numeric | Codes)
    subject = of.field if isinstance(of, Numeric) else "the code" if is_field else "the interval"
    seconds = "" if is_field else " seconds"
    word = "and" if isinstance(column.column, Where) else "where"
    condition = f"{word} {subject} {column.compares} {column.value:.15g}{seconds}"
    return inner._replace(
        of=f"{inner.of} {condition}", which=f"{inner.which} {condition}", adjective="such"
    )


def column_within(column):
    """Return the column of which conditions choose the values."""
    return column_within(column.column) if isinstance(column, Where) else column


_INTERVALS = "interval", "intervals"

#: From the type of a column to what makes its `ColumnWords`.
COLUMNS = {
    Numeric: _values,
    Codes: _values,
    Intervals: _intervals,
    Events: _events,
    Where: _where,
}


class WindowWords(NamedTuple):
    """A window in words."""

    #: as a label
    name: str
    #: as in "mean of amount ..."
    phrase: str
    #: the values that may be read
    reads: str
    #: as in "last value ...", where it ends before its history
    end: str
    #: whether values of the history may be out of it though no more are in it
    partial: bool
    #: the least and the most that a state needs for it; see `STATES`
    states: tuple


def window_words(window, column):
    """Return the `WindowWords` of a window of a column."""
    return WINDOWS[type(window)](window, column_words(column))


# A state has folded all there is, or holds the values of a window; with a session it begins anew.
_AT_ONCE, _HELD, _OF_A_SESSION = ("A", "C"), ("B", "B"), ("A", "B")


def _whole(window, column):
    end = _end(window)
    name = f"whole history{_label(window)}"
    phrase = f"over the whole history{end}"
    return WindowWords(name, phrase, f"all events{end}", end, bool(end), _AT_ONCE)


def _last(window, column):
    end = _end(window)
    name = f"last {_number(window.n, column.many)}{_label(window)}"
    values = f"{column.at_end('last', window.n)}{end}"
    return WindowWords(name, f"over the {values}", values, end, bool(end), _HELD)


def _since(window, column):
    short, spoken = duration_words(window.duration)
    phrase = f"last {spoken}"
    if window.gap:
        phrase = f"{spoken} that end {duration_words(window.gap)[1]} before the reference time"
    if window.closed is not None:
        phrase += f", {_BOTH_ENDS[window.closed]}"
    name = f"{short}{_label(window)}"
    return WindowWords(name, f"over the {phrase}", f"events of the {phrase}", "", True, _HELD)


def _session(window, column):
    end = _end(window)
    short, spoken = duration_words(window.timeout)
    session = f"last session{end} (since a gap of at least {spoken})"
    name = f"session, timeout {short}{_label(window)}"
    reads = f"events of the {session}"
    return WindowWords(name, f"over the {session}", reads, end, True, _OF_A_SESSION)


#: From the type of a window to what makes its `WindowWords`.
WINDOWS = {Whole: _whole, Last: _last, Since: _since, Session: _session}

_BOTH_ENDS = {
    "left": "start included, end excluded",
    "right": "start excluded, end included",
    "both": "both ends included",
    "neither": "both ends excluded",
}


def is_cut(window):
    """Tell whether a window may end before its history does."""
    return window.gap > 0 or window.closed in ("left", "neither")


def _end(window):
    """Say where a window ends; nothing where that is the end of its history."""
    if not is_cut(window):
        return ""
    if not window.gap:
        return " before the reference time"
    end = f" up to {duration_words(window.gap)[1]} before the reference time"
    if window.closed is not None:
        end += ", end excluded" if window.closed in ("left", "neither") else ", end included"
    return end


def _label(window):
    closed = "" if window.closed is None else f", closed {window.closed}"
    return closed + (f", gap {duration_words(window.gap)[0]}" if window.gap else "")


def duration_words(microseconds):
    """Name a duration in its largest unit below a week, in short and in words."""
    for short, (size, unit) in _UNITS.items():
        if microseconds % size == 0:
            n = microseconds // size
            return f"{n}{short}", _number(n, f"{unit}s")
    raise AssertionError(microseconds)


def _number(n, plural):
    return f"{n} {plural[:-1] if n == 1 else plural}"


def listed(names, word="and"):
    """List names: a, b and c."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def statistic_phrase(statistic, parameter, column):
    """Say a statistic of a column, given in words."""
    said = "" if parameter is None else f"{parameter:g}"
    if statistic == "lag":
        said = _number(parameter, column.many)
    elif statistic == "quantile":
        said = "median" if parameter == 0.5 else f"{_ordinal(parameter * 100)} percentile"
    words = {"thing": column.thing, "things": column.things, "parameter": said}
    return STATISTICS[statistic].phrase.format(**column._asdict(), **words)


def _ordinal(percent):
    text = np.format_float_positional(round(percent, 10), trim="-")
    if not text.endswith(("11", "12", "13")):
        suffix = {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
        return text + suffix
    return f"{text}th"
