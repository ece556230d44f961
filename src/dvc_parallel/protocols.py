"""What the engine asks of a project and of a view, and the words that they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from dvc_parallel.processes.processes import Command, Ended
from dvc_parallel.results import Result, RunningStage, RunStatus


@dataclass(frozen=True)
class RunOptions:
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


class StartOutcome(Enum):
    """How far the beginning of a stage has brought it."""

    UNCHANGED = "unchanged"
    RESTORED = "restored"
    TO_RUN = "to run"


class Pipeline(Protocol):
    """What the engine asks of a project; `dvc_parallel.project.pipeline.DvcPipeline` is the real one."""

    def is_stale(self, name: str) -> bool:
        """Say whether a stage must run."""

    def begin(self, name: str, force: bool, pull: bool) -> StartOutcome:
        """Make a stage ready to run, or bring it up to date without."""

    def command(self, name: str, variables: Mapping[str, str]) -> Command:
        """Return what a stage runs."""

    def finish(self, name: str, concurrent: bool) -> Sequence[str]:
        """Record what a stage has made; not, when it ran beside others and what it reads has changed: return that."""

    def lacks(self, name: str) -> Sequence[str]:
        """Return what a stage needs, is not there, and no stage declares as an output."""

    def stale_among(self, names: Sequence[str]) -> list[str]:
        """Return those of some stages, which were up to date, whose files have changed since."""

    def give_up(self, name: str, remove: bool) -> None:
        """Let go of a stage that did not finish."""


class ProcessPool(Protocol):
    """What the engine asks of the processes; `dvc_parallel.processes.processes.Processes` is the real one."""

    def start(self, name: str, command: Command, log: Path) -> None:
        """Start a stage."""

    def elapsed(self) -> Mapping[str, float]:
        """Return how long each stage at work has been, seconds."""

    def wait(self, seconds: float) -> Ended | None:
        """Wait for a stage to end."""

    def interrupt(self) -> None:
        """Ask every stage to stop."""

    def kill(self) -> None:
        """Kill every stage."""


class View(Protocol):
    """Who is told how the run goes."""

    def started(self, stage: RunningStage, cores: int) -> None:
        """Show that a stage begins."""

    def ended(self, result: Result, standing: RunStatus) -> None:
        """Show what became of a stage."""

    def refresh(self, standing: RunStatus) -> None:
        """Show how the run stands."""
