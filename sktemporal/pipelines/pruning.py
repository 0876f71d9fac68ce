"""Fitted pipelines without what their quality step drops."""

from __future__ import annotations

import copy
import difflib
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._state import check_state
from ..features._base import FeatureFamily, is_plain_family
from ..quality import QualityReportTransformer
from .union import TemporalFeatureUnion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._types import Estimator


def prune(pipeline: Estimator, columns: Sequence[str] | None = None) -> Estimator:
    """Make a fitted pipeline that computes only the columns that are wanted.

    The result gives the columns of `pipeline` that are wanted, to the bit, under the same names,
    and computes these and no others, with what they are made of. Members of the union of which
    nothing is kept are gone. The parameters of the others are narrowed, too, to what the kept
    columns need: `fields`, `statistics`, `windows` and so on.

    Parameters
    ----------
    pipeline : Pipeline, TemporalFeatureUnion or feature family
        Fitted. The first step of a pipeline is a :class:`TemporalFeatureUnion` or a feature family;
        a :class:`~sktemporal.QualityReportTransformer` may follow, as
        :func:`make_temporal_pipeline` makes them, and then a classifier or other steps.
    columns : sequence of str, default=None
        Names of columns that `pipeline` gives. None: what the quality step keeps. With a step
        behind the quality step, which was fitted on all columns, it has to be None.

    Returns
    -------
    pruned : object
        Fitted, of the type of `pipeline`; the columns are in the order that they had. `pipeline` is
        left as it is.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    ValueError
        If `columns` names what the pipeline does not give, the pipeline has other steps, no column
        would be left, or several members of the union are of unknown width, not being families and
        having no `get_feature_names_out`.

    Notes
    -----
    Members that are not of this package, or that compute without a plan, compute all of their
    columns or none; the quality step drops the rest. A member of which nothing is kept stays, and
    computes nothing, if it alone gives the output its float64 or checks the fields of X.

    The quality step keeps the report of the training. Fitting the pruned pipeline again computes
    all columns of the narrowed parameters, and chooses among these anew: a parameter keeps a value
    that any kept column needs, so where ``rolling_7_mean_amount`` and ``rolling_30_max_amount`` are
    kept, ``rolling_7_max_amount`` is there again. An infinite value in a column that is not
    computed any more is no error any more.

    See Also
    --------
    prepare : Less overhead for each call; takes a pruned pipeline, too.

    Examples
    --------
    >>> import numpy as np
    >>> import sktemporal
    >>> X = np.random.default_rng(0).lognormal(size=(100, 12, 1))
    >>> pipeline = sktemporal.make_temporal_pipeline(windows=(3, 30), lags=(1,))
    >>> pipeline = pipeline.set_params(quality__drop=True).fit(X)
    >>> pruned = sktemporal.prune(pipeline)
    >>> bool((pruned.transform(X) == pipeline.transform(X)).all().all())
    True
    >>> pruned["features"].named_transformers_["rolling"].windows
    (3,)
    >>> sktemporal.prune(pipeline, ["lag_1_x0", "min_x0"]).get_feature_names_out()
    array(['min_x0', 'lag_1_x0'], dtype=object)
    """
    if columns is not None and not isinstance(pipeline, Pipeline):
        check_is_fitted(pipeline)
        _check_first(pipeline)
        pruned = copy.deepcopy(pipeline)
        keep = _chosen_columns(columns, pruned.get_feature_names_out().tolist())
        _refuse_others(keep, _narrow(pruned, keep))
        return pruned
    features, quality = _first_steps(pipeline, columns is None)
    pruned = copy.deepcopy(pipeline)
    first = pruned.steps[features][1]
    if quality is None:
        keep = _chosen_columns(columns, first.get_feature_names_out().tolist())
        _refuse_others(keep, _narrow(first, keep))
        return pruned
    name, step = pruned.steps[quality]
    if columns is not None:
        names = step.get_feature_names_out().tolist()
        step.support_[step.support_] = _chosen_columns(columns, names)
    computed = _narrow(first, step.support_)
    pruned.steps[quality] = name, step.narrowed(computed)
    return pruned


def _chosen_columns(columns, names):
    """Tell which of the names are wanted."""
    if isinstance(columns, str) or not all(isinstance(column, str) for column in columns):
        raise ValueError(f"columns must be a sequence of names of columns; got {columns!r}")
    unknown = [column for column in columns if column not in names]
    if unknown or not columns:
        close = difflib.get_close_matches(str(unknown[:1]), names, n=3, cutoff=0.3)
        raise ValueError(
            f"columns must be some of the {len(names)} that the pipeline gives, such as "
            f"{close or names[:3]}; got {unknown or list(columns)}"
        )
    return np.isin(np.array(names, dtype=object), np.array([*columns], dtype=object))


def _refuse_others(keep, computed):
    """Refuse to give columns that nothing behind would drop."""
    if (computed & ~keep).any():
        raise ValueError(
            "columns must be all or none of those of a member that computes without a plan, where "
            "no quality step follows to drop the others"
        )


def _check_first(first):
    if not isinstance(first, (TemporalFeatureUnion, FeatureFamily)):
        raise ValueError(
            "pipeline must be, or start with, a TemporalFeatureUnion or a feature family; got a "
            f"{type(first).__name__}"
        )
    check_state(first)


def _first_steps(pipeline, needs_quality):
    """Check the pipeline; return where the features and the quality step (or None) are in it."""
    if not isinstance(pipeline, Pipeline):
        raise ValueError(f"pipeline must be a Pipeline; got a {type(pipeline).__name__}")
    steps = [
        (k, step) for k, (_, step) in enumerate(pipeline.steps) if step not in (None, "passthrough")
    ]
    found = [type(step).__name__ for _, step in steps]
    if not steps or not isinstance(steps[0][1], (TemporalFeatureUnion, FeatureFamily)):
        raise ValueError(
            "pipeline must start with a TemporalFeatureUnion or a feature family, and a "
            f"QualityReportTransformer; got {found}"
        )
    has_quality = len(steps) > 1 and isinstance(steps[1][1], QualityReportTransformer)
    if needs_quality and not has_quality:
        raise ValueError(
            "pipeline must start with a TemporalFeatureUnion or a feature family, and a "
            f"QualityReportTransformer; got {found}"
        )
    check_is_fitted(pipeline)
    for _, step in steps[: 1 + has_quality]:
        check_is_fitted(step)
        check_state(step)
    if not needs_quality and len(steps) > 1 + has_quality:
        raise ValueError(
            f"columns must be None where a step follows that was fitted on all of them; got {found}"
        )
    if not has_quality:
        return steps[0][0], None
    if not steps[1][1].support_.any():
        raise ValueError(
            "pipeline must keep some column; its quality step drops all "
            f"{len(steps[1][1].support_)} of them"
        )
    return steps[0][0], steps[1][0]


def _narrow(member, keep):
    """Narrow a fitted member, in place, to columns; return which it computes."""
    if isinstance(member, TemporalFeatureUnion):
        return _narrow_union(member, keep)
    if isinstance(member, FeatureFamily) and not member._computes and is_plain_family(member):
        _narrow_family(member, keep)
        return keep
    return np.full(len(keep), True)


def _narrow_family(family, keep):
    """Let a family compute some columns of its plan alone, and narrow its parameters to these."""
    planned = family._planned(family._chosen_fields())
    wanted = [column for column, want in zip(planned, keep, strict=True) if want]
    parameters = family.get_params()
    if parameters.get("fields", ()) is None:
        parameters["fields"] = tuple(_names_or_positions(family))
    for parameter, values in parameters.items():
        if isinstance(values, (tuple, list)):
            _narrow_parameter(family, parameter, values, wanted)
    plan = family._plan(family._chosen_fields())
    family.columns_ = np.array([plan.index(column) for column in wanted], dtype=np.int64)
    if len(wanted) == len(plan):
        del family.columns_


def _narrow_parameter(family, parameter, values, wanted):
    """Leave out, one by one, the values without which the wanted columns are what they were."""
    if not wanted:  # a member that stays for its type, or to check X
        if parameter == "fields" and not family._plan([]):
            _set(family, parameter, values, [])
        return
    left = [*range(len(values))]
    for k in range(len(values)):
        trial = copy.copy(family)
        without = [j for j in left if j != k]
        _set(trial, parameter, values, without)
        plan = trial._plan(trial._chosen_fields())
        if all(column in plan for column in wanted):
            left = without
    if len(left) < len(values):
        _set(family, parameter, values, left)


def _set(family, parameter, values, left):
    setattr(family, parameter, type(values)(values[k] for k in left))
    if parameter == "fields":
        family.field_positions_ = family.field_positions_[left]


def _names_or_positions(family):
    """All fields that the family may choose from, by name where fit saw names."""
    names = getattr(family, "feature_names_in_", None)
    if family._of_categorical_fields and len(family.categorical_feature_names_in_):
        names = family.categorical_feature_names_in_
    return (family.field_positions_ if names is None else names).tolist()


def _narrow_union(union, keep):
    members = {name: member for name, member in union.transformers_ if member != "drop"}
    widths = _widths(members, len(keep))
    parts = dict(zip(members, np.split(keep, np.cumsum(widths)[:-1]), strict=True))
    stay = _staying(members, parts)
    computed = [
        _narrow(member, parts[name]) if name in stay else np.full(len(parts[name]), False)
        for name, member in members.items()
    ]
    gone = members.keys() - stay
    union.transformers_ = [
        (name, member) for name, member in union.transformers_ if name not in gone
    ]
    union.transformer_list = [
        (name, member if isinstance(member, str) else clone(member))
        for name, member in union.transformers_
    ]
    if union.transformer_weights is not None:
        weights = union.transformer_weights.items()
        union.transformer_weights = {name: weight for name, weight in weights if name not in gone}
    return np.concatenate(computed)


def _widths(members, n_columns):
    """Numbers of columns of fitted members; one of them may be found by subtraction."""
    widths = {name: _width(member) for name, member in members.items()}
    unknown = [name for name, width in widths.items() if width is None]
    if len(unknown) > 1:
        raise ValueError(
            "all members of the union but one must be families or have get_feature_names_out, to "
            f"tell whose columns are dropped; {unknown} are not"
        )
    rest = n_columns - sum(width for width in widths.values() if width is not None)
    if rest < 0 or (rest and not unknown):
        raise ValueError(
            f"the quality step must be fitted on the columns of the union; it saw {n_columns}, "
            f"and the members have {widths}"
        )
    return [rest if width is None else width for width in widths.values()]


def _width(member):
    if isinstance(member, FeatureFamily):
        return member._n_features_out
    try:
        return len(member.get_feature_names_out())
    except (AttributeError, ValueError):
        return None


def _staying(members, parts):
    """Names of members with a kept column, or without which dtype or input would be others."""
    stay = {name for name, part in parts.items() if part.any()}
    families = [name for name, member in members.items() if isinstance(member, FeatureFamily)]
    wide = [name for name in families if np.dtype(members[name].dtype) == np.float64]
    if stay.isdisjoint(wide):
        # Of what dtype the other members are, is not known.
        stay.update(wide[:1] or members.keys() - families)
    if stay.isdisjoint(families):
        stay.update(families[:1])
    return stay
