"""From spreads back to prices: every fair value is an exact discounting of the bond's cash flows."""

from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.measures import measures
from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.pricing import curve_prices, curve_prices_and_sensitivity, z_spread

Floats = NDArray[np.float64]


class PriceBounds(NamedTuple):
    """Clean prices that a bond can have, points per 100: `data.min_price` and `data.max_price`, as for prints."""

    lowest: float
    highest: float


class Priced(NamedTuple):
    """What rows are worth at a spread, and what a basis point of it is worth.

    Attributes
    ----------
    clean, dv01 : ndarray, shape (n_rows,)
        Clean price per 100 of face, and the points that it falls by for one bp.
    others : ndarray, shape (n_rows, n_spreads)
        Clean prices at further spreads.
    """

    clean: Floats
    dv01: Floats
    others: Floats


class Repricer:
    """Discount cash flows on the reference curve of each row plus a spread.

    Rows hold bond terms, ``reference_curve`` and ``accrued_interest``. Spreads are decimal, continuously compounded,
    over the row's reference curve; prices are clean, per 100 of face.

    Parameters
    ----------
    node_years : ndarray, shape (n_nodes,)
    node_rates : ndarray, shape (n_curves, n_nodes)
        Decimal zero rates, continuously compounded.
    threads : int
        Threads to use; they change no result.
    """

    def __init__(self, node_years: Floats, node_rates: Floats, threads: int = 1) -> None:
        self._node_years = node_years
        self._node_rates = node_rates
        self._threads = threads

    @classmethod
    def from_frame(cls, curves: pl.DataFrame, threads: int = 1) -> Self:
        """Take the reference curves from the table that the market stage writes.

        Parameters
        ----------
        curves : DataFrame
            Columns ``reference_curve``, ``tenor_years``, ``zero_rate``.
        threads : int
        """
        ordered = curves.sort("reference_curve", "tenor_years")
        nodes = ordered["tenor_years"].unique().sort().to_numpy()
        return cls(nodes, ordered["zero_rate"].to_numpy().reshape(-1, nodes.size), threads)

    def clean_prices(self, rows: pl.DataFrame, spreads: Floats) -> Floats:
        """Price each row at several spreads, shape (n_rows, n_spreads)."""
        terms = terms_from_frame(rows)
        dirty = curve_prices(terms, self._node_years, self._node_rates, _curve(rows), spreads, self._threads)
        clean: Floats = dirty - rows["accrued_interest"].to_numpy()[:, None]
        return clean

    def clean_price(self, rows: pl.DataFrame, spread: Floats) -> Floats:
        """Price each row at one spread, shape (n_rows,)."""
        price: Floats = self.clean_prices(rows, spread[:, None])[:, 0]
        return price

    def predicted_prices(self, rows: pl.DataFrame, delta_bp: Floats) -> Floats:
        """Price each row at its base spread plus predictions in basis points, shape (n_rows, n_predictions)."""
        return self.clean_prices(rows, rows["base_spread"].to_numpy()[:, None] + delta_bp / BP)

    def value(self, rows: pl.DataFrame, spread: Floats, others: Floats) -> Priced:
        """Price each row at a spread, with its DV01 there, and at other spreads.

        Parameters
        ----------
        rows : DataFrame
        spread : ndarray, shape (n_rows,)
        others : ndarray, shape (n_rows, n_spreads)
        """
        dirty, duration, dirty_others = curve_prices_and_sensitivity(
            terms_from_frame(rows), self._node_years, self._node_rates, _curve(rows), spread, others, self._threads
        )
        accrued = rows["accrued_interest"].to_numpy()
        return Priced(clean=dirty - accrued, dv01=duration * dirty / BP, others=dirty_others - accrued[:, None])

    def spreads(self, rows: pl.DataFrame, clean_price: Floats) -> Floats:
        """Return the spread at which each row has a clean price, shape (n_rows,); NaN where there is none."""
        dirty = clean_price + rows["accrued_interest"].to_numpy()
        terms = terms_from_frame(rows)
        return z_spread(terms, dirty, self._node_years, self._node_rates, _curve(rows), self._threads)[0]

    def bounded_spreads(self, rows: pl.DataFrame, spreads: Floats, prices: Floats, bounds: PriceBounds) -> Floats:
        """Move spreads at which a row's price would lie outside bounds to those at the bounds.

        Parameters
        ----------
        rows : DataFrame
        spreads, prices : ndarray, shape (n_rows, n_spreads)
            The latter are the clean prices at the former.
        bounds : PriceBounds

        Returns
        -------
        ndarray, shape (n_rows, n_spreads)
            A spread stays where its price is within the bounds, is not known, or where none gives the bound.
        """
        row, place = np.nonzero((prices < bounds.lowest) | (prices > bounds.highest))
        moved = spreads.copy()
        if row.size:
            found = self.spreads(rows[row], np.clip(prices[row, place], *bounds))
            moved[row, place] = np.where(np.isfinite(found), found, spreads[row, place])
        return moved


def yields(rows: pl.DataFrame, clean_price: Floats, threads: int = 1) -> Floats:
    """Return the yield to maturity at a clean price, decimal; NaN where there is none."""
    found = measures(terms_from_frame(rows), clean_price + rows["accrued_interest"].to_numpy(), threads=threads)
    return found.yield_to_maturity


def _curve(rows: pl.DataFrame) -> NDArray[np.int32]:
    return rows["reference_curve"].cast(pl.Int32).to_numpy()
