"""Reading a log: `EventSequences.from_frame` beside the sort of polars on the same frame.

For ids that are integers and text, logs in order of time, by entity and shuffled, and frames of
three libraries, which take turns; the quickest of six runs counts. Then the peak memory of reading
a log of 10,000,000 events, in a process of its own, beyond the frame and the container, as a share
of both. Run as ``python -m benchmarks.from_frame``; ``--quick`` takes a tenth of the events.
"""

import argparse
import json
import subprocess
import sys

from benchmarks.logs import LIBRARIES, ORDERS, make_log
from benchmarks.measuring import raised_peak, timed
from sktemporal import EventSequences

COLUMNS = {"entity": "entity", "time": "time"}


def read(frame):
    return EventSequences.from_frame(frame, **COLUMNS)


def ratios(n_entities, n_turns=6):
    """Seconds of polars, and of ours from each library, by ids and order."""
    table = {}
    for ids in ("int", "string"):
        for order in ORDERS:
            log = make_log(n_entities, ids, order)
            frames = {name: make(log) for name, make in LIBRARIES.items()}
            ways = {"polars, sort": lambda log=log: log.sort("entity", "time")}
            ways |= {
                f"from {name}": lambda frame=frame: read(frame) for name, frame in frames.items()
            }
            seconds = {name: [] for name in ways}
            for _ in range(n_turns):
                for name, way in ways.items():
                    seconds[name].append(timed(way)[0])
            table[f"{ids} ids, {order}"] = {name: min(s) for name, s in seconds.items()}
    return table


def peak_share(library, order, n_entities):
    """By how much the peak goes beyond frame and container, as a share of both."""
    frame = LIBRARIES[library](make_log(n_entities, "int", order))
    read(frame.head(100) if library != "Arrow" else frame.slice(0, 100))  # code is loaded
    size = len(frame) * 6 * 8
    extra, sequences = raised_peak(lambda: read(frame))
    names = ("values", "codes", "times", "frame_rows", "starts", "stops", "reference_times")
    container = sum(getattr(sequences, name).nbytes for name in names)
    return (extra * 2**20 - container) / (size + container)


def peaks(n_entities):
    table = {}
    for library in LIBRARIES:
        for order in ORDERS:
            command = [
                sys.executable,
                "-m",
                __spec__.name,
                "--peak",
                library,
                order,
                str(n_entities),
            ]
            table[f"{library}, {order}"] = json.loads(subprocess.check_output(command, text=True))
    return table


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.from_frame", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peak", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peak:
        library, order, n_entities = chosen.peak
        print(json.dumps(peak_share(library, order, int(n_entities))))
        return
    scale = 10 if chosen.quick else 1
    for name, seconds in ratios(100_000 // scale).items():
        polars, *_ = seconds.values()
        print(f"{name:28}", *(f"{way} {s:.3f} s ({s / polars:.2f})" for way, s in seconds.items()))
    for name, share in peaks(385_000 // scale).items():
        print(f"peak beyond frame and container, {name:26} {share:6.1%}")


if __name__ == "__main__":
    main()
