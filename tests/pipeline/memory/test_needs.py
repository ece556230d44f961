from datetime import date

import polars as pl
import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.execution.workers import ComputeParams
from richcheap.pipeline.memory.held import Held
from richcheap.pipeline.memory.needs import START_BYTES, WORKER_BYTES, need, remedy
from richcheap.pipeline.storage.artifacts import write_parquet

WIDTH = 8 + 4 + 1 + 24
"""Bytes of a row of `table`."""


@pytest.fixture
def table(tmp_path):
    """Return a table of three parts of 40,000 rows."""
    day = [date(2024, 1, 1)]
    part = pl.DataFrame({"price": [1.0], "date": day, "callable": [True], "bond_id": ["B"]})
    for name in ("a", "b", "c"):
        write_parquet(pl.concat([part] * 40_000), tmp_path / f"{name}.parquet")
    return tmp_path


def test_a_need_is_the_start_and_the_copies_of_the_tables_held(table):
    found = need([Held(table, 2.5), Held(table / "a.parquet", 1.0, most_rows=300)], ComputeParams())
    assert found.rows == 120_000
    assert found.size == START_BYTES + 2.5 * 120_000 * WIDTH + 300 * WIDTH


@pytest.mark.parametrize(("chunk_rows", "rows"), [(50_000, 50_000), (10_000, 40_000), (1_000_000, 120_000)])
def test_of_a_table_read_in_pieces_a_chunk_or_a_part_counts(table, chunk_rows, rows):
    found = need([Held(table, 1.0, in_pieces=True)], ComputeParams(chunk_rows=chunk_rows))
    assert found == (START_BYTES + rows * WIDTH, rows)


def test_each_worker_has_its_own(table):
    found = need([Held(table, 1.0, a_worker=0.5)], ComputeParams(workers=3))
    assert found.size == START_BYTES + 3 * WORKER_BYTES + 2.5 * 120_000 * WIDTH
    assert need([Held(table, 1.0, a_worker=0.5)], ComputeParams(backend="dask", workers=3)).size < found.size


def test_a_missing_table_is_told_as_when_it_is_read(tmp_path):
    with pytest.raises(ArtifactError, match=r"none: no such table; run `dvc repro`"):
        need([Held(tmp_path / "none", 1.0)], ComputeParams())
    with pytest.raises(ArtifactError, match=r"none\.parquet: no such file"):
        need([Held(tmp_path / "none.parquet", 1.0)], ComputeParams())


def test_a_broken_table_is_told_as_when_it_is_read(table):
    (table / "b.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(ArtifactError, match=r"b\.parquet: not a whole Parquet file"):
        need([Held(table, 1.0)], ComputeParams())


def test_the_remedy_names_the_keys_that_help(tmp_path):
    assert remedy([Held(tmp_path, 1.0)]).startswith("give fewer rows")
    assert remedy([Held(tmp_path, 1.0, a_worker=1.0)]).startswith("lower compute.workers, ")
    both = remedy([Held(tmp_path, 1.0, a_worker=1.0, in_pieces=True)])
    assert both.startswith("lower compute.chunk_rows or compute.workers, ")
