"""Run the suite, and write the page, the plot and the results as JSON."""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

from .. import from_frame, log_to_features
from . import plot
from .cold_start import cold_start
from .columns import PARTS
from .comparison import Limits, by_length, by_size, warm_up
from .contenders import CONTENDERS
from .latency import single_entity
from .machine import machine
from .memory import peaks
from .page import all_tables, page

FULL = {
    "sizes": (10**3, 10**4, 10**5, 10**6),
    "lengths": (10, 32, 100, 316, 1000),
    "n_events": 10**6,
    "limits": Limits(one_run=20, all_rounds=25),
    "length_limits": Limits(one_run=10, all_rounds=15, rounds=3),
    "logs": 10**5,
    "latency": 4.0,
    "memory": 10**5,
    "processes": 5,
}
QUICK = {
    "sizes": (10**3, 10**4),
    "lengths": (10, 1000),
    "n_events": 10**5,
    "limits": Limits(one_run=4, all_rounds=4, rounds=3),
    "length_limits": Limits(one_run=2, all_rounds=2, rounds=1),
    "logs": 10**4,
    "latency": 0.5,
    "memory": 10**4,
    "processes": 1,
}


def run(plan, report):
    """All measurements as one dict that JSON can hold."""
    present = [c for c in CONTENDERS.values() if c.installed]
    for contender in CONTENDERS.values():
        if not contender.installed:
            report(f"left out: {contender.name} ({contender.package} is not installed)")
    report("warming up")
    warm_up(present)
    sizes = {part: by_size(part, plan["sizes"], plan["limits"], report) for part in PARTS}
    measured = sizes["all"]["tables"][str(plan["memory"])]
    return {
        "machine": machine(),
        "quick": plan is QUICK,
        "limits": plan["limits"]._asdict(),
        "sizes": sizes,
        "lengths": by_length(plan["lengths"], plan["n_events"], plan["length_limits"], report),
        "logs": logs(plan["logs"], report),
        "latency": single_entity(plan["latency"], report),
        "memory": peaks(plan["memory"], [n for n in measured if "seconds" in measured[n]], report),
        "cold_start": cold_start(plan["processes"], report),
    }


def logs(n_entities, report):
    """The whole way from a log to features, and reading it."""
    report("from an event log")
    way, reading = log_to_features.measured(n_entities), from_frame.ratios(n_entities)
    return {"n_entities": n_entities, "way": way, "reading": reading}


def reporter():
    start = time.perf_counter()
    return lambda line: print(f"[{time.perf_counter() - start:5.0f} s] {line}", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes, printed")
    parser.add_argument(
        "--output", type=Path, help="where the page goes (docs; with --quick, build/benchmarks)"
    )
    parser.add_argument("--render", type=Path, help="results.json of a run, to be shown again")
    return parser.parse_args()


def main():
    chosen = arguments()
    if chosen.render:
        results = json.loads(chosen.render.read_text())
    else:
        warnings.simplefilter("ignore")  # the peers' own
        results = run(QUICK if chosen.quick else FULL, reporter())
    build = Path("build", "benchmarks")
    build.mkdir(parents=True, exist_ok=True)
    (build / "results.json").write_text(json.dumps(results, indent=1))
    output = chosen.output or (build if results["quick"] else Path("docs"))
    plot.plot(results, output / "images" / "benchmarks.png")
    (output / "benchmarks.md").write_text(page(results))
    if results["quick"]:
        print(page(results))
    if any(result.get("unequal") for table in all_tables(results) for result in table.values()):
        sys.exit("some columns differ from ours; see UNEQUAL on the page")


if __name__ == "__main__":
    main()
