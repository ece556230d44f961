"""Go on where an earlier run of a stage is still good, when each part needs what those before it have left.

Beside its tables such a stage keeps the state after each of its last parts, and a manifest: what every part was
made from, and into which bytes. The next run keeps the parts whose sources, and all sources before them, are the same,
takes up the state after the last of those and does the others. All three are outputs that DVC tracks, so that a clone
that pulls them goes on as well; their bytes are those of a run that began with nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage.artifacts import (
    file_md5,
    read_arrays,
    read_json,
    read_parquet,
    write_arrays,
    write_json,
    write_parquet,
)
from richcheap.pipeline.storage.tables import TableWriter, keep_file, new_folder

STATES = 3
"""Parts after which the state is kept: the last, which may grow, and two before it, so that the last two may change."""
ARRAYS = "arrays.npz"

Arrays = Mapping[str, np.ndarray[Any, Any]]
Frames = Mapping[str, pl.DataFrame]


class PartState(NamedTuple):
    """What is left after a part for the next: arrays and frames by name."""

    arrays: dict[str, np.ndarray[Any, Any]]
    frames: dict[str, pl.DataFrame]


class Step(NamedTuple):
    """A part that is to be made.

    Attributes
    ----------
    name : str
    source : str
        Digest of all that it is made from, and of all that the parts before it are.
    """

    name: str
    source: str


def steps(parts: Iterable[tuple[str, Sequence[object]]]) -> list[Step]:
    """Return the steps of parts in order, each a name and what it is made from, as `digest` takes it."""
    found: list[Step] = []
    for name, sources in parts:
        found.append(Step(name, digest(found[-1].source if found else "", name, *sources)))
    return found


def digest(*given: object) -> str:
    """Return a digest of files, frames and what else has a text of its own."""
    found = hashlib.md5(usedforsecurity=False)
    for one in given:
        if isinstance(one, Path):
            content = file_md5(one).encode()
        elif isinstance(one, pl.DataFrame):
            held = BytesIO()
            one.rechunk().write_ipc(held, compression="uncompressed")
            content = held.getvalue()
        else:
            content = str(one).encode()
        found.update(b"%d\0" % len(content) + content)
    return found.hexdigest()


class Continuation:
    """An earlier run of a stage, and what the run that goes on from it adds.

    Parameters
    ----------
    manifest : Path
        File of the manifest.
    states : Path
        Folder of the states.
    made_by : str
        Digest of code and params: a run by others is of no use.
    planned : sequence of Step
        All parts.
    """

    def __init__(self, manifest: Path, states: Path, made_by: str, planned: Sequence[Step]) -> None:
        self._manifest, self._states, self._made_by, self._planned = manifest, states, made_by, list(planned)
        self._before = _records(manifest, made_by)
        self._records: dict[str, dict[str, Any]] = {}
        self._temporary = states
        self.done = self._count_done()
        """How many of the first parts are as they would be made now."""

    @contextmanager
    def writing(self, tables: Sequence[TableWriter]) -> Iterator[None]:
        """Keep in new tables what is done, and write the other parts and states within this; then `save`."""
        with new_folder(self._states) as self._temporary:
            self._records = {step.name: {"source": step.source, "outputs": {}} for step in self._planned}
            for step in self._planned[: self.done]:
                record = self._records[step.name] = dict(self._before[step.name])
                for path in map(Path, record["outputs"]):
                    next(table for table in tables if table.place == path.parent).keep(path.stem)
                if not self.wants_state(step.name):
                    record.pop("state", None)
                elif "state" in record:
                    for path in sorted((self._states / step.name).iterdir()):
                        keep_file(path, self._temporary / step.name / path.name)
            yield

    def save(self) -> None:
        """Write the manifest, now that the tables have been swapped in."""
        write_json({"made_by": self._made_by, "parts": self._records}, self._manifest)

    def write(self, name: str, table: TableWriter, frame: pl.DataFrame, part: str | None = None) -> None:
        """Write what a part gives to a table, as a part of the same name if no other is given."""
        path = table.write(part or name, frame)
        self._records[name]["outputs"][(table.place / path.name).as_posix()] = file_md5(path)

    def keep_state(self, name: str, arrays: Arrays, frames: Frames = MappingProxyType({})) -> None:
        """Keep the state after a part."""
        folder = self._temporary / name
        write_arrays(arrays, folder / ARRAYS)
        for title, frame in frames.items():
            write_parquet(frame, folder / f"{title}.parquet")
        self._records[name]["state"] = _folder_digest(folder)

    def state(self) -> PartState:
        """Return the state after the parts that are done; an empty one where none is."""
        if not self.done:
            return PartState({}, {})
        folder = self._states / self._planned[self.done - 1].name
        frames = {path.stem: read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
        return PartState(read_arrays(folder / ARRAYS), frames)

    def _count_done(self) -> int:
        done = 0
        for step in self._planned:
            if not self._is_done(step):
                break
            done += 1
        while done and not all(self._has_state(name) for name in self._states_needed(done)):
            done -= 1
        return done

    def _states_needed(self, done: int) -> set[str]:
        """Return after which of the parts that are done there must be a state: to go on from, and to keep."""
        names = [step.name for step in self._planned[:done]]
        return {names[-1], *filter(self.wants_state, names)}

    def _is_done(self, step: Step) -> bool:
        record = self._before.get(step.name)
        return (
            record is not None
            and record["source"] == step.source
            and all(Path(path).is_file() and file_md5(Path(path)) == md5 for path, md5 in record["outputs"].items())
        )

    def _has_state(self, name: str) -> bool:
        folder = self._states / name
        return folder.is_dir() and self._before[name].get("state") == _folder_digest(folder)

    def wants_state(self, name: str) -> bool:
        """Return whether the state after a part is to be kept."""
        return name in {step.name for step in self._planned[-STATES:]}


def _records(manifest: Path, made_by: str) -> dict[str, Any]:
    """Read a manifest; one that is missing, broken or made by others holds nothing."""
    try:
        content = read_json(manifest)
    except ArtifactError:
        return {}
    parts = content.get("parts") if content.get("made_by") == made_by else None
    return parts if isinstance(parts, dict) else {}


def _folder_digest(folder: Path) -> str:
    return digest(*(part for path in sorted(folder.iterdir()) for part in (path.name, path)))
