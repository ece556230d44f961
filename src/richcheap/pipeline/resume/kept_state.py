"""What a stage that reads the files of a folder leaves for its next run: what it knows of them, and its tables' parts.

It stands for a whole run, where a `Continuation` goes part by part. It counts as a whole or not at all: while the code,
the params, the first files of the folder, the state and the parts of the tables that belong to it are as they were.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage.artifacts import file_md5, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import TableWriter, new_folder

MANIFEST = "manifest.json"
FILES, ROWS = "files", "rows"


class KeptState:
    """The state of the run before, and that of this one.

    Parameters
    ----------
    folder : Path
    made_by : str
        Digest of code and params: a run by others is of no use.
    files : sequence of Path
        Those of the folder that is read, in order; none where nothing is to be kept.

    Attributes
    ----------
    frames : dict of str to DataFrame
        As `save` was given them; none where the state does not count.
    parts : dict of Path to str
        Parts of the tables that belong to it, with their md5.
    """

    def __init__(self, folder: Path, made_by: str, files: Sequence[Path]) -> None:
        self._folder, self._made_by = folder, made_by
        self._files = pl.DataFrame({"name": [file.name for file in files], "md5": [file_md5(file) for file in files]})
        self.frames: Mapping[str, pl.DataFrame] = {}
        self.parts = self._sealed()
        if self.parts:
            self.frames = {path.stem: read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
            known = self.frames[FILES].select(self._files.columns)
            if self._files.height <= known.height or not self._files.head(known.height).equals(known):
                self.forget()

    def forget(self) -> None:
        """Begin with nothing."""
        self.frames, self.parts = {}, {}

    def rows(self) -> list[pl.LazyFrame]:
        """Return the rows that `save` was given, in their parts."""
        return [pl.scan_parquet(path) for path in sorted((self._folder / ROWS).glob("*.parquet"))]

    def parts_of(self, table: Path) -> dict[str, pl.LazyFrame]:
        """Return the parts of a table that belong to it, by name."""
        return {path.stem: pl.scan_parquet(path) for path in self.parts if path.parent == table}

    def keep(self, tables: Iterable[TableWriter]) -> None:
        """Take over into new tables the parts that belong to it."""
        for table in tables:
            for name in self.parts_of(table.place):
                table.keep(name)

    def save(
        self, frames: Mapping[str, pl.DataFrame], rows: Iterable[tuple[str, pl.DataFrame]], parts: Iterable[Path]
    ) -> None:
        """Write the state of this run, now that the tables have been swapped in.

        Parameters
        ----------
        frames : dict of str to DataFrame
            Among them ``files``: what is known of the first files, a row each.
        rows : iterable of (str, DataFrame)
            What may be more than can be held, in parts with names.
        parts : iterable of Path
            Of the stage's tables, those that belong to it.
        """
        with new_folder(self._folder) as folder:
            for name, frame in frames.items():
                own = self._files.head(frame.height).hstack(frame) if name == FILES else frame
                write_parquet(own, folder / f"{name}.parquet")
            for name, frame in rows:
                write_parquet(frame, folder / ROWS / f"{name}.parquet")
            hashes = {path.relative_to(folder).as_posix(): file_md5(path) for path in sorted(folder.rglob("*.parquet"))}
            given = {part.as_posix(): self.parts.get(part) or file_md5(part) for part in parts}
            write_json({"made_by": self._made_by, "files": hashes, "parts": given}, folder / MANIFEST)

    def _sealed(self) -> dict[Path, str]:
        """Return the parts of the tables; none where anything is other than the manifest says, or made by others."""
        try:
            content = read_json(self._folder / MANIFEST)
        except ArtifactError:
            return {}
        parts = {Path(path): md5 for path, md5 in content.get("parts", {}).items()}
        own = {self._folder / name: md5 for name, md5 in content.get("files", {}).items()}
        whole = all(path.is_file() and file_md5(path) == md5 for path, md5 in (own | parts).items())
        return parts if whole and content.get("made_by") == self._made_by else {}
