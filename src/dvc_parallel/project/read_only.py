"""Open a project to read it, which need not be writable, or to run it; then git's index must be whole."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from dvc.repo import Repo

from dvc_parallel.system.errors import ProjectError


def repo_to_read(folder: Path, *, wait: bool = False) -> Repo:
    """Open the project that a folder lies in, which need not be writable; `wait` for other DVC processes or give up."""
    return (Repo if is_writable(folder) else ReadOnlyRepo)(str(folder), _wait_for_lock=wait)


def repo_to_run(folder: Path) -> Repo:
    """Open the project that a folder lies in; wait for other DVC processes.

    Raises
    ------
    ProjectError
        It is not writable, or git's index is broken.
    """
    if not is_writable(folder):
        raise ProjectError(
            f"{folder} is read-only, and a run writes: copy the project; `status` and `run --dry-run` only read"
        )
    repo = Repo(str(folder), _wait_for_lock=True)
    index = Path(repo.scm.root_dir, ".git", "index")
    if index.is_file() and not _is_whole(index.read_bytes()):
        raise ProjectError(f"{index}: git's index is broken; remove it, and `git reset` makes it anew")
    return repo


def _is_whole(index: bytes) -> bool:
    """Say whether an index of git has its head and, at its end, its digest, which git may be told to leave out."""
    digests = {hashlib.sha1(index[:-20]).digest(), hashlib.sha256(index[:-32]).digest()[12:], bytes(20)}
    return index.startswith(b"DIRC") and index[-20:] in digests


def is_writable(folder: Path) -> bool:
    """Say whether DVC can write its temporary files in the project that a folder lies in; true outside of any."""
    root = next((place for place in (folder, *folder.parents) if (place / Repo.DVC_DIR).is_dir()), None)
    if root is None:
        return True
    own = root / Repo.DVC_DIR
    temporary = own / "tmp"
    return os.access(temporary if temporary.is_dir() else own, os.W_OK | os.X_OK)


class ReadOnlyRepo(Repo):  # type: ignore[misc]  # DVC has no types
    """A project that is only read: what DVC would note in it while it looks, it notes in a folder of its own."""

    @cached_property
    def tmp_dir(self) -> str:
        """Return a folder for DVC's locks, with the list of paths that others have locked."""
        self._own = tempfile.TemporaryDirectory(prefix="dvc-parallel-")
        with suppress(FileNotFoundError):
            shutil.copyfile(self._real / "rwlock", Path(self._own.name) / "rwlock")
        return self._own.name

    @cached_property
    def _btime(self) -> float | None:
        """Return the age of the project, by which DVC finds the hashes that it knows of its files."""
        try:
            return (self._real / "btime").stat().st_mtime
        except FileNotFoundError:
            return None

    @property
    def _real(self) -> Path:
        root: str = self.root_dir
        return Path(root, Repo.DVC_DIR, "tmp")

    def _ignore(self) -> None:
        """Put nothing on git's ignore list."""

    def close(self) -> None:
        """Close the project and remove the folder."""
        super().close()
        if "tmp_dir" in self.__dict__:
            self._own.cleanup()
