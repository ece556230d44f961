"""Show a run in a log: a line when a stage begins or ends, and now and then one that says how the run stands."""

from typing import TextIO

from dvc_parallel.results import Outcome, Result, RunningStage, RunStatus
from dvc_parallel.views.formatting import duration
from dvc_parallel.views.summary import ending_lines
from dvc_parallel.views.tqdm_log import latest_bar

QUIET_SECONDS = 60.0
"""How long a log is silent while stages run."""


class PlainView:
    """Lines in a log.

    Parameters
    ----------
    stream : file
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._reported = 0.0

    def started(self, stage: RunningStage, cores: int) -> None:
        """Say that a stage begins."""
        expected = "" if stage.expected is None else f", about {duration(stage.expected)}"
        self._say(f"{'started':<19} {stage.name}  {cores} {'core' if cores == 1 else 'cores'}{expected}")

    def ended(self, result: Result, standing: RunStatus) -> None:
        """Say what became of a stage."""
        if result.outcome is Outcome.UNCHANGED:
            return
        first, *more = ending_lines(result)
        left = "" if standing.left is None or not standing.left else f", about {duration(standing.left)} left"
        self._say(f"{first}  [{standing.done} of {standing.total} stages{left}]")
        for line in more:
            self._say(line)

    def refresh(self, standing: RunStatus) -> None:
        """Say how the run stands, when nothing was said for a while."""
        longest = max((stage.elapsed for stage in standing.at_work), default=0.0)
        if longest < self._reported:
            self._reported = 0.0
        if longest - self._reported < QUIET_SECONDS:
            return
        self._reported = longest
        parts = []
        for stage in standing.at_work:
            bar = latest_bar(stage.log)
            parts.append(f"{stage.name} {duration(stage.elapsed)}" + ("" if bar is None else f" ({bar.count})"))
        left = "" if standing.left is None else f"; about {duration(standing.left)} left"
        self._say(f"{'running':<19} {', '.join(parts)}{left}")

    def close(self) -> None:
        """There is nothing to take away."""

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)
