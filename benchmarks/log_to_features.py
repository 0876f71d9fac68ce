"""The whole way: an event log as Parquet in, features as Parquet out.

A log in order of time, about 26 events of each of 100,000 entities with 4 fields; the suite's 120
columns (ours 124), and the entity, out. polars reads, sorts by entity and time, groups and writes;
pandas has its groupby. Ours is `EventSequences.from_frame`, a union of families and a frame of the
features, in each of three libraries. All write with snappy and without dictionaries. The columns
are held against ours, but for skew and kurtosis, which pandas corrects for bias. Contenders take
turns; medians of five runs, one of pandas. Run as ``python -m benchmarks.log_to_features``;
``--quick`` takes a tenth of the entities.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.logs import make_log
from benchmarks.measuring import timed
from benchmarks.suite.columns import column_names
from benchmarks.suite.contenders.own import feature_union
from benchmarks.suite.contenders.pandas import features_of_frame
from benchmarks.suite.contenders.polars import grouped_features
from sktemporal import EventSequences
from sktemporal.io.arrow_tables import table_of

COLUMNS = {"entity": "entity", "time": "time"}
_OPTIONS = {"compression": "snappy", "use_dictionary": False}


def by_polars(log, output):
    import polars as pl

    events = pl.scan_parquet(log).sort("entity", "time")
    groups = events.group_by("entity", maintain_order=True)
    groups.agg(grouped_features("all")).collect().write_parquet(output, compression="snappy")


def by_pandas(log, output):
    import pandas as pd

    events = pd.read_parquet(log).sort_values(["entity", "time"], kind="stable")
    features_of_frame(events.drop(columns="time")).to_parquet(output, **_OPTIONS)


def from_polars(log, output, union):
    import polars as pl

    sequences = EventSequences.from_frame(pl.read_parquet(log), **COLUMNS)
    features = union.set_output(transform="polars").transform(sequences)
    features = features.with_columns(pl.Series("entity", sequences.entity_ids))
    features.write_parquet(output, compression="snappy")


def from_pandas(log, output, union):
    import pandas as pd

    sequences = EventSequences.from_frame(pd.read_parquet(log), **COLUMNS)
    features = union.set_output(transform="pandas").transform(sequences)
    features.to_parquet(output, **_OPTIONS)


def from_arrow(log, output, union):
    import pyarrow as pa
    import pyarrow.parquet as pq

    sequences = EventSequences.from_frame(pq.read_table(log), **COLUMNS)
    features = union.set_output(transform="default").transform(sequences)
    entity = {"entity": pa.array(sequences.entity_ids)}
    table = table_of(features, union.get_feature_names_out(), entity)
    pq.write_table(table, output, **_OPTIONS)


def measured(n_entities=100_000, n_turns=5):
    """Seconds of each way, medians."""
    import polars as pl

    log = make_log(n_entities, "int", "in order of time")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "log.parquet")
        log.write_parquet(path, compression="snappy")
        union = feature_union("all", -1).fit(EventSequences.from_frame(log.head(100), **COLUMNS))
        ours = {"polars": from_polars, "pandas": from_pandas, "Arrow": from_arrow}
        ways = {"polars": by_polars, "pandas": by_pandas}
        ways |= {
            f"sktemporal, from {name}": lambda log, output, way=way: way(log, output, union)
            for name, way in ours.items()
        }
        outputs = {name: Path(directory, f"{k}.parquet") for k, name in enumerate(ways)}
        seconds = {name: [] for name in ways}
        for turn in range(n_turns + 1):
            for name, way in ways.items():
                if name == "pandas" and turn > 1:  # one run of many seconds tells enough
                    continue
                seconds[name].append(timed(lambda way=way, name=name: way(path, outputs[name]))[0])
        _check({name: pl.read_parquet(output) for name, output in outputs.items()})
    return {name: float(np.median(s[1:])) for name, s in seconds.items()}


def _check(features):
    """Hold the columns of all against ours from polars."""
    import polars as pl

    names = [n for n in column_names("all") if not n.startswith(("skew", "kurtosis"))]

    def values(frame):
        columns = frame.select(pl.col(names).cast(pl.Float64).fill_null(float("nan")))
        return columns.to_numpy()

    expected = values(features["sktemporal, from polars"])
    for frame in features.values():
        np.testing.assert_allclose(values(frame), expected, rtol=1e-8, atol=1e-9)


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.log_to_features", description=__doc__
    )
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    seconds = measured(10_000 if chosen.quick else 100_000)
    for name, taken in seconds.items():
        print(f"{name:26} {taken:6.2f} s   polars takes {seconds['polars'] / taken:.2f} times that")


if __name__ == "__main__":
    main()
