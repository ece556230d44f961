"""What a person sees of a run, on a terminal and in a log."""

import contextlib
import io
import os
import pty
import re
import termios

import pytest

from dvc_parallel.processes.processes import Usage
from dvc_parallel.results import Outcome, Result, RunningStage, RunStatus
from dvc_parallel.views.log_view import QUIET_SECONDS, PlainView
from dvc_parallel.views.summary import exit_code, machine_readable, table
from dvc_parallel.views.terminal_view import LiveView, head, literal


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("train automl:  45%|####     | 9/20 [00:10<00:12, 1.1s/trial]\rerror: no such column")
    return path


def standing(*at_work: RunningStage, done: int = 3, left: float | None = 75.0) -> RunStatus:
    return RunStatus(done, 8, at_work, left)


def everything(terminal: int) -> str:
    """Return all that was written to a terminal."""
    os.set_blocking(terminal, False)
    parts = []
    with contextlib.suppress(BlockingIOError):
        while True:
            parts.append(os.read(terminal, 1 << 16))
    return b"".join(parts).decode()


@pytest.mark.parametrize("columns", [80, 200])
def test_the_bars_fit_the_terminal(log, columns):
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, columns))
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        view = LiveView(stream, ["train@automl", *map(str, range(7))], jobs=2)
        stage = RunningStage("train@automl", 62.0, 130.0, log)
        view.started(stage, 1)
        view.refresh(standing(stage))
        view.ended(Result("market", Outcome.RAN, Usage(12.3)), standing(stage, done=4, left=70.0))
        view.close()
        drawn = everything(ours)
    os.close(ours)
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", drawn)
    lines = [line for line in re.split(r"[\r\n]+", plain) if line.strip()]
    assert max(map(len, lines)) <= columns
    assert any(re.search(r"train@automl\s+1:02 of ~2:10\s+\|█+.*\| 9/20", line) for line in lines)
    assert any("3 of 8 stages  about 1 min 15 s left" in line for line in lines)
    assert any(line.startswith("ran                 market  12 s") for line in lines)


def test_a_stage_that_never_ran_shows_its_own_bar_and_no_expectation(log):
    assert head(RunningStage("train@automl", 62.0, None, log), 12) == "  train@automl  1:02           "


def test_a_long_name_is_cut(log):
    assert head(RunningStage("a" * 50, 1.0, None, log), 34).split()[0] == "a" * 33 + "…"


def test_braces_in_a_name_are_shown_as_they_are():
    assert literal("train@{x}").format() == "train@{x}"


def test_a_log_says_what_begins_what_ends_and_how_long_it_may_take(log):
    stream = io.StringIO()
    view = PlainView(stream)
    view.started(RunningStage("market", 0.0, None, log), 2)
    view.started(RunningStage("train@automl", 0.0, 130.0, log), 1)
    view.ended(Result("market", Outcome.RAN, Usage(12.3), 2, log=log), standing())
    view.ended(Result("check", Outcome.UNCHANGED), standing())
    view.ended(Result("features", Outcome.FAILED, Usage(1.0), 1, "exit code 1", log), standing(left=None))
    view.close()
    assert stream.getvalue().splitlines() == [
        "started             market  2 cores",
        "started             train@automl  1 core, about 2 min 10 s",
        "ran                 market  12 s  [3 of 8 stages, about 1 min 15 s left]",
        "failed              features  1.0 s  exit code 1  [3 of 8 stages]",
        "    | error: no such column",
    ]


def test_a_log_is_silent_for_a_minute_at_most(log):
    stream = io.StringIO()
    view = PlainView(stream)
    for elapsed in (1.0, QUIET_SECONDS - 1, QUIET_SECONDS + 1, QUIET_SECONDS + 2, 2 * QUIET_SECONDS + 2):
        view.refresh(standing(RunningStage("train@automl", elapsed, None, log)))
    assert stream.getvalue().splitlines() == [
        "running             train@automl 1 min 01 s (9/20); about 1 min 15 s left",
        "running             train@automl 2 min 02 s (9/20); about 1 min 15 s left",
    ]


RESULTS = [
    Result("check", Outcome.UNCHANGED),
    Result("market", Outcome.RAN, Usage(12.34, 20.5, 450.2), 2),
    Result("train@automl", Outcome.FAILED, Usage(3.0, 2.5, 300.0), 1, "exit code 1"),
    Result("evaluate", Outcome.SKIPPED, cause="train@automl failed"),
]


def test_the_table_says_what_each_stage_took_and_names_each_failure(log):
    failed = Result("train@automl", Outcome.FAILED, Usage(3.0, 2.5, 300.0), 1, "exit code 1", log)
    lines = table([*RESULTS[:2], failed, RESULTS[3]], 16.0).splitlines()
    assert lines[0].split() == ["stage", "seconds", "CPU", "s", "peak", "MB", "cores"]
    assert lines[3].split() == ["market", "ran", "12.3", "20.5", "450", "2"]
    assert re.split(r" {2,}", lines[-2]) == ["total", "1 ran, 1 unchanged, 1 failed, 1 skipped", "16.0", "23.0", "450"]
    assert lines[-1] == f"train@automl failed: exit code 1; its log: {log}"


def test_the_table_for_machines_holds_the_same():
    code = exit_code(RESULTS)
    report = machine_readable(RESULTS, 16.0, code)
    assert (report["exit_code"], report["seconds"]) == (1, 16.0)
    assert [row["outcome"] for row in report["stages"]] == ["unchanged", "ran", "failed", "skipped"]
    assert report["stages"][1]["peak_mb"] == 450.2
    assert exit_code(RESULTS[:2]) == 0
