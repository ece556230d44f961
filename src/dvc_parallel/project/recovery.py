"""Mend what a killed DVC leaves: a torn dvc.lock, a torn or stale file of locks, a stage's process that lives on.

Nothing here can make a result wrong. A stage is up to date when its files have the hashes that dvc.lock records; an
entry that is lost makes DVC look into its run cache, or run the stage again.
"""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from dvc.dvcfile import LOCK_FILE, PROJECT_FILE
from dvc.env import DVC_ROOT, DVC_STAGE
from dvc.utils.serialize import dumps_yaml

from dvc_parallel.project.lockfile import SCHEMA
from dvc_parallel.project.torn_lock import content, is_torn, readable, whole_part
from dvc_parallel.system.atomic_write import write_bytes

KEPT = ".torn"
"""What is added to the name of a torn file, beside which it is kept."""
HIDDEN = "."
"""How the names of folders begin that hold no pipeline: .git, .dvc, .venv."""


def mend_locks(root: Path, copies: Path) -> list[str]:
    """Mend every torn dvc.lock below a folder, and keep what it held beside it.

    What stands whole in the torn file is kept, what is missing is taken from the runner's copy, then from git's last
    commit.

    Parameters
    ----------
    root : Path
    copies : Path
        Folder of the runner's own copies.

    Returns
    -------
    list of str
        What was done, a line for each file.
    """
    done = []
    for path, known in torn_locks(root, copies):
        torn = path.read_bytes()
        write_bytes(torn, path.with_name(path.name + KEPT))
        merged: dict[str, Any] = {"schema": SCHEMA}
        stages: dict[str, Any] = {}
        for said in map(content, (*known, whole_part(readable(torn) or ""))):
            merged |= said or {}
            stages |= (said or {}).get("stages") or {}
        if stages:
            write_bytes(dumps_yaml({**merged, "stages": stages}).encode(), path)
        else:
            path.unlink()
        name = path.relative_to(root).as_posix()
        done.append(f"{name} was torn; {len(stages)} stages of it are known, the others are checked anew")
    return done


def torn_locks(root: Path, copies: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield every torn dvc.lock below a folder, with the whole texts that it has had: git's, then the runner's."""
    for path in sorted(_lock_files(root)):
        name = path.relative_to(root).as_posix()
        known = [text for text in (_committed(root, name), _text(copies / name)) if content(text) is not None and text]
        if is_torn(path.read_bytes(), known, _text(path.with_name(PROJECT_FILE)) or ""):
            yield path, known


def is_cut_short(lock: Path) -> bool:
    """Say whether a dvc.lock does not end as DVC ends it: it may be torn, though what is left of it reads well."""
    if not lock.is_file():
        return False
    with lock.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() != b"\n"


def mend_rwlock(tmp: Path) -> list[str]:
    """Take out of DVC's file of locked paths those whose process is gone; a torn file is deleted.

    Returns
    -------
    list of str
        What was done; nothing is said of processes that are gone, as DVC forgets them too.
    """
    file = tmp / "rwlock"
    if not file.is_file():
        return []
    written = file.stat().st_mtime
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        writers = {path: info for path, info in content.get("write", {}).items() if _holder_lives(info, written)}
        readers = {
            path: kept
            for path, infos in content.get("read", {}).items()
            if (kept := [info for info in infos if _holder_lives(info, written)])
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        file.unlink()
        return [f"{file.name}, DVC's list of locked paths, was torn; it is made anew"]
    if writers != content.get("write", {}) or readers != content.get("read", {}):
        write_bytes(json.dumps({"write": writers, "read": readers}).encode(), file)
    return []


def end_orphans(root: Path, tmp: Path) -> list[str]:
    """Kill the stages' processes that a killed DVC left at work in a project, with all that they started.

    A stage's process knows its project and its stage by environment variables that DVC sets. It is an orphan when its
    parent is not a process that holds DVC's locks.
    """
    holders = _holders(tmp)
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    done = []
    for process, stage in _stage_processes(root):
        if process.pid in own or process.ppid() in holders:
            continue
        family = [process, *process.children(recursive=True)]
        for member in family:
            member.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
        done.append(f"{stage}: its process {process.pid} had outlived the run that started it; killed")
    return done


def _lock_files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
        if LOCK_FILE in files:
            yield Path(folder) / LOCK_FILE


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _committed(root: Path, name: str) -> str | None:
    """Return a file's text in the last commit, or None."""
    command = ["git", "show", f"HEAD:./{name}"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)  # noqa: S603  fixed words
        return done.stdout.decode() if done.returncode == 0 else None
    except (OSError, UnicodeDecodeError):  # no git on this machine, or no text
        return None


def _holder_lives(info: dict[str, Any], written: float) -> bool:
    """Say whether the process of an entry lives; one that began after the file was written only has its number."""
    try:
        return bool(psutil.Process(int(info["pid"])).create_time() <= written + 1.0)
    except psutil.Error:
        return False


def _holders(tmp: Path) -> set[int]:
    """Return the processes that hold locks of DVC."""
    content = json.loads(_text(tmp / "rwlock") or "{}")
    infos = list(content.get("write", {}).values()) + [info for few in content.get("read", {}).values() for info in few]
    return {int(info["pid"]) for info in infos}


def _stage_processes(root: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Yield the topmost process of each stage of the project that is at work, and the stage's name."""
    for process in psutil.process_iter():
        stage = _stage_of(process, root)
        if stage is None:
            continue
        parent = process.parent()
        if parent is None or _stage_of(parent, root) != stage:
            yield process, stage


def _stage_of(process: psutil.Process, root: Path) -> str | None:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return None
    return environment.get(DVC_STAGE) if environment.get(DVC_ROOT) == str(root) else None
