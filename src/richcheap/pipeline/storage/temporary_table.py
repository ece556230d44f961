"""Tables put down on disk piece by piece, so that no more than a piece is ever held."""

from pathlib import Path

import polars as pl

from dvc_parallel.system.atomic_write import naming

BATCH_ROWS = 1 << 13
"""Rows of a record batch: the least that is read of a piece."""


class TemporaryTable:
    """The pieces of one table, files of a folder in the order in which they came.

    Parameters
    ----------
    folder : Path
        Of this table alone; made when the first piece comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []

    def add(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """Put the next piece down; return it, to be read when it is collected."""
        path = self._folder / f"{len(self._files):06d}.arrow"
        with naming(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            # Uncompressed, a slice of it is read without the rest.
            frame.write_ipc(path, compression="uncompressed", record_batch_size=BATCH_ROWS)
        self._files.append(path)
        return pl.scan_ipc(path, glob=False, hive_partitioning=False)

    def whole(self) -> pl.LazyFrame:
        """Return the table, read when it is collected or written."""
        return pl.scan_ipc(self._files, glob=False, hive_partitioning=False)
