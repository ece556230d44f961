"""Tables put down on disk piece by piece, so that no more than a piece is ever held."""

from pathlib import Path

import polars as pl


class TemporaryTable:
    """The pieces of one table, files of a folder in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Put the next piece down."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._files.append(self._folder / f"{len(self._files):06d}.arrow")
        frame.write_ipc(self._files[-1], compression="lz4")

    def whole(self) -> pl.LazyFrame:
        """Return the table, read when it is collected or written."""
        return pl.scan_ipc(self._files)
