"""DuckDB: one SQL query of aggregates with filters."""

from ..columns import ALPHA, FIELDS, LAGS, QUANTILES, WINDOWS, column_names
from ._contender import Contender


def _aggregates(x):
    yield f"count({x})", f"count_{x}"
    yield from _moments(x, "", "")
    # One list of quantiles sorts once.
    yield f"quantile_cont({x}, {list(QUANTILES.values())})", f"quantiles_{x}"
    yield f"skewness({x})", f"skew_{x}"
    yield f"kurtosis_pop({x})", f"kurtosis_{x}"
    for window in WINDOWS:
        yield from _moments(x, f"rolling_{window}_", f" FILTER (age < {window})")
    for lag in LAGS:
        yield f"max({x}) FILTER (age = {lag})", f"lag_{lag}_{x}"
    # The weights of the smoothed level in closed form; the first value keeps what is left.
    level = f"{ALPHA} * sum({x} * weight) + {1 - ALPHA} ** count(*) * arg_max({x}, age)"
    yield level, f"exp_smooth_{x}"


def _moments(x, prefix, condition):
    functions = {"mean": "avg", "sum": "sum", "std": "stddev_pop", "min": "min", "max": "max"}
    for name, function in functions.items():
        yield f"{function}({x}){condition}", f"{prefix}{name}_{x}"


def _query():
    columns = ", ".join(f"{sql} AS {name}" for x in FIELDS for sql, name in _aggregates(x))
    return (
        f"SELECT {columns} FROM (SELECT *, {1 - ALPHA} ** age AS weight FROM events) "
        "GROUP BY entity ORDER BY entity"
    )


def _load(histories, part):
    """The table has each event's place from the end beforehand, which a query would rank for."""
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect()
    events = pa.table({"entity": histories.entities, "age": histories.ages, **histories.columns()})
    connection.register("arrow_events", events)
    connection.execute("CREATE TABLE events AS SELECT * FROM arrow_events")
    connection.unregister("arrow_events")
    return lambda: connection.sql(_query()).to_arrow_table()


def _columns(table, part):
    columns = {
        n: table[n].to_pandas().to_numpy(float) for n in table.column_names if "quant" not in n
    }
    for x in FIELDS:
        lists = table[f"quantiles_{x}"].combine_chunks().flatten().to_numpy()
        for i, name in enumerate(QUANTILES):
            columns[f"{name}_{x}"] = lists[i :: len(QUANTILES)]
    return {name: columns[name] for name in column_names(part)}


CONTENDERS = (
    Contender(
        "DuckDB, SQL",
        "duckdb",
        _load,
        _columns,
        # skewness() is the bias-corrected G1.
        differs={"skew": "bias-corrected"},
        note="a table with each event's place from the end as a column",
    ),
)
