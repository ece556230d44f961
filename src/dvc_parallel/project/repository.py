"""Open a DVC project for reading: quietly, under its lock, and with DVC's faults as faults of one line."""

import difflib
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dvc_parallel.project.params_guard import PROJECT_FILE, refuse_faulty_params
from dvc_parallel.system.errors import ProjectError

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc.stage import Stage

LOGGERS = ("dvc", "dvc_data", "dvc_objects", "scmrepo")


class Plan(NamedTuple):
    """The stages that targets mean, with all that is above them.

    Attributes
    ----------
    order : list of dvc.stage.Stage
        In DVC's order, each after what is above it.
    above : dict
        The stages next above each.
    chosen : list of dvc.stage.Stage
        Those that the targets name.
    """

    order: list["Stage"]
    above: dict["Stage", list["Stage"]]
    chosen: list["Stage"]


@contextmanager
def open_project() -> Iterator["Repo"]:
    """Give the project that the working folder lies in, locked; what DVC raises within comes out as `ProjectError`.

    It is only to be read, and need not be writable. DVC is imported here, not with the module: a mistake in the
    arguments is told without waiting for it.
    """
    from dvc.repo import lock_repo  # noqa: PLC0415

    from dvc_parallel.project.read_only import repo_to_read  # noqa: PLC0415

    with dvc_faults_in_one_line(), repo_to_read(Path.cwd()) as repo:
        refuse_faulty_params(Path(repo.root_dir))
        with lock_repo(repo):
            yield repo


@contextmanager
def dvc_faults_in_one_line() -> Iterator[None]:
    """Silence DVC, and let what it or the system raises come out as `ProjectError`."""
    from dvc.exceptions import NotDvcRepoError  # noqa: PLC0415
    from dvc.lock import LockError  # noqa: PLC0415

    from dvc_parallel.project.faults import FAULTS, one_line  # noqa: PLC0415

    with _quiet():
        try:
            yield
        except BrokenPipeError:  # who read the output has had enough
            raise
        except NotDvcRepoError as error:
            message = f"{Path.cwd()} is in no DVC project: change to one, or make one with `dvc init`"
            raise ProjectError(message) from error
        except LockError as error:
            message = f"the project is busy: wait until the other process has ended ({one_line(error)})"
            raise ProjectError(message) from error
        except FAULTS as error:
            raise ProjectError(one_line(error)) from error
        except ModuleNotFoundError:
            raise
        except ImportError as error:  # so DVC says that it has no package for a remote's kind, such as s3
            raise ProjectError(" ".join(str(error).split())) from error


def plan(repo: "Repo", targets: Sequence[str] = ()) -> "Plan":
    """Return what ``dvc repro TARGETS`` would look at.

    Parameters
    ----------
    repo : dvc.repo.Repo
        A locked project.
    targets : sequence of str
        Stages, groups (``train`` for every ``train@...``) or files; none stands for the dvc.yaml of the working folder.
    """
    from dvc.repo.reproduce import get_active_graph, plan_repro  # noqa: PLC0415

    try:
        graph = get_active_graph(repo.index.graph)  # reads every dvc.yaml: a broken one is told before a wrong target
    except ValueError as error:  # what DVC's schema of dvc.yaml lets through and its reader does not take
        raise ProjectError(f"{PROJECT_FILE}: {error}") from error
    chosen = [stage for target in targets or [PROJECT_FILE] for stage in _find(repo, target)]
    steps = plan_repro(graph, list(dict.fromkeys(chosen))) if chosen else []
    for stage in steps:
        for dep in stage.deps:
            if dep.protocol == "local" and Path(dep.fs_path).is_fifo():  # which to read would take for ever
                raise ProjectError(f"{dep}: stage {stage.addressing} reads a file or a folder there, got a pipe")
    return Plan(steps, {stage: list(graph.successors(stage)) for stage in steps}, chosen)


def path_lock(
    repo: "Repo", label: str, read: Sequence["Output"], write: Sequence["Output"]
) -> AbstractContextManager[None]:
    """Return DVC's lock of the paths of dependencies and outputs, held by this process in the name of `label`."""
    from dvc.dependency.db import AbstractDependency  # noqa: PLC0415
    from dvc.dependency.repo import RepoDependency  # noqa: PLC0415
    from dvc.rwlock import rwlock  # noqa: PLC0415

    def paths(entries: Sequence["Output"]) -> list[str]:
        foreign = (RepoDependency, AbstractDependency)  # they lie in no place that a stage could write
        return list(dict.fromkeys(entry.fs_path for entry in entries if not isinstance(entry, foreign)))

    hardlink = repo.config["core"].get("hardlink_lock", False)
    lock: AbstractContextManager[None] = rwlock(repo.tmp_dir, repo.fs, label, paths(read), paths(write), hardlink)
    return lock


def _find(repo: "Repo", target: str) -> list["Stage"]:
    """Return the stages that a target means; those read already serve, for DVC would read all files a second time."""
    from dvc.exceptions import DvcException  # noqa: PLC0415

    known: list[Stage] = repo.index.stages
    if found := [stage for stage in known if target in _called(stage)]:
        return found
    try:
        found = list(repo.stage.collect(target))
    except DvcException as error:
        if target == PROJECT_FILE:
            message = f"{Path.cwd()} has no {PROJECT_FILE}: change to a folder with one, or name a target"
            raise ProjectError(message) from error
        names = sorted({name for stage in known for name in _called(stage)})
        nearest = difflib.get_close_matches(target, names, n=1)
        hint = f"did you mean '{nearest[0]}'?" if nearest else "`dvc stage list` names them all"
        raise ProjectError(f"no stage or file of stages is called '{target}': {hint}") from error
    return found


def _called(stage: "Stage") -> set[str]:
    """Return what a user calls a stage: its address, its file, the group that it was generated from."""
    address: str = stage.addressing
    group = address.rpartition("@")[0] if stage.raw_data.generated_from else ""
    return {address, stage.relpath, group or address}


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what DVC logs, its progress bars with it; what it raises is told by us."""
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
