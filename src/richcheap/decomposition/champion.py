"""Who prices: the predictor with the least error on the validation block, and the spread of its prices."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.pricing import z_spread
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

    def prices(self, rows: pl.DataFrame, curves: pl.DataFrame, repricer: Repricer) -> tuple[Floats, Floats]:
        """Return each row's clean price, and what lies between its spread and the base spread, bp.

        Parameters
        ----------
        rows : DataFrame
            Of the dataset.
        curves : DataFrame
            Reference curves of the rows' dates and currencies.
        repricer : Repricer
            Made of `curves`.

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
        ordered = curves.sort("reference_curve", "tenor_years")
        nodes = ordered["tenor_years"].unique().sort().to_numpy()
        rates = ordered["zero_rate"].to_numpy().reshape(-1, nodes.size)
        dirty = price + rows["accrued_interest"].to_numpy()
        spread, _ = z_spread(terms_from_frame(rows), dirty, nodes, rates, rows["reference_curve"].to_numpy())
        return price, BP * (spread - rows["base_spread"].to_numpy())
