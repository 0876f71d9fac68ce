import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from sktemporal import EventSequences, StatisticalFeatures
from sktemporal.io.arrow_tables import table_of
from sktemporal.sequences import _threads, by_columns


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (2, 3), (255, 2), (256, 1), (1000, 7)])
def test_a_copy_by_columns_is_equal_and_in_one_piece_each(monkeypatch, shape, n_threads):
    monkeypatch.setattr(_threads, "_ROWS_PER_THREAD", 1)
    monkeypatch.setattr(_threads, "cpu_count", lambda: n_threads)
    monkeypatch.setattr(_threads, "effective_n_jobs", lambda n_jobs: n_threads)
    rows = np.random.default_rng(0).normal(size=shape)
    columns = by_columns(rows)
    assert_array_equal(columns, rows)
    assert columns.flags.f_contiguous
    assert by_columns(columns) is columns


def test_a_table_shares_the_columns():
    rows = by_columns(np.arange(12.0).reshape(4, 3))
    table = table_of(rows, ["a", "b", "c"])
    assert table.to_pydict() == {"a": [0, 3, 6, 9], "b": [1, 4, 7, 10], "c": [2, 5, 8, 11]}
    assert np.shares_memory(table["b"].chunk(0).to_numpy(), rows)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_of_features_hold_each_column_in_one_piece(library):
    seqs = EventSequences(np.arange(10.0).reshape(5, 2), [0, 2, 4], [2, 4, 5])
    family = StatisticalFeatures(statistics=("mean", "max", "count")).fit(seqs)
    matrix = family.transform(seqs)
    frame = family.set_output(transform=library).transform(seqs)
    assert isinstance(frame, {"pandas": pd.DataFrame, "polars": pl.DataFrame}[library])
    assert_array_equal(frame.to_numpy(), matrix)
    if library == "pandas":
        assert all(frame[name].to_numpy().strides == (8,) for name in frame)
        assert pa.Table.from_pandas(frame).num_rows == 3
