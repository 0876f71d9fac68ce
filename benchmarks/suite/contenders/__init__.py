"""Everyone that computes the columns, each in its own fastest idiom."""

from . import aeon, duckdb, own, pandas, polars, sktime, tsflex, tsfresh

CONTENDERS = {
    contender.name: contender
    for module in (own, polars, pandas, duckdb, tsflex, tsfresh, sktime, aeon)
    for contender in module.CONTENDERS
}
