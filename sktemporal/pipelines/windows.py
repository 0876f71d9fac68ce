"""The windows of fitted families, which the report on the histories looks at."""

from typing import Any

from .._constraints import is_integer
from ..features._base import is_plain_family
from ..sequences import duration_name
from .union import TemporalFeatureUnion


def windows_of(step):
    """Return the windows of all families of a step, durations by their names, and where they end.

    That is told of all at once: where families differ in it, at the reference time.

    Parameters
    ----------
    step : estimator
        Fitted: a union, a family, or another, which has none.

    Returns
    -------
    parameters : dict
        Those of :class:`~sktemporal.SequenceQualityReport` that say which windows it looks at.
    """
    members: list[Any] = (
        [m for _, m in step.transformers_] if isinstance(step, TemporalFeatureUnion) else [step]
    )
    families = [m for m in members if is_plain_family(m) and getattr(m, "windows", ())]
    windows = [window for family in families for window in family.windows]
    names = tuple(dict.fromkeys(int(w) if is_integer(w) else duration_name(w) for w in windows))
    ends = {(getattr(f, "closed", None), _name_of(getattr(f, "gap", None))) for f in families}
    closed, gap = ends.pop() if len(ends) == 1 else (None, None)
    return {"windows": names, "closed": closed, "gap": gap}


def _name_of(duration):
    return None if duration is None else duration_name(duration)
