"""Run the stages of a plan side by side: the loop at the heart of ``richcheap run``."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stages.runner.contract import AtHand, Begun, Pipeline, View
from stages.runner.environment import variables
from stages.runner.faults import FAULTS, one_line
from stages.runner.history import History
from stages.runner.processes import Ended
from stages.runner.results import AtWork, Outcome, Result, Standing, cause_of
from stages.runner.schedule import Step, affected, assumed, chains, cores_of_next, downstream, time_left

REFRESH_SECONDS = 0.2


@dataclass(frozen=True)
class Options:
    """How to run.

    Parameters
    ----------
    jobs : int
        Stages side by side at most.
    cores : int
        Cores to share out among them.
    keep_going : bool
        Whether stages go on that do not follow from one that failed.
    force : frozenset of str
        Stages that run though they are up to date.
    pull : bool
        Whether results that another machine has made are fetched from DVC's remote.
    """

    jobs: int
    cores: int
    keep_going: bool = False
    force: frozenset[str] = field(default_factory=frozenset)
    pull: bool = False


class Engine:
    """One run.

    Parameters
    ----------
    pipeline : Pipeline
    steps : sequence of Step
        The plan, each after what is upstream of it.
    stale : set of str
        Steps that are stale as things stand.
    options : Options
    history : History
    processes : AtHand
    logs : Path
        Folder of the stages' logs.
    view : View
    """

    def __init__(
        self,
        pipeline: Pipeline,
        steps: Sequence[Step],
        stale: set[str],
        options: Options,
        history: History,
        processes: AtHand,
        logs: Path,
        view: View,
    ) -> None:
        self._pipeline, self._steps, self._stale, self._options = pipeline, steps, stale, options
        self._history, self._processes, self._logs, self._view = history, processes, logs, view
        self._waiting = {step.name: step for step in steps}
        self._results: dict[str, Result] = {}
        self._cores: dict[str, int] = {}
        self._to_start: set[str] = set()
        self._expected = history.expected()
        will_run = affected(steps, stale | options.force)
        times = assumed(will_run, self._expected)
        self._known = times is not None
        self._seconds = times or dict.fromkeys(will_run, 1.0)
        self._chain = chains(steps, self._seconds)
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
            while True:
                self._begin_what_is_ready()
                if not self._cores:
                    break
                ended = self._processes.wait(REFRESH_SECONDS)
                if ended is not None:
                    self._take_in(ended)
                self._view.refresh(self.standing())
        finally:
            self._processes.kill()
        for name in self._waiting:
            self._results[name] = Result(name, Outcome.SKIPPED, cause=self._halt)
        return [self._results[step.name] for step in self._steps]

    def standing(self) -> Standing:
        """Return how the run stands."""
        elapsed = self._processes.elapsed()
        left = None
        if self._known:
            left = time_left(self._steps, self._seconds, elapsed, self._results, self._options.jobs)
        return Standing(
            len(self._results), len(self._steps), tuple(map(self._at_work, elapsed, elapsed.values())), left
        )

    def _begin_what_is_ready(self) -> None:
        """Settle the ready stages that need not run, and start others as long as there is room."""
        while not self._halt:
            ready = self._ready()
            unsettled = [name for name in ready if name not in self._to_start]
            for name in unsettled:
                self._settle(name)
            if unsettled:
                continue  # others may have become ready
            room = self._options.jobs - len(self._cores)
            if not ready or room <= 0:
                return
            self._start(ready[0], min(room, len(ready)))

    def _ready(self) -> list[str]:
        """Return the stages whose upstream is done, the longest chain first."""
        ready = [name for name, step in self._waiting.items() if step.upstream <= self._results.keys()]
        return sorted(ready, key=lambda name: -self._chain[name])

    def _settle(self, name: str) -> None:
        """Find out whether a stage must run."""
        above = (self._results[up].outcome for up in self._waiting[name].upstream)
        if name in self._options.force:
            stale = True
        elif all(outcome is Outcome.UNCHANGED for outcome in above):
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
        try:
            begun = self._pipeline.begin(name, name in self._options.force, self._options.pull)
        except FAULTS as error:
            self._fail(name, error)
            return
        if begun is not Begun.TO_RUN:
            self._done(Result(name, Outcome.RESTORED if begun is Begun.RESTORED else Outcome.UNCHANGED))
            return
        cores = cores_of_next(self._options.cores - sum(self._cores.values()), starts)
        del self._waiting[name]
        self._cores[name] = cores
        try:
            self._processes.start(name, self._pipeline.command(name, variables(cores, os.environ)), self._log(name))
        except OSError as error:
            del self._cores[name]
            self._pipeline.give_up(name, remove=False)
            self._fail(name, error)
            return
        self._view.started(self._at_work(name, 0.0), cores)

    def _take_in(self, ended: Ended) -> None:
        """Record what a stage has made, or why it has not."""
        name, cores, log = ended.name, self._cores.pop(ended.name), self._log(ended.name)
        if ended.code == 0:
            try:
                self._pipeline.finish(name)
            except FAULTS as error:
                self._fail(name, error, Result(name, Outcome.FAILED, ended.usage, cores, log=log))
                return
            self._history.add(name, ended.usage.seconds)
            self._done(Result(name, Outcome.RAN, ended.usage, cores, log=log))
            return
        killed = ended.code < 0 or ended.code > 128 or self._signals > 0  # shells add 128 to a signal
        self._pipeline.give_up(name, remove=killed)
        outcome = Outcome.STOPPED if self._signals else Outcome.FAILED
        cause = self._halt if self._signals else cause_of(ended.code)
        self._lose(Result(name, outcome, ended.usage, cores, cause, log))

    def _fail(self, name: str, error: Exception, result: Result | None = None) -> None:
        cause = one_line(error)
        known = result or Result(name, Outcome.FAILED)
        self._lose(Result(name, Outcome.FAILED, known.usage, known.cores, cause, known.log))

    def _lose(self, result: Result) -> None:
        """Take in a failure, and skip what follows from it."""
        self._done(result)
        for name in downstream(self._steps, result.name):
            if name in self._waiting:
                self._done(Result(name, Outcome.SKIPPED, cause=f"{result.name} {result.outcome.value}"))
        if not self._options.keep_going and not self._halt:
            self._halt = f"the run ended when {result.name} failed"

    def _done(self, result: Result) -> None:
        self._waiting.pop(result.name, None)
        self._to_start.discard(result.name)
        self._results[result.name] = result
        if not result.outcome.good or result.outcome is Outcome.UNCHANGED:
            self._seconds[result.name] = 0.0
        self._view.ended(result, self.standing())

    def _at_work(self, name: str, elapsed: float) -> AtWork:
        return AtWork(name, elapsed, self._expected.get(name), self._log(name))

    def _log(self, name: str) -> Path:
        return self._logs / f"{re.sub('[:/]', '_', name)}.log"
