"""What is carried from date to date as plain arrays by name, so that a run can go on where another has ended.

A snapshot holds what has been seen so far and nothing else: bonds and issuers by name, in sorted order, and no place
for those that come later. It is therefore the same whatever comes later, and whoever takes it up may number its bonds
anew. Names within names are divided by ``/``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.encoding import encode

Array = NDArray[Any]
Snapshot = dict[str, Array]


def nested(name: str, snapshot: Mapping[str, Array]) -> Snapshot:
    """Return a snapshot as a part of another.

    Examples
    --------
    >>> list(nested("USD", {"mean": np.zeros(2)}))
    ['USD/mean']
    """
    return {f"{name}/{key}": array for key, array in snapshot.items()}


def part_of(snapshot: Mapping[str, Array], name: str) -> Snapshot:
    """Return one of the parts that `nested` made; empty where there is none."""
    start = f"{name}/"
    return {key.removeprefix(start): array for key, array in snapshot.items() if key.startswith(start)}


def taken(arrays: Mapping[str, Array], rows: NDArray[np.int64]) -> Snapshot:
    """Return copies of some rows of every array."""
    return {name: array[rows] for name, array in arrays.items()}


def put_back(snapshot: Mapping[str, Array], arrays: Mapping[str, Array], rows: NDArray[np.int32]) -> None:
    """Fill rows of arrays in place with what `taken` took of them."""
    for name, array in arrays.items():
        array[rows] = snapshot[name]


def fields(owner: object, names: Sequence[str]) -> Snapshot:
    """Return attributes by name."""
    return {name: getattr(owner, name) for name in names}


def names_at(names: pl.Series, rows: NDArray[np.int64]) -> Array:
    """Return some names as an array of text."""
    return np.array(names.gather(rows).to_list(), dtype=np.str_)


def places(stored: Array, names: pl.Series) -> NDArray[np.int32]:
    """Return the numbers that stored names have among those of today.

    Raises
    ------
    ValueError
        A stored name is none of them.
    """
    return encode(pl.Series(stored.tolist(), dtype=pl.String), names)
