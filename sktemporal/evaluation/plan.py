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
class Where:
    """Those values of a column that meet a condition.

    Parameters
    ----------
    column : Numeric, Codes or Intervals
        Of which column.
    compares : {"<", "<=", "==", "!=", ">=", ">"}
        How they compare with `value`.
    value : float
        Of codes, a code; of intervals, seconds.

    Examples
    --------
    >>> from sktemporal.evaluation import Numeric, Where
    >>> Where(Numeric("amount"), ">", 100.0)
    Where(column=Numeric(field='amount'), compares='>', value=100.0)
    """

    column: Numeric | Codes | Intervals
    compares: str
    value: float


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
class Session:
    """The values of the last session: since the last gap of events that is long enough.

    Parameters
    ----------
    timeout : int
        In microseconds: a gap of so much, or more, ends a session.
    closed : {"right", "left", "both", "neither"}, default=None
        Whether what happened at the very end is in; None: as the view has it.
    gap : int, default=0
        How many microseconds before the moment the window ends.

    Examples
    --------
    >>> from sktemporal.evaluation import Session
    >>> Session(1_800_000_000)
    Session(timeout=1800000000, closed=None, gap=0)
    """

    timeout: int
    closed: str | None = None
    gap: int = 0


@dataclass(frozen=True)
class Fold:
    """A statistic of a column over a window.

    Parameters
    ----------
    statistic : str
        ``count``, ``sum``, ``mean``, ``var``, ``std``, ``cv``, ``min``, ``max``, ``range``,
        ``first``, ``last``, ``skew``, ``kurtosis``, ``quantile``, ``n_unique``, ``lag``,
        ``smoothed``, ``smoothed_std``, ``slope``, ``volatility``, ``gini``; of codes ``diversity``
        and ``mode_share``, too; of events ``count`` and ``span``, seconds from first to last.
    column : Numeric, Codes, Intervals, Events or Where
        What is folded, in time order.
    window : Whole, Last, Since or Session, default=Whole()
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
    column: Numeric | Codes | Intervals | Events | Where
    window: Whole | Last | Since | Session = Whole()
    parameter: float | int | None = None


@dataclass(frozen=True)
class Age:
    """The seconds from an event to the moment that is asked about.

    Parameters
    ----------
    end : {"first", "last"}
        Which event: the first or the last that has a value in the window. Of intervals, the event
        that ends it.
    column : Numeric, Codes, Intervals, Events or Where
        A value of what.
    window : Whole, Last, Since or Session, default=Whole()
        Where it is looked for.

    Examples
    --------
    >>> from sktemporal.evaluation import Age, Numeric, Where
    >>> Age("last", Where(Numeric("amount"), ">", 100.0)).end
    'last'
    """

    end: str
    column: Numeric | Codes | Intervals | Events | Where
    window: Whole | Last | Since | Session = Whole()


@dataclass(frozen=True)
class Derived:
    """Arithmetic of a row: a function of other nodes.

    Parameters
    ----------
    function : str
        A name in `arithmetic.FUNCTIONS`.
    arguments : tuple of Fold, Age or Derived
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
    return replace(node, column=_column_with_fields(node.column, numerical, categorical))


def _column_with_fields(column, numerical, categorical):
    if isinstance(column, Where):
        return replace(column, column=_column_with_fields(column.column, numerical, categorical))
    if isinstance(column, Numeric):
        return Numeric(numerical[column.field])
    if isinstance(column, Codes):
        return Codes(categorical[column.field])
    if column.observing is not None:
        return type(column)(tuple(numerical[field] for field in column.observing))
    return column
