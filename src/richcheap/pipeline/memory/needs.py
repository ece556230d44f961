"""What a stage will need of memory, in multiples of the tables that it holds: an upper bound.

Rows and columns of tables stand in the footers of their files, so that nothing is read for it. `benchmarks.memory`
compares needs with what stages take.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.pipeline.execution.workers import ComputeParams
from richcheap.pipeline.memory.held import Held
from richcheap.pipeline.storage.artifacts import read_parquet
from richcheap.pipeline.storage.tables import SUFFIX, part_paths

GB: Final = 1e9
START_BYTES: Final = 0.6 * GB
"""What a stage takes before it reads a row, for libraries and compiled kernels, at most."""
WORKER_BYTES: Final = 0.3 * GB
"""The same of each of its workers."""
TEXT_BYTES: Final = 24
"""Of a text in a column: what stands for it, and letters beyond the twelve in that."""


class Need(NamedTuple):
    """What a stage will take.

    Attributes
    ----------
    size : float
        Bytes of the stage and its workers together, at most.
    rows : int
        That it holds at a time, of the largest table.
    """

    size: float
    rows: int


def need(held: Sequence[Held], compute: ComputeParams) -> Need:
    """Return what a stage will take that holds some tables; `ArtifactError` when one is missing."""
    size, rows = START_BYTES, 0
    workers = 0 if compute.backend == "dask" else compute.workers or available_cores()
    if any(table.a_worker for table in held):
        size += workers * WORKER_BYTES
    for table in held:
        held_rows, width = _rows_and_width(table, compute.chunk_rows)
        size += held_rows * width * (table.copies + workers * table.a_worker)
        rows = max(rows, held_rows)
    return Need(size, rows)


def remedy(held: Sequence[Held]) -> str:
    """Return what lowers the need of a stage that holds some tables."""
    keys = [
        *(["compute.chunk_rows"] if any(table.in_pieces for table in held) else []),
        *(["compute.workers"] if any(table.a_worker for table in held) else []),
    ]
    lower = f"lower {' or '.join(keys)}, " if keys else ""
    return f"{lower}give fewer rows (data.observations), or take a machine with more"


def _rows_and_width(table: Held, chunk_rows: int) -> tuple[int, int]:
    """Return the rows that are held at a time, and the bytes of one."""
    files = part_paths(table.path) if table.path.suffix != SUFFIX else [table.path]
    try:
        schema = pl.read_parquet_schema(files[0])
        counts = [int(pl.scan_parquet(file).select(pl.len()).collect().item()) for file in files]
    except (pl.exceptions.PolarsError, OSError):
        for file in files:
            read_parquet(file, [])  # says in one line which is missing or broken
        raise
    rows = min(sum(counts), max(chunk_rows, *counts)) if table.in_pieces else sum(counts)
    rows = rows if table.most_rows is None else min(rows, table.most_rows)
    return rows, sum(map(_width, schema.values()))


def _width(kind: pl.DataType) -> int:
    """Return the bytes of a value."""
    if kind in (pl.Date, pl.Int32, pl.UInt32, pl.Float32):
        return 4
    return 8 if kind.is_numeric() else 1 if kind == pl.Boolean else TEXT_BYTES
