"""Whether a stage that is run by hand reads what the stages above it have written.

DVC looks at all that a stage reads before it starts the stage. A stage that is run by hand looks for itself: a file
that another stage makes must have the hash that dvc.lock records, or the one that it had when that stage was last run
by hand, which is noted in DVC's folder for temporary files. What neither knows is not judged.

A hash is found once: it holds for as long as size, times and number of the file are as they were. Among the times is
that of the last change, which no program can set; so a file that was changed and given its old date is read again.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.execution.stage_files import address, dependencies, outputs
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import MAKE, file_md5, locked_stages, read_json, write_json

DVC: Final = Path(".dvc")
NOTES: Final = DVC / "tmp" / "richcheap"
"""Holds a note for each stage: what it has made by hand, and the hashes of all files that it has looked at."""
IGNORED: Final = ".tmp"
"""How the names of files end that .dvcignore keeps out of what DVC hashes: what a killed stage has left."""


@contextmanager
def by_hand(stage: str, arguments: Sequence[str]) -> Iterator[None]:
    """Check what a stage reads, let it run, then note what it has made.

    Parameters
    ----------
    stage : str
        Its name in dvc.yaml.
    arguments : sequence of str
        Of its command.

    Raises
    ------
    ArtifactError
        A file is not what the stage that makes it has written, or dvc.lock cannot be read.
    """
    if not DVC.is_dir():
        yield
        return
    notes = _notes()
    hashes = _Hashes(notes)
    _check(dependencies(stage, arguments), _made(notes, address(stage, arguments)), hashes)
    yield
    made = {path.as_posix(): hashes.of(path) for path in outputs(stage, arguments) if path.exists()}
    write_json({"outs": made, "files": hashes.known}, NOTES / f"{address(stage, arguments)}.json")


class _Hashes:
    """The hashes that DVC would find of files and folders.

    Parameters
    ----------
    notes : dict of str to dict
        The notes of all stages, of which hashes that still hold are taken.

    Attributes
    ----------
    known : dict of str to list
        By path of a file: what its system says of it, then its hash.
    """

    def __init__(self, notes: dict[str, dict[str, Any]]) -> None:
        self._noted = [note["files"] for note in notes.values()]
        self.known: dict[str, list[Any]] = {}

    def of(self, path: Path) -> str:
        """Return the hash of a file; of a folder, that of the list of its files with theirs, as DVC makes it."""
        if not path.is_dir():
            return self._of_file(path)
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix != IGNORED)
        listed = [{"md5": self._of_file(file), "relpath": file.relative_to(path).as_posix()} for file in files]
        text = json.dumps(sorted(listed, key=lambda entry: entry["relpath"]), sort_keys=True)
        return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"

    def _of_file(self, path: Path) -> str:
        found = path.stat()
        state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
        name = path.as_posix()
        kept = next((files[name] for files in self._noted if files.get(name, [])[:-1] == state), None)
        self.known[name] = kept or [*state, file_md5(path)]
        return str(self.known[name][-1])


def _check(read: Sequence[Path], made: Mapping[str, Mapping[Path, set[str]]], hashes: _Hashes) -> None:
    """Compare the outputs of other stages among what a stage reads with their hashes.

    What is missing the stage tells itself where it needs it; but a file without which it would go on is told here, when
    others of the same stage are there.
    """
    for outs in made.values():
        has_run = any(path.exists() for path in outs)
        for path, expected in outs.items():
            if not has_run or not any(path == dep or dep in path.parents or path in dep.parents for dep in read):
                continue
            if not path.exists():
                raise ArtifactError(f"{path}: no such file, though others of the stage that makes it are there; {MAKE}")
            if (found := hashes.of(path)) not in expected:
                raise ArtifactError(
                    f"{path}: md5 must be {' or '.join(sorted(expected))} as the stage that makes it has left it, "
                    f"got {found}; `richcheap status` says which file has changed, `dvc repro` makes it anew"
                )


def _made(notes: dict[str, dict[str, Any]], own: str) -> Mapping[str, Mapping[Path, set[str]]]:
    """Return by stage, but for the own one, its outputs with the hashes that are recorded of each."""
    stages = locked_stages(paths.LOCK) if paths.LOCK.is_file() else {}
    if stages is None:
        raise ArtifactError(f"{paths.LOCK}: records no stages; restore it from git, or `richcheap run` mends it")
    made: dict[str, dict[Path, set[str]]] = defaultdict(lambda: defaultdict(set))
    for stage, entry in stages.items():
        for out in entry.get("outs", ()):
            if "md5" in out:
                made[stage][Path(out["path"])].add(out["md5"])
    for stage, note in notes.items():
        for path, md5 in note["outs"].items():
            made[stage][Path(path)].add(md5)
    return {stage: outs for stage, outs in made.items() if stage != own}


def _notes() -> dict[str, dict[str, Any]]:
    """Return the notes by stage; one that is broken counts for nothing."""
    notes = {}
    for path in sorted(NOTES.glob("*.json")):
        try:
            content = read_json(path)
        except ArtifactError:
            continue
        if all(isinstance(content.get(part), dict) for part in ("outs", "files")):
            notes[path.stem] = content
    return notes
