"""When a node of a plan is undefined."""

from functools import singledispatch
from typing import Any, NamedTuple

from .arithmetic import WORDS, is_strict
from .plan import Age, Derived, Fold, Intervals, Last, Undefined
from .sentences import arguments_of, fold_of, folds_of, have_one_window, no_words, window_of
from .words import NO_MOMENTS, NO_TIMES, column_within, column_words, statistic_words


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
        column, window = column_words(self.fold.column), window_of(self.fold)
        text = self.text or column.fewer_than(self.n, which)
        if self.text and which:
            text += f", of {column.of}"
        if where:
            return f"{text} {window.phrase}"
        return f"{text} in the window" if window.partial and not self.text else text


_conditions = singledispatch(no_words)


@_conditions.register
def _(node: Fold):
    words = statistic_words(node.statistic, node.column)
    parameter: Any = node.parameter
    n = parameter + 1 if node.statistic == "lag" else words.at_least
    if isinstance(node.window, Last) and n > node.window.n:
        return [_Condition(None, 0, "always")]
    fewer = [_Condition(node, n, "")] if n else []
    return fewer + [_Condition(node, 0, text) for text in words.undefined]


@_conditions.register
def _(node: Age):
    fold = fold_of(node)
    return [*_conditions(fold), _Condition(None, 0, NO_MOMENTS)]


@_conditions.register
def _(node: Derived):
    conditions = []
    if is_strict(node.function):
        conditions = [some for argument in node.arguments for some in _conditions(argument)]
    arguments = arguments_of(node, not have_one_window(folds_of(node)))
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


def undefined_when_of(node):
    """Say when a node is undefined, or that it never is."""
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
