"""Nodes of plans as sentences: their names, definitions and units."""

from functools import singledispatch
from typing import NamedTuple

from .arithmetic import WORDS
from .plan import Age, Derived, Fold, Undefined, Whole, nodes_of
from .words import STATISTICS, column_words, listed, statistic_phrase, window_words

# Of the first or the last values, however many there are.
OF_AN_END = "first", "last", "lag"


class Argument(NamedTuple):
    """An argument of a function, of which its words name parts: ``{0.phrase}``, say."""

    phrase: str
    #: names of the fields of all arguments
    fields: str


def folds_of(node):
    """Return what reads events in a node; of an age, as the statistic of the same event."""
    return list(
        dict.fromkeys(
            fold_of(part) if isinstance(part, Age) else part
            for part in nodes_of(node)
            if isinstance(part, Fold | Age)
        )
    )


def fold_of(age):
    """Return the fold of which the value is in the event that an age is of."""
    return Fold(age.end, age.column, age.window)


def fields_of(folds):
    """Name the fields that folds read."""
    return list(dict.fromkeys(name for fold in folds for name in column_words(fold.column).fields))


def window_of(fold):
    """Return the words of the window of a fold."""
    return window_words(fold.window, fold.column)


def plainly(fold):
    """Return a fold by its plainest name: a lag of 0 is the last value."""
    if fold.statistic == "lag" and fold.parameter == 0:
        return Fold("last", fold.column, fold.window)
    return fold


def no_words(node, *_):
    """Refuse what is no node."""
    raise TypeError(f"a node must be a Fold, Age, Derived or Undefined; got {node!r}")


name_of = singledispatch(no_words)


@name_of.register
def _(node: Fold):
    return node.statistic if node.parameter is None else f"{node.statistic}({node.parameter:g})"


@name_of.register
def _(node: Age):
    return f"age({node.end})"


@name_of.register
def _(node: Derived):
    return node.function


@name_of.register
def _(node: Undefined):
    return None


def definition_of(node, folds):
    """Define a node in a sentence, which says the window once, where all is over the same."""
    if isinstance(node, Derived) and have_one_window(folds):
        return f"{phrase_of(node, False)}, {window_of(folds[0]).phrase}"
    return phrase_of(node, True)


def have_one_window(folds):
    """Tell whether folds are over the same."""
    return len({window_of(fold).phrase for fold in folds}) == 1


phrase_of = singledispatch(no_words)


@phrase_of.register
def _(node: Fold, with_window):
    fold = plainly(node)
    phrase = statistic_phrase(fold.statistic, fold.parameter, column_words(fold.column))
    if not with_window:
        return phrase
    window = window_of(fold)
    of_an_end = isinstance(fold.window, Whole) and fold.statistic in OF_AN_END
    return f"{phrase}{window.end}" if of_an_end else f"{phrase} {window.phrase}"


@phrase_of.register
def _(node: Age, with_window):
    return f"seconds since the {phrase_of(fold_of(node), with_window)}"


@phrase_of.register
def _(node: Derived, with_window):
    return WORDS[node.function].phrase.format(*arguments_of(node, with_window))


@phrase_of.register
def _(node: Undefined, with_window):
    return "undefined, since there are no fields"


def arguments_of(node, with_window):
    """Say the arguments of a function, in parentheses what is itself made of several."""
    fields = fields_of(folds_of(node))
    fields = listed(fields) if fields else ""
    said = []
    for argument in node.arguments:
        phrase = phrase_of(argument, with_window)
        if isinstance(argument, Derived) and WORDS[argument.function].phrase != "{0.phrase}":
            phrase = f"({phrase})"
        said.append(Argument(phrase, fields))
    return said


unit_of = singledispatch(no_words)


@unit_of.register
def _(node: Fold):
    return STATISTICS[node.statistic].unit.format(**column_words(node.column)._asdict())


@unit_of.register
def _(node: Age):
    return "seconds"


@unit_of.register
def _(node: Derived):
    return WORDS[node.function].unit(*map(unit_of, node.arguments))


@unit_of.register
def _(node: Undefined):
    return None
