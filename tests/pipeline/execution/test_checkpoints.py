"""Finished pieces of work are kept, found again and never taken for others."""

import errno
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from richcheap.pipeline.execution.checkpoints import Checkpoints, checkpointed, recall, store
from richcheap.pipeline.execution.map_tasks import map_here
from richcheap.pipeline.execution.workers import ComputeParams, run_tasks
from tests.conftest import ROOT

CODE = "as it is"


@dataclass(frozen=True)
class Scale:
    """Multiplies, and tells how often it did."""

    factors: np.ndarray
    log: Path

    def __call__(self, task):
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{task}\n")
        if task == "stop":
            raise RuntimeError("stopped")
        return self.factors * task


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoints"


def anywhere(function, tasks, *, desc, unit):
    params = ComputeParams(chunk_rows=10_000, backend="threading", workers=2, scheduler=None, checkpoints=None)
    return run_tasks(function, tasks, params, desc=desc, unit=unit)


def done(function, tasks, folder, code=CODE, work=map_here):
    return list(checkpointed(work, folder, code)(function, tasks, desc="search", unit="trial"))


def times(log):
    return log.read_text(encoding="utf-8").split()


@pytest.mark.parametrize("work", [map_here, anywhere])
def test_what_is_there_is_not_done_again_and_is_the_same(log, folder, work):
    scale = Scale(np.array([1.0, 0.5]), log)
    first = done(scale, [3.0, 2.0], folder, work=work)
    again = done(scale, [1.0, 2.0, 3.0], folder, work=work)
    np.testing.assert_array_equal(first, [[3.0, 1.5], [2.0, 1.0]])
    np.testing.assert_array_equal(again, [[1.0, 0.5], [2.0, 1.0], [3.0, 1.5]])
    assert sorted(times(log)) == ["1.0", "2.0", "3.0"]


def test_it_is_said_how_much_was_found(log, folder, capsys):
    scale = Scale(np.ones(1), log)
    done(scale, [1.0, 2.0], folder)
    assert capsys.readouterr().err == ""
    done(scale, [1.0, 2.0, 3.0], folder)
    assert capsys.readouterr().err == f"search: 2 of 3 found in {folder}\n"


def test_other_data_other_settings_and_other_code_are_other_work(log, folder):
    done(Scale(np.array([1.0, 2.0]), log), [1.0], folder)
    done(Scale(np.array([1.0, np.nextafter(2.0, 3.0)]), log), [1.0], folder)
    done(Scale(np.array([1.0, 2.0]), log), [1.0], folder, code="changed")
    done(Scale(np.array([1.0, 2.0]), log), [1], folder)  # an integer is another task
    assert len(times(log)) == 4


def test_a_stopped_work_has_kept_what_was_finished(log, folder):
    scale = Scale(np.ones(2), log)
    with pytest.raises(RuntimeError, match="stopped"):
        done(scale, [1.0, 2.0, "stop", 4.0], folder)
    assert times(log) == ["1.0", "2.0", "stop"]
    done(scale, [1.0, 2.0, 4.0], folder)
    assert times(log) == ["1.0", "2.0", "stop", "4.0"]


def test_a_broken_checkpoint_is_done_again(log, folder):
    scale = Scale(np.ones(2), log)
    done(scale, [1.0], folder)
    [path] = folder.iterdir()
    for broken in (b"", path.read_bytes()[:-1], path.read_bytes()[:10], bytes(100)):
        path.write_bytes(broken)
        np.testing.assert_array_equal(done(scale, [1.0], folder), [[1.0, 1.0]])
    assert len(times(log)) == 5
    assert [file.name for file in folder.iterdir()] == [path.name]


def test_the_same_task_twice_has_its_result_twice(log, folder):
    assert [value[0] for value in done(Scale(np.ones(1), log), [2.0, 2.0], folder)] == [2.0, 2.0]


def test_without_a_folder_nothing_is_kept(log, tmp_path):
    scale = Scale(np.ones(1), log)
    done(scale, [1.0], None)
    done(scale, [1.0], None)
    assert len(times(log)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def fill_the_disk(_folder, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)


def put_a_file_in_the_place(folder, _monkeypatch):
    """What a folder without permission is to others, this is to root too."""
    folder.write_text("not a folder", encoding="utf-8")


@pytest.mark.parametrize("work", [map_here, anywhere])
@pytest.mark.parametrize(
    ("spoil", "reason"), [(fill_the_disk, "No space left on device"), (put_a_file_in_the_place, "File exists")]
)
def test_checkpoints_that_cannot_be_written_are_told_once_and_the_work_goes_on(
    log, folder, capsys, monkeypatch, spoil, reason, work
):
    spoil(folder, monkeypatch)
    assert [value[0] for value in done(Scale(np.ones(1), log), [1.0, 2.0], folder, work=work)] == [1.0, 2.0]
    [output] = re.findall(r"search: checkpoints cannot be kept \((.*)\); going on without\n", capsys.readouterr().err)
    assert reason in output


def test_a_full_disk_leaves_nothing_half_written(folder, monkeypatch):
    fill_the_disk(folder, monkeypatch)
    assert store([1.0], folder / "key") == f"[Errno 28] No space left on device: '{folder / 'key'}'"
    assert list(folder.iterdir()) == []
    assert recall(folder / "key") is None


def test_what_another_user_has_written_is_not_read(folder, monkeypatch):
    assert store([1.0], folder / "key") is None
    assert recall(folder / "key") == ([1.0],)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert recall(folder / "key") is None


def test_a_fresh_process_with_another_hash_seed_finds_what_was_kept(tmp_path):
    code = (
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from tests.pipeline.execution.test_checkpoints import Scale, done\n"
        "log = Path('log'); log.touch()\n"
        "done(Scale(np.arange(1e5), log), [{'a': 1, 'b': 2.0}['b'], 3.0], Path('kept'))\n"
        "print(len(log.read_text().split()))\n"
    )
    for seed, expected in (("1", "2"), ("2", "2")):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == expected


def remembered(log, folder, given=(3.0,), code=CODE):
    return Checkpoints(Scale(np.array(given), log), given, folder, code, "fit")


def test_a_remembered_result_is_not_worked_out_again(log, folder):
    assert remembered(log, folder)(2) == remembered(log, folder)(2) == 6.0
    assert times(log) == ["2"]


@pytest.mark.parametrize("other", [{"given": (4.0,)}, {"code": "changed"}])
def test_what_follows_from_other_data_or_code_is_worked_out(log, folder, other):
    remembered(log, folder)(2)
    remembered(log, folder, **other)(2)
    assert times(log) == ["2", "2"]


def test_a_result_that_cannot_be_kept_is_reported_once_and_returned(log, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    work = remembered(log, tmp_path / "file" / "checkpoints")
    assert [float(work(task)[0]) for task in (1, 2)] == [3.0, 6.0]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("fit: checkpoints cannot be kept (")
