"""From a record to a row of features: how long one event takes, and the events of one entity.

Records are dicts, as a service has them. Beside
``EventSequences.from_records(..., like=pipeline)`` is the way through a data frame; both give the
same row. Run as ``python -m benchmarks.one_record``.
"""

import numpy as np
import pandas as pd

from benchmarks.measuring import latencies
from sktemporal import EventSequences, make_temporal_pipeline, prepare
from sktemporal.datasets import make_transactions

COLUMNS = {"entity": "customer_id", "time": "time"}


def main(seconds=3.0):
    log = make_transactions(1_000, random_state=0)
    chosen = {"fields": ["amount"], "categorical_fields": ["merchant_category", "terminal_id"]}
    pipeline = make_temporal_pipeline(windows=(3, "7d", "30d"), lags=(1, 2))
    pipeline.fit(EventSequences.from_frame(log, **COLUMNS, **chosen))
    serve = prepare(pipeline)
    counts = log["customer_id"].value_counts()
    busiest = log[log["customer_id"] == counts.index[0]]
    for n in (1, 50):
        records = busiest.tail(n).to_dict("records")
        run(f"{len(records)} of one entity", records, pipeline, serve, seconds)


def run(title, records, pipeline, serve, seconds):
    def container():
        return EventSequences.from_records(records, **COLUMNS, like=pipeline)

    def by_frame():
        return EventSequences.from_frame(pd.DataFrame(records), **COLUMNS, like=pipeline)

    np.testing.assert_array_equal(serve(container()), serve(by_frame()))
    ways = {
        "from_records": container,
        "DataFrame, from_frame": by_frame,
        "from_records, prepared pipeline": lambda: serve(container()),
        "DataFrame, from_frame, pipeline.transform": lambda: pipeline.transform(by_frame()),
    }
    print(f"{title}: {serve(container()).shape[1]} columns")
    for name, way in ways.items():
        taken = 1e6 * latencies(way, seconds)
        p50, p99 = np.quantile(taken, [0.5, 0.99])
        print(f"  {name:45} p50 {p50:7.0f} us   p99 {p99:7.0f} us")


if __name__ == "__main__":
    main()
