"""A matrix a block of rows or columns at a time, so that temporaries stay small."""

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

# Values in one temporary: 4 MB of float64, which a core's cache holds and BLAS likes.
BLOCK_SIZE = 2**19
# Values of a matrix that are worth the start of threads.
_WORTH_THREADS = 2**19


def in_threads(function, tasks, n_jobs, work):
    """Call ``function(*task)`` for every task and yield the results in the order of the tasks.

    In threads, no more tasks under way than there are of them, unless there is little work, which
    is counted in values of the matrix.
    """
    if work < _WORTH_THREADS or effective_n_jobs(n_jobs) == 1:
        return (function(*task) for task in tasks)
    parallel = Parallel(
        n_jobs=n_jobs, prefer="threads", return_as="generator", pre_dispatch="n_jobs", batch_size=1
    )
    return parallel(delayed(function)(*task) for task in tasks)


def row_blocks(X):
    """Yield views of X, a multiple of 8 rows each, that hold about `BLOCK_SIZE` values.

    Where X is wide they have a quarter as many rows as columns: a product of a block with itself,
    which is then four times as large, still takes much longer than to add it up.
    """
    n_columns = max(1, X.shape[1])
    step = max(8, BLOCK_SIZE // n_columns // 8 * 8, n_columns // 32 * 8)
    for start in range(0, X.shape[0], step):
        yield X[start : start + step]


def binary_scale(lower, upper):
    """Return the power of two that brings values in [lower, upper] to a magnitude near 1.

    Multiplying by a power of two rounds nothing away, and squares and sums of the scaled values
    neither overflow nor vanish, whatever the unit of the column.
    """
    largest = np.fmax(np.abs(lower), np.abs(upper))
    exponent = np.frexp(np.where(np.isnan(largest), 0.0, largest))[1]
    return np.ldexp(1.0, -np.clip(exponent, -1021, 1021))


def deviations(block, scale, centre):
    """Return ``block * scale - centre`` in float64, 0 where not finite, and where that is."""
    scaled = np.multiply(block, scale, dtype=np.float64)
    scaled -= centre
    missing = ~np.isfinite(scaled)
    np.copyto(scaled, 0.0, where=missing)
    return scaled, missing
