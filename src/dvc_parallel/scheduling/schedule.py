"""Which stage goes next, on how many cores, and how long the rest will take: arithmetic on a graph of stages.

A stage's *chain* is its own expected time and that of the longest chain of stages after it. The stage that has the
longest chain goes first (Hu 1961; Graham 1969): what is left at the end is short.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean


@dataclass(frozen=True)
class Step:
    """A stage among the others of a run.

    Parameters
    ----------
    name : str
        As DVC addresses it, for instance ``train@automl``.
    upstream : frozenset of str
        Stages of the run that must be done before.
    """

    name: str
    upstream: frozenset[str] = field(default_factory=frozenset)


def downstream(steps: Iterable[Step], name: str) -> list[str]:
    """Return what follows from a stage, directly or not, in the order of the steps, which is that of DVC."""
    after = {name}
    for step in steps:
        if step.upstream & after:
            after.add(step.name)
    return [step.name for step in steps if step.name in after and step.name != name]


def affected(steps: Iterable[Step], stale: Collection[str]) -> set[str]:
    """Return the stages that are stale or follow from one that is."""
    found: set[str] = set()
    for step in steps:
        if step.name in stale or step.upstream & found:
            found.add(step.name)
    return found


def assumed(names: Iterable[str], known: Mapping[str, float]) -> dict[str, float] | None:
    """Return a time for each stage, seconds: the known one, or the mean of the known; None when none is known."""
    typical = mean(known.values()) if known else None
    return None if typical is None else {name: known.get(name, typical) for name in names}


def chains(steps: Sequence[Step], seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the length of each stage's chain, seconds.

    Parameters
    ----------
    steps : sequence of Step
        Each after what is upstream of it.
    seconds : mapping
        Expected time of each stage.
    """
    longest = {step.name: 0.0 for step in steps}
    for step in reversed(steps):
        longest[step.name] += seconds.get(step.name, 0.0)
        for above in step.upstream:
            longest[above] = max(longest[above], longest[step.name])
    return longest


def cores_of_next(free: int, starts: int) -> int:
    """Return the cores of the next of some stages that can start now, when so many cores are free; at least one.

    The first of them takes its part, rounded down; the last takes what is left. When nothing runs and one stage is
    ready, it has all cores, and nothing that could want some becomes ready before it is done.
    """
    return max(1, free // max(1, starts))


def time_left(
    steps: Sequence[Step], seconds: Mapping[str, float], elapsed: Mapping[str, float], done: Collection[str], jobs: int
) -> float:
    """Return how long a run will still take, by going through it: the same rule of who goes next, expected times.

    Parameters
    ----------
    steps : sequence of Step
    seconds : mapping
        Expected time of each stage; 0 for one that will not run.
    elapsed : mapping
        For each stage that runs, how long it has.
    done : collection of str
    jobs : int
        Stages that may run side by side.

    Returns
    -------
    float
        Seconds. A stage that has outlived its expectation is taken to end now.
    """
    priority = chains(steps, seconds)
    waiting = {step.name: set(step.upstream) - set(done) for step in steps if step.name not in done}
    running: list[tuple[float, str]] = []
    for name, spent in elapsed.items():
        waiting.pop(name, None)
        heapq.heappush(running, (max(0.0, seconds.get(name, 0.0) - spent), name))
    now = 0.0
    while waiting or running:
        ready = sorted((name for name, above in waiting.items() if not above), key=lambda name: -priority[name])
        for name in ready[: max(0, jobs - len(running))]:
            del waiting[name]
            heapq.heappush(running, (now + seconds.get(name, 0.0), name))
        if not running:  # what is left waits for a stage that failed
            break
        now, ended = heapq.heappop(running)
        for above in waiting.values():
            above.discard(ended)
    return now
