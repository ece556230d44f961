"""The parts of a block's prices; for its latest dates also the model's correction by groups of features."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.decomposition.groups import correction_by_group
from richcheap.decomposition.points import Pricer, decompose
from richcheap.features.assemble import PARTS
from richcheap.numerics.elementwise import row_sum

Floats = NDArray[np.float64]


def decompose_block(
    rows: pl.DataFrame,
    delta_bp: Floats,
    pricer: Pricer,
    contributions: Callable[[pl.DataFrame], Mapping[str, Floats]] | None,
    contribution_rows: int,
) -> pl.DataFrame:
    """Divide prices of a block into parts.

    Parameters
    ----------
    rows : DataFrame
        Of the dataset, sorted by date.
    delta_bp : ndarray, shape (n_rows,)
        What lies between the spread of each price and the base spread, bp.
    pricer : Pricer
    contributions : callable or None
        A model's ``contributions``; None for a baseline, whose correction is not divided.
    contribution_rows : int
        Latest rows, on whole dates, whose correction is divided.

    Returns
    -------
    DataFrame
        Of `decompose`; columns of groups are null in earlier rows.
    """
    if contributions is None:
        return decompose(rows, delta_bp, pricer)
    late = latest_rows(rows, contribution_rows)
    groups = correction_by_group(contributions(rows[late:]), filter_gap_bp(rows)[late:])
    tables = [decompose(rows[:late], delta_bp[:late], pricer), decompose(rows[late:], delta_bp[late:], pricer, groups)]
    return pl.concat([table for table in tables if table.height], how="diagonal")


def filter_gap_bp(rows: pl.DataFrame) -> Floats:
    """Return the filter's spread less the base spread, bp."""
    return rows.select(row_sum(PARTS) - BP * pl.col("base_spread")).to_series().to_numpy()


def latest_rows(rows: pl.DataFrame, count: int) -> int:
    """Return where the latest whole dates start that hold at most so many rows together, or the last date alone."""
    starts = np.flatnonzero(rows["date"].rle_id().diff().fill_null(1).to_numpy())
    enough = starts[starts >= rows.height - count]
    return int(enough[0] if enough.size else starts[-1])
