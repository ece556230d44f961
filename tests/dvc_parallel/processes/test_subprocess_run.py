"""A run from within a program: in any thread, and without a trace in the program itself."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dvc_parallel.processes.processes import Usage
from dvc_parallel.processes.subprocess_run import bring_up_to_date
from dvc_parallel.results import Outcome, Result
from dvc_parallel.system.errors import BusyError, ProjectError
from dvc_parallel.views.summary import machine_readable, results_of
from tests.conftest import ROOT
from tests.dvc_parallel.projects import command, make_project, stage, write, write_stages

STAGES = {"left": stage("left", "source.txt"), "right": stage("right", "source.txt"), "end": stage("end", "left")}


@pytest.fixture(autouse=True)
def own_modules(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # those under test, not those that are installed
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project", STAGES, {"source.txt": "hello\n"})


def outcomes(results):
    return {result.name: result.outcome.value for result in results}


def test_a_thread_can_bring_a_project_up_to_date_and_the_program_stays_as_it_was(project, capfd):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    folder, level = Path.cwd(), logging.getLogger("dvc").level
    lines: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(bring_up_to_date, project, ["end", "right"], jobs=1, tell=lines.append).result()
    assert outcomes(results) == {"left": "ran", "end": "ran", "right": "ran"}
    assert sum(line.startswith("ran ") for line in lines) == 3
    assert capfd.readouterr() == ("", "")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert (Path.cwd(), logging.getLogger("dvc").level) == (folder, level)
    assert "up to date" in command(project, "dvc", "status")
    again = bring_up_to_date(project, ["left", "right"], force_targets=True)
    assert outcomes(again) == {"left": "ran", "right": "ran"}


def test_a_stage_that_fails_stops_only_what_follows_and_python_is_this_python(project):
    broken = {**STAGES["left"], "cmd": "echo 'error: no such column' >&2; exit 3"}
    ours = {**STAGES["right"], "cmd": "python -c 'import sys; print(sys.executable)' > right"}
    write_stages(project, {**STAGES, "left": broken, "right": ours})
    results = {result.name: result for result in bring_up_to_date(project, ["end", "right"])}
    assert outcomes(results.values()) == {"left": "failed", "end": "skipped", "right": "ran"}
    assert (results["left"].cause, results["end"].cause) == ("exit code 3", "left failed")
    log = results["left"].log
    assert log is not None
    assert log.read_text() == "error: no such column\n"
    assert (project / "right").read_text().rsplit("/", 1)[0] == sys.executable.rsplit("/", 1)[0]


@pytest.mark.parametrize(
    ("below", "target", "message"),
    [
        (".", "lefd", "did you mean 'left'"),
        ("nowhere", "left", "no such folder; name the project's folder"),
        ("..", "left", "dvc init"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_line(project, below, target, message):
    with pytest.raises(ProjectError, match=message):
        bring_up_to_date(project / below, [target])


def test_a_fault_of_the_program_keeps_its_traceback(project):
    write(project, {"dvc_parallel/__init__.py": "", "dvc_parallel/cli.py": "1 / 0\n"})
    with pytest.raises(RuntimeError, match=r"(?s)ended with code 1\n.*ZeroDivisionError"):
        bring_up_to_date(project, ["left"])


@pytest.fixture
def slow(project):
    """The project, with a stage that takes a minute once it has begun."""
    write_stages(project, {**STAGES, "left": {**STAGES["left"], "cmd": "echo half > left; sleep 60"}})
    return project


def wait_for(path):
    deadline = time.monotonic() + 30
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_another_run_is_not_disturbed_and_when_somebody_stops_it_that_is_told(slow):
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(bring_up_to_date, slow, ["left"])
        wait_for(slow / "left")
        with pytest.raises(BusyError, match="another run is at work here"):
            bring_up_to_date(slow, ["left"])
        os.kill(int((slow / ".dvc/tmp/dvc-parallel/run_lock").read_text()), signal.SIGINT)
        with pytest.raises(ProjectError, match="somebody stopped the run"):
            first.result()
    assert not (slow / "left").exists()


def test_a_program_that_is_interrupted_ends_its_run_first(slow):
    code = (
        "from pathlib import Path\nfrom dvc_parallel.processes.subprocess_run import bring_up_to_date\n"
        "try:\n    bring_up_to_date(Path.cwd(), ['left'])\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
    )
    program = subprocess.Popen([sys.executable, "-c", code], cwd=slow, stdout=subprocess.PIPE, text=True)
    wait_for(slow / "left")
    program.send_signal(signal.SIGINT)
    said, _ = program.communicate(timeout=30)
    assert said == "interrupted\n"
    assert not (slow / "left").exists()


def test_results_are_read_as_they_were_written(tmp_path):
    results = [
        Result("a", Outcome.FAILED, Usage(1.5, 0.25, 30.0), 2, "exit code 1", tmp_path / "a.log"),
        Result("b", Outcome.SKIPPED, cause="a failed"),
        Result("c", Outcome.UNCHANGED),
    ]
    assert results_of(json.loads(json.dumps(machine_readable(results, 2.0, 1)))) == results
