"""From spreads back to prices: every fair value is an exact discounting of the bond's cash flows."""

from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.bonds.curve import curve_dirty_price, price_and_sensitivity
from stages.bonds.measures import measures
from stages.bonds.terms import terms_from_frame
from stages.spreads.units import BP

Floats = NDArray[np.float64]


class Repricer:
    """Discount cash flows on the reference curve of each row plus a spread.

    Parameters
    ----------
    node_years : ndarray, shape (n_nodes,)
    node_rates : ndarray, shape (n_curves, n_nodes)
        Decimal zero rates, continuously compounded.
    """

    def __init__(self, node_years: Floats, node_rates: Floats) -> None:
        self._node_years = node_years
        self._node_rates = node_rates

    @classmethod
    def from_frame(cls, curves: pl.DataFrame) -> Self:
        """Take the reference curves from the table that the market stage writes.

        Parameters
        ----------
        curves : DataFrame
            Columns ``reference_curve``, ``tenor_years``, ``zero_rate``.
        """
        ordered = curves.sort("reference_curve", "tenor_years")
        nodes = ordered["tenor_years"].unique().sort().to_numpy()
        return cls(nodes, ordered["zero_rate"].to_numpy().reshape(-1, nodes.size))

    def clean_price(self, rows: pl.DataFrame, spread: Floats) -> Floats:
        """Price each row at a spread.

        Parameters
        ----------
        rows : DataFrame
            Bond terms, ``reference_curve`` and ``accrued_interest``.
        spread : ndarray, shape (n_rows,)
            Decimal, continuously compounded, over the row's reference curve.

        Returns
        -------
        ndarray, shape (n_rows,)
            Clean prices per 100 of face.
        """
        dirty = curve_dirty_price(terms_from_frame(rows), self._node_years, self._node_rates, _curve(rows), spread)
        clean: Floats = dirty - rows["accrued_interest"].to_numpy()
        return clean

    def predicted_price(self, rows: pl.DataFrame, delta_bp: Floats) -> Floats:
        """Price each row at its base spread plus a prediction in basis points."""
        return self.clean_price(rows, rows["base_spread"].to_numpy() + delta_bp / BP)

    def price_risk(self, rows: pl.DataFrame, spread: Floats) -> Floats:
        """Return the points per 100 that one basis point of spread is worth, at a spread."""
        terms, curve = terms_from_frame(rows), _curve(rows)
        dirty, duration, _ = price_and_sensitivity(terms, self._node_years, self._node_rates, curve, spread)
        risk: Floats = duration * dirty / BP
        return risk

    @staticmethod
    def yield_bp_error(rows: pl.DataFrame, predicted_clean: Floats) -> Floats:
        """Return the yield at the predicted price less the yield at the observed one, bp.

        NaN where the predicted price has no yield.
        """
        terms = terms_from_frame(rows)
        accrued = rows["accrued_interest"].to_numpy()
        predicted = measures(terms, predicted_clean + accrued)
        observed = measures(terms, rows["clean_price"].to_numpy() + accrued)
        return BP * (predicted.yield_to_maturity - observed.yield_to_maturity)


def _curve(rows: pl.DataFrame) -> NDArray[np.int32]:
    return rows["reference_curve"].cast(pl.Int32).to_numpy()
