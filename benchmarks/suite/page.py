"""The results as a Markdown page."""

import numpy as np

from .columns import PARTS
from .contenders import CONTENDERS
from .contenders.own import SEQUENCES_2


def page(results):
    sections = (
        _introduction,
        _sizes,
        _lengths,
        _logs,
        _latency,
        _memory,
        _cold_start,
        _contenders,
    )
    return "\n\n".join(filter(None, (section(results) for section in sections))) + "\n"


def markdown_table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _introduction(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items() if v)
    quick = " (`--quick`: fewer sizes and rounds)" if results["quick"] else ""
    return f"""# Benchmarks

Written by `python -m benchmarks.suite`{quick} on {machine["date"]}.
`pip install ".[benchmark]"` brings the peers.

**Machine.** {machine["processor"]}, {machine["cores"]} cores, {machine["memory"]} GB,
{machine["system"]}. Python {machine["python"]}, {versions}.

**Data.** Histories of 1 to 51 steps, all lengths equally likely (about half of a table of 51
steps), with 4 numerical fields (float64, log-normal). Every contender has them in its own form
before the clock starts: a frame, a table, a list of arrays, `EventSequences`.

**Work.** For each field: count, sum, mean, std (ddof=0), min, max, p25, p50, p75, skew and kurtosis
(the *summaries*, 44 columns); and for the whole, mean, sum, std, min and max of the last 7, 14 and
30 values, the values 1, 7 and 14 before the last, and the exponentially smoothed level (alpha 0.3):
120 columns.

**How.** In one process, contenders take turns; each runs three times or, if it is quick, for half a
second (up to 12 times), and the first third is not counted; medians over the rounds. Before that,
each contender's columns are compared with ours (rtol 1e-8, atol 1e-9), except where it defines them
differently; the list at the end says which.
Libraries use all {machine["cores"]} cores unless the list says otherwise. A contender stops at the
size where one run takes, or would take, over {results["limits"]["one_run"]:g} s: "once" marks a run
that took longer and was not repeated, "about" the seconds expected of one that was not tried."""


def _cell(result, base):
    if result is None:
        return ""
    if "expected" in result:
        return f"about {_digits(result['expected'])}"
    ratio = f" ({_digits(result['seconds'] / base, 2)}×)"
    once = " once" if result.get("once") else ""
    return f"{_digits(result['seconds'])}{ratio}{once}"


def _digits(value, n_digits=3):
    """So many significant digits, without an exponent."""
    n_decimals = n_digits - 1 - int(np.floor(np.log10(value)))
    return f"{value:,.{max(n_decimals, 0)}f}"


def _seconds_table(first, tables, headings):
    """One row a contender, one column a table."""
    names = list(dict.fromkeys(name for table in tables for name in table))
    bases = [table[SEQUENCES_2]["seconds"] for table in tables]
    rows = [
        [name, *(_cell(t.get(name), b) for t, b in zip(tables, bases, strict=True))]
        for name in names
    ]
    return markdown_table([first, *headings], rows)


def _sizes(results):
    parts = ["## Number of entities", "![Time per entity](images/benchmarks.png)"]
    for part, title in PARTS.items():
        sizes = results["sizes"][part]
        headings = [f"{int(n):,}" for n in sizes["tables"]]
        table = _seconds_table(
            "seconds (ratio to the first row)", sizes["tables"].values(), headings
        )
        parts.append(f"### {title[0].upper()}{title[1:]}: {sizes['columns']} columns\n\n{table}")
    return "\n\n".join(parts)


def _lengths(results):
    lengths = results["lengths"]
    parts = [
        "## Length of the histories",
        f"All 120 columns; {lengths['n_events']:,} events in all, so 10 times the length is a "
        "tenth of the entities. Log-normal: lengths with that mean, and sigma 1.",
    ]
    for kind, tables in lengths["tables"].items():
        headings = [f"{length} steps" for length in tables]
        parts.append(_seconds_table(f"seconds, {kind} lengths", tables.values(), headings))
    return "\n\n".join(parts)


def _logs(results):
    """The whole way from a log, and reading it; nothing in results that are older."""
    logs = results.get("logs")
    if logs is None:
        return None
    base = logs["way"]["polars"]
    way = [
        [name, _digits(seconds), f"{_digits(base / seconds, 2)}×"]
        for name, seconds in logs["way"].items()
    ]
    names = list(next(iter(logs["reading"].values())))
    reading = [
        [log, *(_cell({"seconds": seconds[name]}, seconds[names[0]]) for name in names)]
        for log, seconds in logs["reading"].items()
    ]
    return f"""## From an event log

{logs["n_entities"]:,} entities with about 26 events each. The whole way: a log in order of time as
Parquet in, the 120 columns as Parquet out (`python -m benchmarks.log_to_features`).

{markdown_table(["", "seconds", "polars takes"], way)}

Reading alone: `EventSequences.from_frame` beside `sort("entity", "time")` of polars on the same
frame (`python -m benchmarks.from_frame`, which also measures the peak memory).

{markdown_table(["seconds (ratio to polars)", *names], reading)}"""


def _latency(results):
    rows = [
        [
            name,
            row["columns"],
            _milliseconds(row["median"]),
            _milliseconds(row["p99"]),
            row["calls"],
        ]
        for name, row in results["latency"].items()
    ]
    header = ["milliseconds", "columns", "median", "99th percentile", "calls"]
    return f"""## A single entity

51 steps, one entity a call. Ours takes an array and checks it; the others have their own form of
the data already, and the time is that of the computation.

{markdown_table(header, rows)}"""


def _milliseconds(seconds):
    return _digits(seconds * 1e3)


def _memory(results):
    memory = results["memory"]
    output = memory["output"]
    rows = [
        [name, f"{extra:,.0f}", f"{extra / output:.2f}×"] for name, extra in memory["table"].items()
    ]
    header = ["MB beyond the input", "peak", "ratio to the output"]
    return f"""## Memory

All 120 columns of {memory["n_entities"]:,} entities, {output:,.0f} MB of output (ours has 4
columns more). Each contender in a process of its own, by how much one run raises the process's peak
(`VmHWM`), once its code is loaded. Contenders with worker processes are left out.

{markdown_table(header, rows)}"""


def _cold_start(results):
    cold = results["cold_start"]
    rows = [
        ["`import sktemporal`, beyond `import sklearn.pipeline`", *map(_digits, _column(cold, 0))],
        [
            "first `fit` and `transform`, 100 entities, default pipeline",
            *map(_digits, _column(cold, 1)),
        ],
    ]
    header = [
        "seconds",
        "empty NUMBA_CACHE_DIR",
        f"later processes (median of {cold['processes']})",
    ]
    return f"## Cold start\n\n{markdown_table(header, rows)}"


def _column(cold, i):
    return cold["first"][i], cold["later"][i]


def _contenders(results):
    lines = ["## Contenders", ""]
    for contender in CONTENDERS.values():
        lines.append(f"- **{contender.name}**: {_description(contender, results)}")
    return "\n".join(lines)


def _description(contender, results):
    if results["machine"]["versions"][contender.package] is None:
        return f"left out, {contender.package} is not installed."
    parts = [contender.note] if contender.note else []
    if contender.lacks:
        parts.append(f"has no {', '.join(contender.lacks)}")
    if contender.differs:
        differs = ", ".join(f"{s} ({how})" for s, how in contender.differs.items())
        parts.append(f"not compared: {differs}")
    return "; ".join([*parts, *_outcomes(contender.name, results)]) + "."


def _outcomes(name, results):
    """How many columns were found equal, in every comparison."""
    found = [table[name] for table in all_tables(results) if "checked" in table.get(name, {})]
    unequal = sorted({column for result in found for column in result["unequal"]})
    counts = sorted({result["checked"] for result in found} - {0})
    if counts:
        yield f"{' or '.join(map(str, counts))} columns found equal to ours"
    if unequal:
        yield f"UNEQUAL: {', '.join(unequal)}"


def all_tables(results):
    for part in results["sizes"].values():
        yield from part["tables"].values()
    for tables in results["lengths"]["tables"].values():
        yield from tables.values()
