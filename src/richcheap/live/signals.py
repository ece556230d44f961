"""Relative value on the dates of the live block, as stage ``signals`` has it on the blocks that are judged."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.split import LIVE
from richcheap.relative_value.carry import TERMS, carry_and_roll_down
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.table import READ_COLUMNS, WRITTEN_COLUMNS, innovation_bp, kept, signal_table

COLUMNS_READ: Final = tuple(dict.fromkeys([*READ_COLUMNS, *TERMS]))
"""What is read of the dataset."""


def live_signals(
    earlier: pl.DataFrame,
    live: pl.DataFrame,
    price: NDArray[np.float64],
    half_lives: Mapping[str, float],
    curves: pl.DataFrame,
    params: SignalsParams,
    threads: int = 1,
) -> pl.DataFrame:
    """Return the signals of live rows, with the columns of predictions/relative_value.parquet.

    Parameters
    ----------
    earlier : DataFrame
        `COLUMNS_READ` of all rows before: a bond is compared with its own history.
    live : DataFrame
        Rows of the live block; may be none.
    price : ndarray, shape (n_live_rows,)
        The champion's clean prices of them.
    half_lives : mapping of str to float
        Of each currency, as found on the training block; one that is missing there has none, and no expected gain.
    curves : DataFrame
        All reference curves.
    params : SignalsParams
    threads : int
        Changes no result.
    """
    champion = pl.Series(price, dtype=pl.Float64)
    blocks = [
        earlier.select(COLUMNS_READ).with_columns(block=pl.lit(""), innovation_bp=pl.lit(None, dtype=pl.Float64)),
        live.select(COLUMNS_READ).with_columns(block=pl.lit(LIVE), innovation_bp=innovation_bp(pl.lit(champion))),
    ]
    table = signal_table(kept(pl.concat(blocks), params), half_lives, params).filter(pl.col("block") == LIVE)
    return table.hstack(carry_and_roll_down(table, curves, params.horizon_days, threads)).select(WRITTEN_COLUMNS)
