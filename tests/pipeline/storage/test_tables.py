"""Tables in parts: how dates are divided, and that a table is written whole or not at all."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.pipeline.errors import ArtifactError, LeftOutError
from richcheap.pipeline.storage import paths, tables
from richcheap.pipeline.storage.tables import (
    batches,
    divide,
    new_table,
    part_paths,
    read_batches,
    read_sample,
    read_table,
    read_training_block,
    row_count,
)

START = date(2023, 12, 20)
counts = st.lists(st.integers(1, 60), min_size=1, max_size=80)


def days(number: int) -> pl.Series:
    return pl.Series([START + timedelta(days=k) for k in range(number)])


@given(counts)
def test_parts_are_whole_dates_within_a_month_and_hold_what_they_may(rows: list[int]) -> None:
    parts = divide(days(len(rows)), pl.Series(rows), part_rows=100)
    assert sum(part.rows for part in parts) == sum(rows)
    for part in parts:
        held = rows[(part.first - START).days : (part.last - START).days + 1]
        assert part.rows == sum(held) <= 100
        assert (part.first.year, part.first.month) == (part.last.year, part.last.month)
        assert part.name == part.first.isoformat()
    assert all(late.first == early.last + timedelta(days=1) for early, late in pairwise(parts))


@given(counts, st.integers(1, 60))
def test_a_month_that_is_added_leaves_the_parts_before_it(rows: list[int], more: int) -> None:
    before = divide(days(len(rows)), pl.Series(rows), part_rows=100)
    last = days(len(rows))[-1]
    later = pl.concat([days(len(rows)), pl.Series([(last.replace(day=1) + timedelta(days=40)).replace(day=1)])])
    assert divide(later, pl.Series([*rows, more]), part_rows=100)[:-1] == before


def test_a_date_is_never_divided() -> None:
    assert [part.rows for part in divide(days(3), pl.Series([10, 500, 10]), part_rows=100)] == [10, 500, 10]


def write(folder: Path, rows: list[int]) -> None:
    with new_table(folder) as table:
        for number, count in enumerate(rows):
            table.write(f"{number:03d}", pl.DataFrame({"x": [number] * count, "y": [0.5] * count}))


def test_a_table_reads_back_in_order(tmp_path: Path) -> None:
    write(tmp_path / "table", [3, 1, 2])
    assert read_table(tmp_path / "table")["x"].to_list() == [0, 0, 0, 1, 2, 2]
    assert read_table(tmp_path / "table", ["y"]).columns == ["y"]
    assert [row_count(path) for path in part_paths(tmp_path / "table")] == [3, 1, 2]


def test_batches_hold_whole_parts_up_to_a_number_of_rows(tmp_path: Path) -> None:
    write(tmp_path / "table", [3, 1, 2, 9, 1])
    assert [len(group) for group in batches(part_paths(tmp_path / "table"), 6)] == [3, 1, 1]
    assert [frame.height for frame in read_batches(tmp_path / "table", 4)] == [4, 2, 9, 1]


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "table", [3, 1, 2])
    write(tmp_path / "table", [1])
    assert [path.name for path in part_paths(tmp_path / "table")] == ["000.parquet"]
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_after_an_error_the_table_is_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "table", [3])
    with pytest.raises(TypeError, match="can't multiply"):
        write(tmp_path / "table", [1, None])  # type: ignore[list-item]
    assert read_table(tmp_path / "table")["x"].to_list() == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


@pytest.mark.parametrize("make", [False, True])
def test_a_table_without_parts_names_the_remedy(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "bonds"
    if make:
        folder.mkdir()
    with pytest.raises(ArtifactError, match=r"bonds: no such table; run `dvc repro` to make it"):
        part_paths(folder)


def test_a_broken_part_is_named(tmp_path: Path) -> None:
    write(tmp_path / "table", [3])
    (tmp_path / "table" / "000.parquet").write_bytes(b"no table")
    with pytest.raises(ArtifactError, match=r"000\.parquet: not a whole Parquet file"):
        batches(part_paths(tmp_path / "table"), 10)


def test_a_part_whose_link_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "2024-01-02.parquet").symlink_to(tmp_path / "cache" / "gone")
    with pytest.raises(ArtifactError, match=r"2024-01-02\.parquet: is no file, or a link to none; `dvc checkout`"):
        part_paths(tmp_path / "table")


def test_a_folder_that_is_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept.parquet").write_bytes(b"kept")
    (tmp_path / "table").symlink_to(tmp_path / "elsewhere")
    with new_table(tmp_path / "table") as table:
        table.write("2024-01-02", pl.DataFrame({"x": [1]}))
    assert [path.name for path in part_paths(tmp_path / "table")] == ["2024-01-02.parquet"]
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["kept.parquet"]


@pytest.mark.parametrize("most", [1, 7, 10, 11, 19, 20, 1000])
def test_a_sample_is_spread_evenly_over_all_parts(tmp_path: Path, most: int) -> None:
    frame = pl.DataFrame({"row": range(20)})
    with new_table(tmp_path / "table") as table:
        for name, first, stop in (("a", 0, 9), ("b", 9, 10), ("c", 10, 20)):
            table.write(name, frame[first:stop])
    found = read_sample(tmp_path / "table", most)["row"].to_list()
    assert found == [k * 20 // most for k in range(most)] if most < 20 else list(range(20))


def test_of_a_large_training_block_is_said_how_much_is_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with new_table(paths.DATASET_TRAIN) as table:
        table.write("a", pl.DataFrame({"row": range(3000)}))
    assert read_training_block(paths.DATASET_TRAIN, "train automl").height == 3000
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(tables, "TRAINING_ROWS", 2000)
    assert read_training_block(paths.DATASET_TRAIN, "train automl").height == 2000
    assert capsys.readouterr().err == "train automl: learns from 2,000 of 3,000 rows, evenly spread\n"
    with new_table(paths.DATASET_TRAIN) as table:
        table.write("a", pl.DataFrame({"row": []}))
    with pytest.raises(LeftOutError, match="has no rows"):
        read_training_block(paths.DATASET_TRAIN, "train automl")
