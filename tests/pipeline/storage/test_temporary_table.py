"""Tables put down piece by piece and written as one file."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.pipeline.storage.artifacts import ROW_GROUP_ROWS, sink_parquet, write_parquet
from richcheap.pipeline.storage.temporary_table import TemporaryTable

ROWS = ROW_GROUP_ROWS + 5_000


@pytest.mark.parametrize("rows", [30_000, ROW_GROUP_ROWS, ROWS])
def test_the_file_has_the_bytes_of_the_whole_however_it_came_in_pieces(rows: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    draw = rng.random(ROWS)
    whole = pl.DataFrame(
        {
            "name": pl.Series(["a", "bb", "a name of more than twelve letters"]).gather((draw * 3).astype(int)),
            "maybe": pl.Series(np.where(draw < 0.9, np.nan, draw)).fill_nan(None),
            "text": pl.Series([None, "2027-03-15@102"]).gather((draw > 0.9).astype(int)),
        }
    )
    pieces = TemporaryTable(tmp_path / "pieces")
    for start in range(0, ROWS, rows):
        pieces.add(whole[start : start + rows])
    write_parquet(whole, tmp_path / "whole.parquet")
    sink_parquet(pieces.whole(), tmp_path / "together.parquet")
    assert (tmp_path / "together.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
