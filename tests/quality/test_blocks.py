"""Work in threads: what comes out is in the order of the tasks."""

import threading

import numpy as np
import pytest

from sktemporal.quality import _blocks


def test_results_come_in_the_order_of_the_tasks():
    done = threading.Event()

    def later(k):
        if k == 0:
            done.wait(30)
        else:
            done.set()
        return k

    tasks = ((k,) for k in range(6))
    assert list(_blocks.in_threads(later, tasks, 2, _blocks._WORTH_THREADS)) == [0, 1, 2, 3, 4, 5]


def test_an_error_in_a_thread_comes_out():
    def fails(k):
        if k == 3:
            raise ValueError("of one task")
        return k

    tasks = ((k,) for k in range(6))
    with pytest.raises(ValueError, match="of one task"):
        list(_blocks.in_threads(fails, tasks, 2, _blocks._WORTH_THREADS))


@pytest.mark.parametrize("n_columns", [0, 1, 7, 100, 3000, 100_000])
def test_blocks_are_all_rows_once_in_multiples_of_eight(n_columns):
    X = np.broadcast_to(np.arange(5001.0)[:, np.newaxis], (5001, n_columns))
    blocks = list(_blocks.row_blocks(X))
    assert all(len(block) % 8 == 0 for block in blocks[:-1])
    assert sum(map(len, blocks)) == 5001
    if n_columns:
        rows = np.concatenate([block[:, 0] for block in blocks])
        assert rows.tolist() == list(range(5001))
