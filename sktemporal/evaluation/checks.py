"""Whether a node can be computed: what it names has to be known."""

from .. import _kernels
from .arithmetic import FUNCTIONS
from .calls import OF_CODES, OF_FOLDS, WITH_PARAMETER
from .columns import COMPARISONS
from .plan import Age, Codes, Derived, Events, Fold, Where, nodes_of


def check_node(node, name):
    """Refuse a node that names what there is not.

    Parameters
    ----------
    node : Fold, Age, Derived or Undefined
    name : str
        Of its column, for the message.

    Raises
    ------
    ValueError
        If a statistic, function, comparison or end is unknown, is none of such a column, or lacks
        its parameter.
    """
    for part in nodes_of(node):
        if type(part) is Fold:
            _check(name, "a statistic of such a column", part.statistic, _statistics_of(part))
            if part.statistic in WITH_PARAMETER and part.parameter is None:
                raise ValueError(
                    f"column {name!r}: the statistic {part.statistic!r} needs a parameter"
                )
        elif type(part) is Derived:
            _check(name, "a function", part.function, FUNCTIONS)
        elif type(part) is Where:
            _check(name, "a comparison", part.compares, COMPARISONS)
        elif type(part) is Age:
            _check(name, "an end", part.end, ("first", "last"))


def _statistics_of(fold):
    column = fold.column
    if type(column) is Events:
        return "count", "span"
    while type(column) is Where:
        column = column.column
    known = (*_kernels.MOMENTS, *_kernels.EXTREMES, *_kernels.SHAPE, *OF_FOLDS)
    return (*known, *OF_CODES) if type(column) is Codes else known


def _check(name, what, given, known):
    if given not in known:
        raise ValueError(
            f"column {name!r}: {what} must be one of {sorted({*known})}; got {given!r}"
        )
