"""What a run would do: the stages that are stale, those that follow, and how long it would take."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dvc_parallel.scheduling.schedule import Step, affected, assumed, time_left
from dvc_parallel.views.formatting import duration


class Forecast:
    """A run that was not made.

    Parameters
    ----------
    steps : sequence of Step
    stale : set of str
    expected : mapping
        Seconds of earlier runs, by stage.
    jobs : int
    force : set of str
        Stages that run though they are up to date.
    fetched : set of str
        Stages of which only data is missing, and would be fetched from the remote; they are not among the stale.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        stale: set[str],
        expected: Mapping[str, float],
        jobs: int,
        force: AbstractSet[str] = frozenset(),
        fetched: AbstractSet[str] = frozenset(),
    ) -> None:
        self._steps, self._stale, self._expected, self._force = steps, stale, expected, force
        self._fetched = fetched
        self._affected = affected(steps, stale | force)
        times = assumed(self._affected, expected)
        self._seconds = None if times is None else time_left(steps, times, {}, (), jobs)

    def text(self) -> str:
        """Return it for people, a line for each stage in DVC's order."""
        width = max((len(step.name) for step in self._steps), default=0)
        lines = [
            f"{step.name:<{width}}  {self._verdict(step.name):<16} {self._time(step.name)}".rstrip()
            for step in self._steps
        ]
        last = f"{len(self._affected)} of {len(self._steps)} stages would run"
        if self._affected and self._seconds is not None:
            last += f" in about {duration(self._seconds)}"
        if fetched := self._fetched - self._affected:
            last += f"; {len(fetched)} would be fetched"
        return "\n".join([*lines, last])

    def machine_readable(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "seconds": self._seconds,
            "stages": [
                {
                    "stage": step.name,
                    "verdict": self._verdict(step.name),
                    "seconds": self._expected.get(step.name),
                    "upstream": sorted(step.upstream),
                }
                for step in self._steps
            ],
        }

    def _verdict(self, name: str) -> str:
        if name in self._force:
            return "forced"
        if name in self._stale:
            return "stale"
        if name in self._affected:
            return "may follow"
        return "to fetch" if name in self._fetched else "up to date"

    def _time(self, name: str) -> str:
        if name not in self._affected or name not in self._expected:
            return ""
        return f"about {duration(self._expected[name])}"
