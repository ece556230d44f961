"""What passes between environments: blocks of rows as arrays, predictions and what they cost. NumPy alone is needed."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]

LEARNED, CHOSEN_ON, JUDGED_ON = "train", "validation", "test"
REPEATS: Final = 20
"""Of a measured prediction, of which the median counts."""


class Block(NamedTuple):
    """Rows as a rival gets them; those of the test block without their target.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n_rows, n_columns)
        A missing value is NaN.
    day : ndarray of int, shape (n_rows,)
        Ascending: days since 1970.
    target : ndarray, shape (n_rows,)
        Distance of the print from the filter's price, in multiples of the noise.
    weight : ndarray, shape (n_rows,)
        What an error of one noise costs in price, as a multiple of its mean over the training rows.
    """

    matrix: Floats
    day: np.ndarray[Any, np.dtype[np.int64]]
    target: Floats
    weight: Floats


def write_block(block: Block, name: str, folder: Path) -> None:
    """Write a block into a folder."""
    np.savez(folder / f"{name}.npz", allow_pickle=False, **block._asdict())


def read_block(name: str, folder: Path) -> Block:
    """Read a block that `write_block` has written."""
    with np.load(folder / f"{name}.npz", allow_pickle=False) as stored:
        return Block(**stored)


def write_predictions(predict: Callable[[slice], Floats], validation: int, test: int, path: Path, version: str) -> None:
    """Let a trained model predict the validation rows and then the test rows; write that, and how long it takes.

    Parameters
    ----------
    predict : callable
        Predicts some of the rows of both blocks, one block after the other.
    validation, test : int
        Rows of each block.
    path : Path
        Of the array of all predictions; the times and the version stand beside it, as JSON.
    version : str
        Of the package.
    """
    np.save(path, predict(slice(0, validation + test)), allow_pickle=False)
    batch = slice(validation, validation + test)
    found = {
        "version": version,
        "microseconds_a_row": 1e6 * _seconds(lambda: predict(batch), 3) / test,
        "milliseconds_for_one": 1e3 * _seconds(lambda: predict(slice(validation, validation + 1)), REPEATS),
    }
    path.with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")


def _seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the CPU seconds of some work: the median, after one run that does not count."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)
