"""Tell which files of a folder differ from what dvc.lock records, where the record itself is but one hash."""

from typing import TYPE_CHECKING, Any

from dvc_parallel.status.reasons import FolderChange, folder_change

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo


class Folders:
    """Compare folders with their recorded states.

    DVC keeps the list of files only of what it caches. A folder of sources is not cached, but git has it: the state of
    the last commit serves where its hash is the recorded one.

    Parameters
    ----------
    repo : dvc.repo.Repo
        A locked project.
    """

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo
        self._committed: dict[str, Any] = {}  # many stages may read one folder

    def change(self, entry: "Output") -> FolderChange | None:
        """Return how a dependency or output differs, or None if it is no folder or its old files are not known."""
        if not (entry.hash_info and entry.hash_info.isdir and entry.is_in_repo and entry.isdir()):
            return None
        old = entry.get_obj() or self._from_git(entry)
        if old is None:
            return None
        return folder_change(_hashes(old), _hashes(_tree(entry, entry.fs_path, entry.fs, ignore=entry.dvcignore)))

    def _from_git(self, entry: "Output") -> Any:
        if entry.fs_path not in self._committed:
            self._committed[entry.fs_path] = self._read_git(entry)
        tree = self._committed[entry.fs_path]
        return tree if tree is not None and tree.hash_info == entry.hash_info else None

    def _read_git(self, entry: "Output") -> Any:
        from dvc.fs import GitFileSystem  # noqa: PLC0415
        from dvc.scm import NoSCM, SCMError  # noqa: PLC0415

        if isinstance(self._repo.scm, NoSCM):
            return None
        place = "/" + self._repo.fs.relpath(entry.fs_path, self._repo.scm.root_dir).replace("\\", "/")
        try:
            return _tree(entry, place, GitFileSystem(scm=self._repo.scm, rev="HEAD"))
        except (SCMError, OSError):  # nothing is committed yet, or nothing of this folder
            return None


def _tree(entry: "Output", path: str, fs: Any, **options: Any) -> Any:
    from dvc_data.hashfile.build import build  # noqa: PLC0415

    _, _, tree = build(entry.local_cache, path, fs, entry.hash_name, dry_run=True, **options)
    return tree


def _hashes(tree: Any) -> dict[str, str]:
    return {"/".join(key): found.value for key, _, found in tree}
