"""Plant single faults in a copy of the package, one at a time, and see whether the tests notice.

``python tests/planted_faults.py`` goes through all of `tests/faults`; ``--room kernels`` through
one module of it, ``--only WORDS`` through the faults with these words in their names, ``--jobs 2``
through two at a time. It prints for each

- caught: a test that is named with it fails (or crashes, or hangs);
- NOT CAUGHT: they all pass;
- equivalent: they all pass, and the list says why no test can see it;
- and what else: the text is not in the file, or not once; the tests cannot be run.

The exit status is 0 if all are caught or equivalent. Before, the tests run without any fault.
"""

import argparse
import importlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = sorted(p.stem for p in ROOT.glob("tests/faults/*.py") if p.stem != "__init__")
_COPIED = ("sktemporal", "tests", "examples", "docs", "benchmarks")
_PYTEST = ("-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header")
_SECONDS = 900
_TESTS_FAILED, _INTERRUPTED = 1, 2


def faults_of(room):
    return importlib.import_module(f"faults.{room}").FAULTS


def copy_of_the_project(folder):
    """Copy what the tests need, but no code that Python or numba kept."""
    for path in ROOT.iterdir():
        if path.name in _COPIED:
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file() and not path.name.startswith("."):
            shutil.copy(path, folder)


def run_tests(folder, tests, kernels, compiled):
    """Run tests of a copy; return the exit status, None if they hang, and what failed.

    Python takes code that it kept for fresh where a file has the same size and second, so none is
    kept. Kernels are kept in the folder `kernels`, by the sources of all of them.
    """
    changed = {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(kernels),
        "NUMBA_DISABLE_JIT": "0" if compiled else "1",
    }
    # Integers of numpy warn where they wrap around, as they are meant to.
    warned = () if compiled else ("-W", "ignore::RuntimeWarning")
    command = [sys.executable, *_PYTEST, *warned, *tests]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | changed,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None, f"after {_SECONDS} s"
    lines = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, (failed or lines[-1:] or done.stderr.splitlines()[-1:] or [""])[0]


def plant(fault, folder):
    """Plant a fault in a copy, run its tests, take it away again; return the outcome and why."""
    path = folder / fault.file
    text = path.read_text()
    n_found = text.count(fault.old)
    if n_found != 1:
        return "TEXT NOT FOUND", f"it occurs {n_found} times in {fault.file}"
    path.write_text(text.replace(fault.old, fault.new))
    in_kernels = "/_kernels/" in fault.file
    kernels = tempfile.mkdtemp(dir=folder) if in_kernels else folder / "kernels"
    try:
        status, failed = run_tests(folder, fault.tests, kernels, fault.compiled)
    finally:
        path.write_text(text)
        if in_kernels:
            shutil.rmtree(kernels)
    if status == 0:
        return ("equivalent", fault.equivalent) if fault.equivalent else ("NOT CAUGHT", "")
    # Tests that cannot be collected because the package cannot be imported notice the fault, too.
    if status is None or status < 0 or status in (_TESTS_FAILED, _INTERRUPTED):
        return "CAUGHT THOUGH EQUIVALENT" if fault.equivalent else "caught", failed
    return "TESTS CANNOT BE RUN", failed


def check_without_faults(faults, folder):
    """Stop if some of the tests do not pass as it is: what they say of faults is worth nothing."""
    for compiled in sorted({fault.compiled for fault in faults}):
        tests = sorted({test for f in faults if f.compiled == compiled for test in f.tests})
        status, failed = run_tests(folder, tests, folder / "kernels", compiled)
        if status != 0:
            sys.exit(f"without any fault, compiled={compiled}: status {status}: {failed}")


def run(faults, n_jobs):
    """Plant the faults, each in one of as many copies as there are jobs; count the outcomes."""
    counts = Counter()
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(n_jobs) as pool:
        copies = queue.SimpleQueue()
        for k in range(n_jobs):
            folder = Path(directory, str(k))
            folder.mkdir()
            copy_of_the_project(folder)
            copies.put(folder)
        check_without_faults(faults, folder)

        def plant_in_a_copy(fault):
            folder = copies.get()
            began = time.perf_counter()
            try:
                return fault, *plant(fault, folder), time.perf_counter() - began
            finally:
                copies.put(folder)

        for future in as_completed([pool.submit(plant_in_a_copy, fault) for fault in faults]):
            fault, outcome, why, seconds = future.result()
            counts[outcome] += 1
            print(f"{outcome}: {fault.name} ({seconds:.0f} s)", flush=True)
            if why:
                print(f"    {why}", flush=True)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORDS")
    parser.add_argument("--room", nargs="+", default=ROOMS, choices=ROOMS)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    chosen = [
        fault
        for room in arguments.room
        for fault in faults_of(room)
        if any(words in fault.name for words in arguments.only)
    ]
    if not chosen:
        sys.exit(f"no fault is called like {arguments.only}")
    found = run(chosen, arguments.jobs)
    print(", ".join(f"{n} {outcome}" for outcome, n in found.items()))
    sys.exit(0 if set(found) <= {"caught", "equivalent"} else 1)
