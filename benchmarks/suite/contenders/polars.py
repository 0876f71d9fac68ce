"""polars: group_by over a frame of events, and expressions over list columns."""

from functools import partial

from ..columns import AGGREGATIONS, ALPHA, FIELDS, LAGS, QUANTILES, WINDOWS, column_names
from ._contender import Contender

_FASTER_GROUPED = ("std_", *QUANTILES, "skew_", "kurtosis_", "exp_smooth_")


def _events(histories):
    import polars as pl

    frame = pl.DataFrame({"entity": histories.entities, **histories.columns()})
    return frame.with_columns(pl.col("entity").set_sorted())


def _grouped(field):
    """Expressions of the aggregations of one field in a group_by."""
    import polars as pl

    x = pl.col(field)
    yield f"count_{field}", x.count()
    yield from _moments(x, "", field)
    for name, q in QUANTILES.items():
        yield f"{name}_{field}", x.quantile(q, "linear")
    yield f"skew_{field}", x.skew()
    yield f"kurtosis_{field}", x.kurtosis()
    for window in WINDOWS:
        yield from _moments(x.tail(window), f"rolling_{window}_", field)
    for lag in LAGS:
        yield f"lag_{lag}_{field}", x.get(-1 - lag, null_on_oob=True)
    yield f"exp_smooth_{field}", x.ewm_mean(alpha=ALPHA, adjust=False).last()


def _of_lists(field):
    """The same where each row holds the values of one entity as a list."""
    import polars as pl

    x, values = pl.col(field), pl.element()
    yield f"count_{field}", x.list.len()
    yield from _moments(x.list, "", field)
    for name, q in QUANTILES.items():
        yield f"{name}_{field}", x.list.agg(values.quantile(q, "linear"))
    yield f"skew_{field}", x.list.agg(values.skew())
    yield f"kurtosis_{field}", x.list.agg(values.kurtosis())
    for window in WINDOWS:
        yield from _moments(x.list.tail(window).list, f"rolling_{window}_", field)
    for lag in LAGS:
        yield f"lag_{lag}_{field}", x.list.get(-1 - lag, null_on_oob=True)
    level = values.ewm_mean(alpha=ALPHA, adjust=False).last()
    yield f"exp_smooth_{field}", x.list.agg(level)


def _moments(x, prefix, field):
    for name in AGGREGATIONS:
        value = x.std(ddof=0) if name == "std" else getattr(x, name)()
        yield f"{prefix}{name}_{field}", value


def _chosen(expressions, part):
    computed = {name: e.alias(name) for field in FIELDS for name, e in expressions(field)}
    return [computed[name] for name in column_names(part)]


def grouped_features(part):
    """The columns as expressions of a group_by."""
    return _chosen(_grouped, part)


def _group_by(histories, part):
    groups = _events(histories).lazy().group_by("entity", maintain_order=True)
    query = groups.agg(grouped_features(part))
    return query.collect


def _group_by_and_lists(histories, part):
    """What is faster as an aggregation in the group_by; the rest on its groups as lists."""
    fast = {name for name in column_names(part) if name.startswith(_FASTER_GROUPED)}
    grouped = [e for e in _chosen(_grouped, part) if e.meta.output_name() in fast]
    of_lists = [e for e in _chosen(_of_lists, part) if e.meta.output_name() not in fast]
    groups = _events(histories).lazy().group_by("entity", maintain_order=True)
    query = groups.agg(*FIELDS, *grouped).select(*fast, *of_lists)
    return query.collect


def _lists(histories, part):
    """The events are grouped beforehand, as they are in `EventSequences`."""
    lists = _events(histories).group_by("entity", maintain_order=True).agg(*FIELDS)
    query = lists.lazy().select(_chosen(_of_lists, part))
    return query.collect


def _columns(frame, part):
    import polars as pl

    floats = frame.select(pl.col(column_names(part)).cast(pl.Float64).fill_null(float("nan")))
    return {name: floats[name].to_numpy() for name in column_names(part)}


_contender = partial(Contender, package="polars", columns=_columns, parts=("all", "summaries"))
CONTENDERS = (
    _contender("polars, group_by", load=_group_by, note="`group_by(maintain_order=True).agg`"),
    _contender(
        "polars, group_by and lists",
        load=_group_by_and_lists,
        note="aggregations where they are faster, else expressions over lists of the groups",
    ),
    _contender("polars, list columns", load=_lists, note="events grouped beforehand"),
)
