"""Run the stages of a plan side by side: the loop at the heart of ``dvc-parallel run``."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from dvc_parallel.processes.environment import variables
from dvc_parallel.processes.processes import Ended
from dvc_parallel.project.faults import FAULTS, one_line
from dvc_parallel.protocols import Pipeline, ProcessPool, RunOptions, StartOutcome, View
from dvc_parallel.results import Outcome, Result, RunningStage, RunStatus, cause_of
from dvc_parallel.scheduling.estimate import Estimate
from dvc_parallel.scheduling.history import History
from dvc_parallel.scheduling.queue import Waiting
from dvc_parallel.scheduling.recheck import Doubts
from dvc_parallel.scheduling.schedule import Step, affected, cores_of_next, downstream
from dvc_parallel.views.formatting import listed

REFRESH_SECONDS = 0.2


class Engine:
    """One run.

    Parameters
    ----------
    pipeline : Pipeline
    steps : sequence of Step
        The plan, each after what is upstream of it.
    stale : set of str
        Steps that are stale as things stand.
    options : RunOptions
    history : History
    processes : ProcessPool
    logs : Path
        Folder of the stages' logs.
    view : View
    """

    def __init__(
        self,
        pipeline: Pipeline,
        steps: Sequence[Step],
        stale: set[str],
        options: RunOptions,
        history: History,
        processes: ProcessPool,
        logs: Path,
        view: View,
    ) -> None:
        self._pipeline, self._steps, self._stale, self._options = pipeline, steps, stale, options
        self._history, self._processes, self._logs, self._view = history, processes, logs, view
        self._results: dict[str, Result] = {}
        self._doubts = Doubts([step.name for step in steps])
        self._before: dict[str, Result] = {}  # of stages that are looked at, or run, a second time
        self.notes: list[str] = []
        self.stale_again: list[str] = []
        self._cores: dict[str, int] = {}
        self._to_start: set[str] = set()
        self._times = Estimate(steps, affected(steps, stale | options.force), history.expected())
        self._waiting = Waiting(steps, options.jobs, self._times.chain, pipeline.lacks)
        self._halt = ""
        self._signals = 0

    def stop(self) -> None:
        """Begin nothing more and interrupt what runs; called again, kill it. Safe in a signal's handler."""
        self._signals += 1
        self._halt = "the run was interrupted"
        if self._signals == 1:
            self._processes.interrupt()
        else:
            self._processes.kill()

    @property
    def interrupted(self) -> bool:
        """Whether `stop` was called."""
        return self._signals > 0

    def run(self) -> list[Result]:
        """Bring every stage up to date, as far as possible; return what became of each, in the order of the plan."""
        try:
            self._work()
            self._look_again()
        finally:
            self._processes.kill()
        for name in self._waiting:
            self._results[name] = Result(name, Outcome.SKIPPED, cause=self._halt)
        return [self._results[step.name] for step in self._steps]

    def standing(self) -> RunStatus:
        """Return how the run stands."""
        elapsed = self._processes.elapsed()
        at_work = tuple(map(self._at_work, elapsed, elapsed.values()))
        left = self._times.left(elapsed, self._results, self._waiting.jobs)
        return RunStatus(len(self._results), len(self._steps), at_work, left)

    def _work(self) -> None:
        """Bring the stages that wait up to date."""
        while True:
            self._begin_what_is_ready()
            if not self._cores:
                break
            ended = self._processes.wait(REFRESH_SECONDS)
            if ended is not None:
                self._take_in(ended)
            self._view.refresh(self.standing())

    def _look_again(self) -> None:
        """Ask again of what was found right before the last command ended, and run what DVC would have run after it."""
        stale = self._stale_since()
        early = [name for name in stale if self._doubts.early(name)]
        if early:
            self._waiting.jobs = 1
            followers = {name for first in early for name in downstream(self._steps, first)}
            self._once_more({*early, *(name for name in followers if self._results[name].outcome.good)})
            self._work()
            stale = self._stale_since()
        self.stale_again = stale

    def _stale_since(self) -> list[str]:
        found_right = [name for name in self._doubts.open() if self._results[name].outcome.good]
        return self._pipeline.stale_among(found_right) if found_right and not self._halt else []

    def _once_more(self, names: Collection[str], *, alone: bool = False) -> None:
        """Let stages that are done have a second turn."""
        for name in names:
            self._before[name] = self._results.pop(name)
            self._times.once_more(name)
        self._waiting.add(names, alone=alone)

    def _begin_what_is_ready(self) -> None:
        """Settle the ready stages that need not run, and start others as long as there is room."""
        while not self._halt:
            ready = self._waiting.ready(self._results, self._cores)
            unsettled = [name for name in ready if name not in self._to_start]
            for name in unsettled:
                self._settle(name)
            if unsettled:
                continue  # others may have become ready
            able = self._waiting.may_start(ready, self._cores)
            if not able:
                return
            self._start(able[0], min(self._waiting.jobs - len(self._cores), len(able)))

    def _settle(self, name: str) -> None:
        """Find out whether a stage must run."""
        self._doubts.asked(name, self._results)
        above = (self._results[up].outcome for up in self._waiting.upstream(name))
        if name in self._options.force and name not in self._before:
            stale = True
        elif self._doubts.plan_holds and all(outcome is Outcome.UNCHANGED for outcome in above):
            stale = name in self._stale
        else:
            try:
                stale = self._pipeline.is_stale(name)
            except FAULTS as error:
                self._fail(name, error)
                return
        if stale:
            self._to_start.add(name)
        else:
            self._done(Result(name, Outcome.UNCHANGED))

    def _start(self, name: str, starts: int) -> None:
        self._doubts.asked(name, self._results)
        try:
            begun = self._pipeline.begin(name, name in self._options.force, self._options.pull)
        except FAULTS as error:
            self._fail(name, error, lacking=self._pipeline.lacks(name))
            return
        if begun is not StartOutcome.TO_RUN:
            self._done(Result(name, Outcome.RESTORED if begun is StartOutcome.RESTORED else Outcome.UNCHANGED))
            return
        cores = cores_of_next(self._options.cores - sum(self._cores.values()), starts)
        self._waiting.remove(name)
        self._cores[name] = cores
        try:
            self._processes.start(name, self._pipeline.command(name, variables(cores, os.environ)), self._log(name))
        except OSError as error:
            del self._cores[name]
            self._pipeline.give_up(name, remove=False)
            self._fail(name, error)
            return
        self._doubts.started(self._cores)
        self._view.started(self._at_work(name, 0.0), cores)

    def _take_in(self, ended: Ended) -> None:
        """Record what a stage has made, or why it has not."""
        name, cores, log = ended.name, self._cores.pop(ended.name), self._log(ended.name)
        concurrent = self._doubts.ended(name)
        if ended.code == 0:
            try:
                moved = self._pipeline.finish(name, concurrent)
            except FAULTS as error:
                self._fail(name, error, Result(name, Outcome.FAILED, ended.usage, cores, log=log))
                return
            self._history.add(name, ended.usage.seconds)
            self._done(Result(name, Outcome.RAN, ended.usage, cores, log=log))
            if moved:
                self._repeat(name, moved)
            return
        killed = ended.code < 0 or ended.code > 128 or self._signals > 0  # shells add 128 to a signal
        self._pipeline.give_up(name, remove=killed)
        outcome = Outcome.STOPPED if self._signals else Outcome.FAILED
        cause = self._halt if self._signals else cause_of(ended.code)
        self._lose(Result(name, outcome, ended.usage, cores, cause, log))

    def _repeat(self, name: str, moved: Sequence[str]) -> None:
        """Run a stage once more, alone: what it read while others ran was perhaps half written."""
        self._to_start.add(name)
        self._once_more([name], alone=True)
        self.notes.append(f"{name} ran a second time, alone: beside others, {listed(moved)} changed while it ran")

    def _fail(self, name: str, error: Exception, result: Result | None = None, lacking: Sequence[str] = ()) -> None:
        cause = one_line(error)
        if lacking:
            cause = f"{name} needs {listed(lacking)}, which no stage declares as an output, and which is not there"
        self._lose(replace(result or Result(name, Outcome.FAILED), cause=cause))

    def _lose(self, result: Result) -> None:
        """Take in a failure, and skip what follows from it."""
        self._done(result)
        waiting = set(self._waiting)
        for name in downstream(self._steps, result.name):
            if name in waiting:
                self._done(Result(name, Outcome.SKIPPED, cause=f"{result.name} {result.outcome.value}"))
        if not self._options.keep_going and not self._halt:
            self._halt = f"the run ended when {result.name} failed"

    def _done(self, result: Result) -> None:
        before = self._before.pop(result.name, None)
        result = result if before is None else before.then(result)
        self._waiting.remove(result.name)
        self._to_start.discard(result.name)
        self._results[result.name] = result
        if result.outcome.good:
            self._doubts.found_right(result.name)
        if not result.outcome.good or result.outcome is Outcome.UNCHANGED:
            self._times.nothing_more(result.name)
        self._view.ended(result, self.standing())

    def _at_work(self, name: str, elapsed: float) -> RunningStage:
        return RunningStage(name, elapsed, self._times.of(name), self._log(name))

    def _log(self, name: str) -> Path:
        return self._logs / f"{re.sub('[:/]', '_', name)}.log"
