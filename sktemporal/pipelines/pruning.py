"""Fitted pipelines without what their quality step drops."""

import copy

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._state import check_state
from ..features._base import FeatureFamily
from ..features.behavioral import BehavioralFeatures
from ..features.categorical import CategoricalFeatures
from ..features.lag import LagFeatures
from ..features.rolling import RollingWindowFeatures
from ..features.smoothing import ExponentialSmoothingFeatures
from ..features.statistical import StatisticalFeatures
from ..quality import QualityReportTransformer
from .union import TemporalFeatureUnion

# The columns of these are a product of fields and of these parameters, in this order (and of a
# fixed number of columns for each).
_FACTORS = {
    StatisticalFeatures: ("statistics",),
    CategoricalFeatures: (),
    RollingWindowFeatures: ("windows", "aggregations"),
    LagFeatures: ("lags",),
    ExponentialSmoothingFeatures: (),
}

# What becomes of a column: it is computed no more, or as before, or from fewer fields.
_NOT, _AS_BEFORE, _FROM_FEWER_FIELDS = range(3)


def prune(pipeline):
    """Make a fitted pipeline that does not compute what the quality step drops.

    The result gives the same output as `pipeline`, to the bit, under the same names. It takes
    less time, because members of the union of which nothing is kept are gone, and the parameters
    of the others are narrowed to what the kept columns need: `fields`, `statistics`, `windows`,
    `aggregations` and `lags`.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted. Its first step is a :class:`TemporalFeatureUnion` or a feature family, its second
        a :class:`~sktemporal.QualityReportTransformer`, as :func:`make_temporal_pipeline` makes
        them; a classifier or other steps may follow.

    Returns
    -------
    pruned : Pipeline
        Fitted; the steps that follow are copies. `pipeline` is left as it is.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    ValueError
        If the pipeline has other steps, the quality step drops every column, or several members
        of the union are of unknown width, not being families and having no
        `get_feature_names_out`.

    Notes
    -----
    A parameter keeps a value that any kept column needs, so the columns of a family stay a product:
    where ``rolling_7_mean_amount`` and ``rolling_30_max_amount`` are kept, ``rolling_7_max_amount``
    is still computed. The quality step, narrowed to the columns that are computed, drops these.
    Beyond that,

    - :class:`BehavioralFeatures` computes ``activity_concentration`` and ``consistency_score`` in
      any case, and keeps all of its fields where the latter is kept, being a mean over them. Where
      it is dropped and fields with it, it is a mean over those left, which `drift` does not compare
      with that of the training;
    - :class:`TemporalPatternFeatures`, and members that are not of this package, compute all of
      their columns or none;
    - a member of which nothing is kept stays, with ``fields=()`` where it can, if it alone gives
      the output its float64 or checks the fields of X.

    The quality step keeps the report of the training. Fitting the pruned pipeline again measures
    the columns that are still computed, and chooses among these anew. An infinite value in a
    column that is not computed any more is no error any more.

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
    """
    features, quality = _first_steps(pipeline)
    pruned = copy.deepcopy(pipeline)
    fate = _narrow(pruned.steps[features][1], pruned.steps[quality][1].support_)
    name, step = pruned.steps[quality]
    pruned.steps[quality] = name, step.narrowed(fate != _NOT, fate == _FROM_FEWER_FIELDS)
    return pruned


def _first_steps(pipeline):
    """Check the pipeline; return where the features and the quality step are in it."""
    if not isinstance(pipeline, Pipeline):
        raise ValueError(f"pipeline must be a Pipeline; got a {type(pipeline).__name__}")
    steps = [
        (k, step) for k, (_, step) in enumerate(pipeline.steps) if step not in (None, "passthrough")
    ]
    kinds = (TemporalFeatureUnion, FeatureFamily), QualityReportTransformer
    if len(steps) < 2 or not all(map(isinstance, (step for _, step in steps[:2]), kinds)):
        raise ValueError(
            "pipeline must start with a TemporalFeatureUnion or a feature family, and a "
            f"QualityReportTransformer; got {[type(step).__name__ for _, step in steps]}"
        )
    check_is_fitted(pipeline)
    for _, step in steps[:2]:
        check_is_fitted(step)
        check_state(step)
    if not steps[1][1].support_.any():
        raise ValueError(
            "pipeline must keep some column; its quality step drops all "
            f"{len(steps[1][1].support_)} of them"
        )
    return steps[0][0], steps[1][0]


def _narrow(member, keep):
    """Narrow a fitted member, in place, to columns; return what becomes of each of its columns."""
    if isinstance(member, TemporalFeatureUnion):
        return _narrow_union(member, keep)
    if type(member) is BehavioralFeatures and not keep[1]:
        wanted = keep[2:].reshape(-1, 2).any(axis=1)
        _narrow_fields(member, wanted)
        score = _AS_BEFORE if wanted.all() else _FROM_FEWER_FIELDS
        return np.append([_AS_BEFORE, score], np.repeat(wanted, 2) * _AS_BEFORE)
    if type(member) in _FACTORS:
        return _narrow_product(member, keep) * _AS_BEFORE
    return np.full(len(keep), _AS_BEFORE)


def _narrow_product(family, keep):
    """Narrow a family whose columns are a product; return which columns it still computes."""
    if not keep.any():
        _narrow_fields(family, np.zeros(len(family.field_positions_), dtype=bool))
        return keep
    factors = _FACTORS[type(family)]
    values = {factor: getattr(family, factor) for factor in factors}
    grid = keep.reshape(len(family.field_positions_), *map(len, values.values()), -1)
    axes = range(grid.ndim - 1)
    fields, *others = [grid.any(axis=(*(a for a in axes if a != axis), -1)) for axis in axes]
    _narrow_fields(family, fields)
    for factor, wanted in zip(factors, others, strict=True):
        setattr(family, factor, _chosen(values[factor], wanted))
    computed = np.zeros_like(grid)
    computed[np.ix_(fields, *others)] = True
    return computed.reshape(-1)


def _narrow_fields(family, wanted):
    if wanted.all():
        return
    fields = family.fields
    if fields is None:
        fields = tuple(_names_or_positions(family))
    family.fields = _chosen(fields, wanted)
    family.field_positions_ = family.field_positions_[wanted]


def _names_or_positions(family):
    """All fields that the family may choose from, by name where fit saw names."""
    names = getattr(family, "feature_names_in_", None)
    if family._of_categorical_fields and len(family.categorical_feature_names_in_):
        names = family.categorical_feature_names_in_
    return (family.field_positions_ if names is None else names).tolist()


def _chosen(values, wanted):
    return type(values)(value for value, want in zip(values, wanted, strict=True) if want)


def _narrow_union(union, keep):
    members = {name: member for name, member in union.transformers_ if member != "drop"}
    widths = _widths(members, len(keep))
    parts = dict(zip(members, np.split(keep, np.cumsum(widths)[:-1]), strict=True))
    stay = _staying(members, parts)
    fates = [
        _narrow(member, parts[name]) if name in stay else np.full(len(parts[name]), _NOT)
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
    return np.concatenate(fates)


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
