"""What the engine asks of a project and of a view, and the words that they share."""

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from dvc.exceptions import DvcException

from stages.runner.processes import Command
from stages.runner.results import AtWork, Result, Standing


class Begun(Enum):
    """How far the beginning of a stage has brought it."""

    UNCHANGED = "unchanged"
    RESTORED = "restored"
    TO_RUN = "to run"


class Pipeline(Protocol):
    """What the engine asks of a project; `stages.runner.project.Project` is the real one."""

    def is_stale(self, name: str) -> bool:
        """Say whether a stage must run."""

    def begin(self, name: str, force: bool) -> Begun:
        """Make a stage ready to run, or bring it up to date without."""

    def command(self, name: str, variables: Mapping[str, str]) -> Command:
        """Return what a stage runs."""

    def finish(self, name: str) -> None:
        """Record what a stage has made."""

    def give_up(self, name: str, remove: bool) -> None:
        """Let go of a stage that did not finish."""


class View(Protocol):
    """Who is told how the run goes."""

    def started(self, stage: AtWork, cores: int) -> None:
        """Show that a stage begins."""

    def ended(self, result: Result, standing: Standing) -> None:
        """Show what became of a stage."""

    def refresh(self, standing: Standing) -> None:
        """Show how the run stands."""


def one_line(error: DvcException) -> str:
    """Return what DVC says of a fault and of its cause, in one line."""
    parts = [" ".join(str(error).split())]
    cause = error.__cause__
    if isinstance(cause, DvcException):
        parts.append(" ".join(str(cause).split()))
    return ": ".join(part for part in parts if part)
