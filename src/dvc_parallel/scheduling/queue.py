"""The stages that wait for their turn, and which of them is next."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from dvc_parallel.scheduling.schedule import Step


class Waiting:
    """Stages that have not begun. One at a time they go in DVC's order; side by side, the longest chain goes first.

    Parameters
    ----------
    steps : sequence of Step
        All stages of the run, in DVC's order.
    jobs : int
        Stages side by side at most.
    chain : mapping
        Length of each stage's chain, as `dvc_parallel.scheduling.schedule.chains` gives it.
    lacks : callable
        Says what a stage needs that is not there and that no stage declares: a stage which does not declare it may
        make it, so that the one that needs it starts when there is nothing else to start or to wait for.
    """

    def __init__(
        self, steps: Sequence[Step], jobs: int, chain: Mapping[str, float], lacks: Callable[[str], Collection[str]]
    ) -> None:
        self._steps, self._chain, self._lacks = steps, chain, lacks
        self._alone: set[str] = set()
        self._waiting = {step.name: step for step in steps}
        self.jobs = jobs

    def __iter__(self) -> Iterator[str]:
        return iter(self._waiting)

    def upstream(self, name: str) -> Collection[str]:
        """Return the stages that must be done before one that waits."""
        return self._waiting[name].upstream

    def add(self, names: Collection[str], *, alone: bool = False) -> None:
        """Let stages wait once more; `alone` for a turn in which nothing else is at work."""
        again = {*names, *self._waiting}
        self._waiting = {step.name: step for step in self._steps if step.name in again}
        self._alone.update(names if alone else ())

    def remove(self, name: str) -> None:
        """Take a stage out: it begins, or is done."""
        self._waiting.pop(name, None)

    def ready(self, done: Collection[str], at_work: Collection[str]) -> list[str]:
        """Return the stages whose upstream is done, the next one first."""
        if self.jobs == 1:
            return [] if at_work else list(self._waiting)[:1]
        ready = [name for name, step in self._waiting.items() if all(above in done for above in step.upstream)]
        return sorted(ready, key=lambda name: -self._chain[name])

    def may_start(self, ready: Sequence[str], at_work: Collection[str]) -> list[str]:
        """Return those of the ready stages for which there is room now."""
        if len(at_work) >= self.jobs or any(name in self._alone for name in at_work):
            return []
        able = [name for name in ready if name not in self._alone and not self._lacks(name)]
        if self.jobs == 1 or not (able or at_work):
            able = [name for name in self._waiting if name in ready][:1]
        return able
