"""The tables that each stage holds, in multiples: the figures of what stages need.

`python -m benchmarks.memory` measures what follows from them beside what stages take.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import TRAINING_ROWS


class Held(NamedTuple):
    """A table that a stage holds.

    Attributes
    ----------
    path : Path
        A folder of parts, or one file.
    copies : float
        Most memory of the stage's process that follows from it, in multiples of the table.
    a_worker : float
        The same of each of the stage's workers; 0 for a stage without.
    in_pieces : bool
        Whether it is held piece by piece: `ComputeParams.chunk_rows` rows, or one part.
    most_rows : int, optional
        Rows that are taken of it at most.
    """

    path: Path
    copies: float
    a_worker: float = 0.0
    in_pieces: bool = False
    most_rows: int | None = None


_BONDS: Final = paths.MARKET_COUNTS / "bonds.parquet"
_TRAIN, _VALIDATION, _TEST = paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST
HELD: Final[Mapping[str, tuple[Held, ...]]] = MappingProxyType(
    {
        "convert": (Held(paths.OBSERVATIONS, 1.0, a_worker=2.0, in_pieces=True),),
        "market": (Held(paths.BONDS, 2.0, in_pieces=True), Held(paths.BONDS, 0.09)),
        "kalman": (Held(paths.MARKET, 2.0, in_pieces=True), Held(_BONDS, 40.0)),
        "features": (Held(paths.MARKET, 5.0, in_pieces=True), Held(_BONDS, 30.0)),
        "factor_model": (Held(paths.MARKET, 2.5, in_pieces=True), Held(_BONDS, 60.0)),
        "tail_risk": (Held(paths.MARKET, 1.5),),
        "drift": (Held(_TRAIN, 1.1), Held(_VALIDATION, 1.5)),
        "evaluate": (
            Held(_TRAIN, 3.2, most_rows=TRAINING_ROWS),
            Held(_TRAIN, 0.15),
            Held(_VALIDATION, 2.0),
            Held(_TEST, 2.5),
        ),
        "decompose": (Held(_TEST, 3.0),),
        "signals": (Held(_TRAIN, 1.6), Held(_VALIDATION, 1.6), Held(_TEST, 1.6)),
        "live": (Held(_TRAIN, 1.6), Held(_VALIDATION, 1.6), Held(_TEST, 1.6), Held(paths.DATASET_LIVE, 6.0)),
        "lists": (Held(_TRAIN, 0.7), Held(_VALIDATION, 0.7), Held(_TEST, 0.7)),
        "stress": (Held(_TEST, 2.0),),
        "report": (Held(paths.LISTED_HISTORY, 8.0), Held(paths.RELATIVE_VALUE, 2.0)),
    }
)
"""By stage; those that are not here take little more than to start."""
TRAINED: Final = (Held(_TRAIN, 2.7, a_worker=1.3, most_rows=TRAINING_ROWS), Held(_VALIDATION, 2.7))
"""Of stage ``train``, for any model."""
VARIED: Final = (Held(_TRAIN, 4.0, a_worker=1.8, most_rows=TRAINING_ROWS), Held(_VALIDATION, 5.0))
"""Of stage ``tune``, when it varies the model at all."""
