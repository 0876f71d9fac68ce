"""How all benchmarks here measure time and memory."""

import re
import time
from pathlib import Path

import numpy as np


def timed(run):
    """Seconds that one call takes, and what it returns."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def medians(runs, n_rounds):
    """Median seconds of each of the runs, which take turns.

    In its turn each is run three times or, if it is quick, for half a second, up to 12 times. The
    first third is not counted: it pays for the memory that the one before gave back, which takes a
    virtual machine longer than the work.
    """
    seconds = {name: [] for name in runs}
    for _ in range(n_rounds):
        for name, run in runs.items():
            turn = [timed(run)[0]]
            turn += [timed(run)[0] for _ in range(int(np.clip(0.5 / turn[0], 3, 12)) - 1)]
            seconds[name] += turn[len(turn) // 3 :]
    return {name: float(np.median(s)) for name, s in seconds.items()}


def latencies(run, seconds, largest=20_000):
    """Seconds of each of many successive calls, after one tenth as many that are not counted."""
    budget = time.perf_counter() + seconds
    one, _ = timed(run)
    n_calls = int(np.clip(seconds / max(one, 1e-7), 5, largest))
    for _ in range(n_calls // 10):
        run()
    taken = []
    while len(taken) < n_calls and (len(taken) < 5 or time.perf_counter() < budget):
        taken.append(timed(run)[0])
    return np.array(taken)


def restart_peak():
    """Let the peak of this process's memory start from what it holds now (on Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak():
    """Return the largest memory this process has held, in MB (on Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def raised_peak(run):
    """By how many MB a call raises the peak, and what it returns."""
    restart_peak()
    before = peak()
    result = run()
    return peak() - before, result
