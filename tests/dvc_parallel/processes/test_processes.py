"""No process of a stage outlives its stage or the runner."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from dvc_parallel.processes.processes import Command, Ended, Processes
from tests.conftest import ROOT

PARENT_OF_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
{then}
"""


@pytest.fixture
def processes():
    at_work = Processes()
    yield at_work
    at_work.kill()
    while at_work.elapsed():  # their logs are closed when they have ended
        at_work.wait(0.1)
    at_work.close()


def python(*programs: str, folder="/") -> Command:
    return Command([[sys.executable, "-c", program] for program in programs], str(folder), dict(os.environ))


def wait(processes: Processes) -> Ended:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ended = processes.wait(0.1)
        if ended is not None:
            return ended
    raise AssertionError("nothing has ended")


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def printed_pid(log) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        words = log.read_text().split() if log.exists() else []
        if words:
            return int(words[0])
        time.sleep(0.02)
    raise AssertionError("no process said its number")


def test_a_stage_that_ends_well_says_what_it_used(processes, tmp_path):
    busy = "import time; data = bytearray(60_000_000)\nwhile time.process_time() < 0.3: pass\nprint('made')"
    processes.start("a", python(busy), tmp_path / "logs" / "a.log")
    assert processes.elapsed().keys() == {"a"}
    ended = wait(processes)
    assert (ended.name, ended.code) == ("a", 0)
    assert ended.usage.cpu_seconds == pytest.approx(0.3, abs=0.2)
    assert ended.usage.seconds > 0.25
    before_it_was_another_program = psutil.Process().memory_info().rss / 1e6  # a fork, whose size Linux counts, too
    assert 60 < ended.usage.peak_mb < 200 + before_it_was_another_program
    assert (tmp_path / "logs" / "a.log").read_text() == "made\n"
    assert processes.elapsed() == {}


def test_lines_run_one_after_another_while_they_succeed(processes, tmp_path):
    processes.start("a", python("print(1)", "import sys; print(2); sys.exit(3)", "print(4)"), tmp_path / "log")
    assert wait(processes).code == 3
    assert (tmp_path / "log").read_text().split() == ["1", "2"]


def test_what_a_failed_stage_left_at_work_is_ended(processes, tmp_path):
    processes.start("a", python(PARENT_OF_ANOTHER.format(then="sys.exit(1)")), tmp_path / "log")
    assert wait(processes).code == 1
    assert gone(printed_pid(tmp_path / "log"))


def test_a_killed_stage_takes_what_it_started_along(processes, tmp_path):
    processes.start("a", python(PARENT_OF_ANOTHER.format(then="time.sleep(60)")), tmp_path / "log")
    child = printed_pid(tmp_path / "log")
    os.kill(psutil.Process(child).ppid(), signal.SIGKILL)
    assert wait(processes).code == -signal.SIGKILL
    assert gone(child)


def test_an_interrupted_stage_can_put_its_things_away(processes, tmp_path):
    tidy = "import time\ntry:\n  print('ready', flush=True); time.sleep(60)\nfinally:\n  print('tidied', flush=True)"
    processes.start("a", python(tidy), tmp_path / "log")
    while "ready" not in (tmp_path / "log").read_text():
        time.sleep(0.02)
    processes.interrupt()
    assert wait(processes).code != 0
    assert "tidied" in (tmp_path / "log").read_text()


def test_no_further_line_runs_after_an_interrupt(processes, tmp_path):
    patient = "import signal, time; signal.signal(2, signal.SIG_IGN); print('ready', flush=True); time.sleep(0.5)"
    processes.start("a", python(patient, "print('second')"), tmp_path / "log")
    while "ready" not in (tmp_path / "log").read_text():
        time.sleep(0.02)
    processes.interrupt()
    assert wait(processes).name == "a"
    assert "second" not in (tmp_path / "log").read_text()


RUNNER = """
import os, sys, time
from pathlib import Path
from dvc_parallel.processes.processes import Command, Processes
processes = Processes()
program = {program!r}
processes.start("a", Command([[sys.executable, "-c", program]], "/", dict(os.environ)), Path({log!r}))
time.sleep(60)
"""


def reaper_of(runner):
    """Return the reaper that a runner has started: a process shows its command line a moment after it is there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for child in runner.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "reaper.py" in " ".join(child.cmdline()):
                    return child
        time.sleep(0.02)
    raise AssertionError(f"no reaper among the children of {runner.pid}")


@pytest.mark.parametrize("without_reaper", [False, True])
def test_a_killed_runner_leaves_no_process_behind(tmp_path, without_reaper):
    log = tmp_path / "log"
    code = RUNNER.format(program=PARENT_OF_ANOTHER.format(then="time.sleep(60)"), log=str(log))
    runner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    child = printed_pid(log)
    stage = psutil.Process(child).ppid()
    if without_reaper:  # the kernel still ends the stage itself
        reaper_of(psutil.Process(runner.pid)).kill()
    runner.kill()
    runner.wait()
    assert gone(stage)
    if without_reaper:
        os.kill(child, signal.SIGKILL)
    assert gone(child)


def test_a_reaper_that_was_killed_is_replaced(processes, tmp_path):
    processes.start("a", python("import time; time.sleep(1)"), tmp_path / "a")
    reaper = reaper_of(psutil.Process())
    reaper.kill()
    reaper.wait()
    processes.start("b", python("print(1)"), tmp_path / "b")
    assert reaper_of(psutil.Process()).pid != reaper.pid
    assert {wait(processes).name, wait(processes).name} == {"a", "b"}
