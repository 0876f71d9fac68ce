"""What a node of a plan is, in words."""

from typing import NamedTuple

from .conditions import undefined_when_of
from .horizons import reads_of, state_of
from .sentences import definition_of, fields_of, folds_of, name_of, unit_of, window_of
from .words import STATES


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
    statistic = name_of(node)
    folds = folds_of(node)
    windows = dict.fromkeys(window_of(fold).name for fold in folds)
    return Description(
        field=", ".join(fields_of(folds)) or None,
        window="; ".join(windows) or None,
        statistic=statistic,
        definition=definition_of(node, folds),
        unit=unit_of(node),
        reads=reads_of(folds),
        undefined_when=undefined_when_of(node),
        state=max(map(state_of, folds), key=STATES.index, default=STATES[0]),
    )
