"""A result is taken up while it was made from the same and its file is as it was written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from richcheap.pipeline.resume.kept_result import keep_result, kept_result

RESULT = {"level": (0.1).hex(), "runs": 3, "nested": {"b": [1, 2], "a": None}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    keep_result(RESULT, "code and data", tmp_path / "result.json")
    return tmp_path / "result.json"


def test_a_result_comes_back_as_it_was(file: Path) -> None:
    assert kept_result(file, "code and data") == RESULT


def test_a_result_of_other_code_or_data_is_none(file: Path, tmp_path: Path) -> None:
    assert kept_result(file, "other data") is None
    assert kept_result(tmp_path / "nothing.json", "code and data") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"runs": 3', '"runs": 4'),
        lambda text: text.replace('"result"', '"other"'),
        lambda _: "{}",
        lambda text: text[:-10],
    ],
)
def test_a_changed_file_holds_no_result(file: Path, change: Callable[[str], str]) -> None:
    text = file.read_text(encoding="utf-8")
    assert change(text) != text
    file.write_text(change(text), encoding="utf-8")
    assert kept_result(file, "code and data") is None
