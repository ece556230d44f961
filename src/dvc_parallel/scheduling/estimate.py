"""How long the stages of a run will take, by earlier runs."""

from collections.abc import Collection, Mapping, Sequence

from dvc_parallel.scheduling.schedule import Step, assumed, chains, time_left

UNKNOWN_SECONDS = 1.0
"""What a stage counts for when no stage has a known time."""


class Estimate:
    """Expected times of the stages that will run.

    Parameters
    ----------
    steps : sequence of Step
        Each after what is upstream of it.
    will_run : collection of str
    expected : mapping
        Seconds of earlier runs, by stage.
    """

    def __init__(self, steps: Sequence[Step], will_run: Collection[str], expected: Mapping[str, float]) -> None:
        self._steps, self._expected = steps, expected
        times = assumed(will_run, expected)
        self._known = times is not None
        self._seconds = times or dict.fromkeys(will_run, UNKNOWN_SECONDS)
        self.chain = chains(steps, self._seconds)

    def of(self, name: str) -> float | None:
        """Return the seconds that a stage takes in all, if that is known."""
        return self._expected.get(name)

    def nothing_more(self, name: str) -> None:
        """Note that a stage will not run."""
        self._seconds[name] = 0.0

    def once_more(self, name: str) -> None:
        """Note that a stage may run after all."""
        self._seconds[name] = self._expected.get(name, UNKNOWN_SECONDS)

    def left(self, elapsed: Mapping[str, float], done: Collection[str], jobs: int) -> float | None:
        """Return the seconds until the end, if times are known."""
        return time_left(self._steps, self._seconds, elapsed, done, jobs) if self._known else None
