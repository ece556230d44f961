"""Show a run on a terminal: a bar over all stages, a bar for each stage at work, a line for each that has ended."""

import os
from collections.abc import Sequence
from typing import TextIO

from tqdm import tqdm

from dvc_parallel.results import Outcome, Result, RunningStage, RunStatus
from dvc_parallel.views.formatting import clock, duration
from dvc_parallel.views.summary import ending_lines
from dvc_parallel.views.tqdm_log import Bar, latest_bar

MAX_NAME_COLUMNS = 34
TIME_COLUMNS = 15
"""What ``12:34 of ~15:00`` takes."""
WIDE_COLUMNS = 120
WHOLE = 1000
"""Steps of a stage's bar."""


class LiveView:
    """Bars at the foot of a terminal.

    Parameters
    ----------
    stream : file
        The terminal.
    names : sequence of str
        The stages.
    jobs : int
        Stages side by side at most: one bar for each.
    """

    def __init__(self, stream: TextIO, names: Sequence[str], jobs: int) -> None:
        tqdm.monitor_interval = 0  # its thread would redraw bars at moments of its own
        self._stream = stream
        self._width = min(MAX_NAME_COLUMNS, max(map(len, names), default=0))
        self._overall = self._bar(len(names), 0)
        self._rows = [self._bar(WHOLE, place) for place in range(1, jobs + 1)]

    def started(self, stage: RunningStage, cores: int) -> None:
        """A stage's row appears at the next refresh."""

    def ended(self, result: Result, standing: RunStatus) -> None:
        """Leave a line above the bars, and the last lines of what failed."""
        if result.outcome is not Outcome.UNCHANGED:
            for line in ending_lines(result):
                tqdm.write(line, file=self._stream)
        self.refresh(standing)

    def refresh(self, standing: RunStatus) -> None:
        """Draw the bars anew."""
        left = "" if standing.left is None else f"  about {duration(standing.left)} left"
        self._overall.bar_format = "{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} stages" + left
        self._overall.n = standing.done
        self._overall.refresh()
        for row, stage in zip(self._rows, [*standing.at_work, *([None] * len(self._rows))], strict=False):
            self._draw(row, stage)

    def close(self) -> None:
        """Take the bars away."""
        for row in reversed(self._rows):
            row.close()
        self._overall.close()

    def _bar(self, total: int, place: int) -> "tqdm[None]":
        return tqdm(total=total, position=place, leave=False, file=self._stream, dynamic_ncols=True, bar_format=" ")

    def _wide(self) -> bool:
        return os.get_terminal_size(self._stream.fileno()).columns >= WIDE_COLUMNS

    def _draw(self, row: "tqdm[None]", stage: RunningStage | None) -> None:
        if stage is None:
            row.bar_format, row.n = " ", 0
        else:
            bar = latest_bar(stage.log)
            row.n = round(WHOLE * share(stage, bar))
            row.bar_format = f"{literal(head(stage, self._width))} |{{bar}}|{literal(note(bar, self._wide()))}"
        row.refresh()


def head(stage: RunningStage, width: int) -> str:
    """Return a stage's name and its time, in fixed columns."""
    name = stage.name if len(stage.name) <= width else f"{stage.name[: width - 1]}…"
    times = clock(stage.elapsed) if stage.expected is None else f"{clock(stage.elapsed)} of ~{clock(stage.expected)}"
    return f"  {name:<{width}}  {times:<{TIME_COLUMNS}}"


def note(bar: Bar | None, wide: bool) -> str:
    """Return the count of the bar that a stage shows, and where there is room of what it counts."""
    if bar is None:
        return ""
    return f" {bar.count}  {bar.desc}" if wide else f" {bar.count}"


def literal(text: str) -> str:
    """Return a text that tqdm shows as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def share(stage: RunningStage, bar: Bar | None) -> float:
    """Return how far a stage is, 0 to 1: by the time that it took earlier, else by the bar that it shows."""
    if stage.expected:
        return min(1.0, stage.elapsed / stage.expected)
    return 0.0 if bar is None else bar.share
