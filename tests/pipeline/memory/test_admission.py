import os
import subprocess
import sys
import tempfile

import polars as pl
import pytest

from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.workers import ComputeParams
from richcheap.pipeline.memory import admission
from richcheap.pipeline.memory.admission import MemoryNeedError, admitted, announced
from richcheap.pipeline.memory.held import Held
from richcheap.pipeline.storage.artifacts import write_parquet

GB = 1_000_000_000
OTHER = """
import sys
from contextlib import ExitStack
from richcheap.pipeline.memory import admission
with ExitStack() as stack:
    with admission._turn():
        admission._announce(float(sys.argv[1]), stack)
    print("announced", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path, monkeypatch):
    """Return a table of 10^5 rows, 8 bytes each, of which a stage needs 2.6 GB; the machine has 4 GB."""
    write_parquet(pl.DataFrame({"price": [1.0] * 100_000}), tmp_path / "table.parquet")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(admission, "load_compute", ComputeParams)
    monkeypatch.setattr(admission, "free_memory", lambda: 4 * GB)
    monkeypatch.setattr(admission, "all_memory", lambda: 5 * GB)
    monkeypatch.setattr(admission, "_own", lambda: 0.1 * GB)  # whatever the tests before have left
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.01)
    return [Held(tmp_path / "table.parquet", 2500.0)]


@pytest.fixture
def other(tmp_path, held):
    """Start another stage, which needs 3 GB and has taken little of them yet; it ends when its input does."""
    words = [sys.executable, "-c", OTHER, str(3e9)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "announced\n"
        yield process
        process.kill()


def test_what_a_stage_needs_is_said_before_it_begins(held, capsys):
    with admitted("train automl", held):
        line = capsys.readouterr().err
    assert line.startswith("train automl: needs about 2.60 GB of memory for 100,000 rows; ")
    assert line.endswith(" GB are free\n")


def test_a_stage_that_needs_more_than_there_is_is_refused_with_what_helps(held, monkeypatch):
    monkeypatch.setattr(admission, "free_memory", lambda: 1 * GB)
    with pytest.raises(MemoryNeedError, match=r"^evaluate: needs about 2\.60 GB .* are free; give fewer rows \(data"):
        admitted("evaluate", held).__enter__()


def test_a_ceiling_refuses_what_the_machine_would_have(held, monkeypatch):
    monkeypatch.setenv("RICHCHEAP_MEMORY_GB", "2")
    with pytest.raises(MemoryNeedError, match=r"and may have 2\.00 GB; raise RICHCHEAP_MEMORY_GB, give fewer rows"):
        admitted("evaluate", held).__enter__()


@pytest.mark.parametrize("text", ["much", "0", "-1", "inf", "nan"])
def test_a_ceiling_that_is_none_is_refused(held, monkeypatch, text):
    monkeypatch.setenv("RICHCHEAP_MEMORY_GB", text)
    with pytest.raises(ParamsError, match=rf"^RICHCHEAP_MEMORY_GB: must be a number of GB .*, got '{text}'"):
        admitted("evaluate", held).__enter__()


def test_a_stage_waits_for_one_that_has_announced_what_it_will_take(held, other, monkeypatch, capsys):
    monkeypatch.setattr(
        "richcheap.pipeline.memory.admission.time.sleep", lambda _: other.communicate()
    )  # the other ends meanwhile
    with admitted("evaluate", held):
        first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(" are free, waits for what else is at work")
    assert second.endswith(" GB are free")
    assert other.poll() == 0


def test_nobody_waits_for_what_will_never_be_there(held, other, monkeypatch):
    monkeypatch.setattr(admission, "all_memory", lambda: 2 * GB)
    with pytest.raises(MemoryNeedError, match=r"and may have 2\.00 GB; give fewer rows"):
        admitted("evaluate", held).__enter__()
    assert other.poll() is None


def test_a_killed_stage_is_not_waited_for(held, other):
    other.kill()
    other.wait()
    with admitted("evaluate", held):
        assert [path.name for path in admission._folder().glob("[0-9]*")] == [str(os.getpid())]


@pytest.mark.parametrize("in_the_way", ["file", "link"])
def test_where_nothing_can_be_announced_stages_begin_all_the_same(held, tmp_path, in_the_way):
    folder, elsewhere = tmp_path / f"richcheap-{os.getuid()}", tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.touch() if in_the_way == "file" else folder.symlink_to(elsewhere)
    with admitted("evaluate", held):
        assert not list(elsewhere.iterdir())


def test_a_stage_that_takes_little_begins_without_a_word(capsys):
    with announced("check"):
        assert capsys.readouterr().err == ""


def test_a_stage_is_known_by_its_name(held, monkeypatch, capsys):
    monkeypatch.setattr(admission, "HELD", {"evaluate": held})
    with announced("evaluate"):
        assert capsys.readouterr().err.startswith("evaluate: needs about 2.60 GB")
