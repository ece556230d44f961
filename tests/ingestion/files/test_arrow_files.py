# ruff: noqa: DTZ001 - local times have no zone
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files import arrow_files
from richcheap.ingestion.files.arrow_files import LONGEST_TEXT, arrow_schema, read_arrow

Write = Callable[[pa.Table, Path], Path]


def write(table: pa.Table, folder: Path, kind: str, **options: Any) -> Path:
    """Write a table as a Parquet file, an Arrow file or an Arrow stream."""
    if kind == "parquet":
        path = folder / "a.parquet"
        pq.write_table(table, path, **options)
        return path
    path = folder / f"{kind}.arrow"
    with (ipc.new_file if kind == "file" else ipc.new_stream)(str(path), table.schema, **options) as writer:
        writer.write_table(table)
    return path


def table(rows: int) -> pa.Table:
    numbers = list(range(rows))
    return pa.table({"number": numbers, "text": [f"t{number % 7}" for number in numbers], "other": numbers})


KINDS = ["parquet", "file", "stream"]
ZSTD = ipc.IpcWriteOptions(compression="zstd")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 70, 999, 1000, 5000])
def test_pieces_have_the_rows_asked_for_in_order(tmp_path: Path, kind: str, rows: int) -> None:
    path = write(table(1000), tmp_path, kind)
    pieces = list(read_arrow(path, ["text", "number"], rows))
    assert max(piece.height for piece in pieces) == min(rows, 1000)
    whole = pl.concat(pieces)
    assert whole.columns == ["text", "number"]
    assert whole["number"].to_list() == [*range(1000)]
    assert whole["text"].to_list() == [f"t{number % 7}" for number in range(1000)]


@pytest.mark.parametrize("kind", KINDS)
def test_many_small_groups_of_rows_make_few_pieces(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.parquet"
    if kind == "parquet":
        pq.write_table(table(1000), path, row_group_size=3)
    else:
        path = path.with_suffix(".arrow")
        with (ipc.new_file if kind == "file" else ipc.new_stream)(str(path), table(1).schema) as writer:
            writer.write_table(table(1000), max_chunksize=3)
    heights = [piece.height for piece in read_arrow(path, ["number"], 300)]
    assert sum(heights) == 1000
    assert min(heights[:-1]) > 290
    assert max(heights) <= 300


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows_gives_nothing(tmp_path: Path, kind: str) -> None:
    path = write(table(0), tmp_path, kind)
    assert arrow_schema(path).names == ["number", "text", "other"]
    assert list(read_arrow(path, ["number"], 10)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_too_long_is_refused(tmp_path: Path, kind: str) -> None:
    long = "x" * (LONGEST_TEXT + 1)
    path = write(pa.table({"id": ["a", long] + ["b"] * 99, "remark": [long] * 101}), tmp_path, kind)
    with pytest.raises(InputError, match=r"column 'id': expected text of at most 65,536 bytes, got 65,537$"):
        list(read_arrow(path, ["id"], 10))


def test_a_row_group_of_long_rows_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(pa.table({"id": ["x" * 5_000_000, "b"]}), tmp_path, "parquet", use_dictionary=False)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)
    with pytest.raises(
        InputError, match=r"row group 1: expected at most 1,048,576 bytes a row, got 5,000,\d+ for 2 rows"
    ):
        list(read_arrow(path, ["id"], 10))


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_text_that_is_often_repeated_makes_smaller_pieces(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_files, "PIECE_BYTES", 100_000)
    path = write(pa.table({"id": pa.array(["x" * 10_000] * 500).dictionary_encode()}), tmp_path, kind)
    pieces = list(read_arrow(path, ["id"], 500))
    assert max(piece.height for piece in pieces) <= 10
    assert sum(piece.height for piece in pieces) == 500


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_large_compressed_record_batch_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_files, "COMPRESSED_ROWS", 100)
    path = write(table(101), tmp_path, kind, options=ZSTD)
    with pytest.raises(InputError, match=r"record batch 1 is compressed .* expected at most 100 rows, got 101; "):
        list(read_arrow(path, ["text", "number"], 10))
    assert sum(piece.height for piece in read_arrow(path, ["text", "number"], 101)) == 101


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_large_record_batch_that_is_not_compressed_is_read_in_pieces(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_files, "COMPRESSED_ROWS", 100)
    path = write(table(1000), tmp_path, kind)
    assert max(piece.height for piece in read_arrow(path, ["text", "number"], 10)) == 10


@pytest.mark.parametrize("kind", KINDS)
def test_names_with_dots_are_names(tmp_path: Path, kind: str) -> None:
    path = write(pa.table({"a.b": [1], "a": [2], "c": [{"a": 3}]}), tmp_path, kind)
    assert pl.concat(read_arrow(path, ["a", "a.b"], 10)).rows() == [(2, 1)]


def test_times_of_old_parquet_files_keep_the_dates_that_nanoseconds_do_not_reach(tmp_path: Path) -> None:
    times = pa.array([datetime(1, 1, 1), datetime(2024, 3, 4, 16, 30), datetime(9999, 12, 31)], pa.timestamp("us"))
    path = write(pa.table({"date": times}), tmp_path, "parquet", use_deprecated_int96_timestamps=True)
    read = pl.concat(read_arrow(path, ["date"], 10))["date"]
    assert read.to_list() == [datetime(1, 1, 1), datetime(2024, 3, 4, 16, 30), datetime(9999, 12, 31)]


def test_times_of_96_bits_have_the_zone_that_their_writer_kept(tmp_path: Path) -> None:
    midnight = pa.array([datetime(2031, 1, 31)], pa.timestamp("us"))
    there = pc.assume_timezone(midnight, "Asia/Tokyo")
    path = write(pa.table({"a": there, "b": midnight}), tmp_path, "parquet", use_deprecated_int96_timestamps=True)
    (piece,) = read_arrow(path, ["a", "b"], 10)
    assert piece.row(0) == (datetime(2031, 1, 31), datetime(2031, 1, 31))


@pytest.mark.parametrize("kind", KINDS)
def test_text_that_is_no_utf_8_is_refused_where_it_is_read(tmp_path: Path, kind: str) -> None:
    offsets = pa.array([0, 1, 2], pa.int32()).buffers()[1]
    broken = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"A\xff")])
    path = write(pa.table({"good": ["a", "b"], "broken": broken}), tmp_path, kind)
    assert pl.concat(read_arrow(path, ["good"], 10))["good"].to_list() == ["a", "b"]
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        list(read_arrow(path, ["broken"], 10))


@pytest.mark.parametrize("kind", KINDS)
def test_zones_are_read_in_pieces(tmp_path: Path, kind: str) -> None:
    zoned = pa.array([datetime(2024, 3, 19, 23)] * 100, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    path = write(pa.table({"date": zoned.cast(pa.timestamp("us", "Europe/Berlin"))}), tmp_path, kind)
    days = pl.concat(read_arrow(path, ["date"], 7)).select(pl.col("date").dt.date().unique())
    assert days.rows() == [(date(2024, 3, 20),)]


READ_WITHIN = """
import resource, sys
from pathlib import Path
from richcheap.ingestion.files.arrow_files import read_arrow

path, columns, more = Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3])
next(read_arrow(path, columns, 1000))  # pools and buffers are there, whatever the file holds
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more,) * 2)
print(sum(piece.height for piece in read_arrow(path, columns, 100_000)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads its own size as Linux tells it")
def test_a_group_of_many_rows_is_read_within_a_limit_of_the_operating_system(tmp_path: Path) -> None:
    rows = 16_000_000
    columns = {name: np.zeros(rows) for name in ("a", "b", "c", "d")}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=rows, compression="zstd")
    assert path.stat().st_size < 1_000_000
    limit = 8 * rows * len(columns) // 2
    command: list[str | Path] = [sys.executable, "-c", READ_WITHIN, path, ",".join(columns), str(limit)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "POLARS_MAX_THREADS": "1"}
    )
    assert (done.stdout, done.stderr) == (f"{rows}\n", "")
