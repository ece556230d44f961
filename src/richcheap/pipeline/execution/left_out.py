"""What a stage writes that is left out, as the data have too few dates for it: outputs that say why.

The stages that follow read them: those that can do without go on, the others are left out too. With more dates the
stage runs, as its inputs have changed.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from richcheap.pipeline.execution.stage_files import outputs
from richcheap.pipeline.storage.artifacts import (
    LEFT_OUT,
    write_arrays,
    write_csv,
    write_json,
    write_parquet,
    write_text,
)

_WRITERS: Final[Mapping[str, Callable[[str, Path], None]]] = {
    ".csv": lambda reason, path: write_csv(_table(reason), path),
    ".npz": lambda reason, path: write_arrays({LEFT_OUT: np.array(reason)}, path),
    ".json": lambda reason, path: write_json({LEFT_OUT: reason}, path),
    ".parquet": lambda reason, path: write_parquet(_table(reason), path),
}


def leave_out(stage: str, arguments: Sequence[str], reason: str) -> None:
    """Write each output of a stage as a file that says why there is none, and say so.

    Parameters
    ----------
    stage : str
        Its name in dvc.yaml.
    arguments : sequence of str
        Of its command: the key of a stage that dvc.yaml has for each of several keys, or nothing.
    reason : str
    """
    for path in outputs(stage, arguments):
        _WRITERS.get(path.suffix, write_text)(reason, path)
    print(f"{' '.join([stage, *arguments])}: left out: {reason}", file=sys.stderr)


def _table(reason: str) -> pl.DataFrame:
    return pl.DataFrame({LEFT_OUT: [reason]})
