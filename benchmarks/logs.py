"""Event logs for the benchmarks that begin with one: ids, order of rows, and library."""

import numpy as np

from benchmarks.suite.histories import ragged

#: In which order the rows of a log are.
ORDERS = ("in order of time", "by entity", "shuffled")
_YEAR = 365 * 86_400 * 10**6


def make_log(n_entities, ids, order, seed=0):
    """A polars frame of the suite's histories, an event a row, at moments of one year.

    `ids` are integers ("int") or text ("string") of 12 characters.
    """
    import polars as pl

    histories = ragged(n_entities, seed)
    n_events = len(histories.values)
    rng = np.random.default_rng(seed)
    times = rng.integers(0, _YEAR, n_events)
    entities = histories.entities
    times = times[np.lexsort((times, entities))]
    rows = {
        "in order of time": lambda: np.argsort(times, kind="stable"),
        "by entity": lambda: np.arange(n_events),
        "shuffled": lambda: rng.permutation(n_events),
    }[order]()
    frame = pl.DataFrame(
        {
            "entity": entities[rows],
            "time": (times[rows] + 10**15).view("datetime64[us]"),
            **{name: column[rows] for name, column in histories.columns().items()},
        }
    )
    if ids == "int":
        return frame
    text = pl.format("card{}", pl.col("entity").cast(pl.String).str.zfill(8))
    return frame.with_columns(text.alias("entity"))


#: How a polars frame becomes one of each library.
LIBRARIES = {
    "polars": lambda frame: frame,
    "pandas": lambda frame: frame.to_pandas(),
    "Arrow": lambda frame: frame.to_arrow(),
}
