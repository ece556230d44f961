"""What a stage reads, while others may write it: what is missing, what has changed."""

from collections.abc import Iterable
from typing import Any

from dvc.dependency import Dependency, ParamsDependency
from dvc.stage import Stage

from dvc_parallel.project.faults import FAULTS

FILES = (Dependency, ParamsDependency)
"""Dependencies that lie in a place where a stage can write; others are databases and other repositories."""


def lacking(stage: Stage, made: Iterable[str]) -> list[str]:
    """Return the dependencies of a stage that are missing and that no stage declares.

    Parameters
    ----------
    stage : dvc.stage.Stage
    made : iterable of str
        Paths of all outputs of the project.
    """
    if not stage.cmd or stage.frozen:
        return []
    missing = [dep for dep in _local_dependencies(stage) if not dep.exists]
    return [str(dep) for dep in missing if not any(dep.fs.overlaps(dep.fs_path, path) for path in made)]


def recorded(stage: Stage) -> dict[str, Any]:
    """Return the hashes of what a stage reads in this project, by path, as they were last read or recorded."""
    return {str(dep): dep.hash_info for dep in _local_dependencies(stage)}


def present(stage: Stage) -> dict[str, Any]:
    """Return the hashes of what a stage reads in this project, by path, as they are; None of what cannot be read."""
    return {str(dep): _hash(dep) for dep in _local_dependencies(stage)}


def is_stale(stage: Stage) -> bool:
    """Say whether a stage is stale; one whose files cannot be read is, and fails at its turn."""
    try:
        return bool(stage.changed())
    except OSError:
        return True


def differs(stage: Stage) -> bool:
    """Say as `Stage.changed` whether a stage is stale, but do not count one as such that runs every time."""
    entries = stage.outs if stage.frozen else [*stage.deps, *stage.outs]
    try:
        return bool(stage.changed_stage()) or any(entry.status() for entry in entries)
    except FAULTS:  # of something that could be read before
        return True


def _local_dependencies(stage: Stage) -> list[Any]:
    return [dep for dep in stage.deps if type(dep) in FILES and dep.protocol == "local"]


def _hash(dep: Any) -> Any:
    try:
        return dep.get_hash() if dep.exists else None
    except FAULTS:
        return None
