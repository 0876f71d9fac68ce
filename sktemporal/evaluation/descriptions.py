"""What a node of a plan is, in words: definition, unit, what it reads, when it is undefined."""

from functools import singledispatch
from typing import NamedTuple

from .arithmetic import WORDS, is_strict
from .plan import Age, Derived, Fold, Intervals, Last, Undefined, Whole, nodes_of
from .words import (
    NO_MOMENTS,
    NO_TIMES,
    STATES,
    STATISTICS,
    column_within,
    column_words,
    is_cut,
    listed,
    statistic_phrase,
    statistic_words,
    window_words,
)


class Description(NamedTuple):
    """A column of features in words; None for what is not known. See `sktemporal.describe`."""

    field: str | None = None
    window: str | None = None
    statistic: str | None = None
    definition: str | None = None
    unit: str | None = None
    reads: str | None = None
    undefined_when: str | None = None
    state: str | None = None


# Of the first or the last values, however many there are.
_OF_AN_END = "first", "last", "lag"


class Argument(NamedTuple):
    """An argument of a function, of which its words name parts: ``{0.phrase}``, say."""

    phrase: str
    #: names of the fields of all arguments
    fields: str


def describe_node(node):
    """Say in words what a node is.

    Parameters
    ----------
    node : Fold, Age, Derived or Undefined

    Returns
    -------
    description : Description

    Examples
    --------
    >>> from sktemporal.evaluation import Fold, Last, Numeric
    >>> from sktemporal.evaluation.descriptions import describe_node
    >>> described = describe_node(Fold("mean", Numeric("amount"), Last(7)))
    >>> described.definition, described.unit, described.undefined_when
    ('mean of amount over the last 7 observed values', 'of amount', 'no value')
    """
    statistic = _name_of(node)
    folds = _folds_of(node)
    windows = dict.fromkeys(_window_of(fold).name for fold in folds)
    return Description(
        field=", ".join(_fields_of(folds)) or None,
        window="; ".join(windows) or None,
        statistic=statistic,
        definition=_definition(node, folds),
        unit=_unit(node),
        reads=_reads(folds),
        undefined_when=_undefined_when(node),
        state=max(map(_state, folds), key=STATES.index, default=STATES[0]),
    )


def _folds_of(node):
    """Return what reads events in a node; of an age, as the statistic of the same event."""
    return list(
        dict.fromkeys(
            _fold_of(part) if isinstance(part, Age) else part
            for part in nodes_of(node)
            if isinstance(part, Fold | Age)
        )
    )


def _fold_of(age):
    return Fold(age.end, age.column, age.window)


def _fields_of(folds):
    return list(dict.fromkeys(name for fold in folds for name in column_words(fold.column).fields))


def _window_of(fold):
    return window_words(fold.window, fold.column)


def _plainly(fold):
    """Return a fold by its plainest name: a lag of 0 is the last value."""
    if fold.statistic == "lag" and fold.parameter == 0:
        return Fold("last", fold.column, fold.window)
    return fold


def _no_words(node, *_):
    raise TypeError(f"a node must be a Fold, Age, Derived or Undefined; got {node!r}")


# Names and definitions

_name_of = singledispatch(_no_words)


@_name_of.register
def _(node: Fold):
    return node.statistic if node.parameter is None else f"{node.statistic}({node.parameter:g})"


@_name_of.register
def _(node: Age):
    return f"age({node.end})"


@_name_of.register
def _(node: Derived):
    return node.function


@_name_of.register
def _(node: Undefined):
    return None


def _definition(node, folds):
    """Define a node in a sentence, which says the window once, where all is over the same."""
    if isinstance(node, Derived) and _have_one_window(folds):
        return f"{_phrase(node, False)}, {_window_of(folds[0]).phrase}"
    return _phrase(node, True)


def _have_one_window(folds):
    return len({_window_of(fold).phrase for fold in folds}) == 1


_phrase = singledispatch(_no_words)


@_phrase.register
def _(node: Fold, with_window):
    fold = _plainly(node)
    phrase = statistic_phrase(fold.statistic, fold.parameter, column_words(fold.column))
    if not with_window:
        return phrase
    window = _window_of(fold)
    of_an_end = isinstance(fold.window, Whole) and fold.statistic in _OF_AN_END
    return f"{phrase}{window.end}" if of_an_end else f"{phrase} {window.phrase}"


@_phrase.register
def _(node: Age, with_window):
    return f"seconds since the {_phrase(_fold_of(node), with_window)}"


@_phrase.register
def _(node: Derived, with_window):
    return WORDS[node.function].phrase.format(*_arguments(node, with_window))


@_phrase.register
def _(node: Undefined, with_window):
    return "undefined, since there are no fields"


def _arguments(node, with_window):
    """Say the arguments of a function, in parentheses what is itself made of several."""
    fields = _fields_of(_folds_of(node))
    fields = listed(fields) if fields else ""
    said = []
    for argument in node.arguments:
        phrase = _phrase(argument, with_window)
        if isinstance(argument, Derived) and WORDS[argument.function].phrase != "{0.phrase}":
            phrase = f"({phrase})"
        said.append(Argument(phrase, fields))
    return said


_unit = singledispatch(_no_words)


@_unit.register
def _(node: Fold):
    return STATISTICS[node.statistic].unit.format(**column_words(node.column)._asdict())


@_unit.register
def _(node: Age):
    return "seconds"


@_unit.register
def _(node: Derived):
    return WORDS[node.function].unit(*map(_unit, node.arguments))


@_unit.register
def _(node: Undefined):
    return None


# What is read, and what a state needs for it


class _Reach(NamedTuple):
    """What a fold reads: the first or last n values of its column, or what the words say."""

    fold: Fold
    end: str = ""
    n: int = 0
    words: str = ""

    def said(self, which):
        if self.words:
            return self.words
        column = column_words(self.fold.column)
        values = column.at_end(self.end, self.n, which or column.adjective == "such")
        return f"{values}{_window_of(self.fold).end}"


def _reach(fold):
    fold = _plainly(fold)
    window, words = fold.window, _window_of(fold)
    of_an_end, is_first = fold.statistic in _OF_AN_END, fold.statistic == "first"
    n = fold.parameter + 1 if fold.statistic == "lag" else 1
    if isinstance(window, Last):
        return _Reach(fold, "last", min(n, window.n) if of_an_end and not is_first else window.n)
    if isinstance(window, Whole) and of_an_end:
        return _Reach(fold, "first" if is_first else "last", n)
    return _Reach(fold, words=words.reads)


def _reads(folds):
    longest = {}
    for reach in map(_reach, folds):
        key = reach.words or (reach.fold.column, reach.end, _window_of(reach.fold).end)
        if key not in longest or reach.n > longest[key].n:
            longest[key] = reach
    if "all events" in longest:
        return "all events"
    several = len({fold.column for fold in folds}) > 1
    return "; ".join(reach.said(several) for reach in longest.values()) or "nothing"


def _state(fold):
    """Return what an online state needs for a fold; see `STATES`."""
    fold = _plainly(fold)
    least, most = _window_of(fold).states
    if is_cut(fold.window):
        least = "B"  # what is not in yet waits in the state
    state = min(STATISTICS[fold.statistic].state, most, key=STATES.index)
    return max(least, state, key=STATES.index)


# When it is undefined


class _Condition(NamedTuple):
    """When a node is undefined: of a fold's values there are fewer than n, or what the text says.

    Without a fold, the text says it all.
    """

    fold: Fold | None
    n: int
    text: str

    def said(self, which, where):
        """Say it; of which values and over which window, if there are several."""
        if self.fold is None:
            return self.text
        column, window = column_words(self.fold.column), _window_of(self.fold)
        text = self.text or column.fewer_than(self.n, which)
        if self.text and which:
            text += f", of {column.of}"
        if where:
            return f"{text} {window.phrase}"
        return f"{text} in the window" if window.partial and not self.text else text


_conditions = singledispatch(_no_words)


@_conditions.register
def _(node: Fold):
    words = statistic_words(node.statistic, node.column)
    n = node.parameter + 1 if node.statistic == "lag" else words.at_least
    if isinstance(node.window, Last) and n > node.window.n:
        return [_Condition(None, 0, "always")]
    fewer = [_Condition(node, n, "")] if n else []
    return fewer + [_Condition(node, 0, text) for text in words.undefined]


@_conditions.register
def _(node: Age):
    fold = _fold_of(node)
    return [*_conditions(fold), _Condition(None, 0, NO_MOMENTS)]


@_conditions.register
def _(node: Derived):
    conditions = []
    if is_strict(node.function):
        conditions = [some for argument in node.arguments for some in _conditions(argument)]
    arguments = _arguments(node, not _have_one_window(_folds_of(node)))
    for own in WORDS[node.function].undefined:
        if isinstance(own, str):
            conditions.append(_Condition(None, 0, own.format(*arguments)))
        else:
            conditions.append(_nothing_of(node.arguments[own], arguments[own]))
    return conditions


def _nothing_of(argument, said):
    """Say that an argument is 0, being a number of values."""
    if isinstance(argument, Fold) and argument.statistic == "count":
        return _Condition(argument, 1, "")
    return _Condition(None, 0, f"{said.phrase} equal to 0")


@_conditions.register
def _(node: Undefined):
    return [_Condition(None, 0, "always")]


def _undefined_when(node):
    conditions = _conditions(node)
    least = {}
    for fold, n, text in conditions:
        if not text:
            key = fold.column, fold.window
            least[key] = max(n, least.get(key, 0))
    if any(isinstance(column_within(column), Intervals) for column, _ in least):
        # There are none without times.
        conditions = [some for some in conditions if some.text != NO_TIMES]
    conditions = [
        some
        for some in conditions
        if some.text or some.n == least[some.fold.column, some.fold.window]
    ]
    folds = [condition.fold for condition in conditions if condition.fold is not None]
    several = len({fold.column for fold in folds}) > 1, len({fold.window for fold in folds}) > 1
    said = dict.fromkeys(condition.said(*several) for condition in conditions)
    if "always" in said:
        return "always"
    if said:
        return ", or ".join(said)
    if not isinstance(node, Fold):
        return "never"
    return f"never (0 for {_Condition(node, 1, '').said(which=False, where=False)})"
