"""Ask DVC what made each stage of a project stale; one reading of the project, in one process."""

import copy
import sys
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dvc_parallel.project.params_cache import params_read_once
from dvc_parallel.project.repository import path_lock, plan
from dvc_parallel.status.folders import Folders
from dvc_parallel.status.lock_entry import lock_entry
from dvc_parallel.status.reasons import (
    Always,
    CodeChange,
    CommandChange,
    DependencyChange,
    NeverRun,
    OutputChange,
    ParamChange,
    Reason,
    State,
    Upstream,
    Verdict,
    param_changes,
)

if TYPE_CHECKING:
    from dvc.dependency import ParamsDependency
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc.stage import Stage

DVC_STATES: Mapping[str, State] = {"deleted": "missing", "update available": "updated at its source"}
"""DVC's words; all others are those of a change."""


def explain(repo: "Repo", targets: Sequence[str] = (), settled: Collection[str] = ()) -> list[Verdict]:
    """Return a verdict on every stage that ``dvc repro TARGETS`` would look at, upstream first.

    Parameters
    ----------
    repo : dvc.repo.Repo
        A locked project, as `dvc_parallel.project.repository.open_project` gives it.
    targets : sequence of str
        As those of `dvc_parallel.project.repository.plan`.
    settled : collection of str
        Stages whose outputs are what they would write although they are marked ``always_changed``: what reads these
        is judged by them as they are.
    """
    steps, above, _ = plan(repo, targets)
    verdicts: dict[Stage, Verdict] = {}
    causes: dict[Stage, set[Stage]] = {}  # every stage above that would write, however far
    folders = Folders(repo)
    with _reading(repo, steps), params_read_once():
        for stage in steps:
            runs = [
                up for up in above[stage] if verdicts[up].reasons and _would_write(up) and up.addressing not in settled
            ]
            farther = {cause for up in runs for cause in causes[up]}
            causes[stage] = {*runs, *farther}
            verdicts[stage] = _verdict(stage, runs, farther, folders, stage.addressing in settled)
    return list(verdicts.values())


def _reading(repo: "Repo", steps: Sequence["Stage"]) -> AbstractContextManager[None]:
    """Hold DVC's lock of paths for all stages at once: it writes its file anew each time that it is taken."""
    entries = [entry for stage in steps for entry in (*stage.deps, *stage.outs)]
    return path_lock(repo, " ".join(sys.argv), entries, [])


def _would_write(stage: "Stage") -> bool:
    """Whether a run of the stage can change its outputs: that of ``dvc add`` only records what is there."""
    return not stage.frozen and bool(stage.cmd or stage.is_import)


def _verdict(
    stage: "Stage", runs: Sequence["Stage"], farther: Container["Stage"], folders: Folders, settled: bool
) -> Verdict:
    """Ask of a stage; of those that write what it reads, `runs`, it names the nearest: that lie above no other."""
    reads = {up: [dep for dep in stage.deps if _made_by(dep, up)] for up in runs}
    made_anew = {id(dep) for deps in reads.values() for dep in deps}
    if _never_run(stage):
        return Verdict(stage.addressing, (NeverRun(),), stage.frozen, not runs and _restorable(stage, True))
    inputs: list[Reason] = []
    now: dict[int, State] = {}
    for dep in [] if stage.frozen else stage.deps:
        if status := dep.status():
            if id(dep) in made_anew:
                now[id(dep)] = _state(dep, status)
            else:
                inputs += _of_dependency(dep, status, folders)
    if stage.changed_stage():
        inputs.append(CommandChange(_in_words(_locked(stage).get("cmd", "")), _in_words(stage.cmd)))
    outputs = [_of_output(out, status, folders) for out in stage.outs if (status := out.status())]
    every_time = (stage.is_callback or stage.always_changed) and not stage.frozen and not settled
    always = [Always(stage.always_changed)] if every_time else []
    upstream = [
        Upstream(up.addressing, tuple(str(dep) for dep in deps), {str(d): now[id(d)] for d in deps if id(d) in now})
        for up, deps in reads.items()
        if up not in farther
    ]
    direct = [*sorted(inputs, key=_rank), *sorted(outputs, key=lambda output: output.state), *always]
    restorable = bool(direct) and not runs and not always and _restorable(stage, bool(inputs))
    return Verdict(stage.addressing, (*direct, *upstream), stage.frozen, restorable)


def _rank(reason: Reason) -> tuple[int, str]:
    """Sort what can be determined in one sentence side by side; params keep the order of their file."""
    return [CommandChange, ParamChange, CodeChange, DependencyChange].index(type(reason)), reason.state if isinstance(
        reason, DependencyChange
    ) else ""


def _made_by(dep: "Output", stage: "Stage") -> bool:
    return any(dep.fs.overlaps(dep.fs_path, out.fs_path) for out in stage.outs if out.fs == dep.fs)


def _never_run(stage: "Stage") -> bool:
    """Whether dvc.lock knows nothing of the stage; the file is read again only where no hash is known."""
    if not stage.cmd or any(entry.hash_info for entry in (*stage.deps, *stage.outs)):
        return False
    return not _locked(stage)


def _locked(stage: "Stage") -> dict[str, Any]:
    """Return what dvc.lock records of the stage; a .dvc file is its own record."""
    return lock_entry(Path(stage.path).with_suffix(".lock"), stage.name) if hasattr(stage, "name") else {}


def _in_words(command: str | Sequence[str]) -> str:
    return command if isinstance(command, str) else "; ".join(command)


def _of_dependency(dep: "Output", status: Mapping[str, Any], folders: Folders) -> Iterator[Reason]:
    from dvc.dependency import ParamsDependency  # noqa: PLC0415

    state = _state(dep, status)
    if isinstance(dep, ParamsDependency) and state != "missing":
        yield from _of_params(dep)
    else:
        kind = CodeChange if _is_code(dep) else DependencyChange
        yield kind(str(dep), state, folders.change(dep) if state == "changed" else None)


def _of_params(dep: "ParamsDependency") -> Iterator[ParamChange]:
    """Compare as DVC does: the keys that the stage names, or all of the file."""
    recorded, present = dep.hash_info.value or {}, dep.read_params()
    named = dep.params or [*present, *(key for key in recorded if key not in present)]
    for key in named:
        if key not in present and key not in recorded:
            yield ParamChange(str(dep), key, "deleted")
    yield from param_changes(
        str(dep),
        {key: recorded[key] for key in named if key in recorded},
        {key: present[key] for key in named if key in present},
    )


def _of_output(out: "Output", status: Mapping[str, Any], folders: Folders) -> OutputChange:
    state = _state(out, status)
    if "not in cache" in status.values():
        state = "not in cache" if out.exists else "missing, not in cache"
    return OutputChange(str(out), state, folders.change(out) if state == "changed" else None)


def _state(entry: "Output", status: Mapping[str, Any]) -> State:
    """Translate DVC's status, which calls "modified" what dvc.lock does not know."""
    (word,) = status.values()
    if isinstance(word, str) and word in DVC_STATES:
        return DVC_STATES[word]
    return "changed" if entry.hash_info else "new"


def _is_code(dep: "Output") -> bool:
    path = Path(dep.fs_path)
    return path.suffix == ".py" or any((folder / "__init__.py").is_file() for folder in (path, path.parent))


def _restorable(stage: "Stage", changed: bool) -> bool:
    """Whether DVC would find the stage's result in its run cache, or, with nothing `changed` but outputs, in its cache.

    A dry ``restore`` looks for the inputs that dvc.lock records. What is asked for here are the present ones, so a copy
    of the stage is given their hashes, and is marked as changed: else its recorded outputs would pass for theirs.
    """
    from dvc.exceptions import DvcException  # noqa: PLC0415

    if not stage.cmd or stage.frozen:
        return False
    try:
        if changed:
            stage = copy.copy(stage)
            stage.deps = [copy.copy(dep) for dep in stage.deps]
            stage.save_deps()
            stage.cmd_changed = True
        stage.repo.stage_cache.restore(stage, dry=True)
    except DvcException:
        return False
    return True
