"""What a stress scenario does to a bond: its curve, its spread, and its price from every cash flow."""

from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.terms import BondTerms, terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.pricing import curve_measures, curve_prices, price_and_sensitivity, z_spread
from richcheap.panel.ratings import BUCKETS, GOVERNMENT, bucket_codes
from richcheap.risk.params import Scenario, SpreadMultiples

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class BondsOnCurves(NamedTuple):
    """Bonds on their reference curves.

    Attributes
    ----------
    terms : BondTerms
    bucket : ndarray of int32, shape (n_bonds,)
        Position in `BUCKETS`.
    curve : ndarray of int32, shape (n_bonds,)
        Row of `rates`.
    node_years : ndarray, shape (n_nodes,)
    rates : ndarray, shape (n_curves, n_nodes)
        Decimal zero rates.
    threads : int
    """

    terms: BondTerms
    bucket: Ints
    curve: Ints
    node_years: Floats
    rates: Floats
    threads: int = 1

    @classmethod
    def of(cls, rows: pl.DataFrame, curves: pl.DataFrame, threads: int = 1) -> Self:
        """Take bonds from rows with their terms, rating and ``reference_curve``, and curves from the market stage.

        Only the curves that the rows name are kept.
        """
        named = rows["reference_curve"].unique().sort()
        kept = curves.filter(pl.col("reference_curve").is_in(named.implode())).sort("reference_curve", "tenor_years")
        nodes = kept["tenor_years"].unique().sort().to_numpy()
        return cls(
            terms=terms_from_frame(rows),
            bucket=bucket_codes(rows),
            curve=np.searchsorted(named.to_numpy(), rows["reference_curve"].to_numpy()).astype(np.int32),
            node_years=nodes,
            rates=kept["zero_rate"].to_numpy().reshape(-1, nodes.size),
            threads=threads,
        )

    def shifted(self, curve_bp: float) -> "BondsOnCurves":
        """Return the same bonds on curves that have moved in parallel; rates may fall below zero."""
        return self._replace(rates=self.rates + curve_bp / BP)

    def spreads(self, dirty: Floats) -> Floats:
        """Return the spread at a dirty price, decimal; NaN where there is none."""
        return z_spread(self.terms, dirty, self.node_years, self.rates, self.curve, self.threads)[0]

    def prices(self, spreads: Floats) -> Floats:
        """Return dirty prices at spreads, shape (n_bonds, k) for both."""
        return curve_prices(self.terms, self.node_years, self.rates, self.curve, spreads, self.threads)

    def sensitivities(self, spread: Floats) -> tuple[Floats, Floats, Floats]:
        """Return dirty price, duration (years) and convexity (years squared) in the spread."""
        return price_and_sensitivity(self.terms, self.node_years, self.rates, self.curve, spread, self.threads)

    def curve_shares(self) -> Floats:
        """Return how far each yield follows a parallel shift of the curve: 1 for fixed coupons, little if floating."""
        view = curve_measures(self.terms, np.nan, self.node_years, self.rates, self.curve, self.threads)
        share: Floats = view.exposure.sum(axis=1) / view.spread_duration
        return share


def shocked_spreads(spread: Floats, bucket: Ints, scenario: Scenario) -> Floats:
    """Return spreads under a scenario, decimal.

    Parameters
    ----------
    spread : ndarray, shape (n_bonds,) or (n_bonds, k)
    bucket : ndarray of int32, shape (n_bonds,)
    scenario : Scenario
        Its multiples act on positive spreads (a spread below the curve is scarcity, not credit), then its widening is
        added. Governments that carry the curve keep their spreads.
    """
    multiples = multiples_by_bucket(scenario.spread_multiples)[bucket]
    widening = np.where(bucket == GOVERNMENT, 0.0, scenario.spread_bp / BP)
    if spread.ndim > 1:
        multiples, widening = multiples[:, None], widening[:, None]
    shocked: Floats = np.where(spread > 0.0, spread * multiples, spread) + widening
    return shocked


def multiples_by_bucket(multiples: SpreadMultiples | None) -> Floats:
    """Return the multiple of each bucket of `BUCKETS`; 1 for governments, and for all without multiples."""
    table = {} if multiples is None else multiples.model_dump()
    return np.array([table.get(name, 1.0) for name in BUCKETS])
