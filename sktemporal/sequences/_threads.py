"""Parts of long columns, each in a thread."""

from concurrent.futures import ThreadPoolExecutor

from joblib import cpu_count, effective_n_jobs

# Rows that a further thread must have: with fewer, starting it takes longer than it saves.
_ROWS_PER_THREAD = 100_000
# What memory gives to more threads than these is no more.
_MOST_THREADS = 8


def parts_of(n_rows):
    """Bounds of parts of about one length, one for each processor that this process may use.

    In a worker of joblib, which has others beside it, there is one part.
    """
    n_parts = min(n_rows // _ROWS_PER_THREAD, _MOST_THREADS)
    if n_parts <= 1:
        return [(0, n_rows)]
    n_parts = min(n_parts, cpu_count(), effective_n_jobs(-1))
    return [(n_rows * k // n_parts, n_rows * (k + 1) // n_parts) for k in range(n_parts)]


def in_threads(work, parts):
    """Return what `work` makes of each part (a tuple of its arguments), in their order."""
    first, *others = parts
    if not others:
        return [work(*first)]
    with ThreadPoolExecutor(len(others)) as pool:
        started = [pool.submit(work, *part) for part in others]
        done = work(*first)
    return [done, *(each.result() for each in started)]
