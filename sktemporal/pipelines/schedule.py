"""Who computes which part of a matrix of features: this thread, several, or other processes."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import ThreadingBackend, get_active_backend

from ..evaluation.roads import in_table_order, newly_covered

# Enough tasks that the workers end at about the same time when histories differ in length.
_TASKS_PER_WORKER = 4
# Values and features that a further worker must have to do: with fewer, starting it takes longer
# than it saves.
_WORK_PER_WORKER = 200_000


def compute(executor, sequences, n_jobs):
    """Compute the matrix of features.

    Parameters
    ----------
    executor : Executor
    sequences : EventSequences
    n_jobs : int or None
        Of joblib, in whose configuration the backend is: threads unless that has another.

    Returns
    -------
    features : ndarray of shape (n_entities, n_columns)
        No bit depends on `n_jobs` or the backend.
    """
    work = int(sequences.lengths.sum()) * sequences.values.shape[1]
    work += len(sequences) * executor.n_columns
    n_workers = min(effective_n_jobs(n_jobs), work // _WORK_PER_WORKER)
    if n_workers <= 1:
        return executor.features(sequences)
    if isinstance(get_active_backend(prefer="threads")[0], ThreadingBackend):
        return executor.features(sequences, partial(_by_threads, executor, n_workers))
    return _by_joblib(executor, sequences, n_workers)


def _by_threads(executor, n_workers, chunks, out):
    """Write the features of chunks on threads of our own.

    joblib looks only every 10 ms whether its threads are done. Neighbouring chunks go to the same
    thread: two that clear the same page of memory both clear it.
    """
    chunks = list(chunks)
    n_chunks = -(-len(chunks) // (n_workers * _TASKS_PER_WORKER))
    tasks = iter([chunks[i : i + n_chunks] for i in range(0, len(chunks), n_chunks)])
    with ThreadPoolExecutor(n_workers - 1) as pool:
        others = [
            pool.submit(executor.write, chain.from_iterable(tasks), out)
            for _ in range(n_workers - 1)
        ]
        executor.write(chain.from_iterable(tasks), out)
    for worker in others:
        worker.result()


def _by_joblib(executor, sequences, n_workers):
    """Compute by the workers of joblib's backend."""
    # As long as the log, and of no use to workers.
    sequences = sequences.replace(log_index=None, keys={}, instants=None)
    sequences, rows = in_table_order(sequences)
    tasks = _even_tasks(sequences, n_workers * _TASKS_PER_WORKER)
    parallel = Parallel(n_jobs=n_workers, prefer="threads")
    blocks = parallel(delayed(executor.features)(sequences.part(task)) for task in tasks)
    out = executor.new_matrix(len(sequences))
    for task, block in zip(tasks, blocks, strict=True):
        out[task if rows is None else rows[task]] = block
    return out


def _even_tasks(sequences, n_tasks):
    """Slices of entities with about the same work."""
    ends = np.cumsum(newly_covered(sequences)[0] + 1)
    shares = np.linspace(0, ends[-1] if len(ends) else 0, n_tasks + 1)
    bounds = np.unique(np.searchsorted(ends, shares[1:-1]))
    bounds = np.concatenate(([0], bounds[bounds > 0], [len(ends)]))
    return [slice(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
