"""The suite of faults: it tells a careless stage from a careful one, and a handful of cases of each kind is right."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.determinism import Stage
from benchmarks.promises.fault_kinds import disk, killed, limits, projects, surroundings, torn, workspace
from benchmarks.promises.faults import KINDS

CAREFUL = """
from pathlib import Path
from dvc_parallel.system.atomic_write import write_bytes
from richcheap.pipeline.execution.stage_main import run
run(lambda: write_bytes(b"x" * 100_000, Path("made/out")))
"""
CARELESS = """
from pathlib import Path
Path("made").mkdir(exist_ok=True)
with Path("made/out").open("wb", buffering=0) as file:
    for _ in range(10):
        file.write(b"x" * 10_000)
"""
CASES = 2
needs_a_compiler = pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="needs a compiler for C")
SHORT = Options(short=True, seed=0)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that lets some Python be the only stage of a finished run."""

    def be(code: str) -> None:
        folder = tmp_path / "finished"
        folder.mkdir()
        (folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
        command = [sys.executable, "-c", code]
        subprocess.run(command, cwd=folder, check=True)
        only = workspace.Finished(folder, {"only": Stage(command, ["made"])})
        monkeypatch.setattr(workspace, "finished", lambda _short: only)

    return be


def failures(cases: Iterable[Case]) -> list[str]:
    """Return the cases that failed, of some of which there must be any."""
    tried = list(cases)
    assert tried
    return [f"{case.name}: {case.detail}" for case in tried if case.verdict is Verdict.FAILED]


@needs_a_compiler
def test_a_careful_stage_stands_every_failing_write(stage: Callable[[str], None]) -> None:
    stage(CAREFUL)
    tried = list(disk.failing_writes(Options(short=False, seed=1)))
    assert failures(tried) == []
    assert {case.verdict for case in tried} == {Verdict.REFUSED, Verdict.RIGHT}


@needs_a_compiler
def test_a_careless_stage_is_found_out(stage: Callable[[str], None]) -> None:
    stage(CARELESS)
    (*tried, last) = disk.failing_writes(SHORT)
    assert {case.verdict for case in tried} == {Verdict.FAILED}
    assert last.verdict is Verdict.RIGHT


def test_what_is_half_written_is_a_failure(stage: Callable[[str], None]) -> None:
    stage(CAREFUL)
    place = workspace.Copy(SHORT, "half")
    (place.folder / "made" / "out").write_bytes(b"x")
    (place.folder / ".made.1.tmp").mkdir()
    assert place.half_written("only") == ["made/out", ".made.1.tmp"]
    refused = subprocess.CompletedProcess([], 1, "", "error: out: no space left on device; make room there\n")
    assert place.judged("full", "only", refused) == Case("full", Verdict.FAILED, "half-written: made/out, .made.1.tmp")
    assert place.recovered("full", "only").verdict is Verdict.RIGHT
    place.close()


@pytest.mark.parametrize(
    ("code", "stderr", "wrong"),
    [
        (1, "error: one\n", ""),
        (1, "error: one\nerror: two\n", "exit code 1, 2 lines of error"),
        (1, "something\n", "exit code 1, 0 lines of error"),
        (1, "Traceback (most recent call last):\nKeyError: 3\n", "traceback: "),
        (-6, "aborted\n", "signal 6: aborted"),
        (0, "a warning\n", ""),
    ],
)
def test_a_refusal_is_one_line(code: int, stderr: str, wrong: str) -> None:
    found = workspace.unclear(subprocess.CompletedProcess([], code, "", stderr))
    assert found.startswith(wrong)
    assert bool(found) == bool(wrong)


@pytest.mark.parametrize("kind", [projects.locks, projects.clock, projects.store, projects.remotes])
@pytest.mark.slow
def test_a_handful_of_what_happens_around_runs(kind: Callable[[Options], Iterable[Case]]) -> None:
    assert failures(islice(kind(SHORT), CASES)) == []


@pytest.mark.parametrize(
    "kind",
    [
        killed.of_stages,
        disk.read_only,
        limits.limits,
        torn.read_by_hand,
        torn.read_without_records,
        torn.own_outputs,
        surroundings.commands,
        surroundings.stages,
    ],
)
@pytest.mark.slow
def test_a_handful_of_what_happens_to_stages(kind: Callable[[Options], Iterable[Case]]) -> None:
    assert failures(islice(kind(SHORT), CASES)) == []


def test_kinds_have_names_of_their_own_and_a_promise() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.promise.endswith(".") for kind in KINDS)
