"""The consensus of methods that are made from data alone: what no trained model has a say in.

No vendor's price is at hand, and none is invented. The baselines that share no fitted model stand in for the
panel of contributors: their median is robust to one of them failing, and how far they lie apart says how much
a deviation from it means.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.features.baselines import BASELINES

Floats = NDArray[np.float64]

METHODS: dict[str, str] = {one.name: one.column for one in BASELINES if one.in_consensus and one.column is not None}
"""Columns of clean prices; one that the dataset does not have is not asked."""
MAD_TO_STD = 1.4826  # median absolute deviations that make a standard deviation, of a normal distribution
SMALLEST_RISK = 1e-6  # points per bp: below, a difference in price says nothing about the spread


class Consensus(NamedTuple):
    """What the methods say of each row.

    Attributes
    ----------
    price : ndarray, shape (n_rows,)
        Median of their clean prices, points per 100.
    dispersion_bp : ndarray, shape (n_rows,)
        Robust standard deviation of their prices around it, over DV01; NaN where a bp moves no price.
    risk : ndarray, shape (n_rows,)
        Points per bp; NaN where a bp moves no price.
    """

    price: Floats
    dispersion_bp: Floats
    risk: Floats

    def deviation_bp(self, price: Floats) -> Floats:
        """Return by how many bp of spread a price is cheaper than the consensus, to first order."""
        deviation: Floats = (self.price - price) / self.risk
        return deviation


def methods(rows: pl.DataFrame) -> dict[str, Floats]:
    """Return the clean prices of the methods that the dataset has."""
    return {name: rows[column].to_numpy() for name, column in METHODS.items() if column in rows.columns}


def consensus(rows: pl.DataFrame) -> Consensus:
    """Return the median of the methods and how far they lie apart.

    Parameters
    ----------
    rows : DataFrame
        Rows of the dataset: columns of `METHODS` and ``dv01``.

    Raises
    ------
    ValueError
        There are fewer than three methods: a median of two rejects nothing.
    """
    prices = methods(rows)
    if len(prices) < 3:
        raise ValueError(f"a consensus needs three methods, got {', '.join(prices) or 'none'}")
    table = np.column_stack(list(prices.values()))
    middle = np.median(table, axis=1)
    apart = MAD_TO_STD * np.median(np.abs(table - middle[:, None]), axis=1)
    risk = rows["dv01"].to_numpy()
    risk = np.where(risk > SMALLEST_RISK, risk, np.nan)
    return Consensus(middle, apart / risk, risk)
