"""The plan: what a column of features is, as small pure data.

A family gives a list of (name, node). A node names the events' fields, so it reads like the
sentence that describes it: ``Fold("mean", Numeric("amount"), Since(duration))``. Names,
computation, pruning, and a column's description follow from it; nothing is said twice.
"""

from dataclasses import dataclass, fields, is_dataclass, replace


@dataclass(frozen=True)
class Numeric:
    """The observed values of a numerical field.

    Parameters
    ----------
    field : str
        Its name.

    Examples
    --------
    >>> from sktemporal.evaluation import Numeric
    >>> Numeric("amount")
    Numeric(field='amount')
    """

    field: str


@dataclass(frozen=True)
class Codes:
    """The codes of a categorical field, but for 0, which is missing.

    Parameters
    ----------
    field : str
        Its name.

    Examples
    --------
    >>> from sktemporal.evaluation import Codes
    >>> Codes("country")
    Codes(field='country')
    """

    field: str


@dataclass(frozen=True)
class Intervals:
    """The seconds between successive events.

    Parameters
    ----------
    observing : tuple of str, default=None
        Events in which one of these numerical fields is observed; None: all events.

    Examples
    --------
    >>> from sktemporal.evaluation import Intervals
    >>> Intervals()
    Intervals(observing=None)
    """

    observing: tuple | None = None


@dataclass(frozen=True)
class Events:
    """The events themselves: their number, and the seconds from the first to the last.

    Parameters
    ----------
    observing : tuple of str, default=None
        Events in which one of these numerical fields is observed; None: all events.

    Examples
    --------
    >>> from sktemporal.evaluation import Events
    >>> Events(observing=("amount",))
    Events(observing=('amount',))
    """

    observing: tuple | None = None


@dataclass(frozen=True)
class Whole:
    """All values of a slice up to where windows end.

    Parameters
    ----------
    closed : {"right", "left", "both", "neither"}, default=None
        Whether what happened at the very end is in; None: as the view has it.
    gap : int, default=0
        How many microseconds before the moment the window ends.

    Examples
    --------
    >>> from sktemporal.evaluation import Whole
    >>> Whole()
    Whole(closed=None, gap=0)
    """

    closed: str | None = None
    gap: int = 0


@dataclass(frozen=True)
class Last:
    """The last so many observed values.

    Parameters
    ----------
    n : int
        How many.
    closed : {"right", "left", "both", "neither"}, default=None
        Whether what happened at the very end is in; None: as the view has it.
    gap : int, default=0
        How many microseconds before the moment the window ends.

    Examples
    --------
    >>> from sktemporal.evaluation import Last
    >>> Last(7)
    Last(n=7, closed=None, gap=0)
    """

    n: int
    closed: str | None = None
    gap: int = 0


@dataclass(frozen=True)
class Since:
    """The values of the latest time.

    Parameters
    ----------
    duration : int
        In microseconds, back from where the window ends.
    closed : {"right", "left", "both", "neither"}, default=None
        Whether what happened at the very start and end is in; None: as the view has it.
    gap : int, default=0
        How many microseconds before the moment the window ends.

    Examples
    --------
    >>> from sktemporal.evaluation import Since
    >>> Since(3_600_000_000)
    Since(duration=3600000000, closed=None, gap=0)
    """

    duration: int
    closed: str | None = None
    gap: int = 0


@dataclass(frozen=True)
class Fold:
    """A statistic of a column over a window.

    Parameters
    ----------
    statistic : str
        One of `STATISTICS`.
    column : Numeric, Codes, Intervals or Events
        What is folded, in time order.
    window : Whole, Last or Since, default=Whole()
        Over which of the values.
    parameter : float or int, default=None
        What the statistic depends on: the fraction of a quantile, the lag, the weight alpha.

    Examples
    --------
    >>> from sktemporal.evaluation import Fold, Last, Numeric
    >>> Fold("mean", Numeric("amount"), Last(7))
    Fold(statistic='mean', column=Numeric(field='amount'), window=Last(n=7, closed=None, gap=0),
    parameter=None)
    """

    statistic: str
    column: Numeric | Codes | Intervals | Events
    window: Whole | Last | Since = Whole()
    parameter: float | int | None = None


@dataclass(frozen=True)
class Derived:
    """Arithmetic of a row: a function of other nodes.

    Parameters
    ----------
    function : str
        A name in `arithmetic.FUNCTIONS`.
    arguments : tuple of Fold or Derived
        What it is a function of.

    Examples
    --------
    >>> from sktemporal.evaluation import Derived, Fold, Numeric
    >>> mean, std = (Fold(s, Numeric("amount")) for s in ("mean", "std"))
    >>> Derived("ratio", (std, mean)).function
    'ratio'
    """

    function: str
    arguments: tuple


@dataclass(frozen=True)
class Undefined:
    """A column that is undefined, whatever the events.

    Examples
    --------
    >>> from sktemporal.evaluation import Undefined
    >>> Undefined()
    Undefined()
    """


def nodes_of(node):
    """Yield a node and all that it is made of: columns and windows, too."""
    yield node
    for part in fields(node):
        value = getattr(node, part.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner):
                yield from nodes_of(inner)


def with_fields(node, numerical, categorical):
    """Give a node's columns other names of fields: those that two mappings have for theirs."""
    if isinstance(node, Derived):
        arguments = (with_fields(a, numerical, categorical) for a in node.arguments)
        return Derived(node.function, tuple(arguments))
    if isinstance(node, Undefined):
        return node
    column = node.column
    if isinstance(column, Numeric):
        column = Numeric(numerical[column.field])
    elif isinstance(column, Codes):
        column = Codes(categorical[column.field])
    elif column.observing is not None:
        column = type(column)(tuple(numerical[field] for field in column.observing))
    return replace(node, column=column)
