import errno
import resource
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from richcheap.pipeline.storage.external_sort import ExternalSort, in_order, in_parts
from richcheap.pipeline.storage.tables import divide

FIRST = date(2024, 1, 1)
ROWS = st.lists(st.tuples(st.integers(0, 70), st.sampled_from(["a", "b", "c"])), max_size=60)


def table(rows: list[tuple[int, str]]) -> pl.DataFrame:
    days = pl.Series([FIRST + timedelta(days=day) for day, _ in rows], dtype=pl.Date)
    bonds = pl.Series([bond for _, bond in rows], dtype=pl.String)
    return pl.DataFrame({"date": days, "bond": bonds, "row": pl.int_range(len(rows), eager=True)})


def filled(folder: Path, frame: pl.DataFrame, piece: int, rows: int) -> ExternalSort:
    folder.mkdir()
    whole = ExternalSort(folder, ["date", "bond", "row"], pl.col("date"), rows)
    for start in range(0, frame.height, piece):
        whole.add(frame.slice(start, piece))
    return whole


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, piece=st.integers(1, 30), held=st.integers(1, 40), read=st.integers(1, 40))
def test_a_spilled_table_is_read_back_sorted_whole_groups_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], piece: int, held: int, read: int
) -> None:
    frame = table(rows)
    whole = filled(tmp_path_factory.mktemp("spill") / "runs", frame, piece, held)
    frames = [*whole.read(read)]
    assert_frame_equal(pl.concat([frame.clear(), *frames]), frame.sort("date", "bond", "row"))
    dates = [set(one["date"]) for one in frames]
    assert sum(len(one) for one in dates) == len(set().union(*dates))
    assert all(one.height <= read or one["date"].n_unique() == 1 for one in frames)
    values, counts = whole.counts()
    assert dict(zip(values, counts, strict=True)) == dict(frame.group_by("date").len().iter_rows())


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, day=st.integers(-1, 71), read=st.integers(1, 40))
def test_a_table_is_read_before_and_since_a_date(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], day: int, read: int
) -> None:
    frame, since = table(rows), FIRST + timedelta(days=day)
    whole = filled(tmp_path_factory.mktemp("spill") / "runs", frame, 20, 100)
    ordered = frame.sort("date", "bond", "row")
    for frames, expected in (
        (whole.read(read, before=since), ordered.filter(pl.col("date") < since)),
        (whole.read(read, since=since), ordered.filter(pl.col("date") >= since)),
    ):
        assert_frame_equal(pl.concat([frame.clear(), *frames]), expected)


def test_few_rows_are_never_written_and_many_are(tmp_path: Path) -> None:
    filled(tmp_path / "few", table([(i, "a") for i in range(4)]), 1, 10)
    filled(tmp_path / "many", table([(i, "a") for i in range(40)]), 10, 10)
    assert len([*(tmp_path / "few").iterdir()]) == 0
    assert len([*(tmp_path / "many").iterdir()]) == 4


def test_rows_can_be_added_after_a_look(tmp_path: Path) -> None:
    frame = table([(3, "a"), (1, "b"), (2, "c")])
    whole = filled(tmp_path / "runs", frame[:2], 1, 100)
    assert whole.counts()[1].to_list() == [1, 1]
    whole.add(frame[2:])
    assert pl.concat(whole.read(100))["bond"].to_list() == ["b", "c", "a"]


def test_a_group_may_be_a_block_of_rows(tmp_path: Path) -> None:
    whole = ExternalSort(tmp_path, ["row"], pl.col("row") // 10, 5)
    for row in (25, 3, 9, 21, 4):
        whole.add(pl.DataFrame({"row": [row]}))
    assert [frame["row"].to_list() for frame in whole.read(1)] == [[3, 4, 9], [21, 25]]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_rows_are_in_order_when_sorting_changes_nothing(rows: list[tuple[int, str]]) -> None:
    keys = ["date", "bond"]
    frame = table(rows)
    assert in_order(frame.sort(keys), keys)
    assert in_order(frame, keys) == frame.select(keys).equals(frame.select(keys).sort(keys))


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, read=st.integers(1, 60))
def test_parts_made_piece_by_piece_are_those_of_the_whole_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], read: int
) -> None:
    frame = table(rows)
    whole = filled(tmp_path_factory.mktemp("parts") / "runs", frame, 7, 20)
    counts = frame.group_by("date").len().sort("date")
    parts = divide(counts["date"], counts["len"])
    made = [*in_parts(whole.read(read))]
    assert [(name, part.height) for name, part in made] == [(part.name, part.rows) for part in parts]
    assert_frame_equal(pl.concat([frame.clear(), *(part for _, part in made)]), frame.sort("date", "bond", "row"))


def test_a_full_disk_is_told_with_the_place(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            filled(tmp_path / "runs", table([(day, "a") for day in range(50)]), piece=50, rows=10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(tmp_path / "runs" / "000000.arrow"))
