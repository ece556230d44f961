"""The folder beside an output: gone in any case, and what killed processes left with it."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from richcheap.pipeline.storage.tables import new_table
from richcheap.pipeline.storage.temp_dir import temporary_folder


def fail_within(target: Path) -> Path:
    with temporary_folder(target) as folder:
        (folder / "run").write_text("x")
        raise KeyError(str(folder))


def test_the_scratch_folder_is_removed_even_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fail_within(tmp_path / "out" / "table")
    assert [*(tmp_path / "out").iterdir()] == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_stays(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for process in (ended.pid, os.getppid()):
        (tmp_path / f".table.{process}.spill").mkdir()
    with temporary_folder(tmp_path / "table") as folder:
        assert {path.name for path in tmp_path.iterdir()} == {folder.name, f".table.{os.getppid()}.spill"}


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def deny(_process: int, _signal: int) -> None:
        raise PermissionError

    (tmp_path / ".table.1.spill").mkdir()
    monkeypatch.setattr(os, "kill", deny)
    with temporary_folder(tmp_path / "table"):
        assert (tmp_path / ".table.1.spill").is_dir()


@pytest.mark.parametrize("make", [temporary_folder, new_table])
def test_a_folder_left_under_a_number_that_has_come_again_is_in_nobodys_way(tmp_path: Path, make: object) -> None:
    for suffix in ("spill", "tmp"):
        (tmp_path / f".table.{os.getpid()}.{suffix}").mkdir()
        (tmp_path / f".table.{os.getpid()}.{suffix}" / "half").write_text("x")
    with make(tmp_path / "table"):  # type: ignore[operator]
        pass
    assert not (tmp_path / "table" / "half").exists()


def test_a_fault_of_the_disk_within_is_told_by_the_name_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, temporary_folder(tmp_path / "table", "tmp") as folder:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "part.parquet"))
    assert caught.value.filename == str(tmp_path / "table" / "part.parquet")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as caught, temporary_folder(tmp_path / "file" / "table"):
        pass
    assert caught.value.filename == str(tmp_path / "file" / "table")
