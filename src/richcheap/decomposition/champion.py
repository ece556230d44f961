"""Who prices: the predictor with the least error on the validation block, and the spread of its prices."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.decomposition.blocks import filter_gap_bp
from richcheap.evaluation.baselines import COLUMNS
from richcheap.features.baselines import FILTER
from richcheap.features.repricing import Repricer

Floats = NDArray[np.float64]


class Champion(NamedTuple):
    """Who prices.

    Attributes
    ----------
    name : str
    predict : callable or None
        What is added to the base spread of each row, bp; None for a baseline whose price the dataset carries.
    """

    name: str
    predict: Callable[[pl.DataFrame], Floats] | None

    def prices(self, rows: pl.DataFrame, repricer: Repricer) -> tuple[Floats, Floats]:
        """Return each row's clean price, and what lies between its spread and the base spread, bp.

        Parameters
        ----------
        rows : DataFrame
            Of the dataset.
        repricer : Repricer
            Made of the reference curves of the rows' dates and currencies.

        Returns
        -------
        tuple of ndarray, shape (n_rows,)
        """
        if self.predict is not None:
            delta_bp = self.predict(rows)
            price: Floats = repricer.predicted_prices(rows, delta_bp[:, None])[:, 0]
            return price, delta_bp
        price = rows[COLUMNS[self.name]].to_numpy()
        if self.name == FILTER:
            return price, filter_gap_bp(rows)
        spread = repricer.spreads(rows, price)
        return price, BP * (spread - rows["base_spread"].to_numpy())
