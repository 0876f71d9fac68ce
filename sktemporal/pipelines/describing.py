"""The columns of fitted pipelines in words."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from .._state import check_state
from ..evaluation.descriptions import Description, describe_node
from ..evaluation.words import listed
from ..features._base import FeatureFamily, is_plain_family

if TYPE_CHECKING:
    import pandas

    from .._types import Estimator

_COLUMNS = ("name", "member", "family", *Description._fields)


def describe(pipeline: Estimator) -> pandas.DataFrame:
    """Describe every column that a fitted pipeline gives.

    Parameters
    ----------
    pipeline : Pipeline, FeatureUnion or feature family
        Fitted; of this package or scikit-learn's. Where the last step of a pipeline does not
        transform, a classifier say, the columns that it gets are described.

    Returns
    -------
    description : pandas.DataFrame
        A row for each column, in the order of ``get_feature_names_out()``, with

        - ``name``;
        - ``member``: of which member of a union it is, None without one;
        - ``family``: the class that computes it;
        - ``field``: the fields that it reads; None for none;
        - ``window``: ``"whole history"``, ``"last 7 values"``, ``"7d, closed left, gap 1d"``;
        - ``statistic``: its name in the plan of the family, with its parameter in parentheses;
        - ``definition``: what it is, in a sentence;
        - ``unit``: ``"of amount"`` is that of the field, ``"1"`` none, None one that is not known;
        - ``reads``: which values or events may change it;
        - ``undefined_when``: where it is NaN, or what a `fill_value` stands for;
        - ``state``: what has to be kept to go on from event to event: ``"A"`` so much for a field,
          ``"A*"`` the counts of its distinct values, ``"B"`` the values of a window, ``"C"`` those
          of the whole history.

    Raises
    ------
    TypeError
        If it is neither a pipeline, a union nor a family.
    ValueError
        If a step or a member has no ``get_feature_names_out``.
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Notes
    -----
    All follows from the plans that the families compute by. Of a column that is computed without a
    plan, by a family with a `_compute` of its own or by any other transformer, what is not known is
    None. So it is of a step that changes the values that it gets, such as a scaler. Steps that
    choose among columns, such as :class:`~sktemporal.QualityReportTransformer`, leave out the rows
    of what they drop.

    See Also
    --------
    explain : One of the rows as text.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import RollingWindowFeatures, describe
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> description = describe(RollingWindowFeatures((7,), ("mean", "count")).fit(X))
    >>> description[["name", "window", "unit", "undefined_when"]]
                     name         window   unit            undefined_when
    0   rolling_7_mean_x0  last 7 values  of x0                  no value
    1  rolling_7_count_x0  last 7 values  values  never (0 for no value)
    """
    import pandas as pd

    if not isinstance(pipeline, (Pipeline, FeatureUnion, FeatureFamily)):
        raise TypeError(
            "pipeline must be a fitted Pipeline, FeatureUnion or feature family; got a "
            f"{type(pipeline).__name__}"
        )
    rows = [(*row[:3], *row.description) for row in _rows_of(pipeline)]
    return pd.DataFrame(rows, columns=_COLUMNS, dtype=object)


def explain(pipeline: Estimator, name: str) -> str:
    """Explain one column that a fitted pipeline gives.

    Parameters
    ----------
    pipeline : Pipeline, FeatureUnion or feature family
        Fitted.
    name : str
        Of the column, as in ``get_feature_names_out()``.

    Returns
    -------
    explanation : str
        What :func:`describe` says of the column, a line for each part that is known. An interactive
        session shows the text as it is.

    Raises
    ------
    ValueError
        If there is no column of that name.

    See Also
    --------
    describe : All columns, as a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import RollingWindowFeatures, explain
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> explain(RollingWindowFeatures((7,), ("mean", "count")).fit(X), "rolling_7_mean_x0")
    rolling_7_mean_x0: mean of x0 over the last 7 observed values
        family: RollingWindowFeatures
        field: x0
        window: last 7 values
        statistic: mean
        unit: of x0
        reads: last 7 observed values
        undefined when: no value
        state: B
    """
    description = describe(pipeline)
    names = description["name"].tolist()
    if name not in names:
        close = difflib.get_close_matches(str(name), names, n=3, cutoff=0)
        meant = f"; did you mean {listed([*map(repr, close)], 'or')}?" if close else ""
        raise ValueError(
            f"name must be one of the {len(names)} columns of the pipeline; got {name!r}{meant}"
        )
    row = description.iloc[names.index(name)].dropna()
    rest = row.drop(["name", "definition"])
    lines = [f"{name}: {row['definition']}"]
    return Explanation(
        "\n".join(lines + [f"    {part.replace('_', ' ')}: {text}" for part, text in rest.items()])
    )


class Explanation(str):
    """A text that interactive sessions show as it is."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


class _Row(NamedTuple):
    """What is known of a column."""

    name: str
    member: str | None
    family: str
    description: Description


def _rows_of(estimator, before=None, member=None):
    """Describe the columns of an estimator, which gets described columns, or None for events."""
    if isinstance(estimator, Pipeline):
        return _rows_of_steps(estimator, before, member)
    check_is_fitted(estimator)
    if hasattr(estimator, "_check_fitted"):
        check_state(estimator)
    if isinstance(estimator, FeatureUnion):
        rows = _rows_of_members(estimator, before, member)
    elif isinstance(estimator, SelectorMixin) and before is not None:
        rows = [row for row, stays in zip(before, estimator.get_support(), strict=True) if stays]
    elif before is not None and _changes_nothing(estimator):
        rows = before
    else:
        rows = None
    given = None if before is None else [row.name for row in before]
    names = _names_of(estimator, given, member)
    if rows is None:
        descriptions = _descriptions_of(estimator, len(names))
        family = type(estimator).__name__
        rows = [_Row("", member, family, description) for description in descriptions]
    return [row._replace(name=name) for row, name in zip(rows, names, strict=True)]


def _descriptions_of(estimator, n_columns):
    """Describe what a family has a plan for, and that anything else is not known."""
    if _has_plan(estimator):
        plan = estimator._planned(estimator._chosen_fields())
        return [describe_node(node) for _, node in plan]
    return [Description(definition=f"computed by {type(estimator).__name__}")] * n_columns


def _changes_nothing(estimator):
    """Tell what scikit-learn makes of ``"passthrough"`` in a union."""
    return isinstance(estimator, FunctionTransformer) and estimator.func is None


def _has_plan(estimator):
    return is_plain_family(estimator) and not estimator._computes


def _names_of(estimator, given, member):
    if not hasattr(estimator, "get_feature_names_out"):
        where = "" if member is None else f" (member {member!r})"
        raise ValueError(
            "pipeline must name its columns; there is no get_feature_names_out in its "
            f"{type(estimator).__name__}{where}"
        )
    names = estimator.get_feature_names_out(*(() if given is None else (given,)))
    return [str(name) for name in names]


def _rows_of_steps(pipeline, rows, member):
    """Describe what goes through the steps, from the first on that reads events."""
    steps = [step for _, step in pipeline.steps if step not in (None, "passthrough")]
    reading = (k for k, step in enumerate(steps) if _reads_events(step))
    steps = steps[next(reading, 0) :]
    if steps and not hasattr(steps[-1], "transform"):
        steps = steps[:-1]
    if not steps and rows is None:
        raise ValueError(
            "pipeline must have a step that makes features; got "
            f"{[type(step).__name__ for _, step in pipeline.steps]}"
        )
    for step in steps:
        rows = _rows_of(step, None if _reads_events(step) else rows, member)
    return rows


def _reads_events(step):
    if isinstance(step, Pipeline):
        return any(_reads_events(part) for _, part in step.steps)
    if isinstance(step, FeatureUnion):
        return any(_reads_events(part) for _, part in _members_of(step))
    return isinstance(step, FeatureFamily)


def _members_of(union):
    return getattr(union, "transformers_", union.transformer_list)


def _rows_of_members(union, before, member):
    weights = union.transformer_weights or {}
    rows = []
    for name, part in _members_of(union):
        if part == "drop":
            continue
        path = name if member is None else f"{member}__{name}"
        some = _rows_of(part, before, path)
        rows += [_weighted(row, weights.get(name)) for row in some]
    return rows


def _weighted(row, weight):
    if weight is None:
        return row
    definition = f"{row.description.definition}, times {weight}"
    return row._replace(description=row.description._replace(definition=definition))
