"""``dvc-parallel run``: bring the stages of a DVC project up to date, side by side."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from dvc.exceptions import DvcException

from dvc_parallel import parsers
from dvc_parallel.engine import Engine
from dvc_parallel.processes.processes import Processes
from dvc_parallel.project.faults import one_line
from dvc_parallel.project.pipeline import DvcPipeline
from dvc_parallel.project.recovery import KEPT, end_orphans, is_cut_short, mend_locks, mend_rwlock, torn_locks
from dvc_parallel.project.repository import dvc_faults_in_one_line
from dvc_parallel.protocols import RunOptions
from dvc_parallel.results import Result
from dvc_parallel.run_lock import RunLock
from dvc_parallel.scheduling.forecast import Forecast
from dvc_parallel.scheduling.history import History
from dvc_parallel.scheduling.schedule import Step, affected
from dvc_parallel.system import program
from dvc_parallel.system.atomic_write import write_bytes
from dvc_parallel.system.cores import available_cores
from dvc_parallel.system.errors import BusyError, ProjectError, UserError, print_error
from dvc_parallel.system.exit_codes import BUSY, INTERRUPTED, UNUSABLE
from dvc_parallel.views.formatting import listed
from dvc_parallel.views.log_view import PlainView
from dvc_parallel.views.summary import ending, exit_code, machine_readable, table
from dvc_parallel.views.terminal_view import LiveView

HISTORY = "seconds.json"


def main(arguments: Sequence[str], settled: Collection[str] = ()) -> int:
    """Run what is stale; return the exit code: 0 when all is up to date, 1 when a stage failed.

    `settled` is as `dvc_parallel.cli.run` takes it.
    """
    options = parsers.run().parse_args(arguments)
    try:
        with dvc_faults_in_one_line():
            return _run(options, frozenset(settled))
    except BusyError as error:
        print_error(error)
        return BUSY
    except UserError as error:
        print_error(error)
        return UNUSABLE


def _run(options: argparse.Namespace, settled: frozenset[str]) -> int:
    began = time.monotonic()
    cores = available_cores()
    jobs = options.jobs or cores
    pipeline = DvcPipeline(Path.cwd(), read_only=options.dry_run, settled=settled)
    history = History(pipeline.state / HISTORY)
    run_lock = RunLock(pipeline.state / "run_lock")
    if options.dry_run:
        steps, stale = planned(pipeline, options.targets, mend=False)
        stale -= settled  # what they would write is there, and what follows is judged by that
        forced = _forced(options, pipeline, steps)
        fetched = pipeline.would_be_fetched(stale - forced) if options.pull else set[str]()
        forecast = Forecast(steps, stale - fetched, history.expected(), jobs, forced, fetched)
        print(json.dumps(forecast.machine_readable(), indent=2) if options.json else forecast.text())
        return 0
    inherited = run_lock.acquire(options.wait)
    try:
        steps, stale = planned(pipeline, options.targets)
        forced = _forced(options, pipeline, steps)
        chosen = RunOptions(jobs, cores, options.keep_going, forced, options.pull)
        results = execute(pipeline, steps, stale, chosen, history, inherited)
    finally:
        run_lock.release()
    seconds = time.monotonic() - began
    code = INTERRUPTED if results.interrupted else exit_code(results.stages)
    report = machine_readable(results.stages, seconds, code, results.stale_again)
    _keep(report, pipeline.state / "run.json")
    if options.json:
        print(json.dumps(report, indent=2))
    elif any(result.outcome.value != "unchanged" for result in results.stages):
        print(table(results.stages, seconds))
    else:
        print(f"{ending(results.stages, seconds)}: all is up to date")
    _say(results.notes)
    return code


def _forced(options: argparse.Namespace, pipeline: DvcPipeline, steps: list[Step]) -> frozenset[str]:
    """Return the stages that run though they are up to date."""
    if options.force:
        return frozenset(step.name for step in steps)
    return pipeline.targets if options.force_targets else frozenset()


def planned(pipeline: DvcPipeline, targets: Sequence[str], *, mend: bool = True) -> tuple[list[Step], set[str]]:
    """Return the plan; when a kill has torn what the project is read from, mend that and read it again."""
    copies = pipeline.state / "locks"
    if mend:
        _say(mend_rwlock(pipeline.tmp))
    fault = None
    try:
        found = pipeline.plan(targets)
        if not mend or not any(map(is_cut_short, pipeline.lock_files())):
            return found
    except DvcException as error:
        fault = error
        if not mend and any(torn_locks(pipeline.root, copies)):
            raise ProjectError(f"{one_line(fault)}; a kill has cut it short, `{program.name} run` mends it") from error
    mended = mend_locks(pipeline.root, copies) if mend else []
    if fault is not None and not mended:
        raise fault
    _say([f"{line}; what it held is kept beside it, as *{KEPT}" for line in mended])
    return pipeline.plan(targets) if mended else found


class RunResult:
    """What became of a run: its stages, what is to be said of it, and whether a person stopped it."""

    def __init__(self, stages: list[Result], engine: Engine) -> None:
        self.stages, self.interrupted, self.stale_again = stages, engine.interrupted, engine.stale_again
        self.notes = list(engine.notes)
        if self.stale_again:
            are = "are" if len(self.stale_again) > 1 else "is"
            self.notes.append(
                f"{listed(self.stale_again)} {are} stale again: a stage has written what others read and it does not "
                f"declare; `{program.name} status` says what"
            )


def execute(
    pipeline: DvcPipeline, steps: list[Step], stale: set[str], options: RunOptions, history: History, lock: int
) -> RunResult:
    """Run the stages of a plan under a view on standard error."""
    if stale or options.force:
        _say(end_orphans(pipeline.root, pipeline.tmp))
        pipeline.prepare(affected(steps, stale | options.force))
        if options.pull and (reason := pipeline.pull_run_cache()):
            _say([f"the run cache cannot be pulled ({reason}); going on without"])
    processes = Processes(lock)
    view = _view(sys.stderr, [step.name for step in steps], options.jobs)
    engine = Engine(pipeline, steps, stale, options, history, processes, pipeline.state / "logs", view)
    with _signals(engine):
        try:
            results = engine.run()
        finally:
            view.close()
            processes.close()
    if exit_code(results) == 0:
        pipeline.close_series()
    return RunResult(results, engine)


def _view(stream: TextIO, names: Sequence[str], jobs: int) -> LiveView | PlainView:
    return LiveView(stream, names, min(jobs, len(names))) if stream.isatty() else PlainView(stream)


@contextmanager
def _signals(engine: Engine) -> Iterator[None]:
    """Let Ctrl-C, and a polite kill, stop the engine instead of this process."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        engine.stop()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _keep(report: dict[str, Any], path: Path) -> None:
    with suppress(OSError):
        write_bytes(json.dumps(report, indent=2).encode(), path)
