"""Going on where an earlier run is still good: what is kept, what is made again, and the bytes of both."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.pipeline.resume.continuation import Continuation, digest, steps
from richcheap.pipeline.storage.tables import new_table

TABLE, STATES, MANIFEST = Path("table"), Path("states"), Path("manifest.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(sources: Mapping[str, int], made_by: str = "code") -> list[str]:
    """Make a table of running sums; return the parts that were made."""
    going = Continuation(MANIFEST, STATES, made_by, steps((name, [value]) for name, value in sources.items()))
    total = int(going.state().arrays.get("total", np.array(0)))
    assert going.state().frames.get("names", pl.DataFrame()).height == going.done
    left = list(sources)[going.done :]
    with new_table(TABLE) as table, going.writing([table]):
        for name in left:
            total += sources[name]
            going.write(name, table, pl.DataFrame({"total": [total]}))
            if going.wants_state(name):
                names = pl.DataFrame({"name": list(sources)[: list(sources).index(name) + 1]})
                going.keep_state(name, {"total": np.array(total)}, {"names": names})
    going.save()
    return left


def made() -> dict[str, bytes]:
    files = [MANIFEST, *(path for folder in (TABLE, STATES) for path in sorted(folder.rglob("*")) if path.is_file())]
    return {path.as_posix(): path.read_bytes() for path in files}


def from_nothing(sources: Mapping[str, int]) -> dict[str, bytes]:
    MANIFEST.unlink()
    run(sources)
    return made()


FIVE = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


@pytest.mark.parametrize(
    ("before", "after", "redone"),
    [
        ({"a": 1}, {"a": 1}, ""),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "b"),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, "bc"),
        (FIVE, FIVE, ""),
        (FIVE, {**FIVE, "f": 6}, "f"),
        (FIVE, {**FIVE, "e": 6}, "e"),
        (FIVE, {**FIVE, "d": 6}, "de"),
        (FIVE, {**FIVE, "c": 6}, "abcde"),
        (FIVE, {"a": 1, "b": 2, "c": 3, "d": 4}, "abcd"),
        (FIVE, {"b": 2, "c": 3, "d": 4, "e": 5}, "bcde"),
    ],
)
def test_what_is_unchanged_is_kept(before: dict[str, int], after: dict[str, int], redone: str) -> None:
    run(before)
    assert "".join(run(after)) == redone
    once = made()
    assert from_nothing(after) == once


@pytest.mark.parametrize(
    "broken", ["table/e.parquet", "states/d/arrays.npz", "states/e/names.parquet", "manifest.json"]
)
def test_what_is_broken_or_gone_is_made_again(broken: str) -> None:
    run(FIVE)
    whole = made()
    Path(broken).write_bytes(b"other")
    assert run(FIVE)
    assert made() == whole
    Path(broken).unlink()
    assert run(FIVE)
    assert made() == whole


def test_other_code_makes_all_again() -> None:
    run(FIVE)
    assert run(FIVE, "other code") == list(FIVE)


def test_a_run_that_fails_changes_nothing() -> None:
    run(FIVE)
    before = made()
    going = Continuation(MANIFEST, STATES, "code", steps([("a", [9])]))

    def fail() -> None:
        with new_table(TABLE) as table, going.writing([table]):
            going.write("a", table, pl.DataFrame({"total": [9]}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert made() == before


def test_digests_tell_apart_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("text", encoding="utf-8")
    frame = pl.DataFrame({"a": [1, 2, 3]})
    given = [("a", "b"), ("ab",), ("ab", ""), (file,), (frame,), (frame[:2],), (frame.cast(pl.Int8),), (1,), (None,)]
    assert len({digest(*one) for one in given}) == len(given)
    assert digest(pl.concat([frame[:1], frame[1:]], rechunk=False)) == digest(frame)
