"""A state counts as a whole, while nothing has changed that belongs to it."""

from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.resume.kept_state import MANIFEST, KeptState
from richcheap.pipeline.storage.artifacts import write_parquet
from richcheap.pipeline.storage.tables import new_table, part_paths

STATE, TABLE = Path("state"), Path("table")
FILES = [Path("a.csv"), Path("b.csv"), Path("c.csv")]
NUMBERS = pl.DataFrame({"number": [1, 2]})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file in FILES:
        file.write_text(file.name)
    write_parquet(NUMBERS, TABLE / "one.parquet")
    frames = {"files": pl.DataFrame({"rows": [5, 7]}), "numbers": NUMBERS}
    KeptState(STATE, "code", FILES).save(frames, [("first", NUMBERS)], part_paths(TABLE))


def test_what_was_saved_is_there_for_the_next_run() -> None:
    state = KeptState(STATE, "code", FILES)
    assert state.frames["files"].select("name", "rows").rows() == [("a.csv", 5), ("b.csv", 7)]
    assert state.frames["numbers"].equals(NUMBERS)
    assert [rows.collect().rows() for rows in state.rows()] == [NUMBERS.rows()]
    assert [*state.parts_of(TABLE)] == ["one"]
    with new_table(TABLE) as table:
        state.keep([table])
    assert [path.stem for path in part_paths(TABLE)] == ["one"]


def test_other_code_or_other_files_leave_nothing_of_it() -> None:
    assert KeptState(STATE, "other code", FILES).parts == {}
    for files in (FILES[:2], [FILES[1], FILES[0], FILES[2]], [Path("c.csv"), *FILES], []):
        state = KeptState(STATE, "code", files)
        assert (state.frames, state.parts) == ({}, {})
    FILES[2].write_text("the last one may be another")
    assert KeptState(STATE, "code", FILES).parts
    FILES[1].write_text("this one may not")
    assert not KeptState(STATE, "code", FILES).parts


@pytest.mark.parametrize(
    "broken", [TABLE / "one.parquet", STATE / "numbers.parquet", STATE / "rows" / "first.parquet", STATE / MANIFEST]
)
def test_half_of_a_state_is_none(broken: Path) -> None:
    broken.write_bytes(b"{}")
    assert KeptState(STATE, "code", FILES).parts == {}
    broken.unlink()
    assert KeptState(STATE, "code", FILES).parts == {}
