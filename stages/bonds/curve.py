"""Prices, spreads and sensitivities of bonds over zero curves.

All functions share one curve layout: ``node_years`` f64[n_nodes], ascending; ``node_rates`` f64[n_curves, n_nodes],
zero rates, decimal, continuously compounded, on ACT/365F years from each bond's settlement, linear in the zero rate
between nodes and flat outside; ``curve_index`` int32[n], the curve of each bond (or one for all). Prices are dirty, per
100. A bond without figures has NaN; `z_spread` returns the reason.
"""

import numpy as np
import numpy.typing as npt

from stages.bonds.bootstrap import bootstrap_par_curve
from stages.bonds.curve_kernels import key_rate_rows, spread_rows
from stages.bonds.terms import BondTerms, Codes, Floats, Ints, column, floats, normalised

__all__ = [
    "bootstrap_par_curve",
    "curve_dirty_price",
    "key_rate_exposure",
    "price_and_sensitivity",
    "spread_sensitivity",
    "z_spread",
]


def _curves(
    node_years: npt.ArrayLike, node_rates: npt.ArrayLike, curve_index: npt.ArrayLike, size: int
) -> tuple[Floats, Floats, Ints]:
    """Return nodes, rates and the index in the kernels' types; raise ValueError when the shapes do not fit."""
    years = np.array(node_years, dtype=np.float64)
    rates = np.require(node_rates, dtype=np.float64, requirements=["C", "W"])
    if years.ndim != 1 or len(years) == 0 or not np.all(np.diff(years) > 0.0) or not years[0] >= 0.0:
        raise ValueError(f"node_years must be one ascending row of years from 0 up, but they are {years.tolist()}")
    if rates.ndim != 2 or rates.shape[1] != len(years):
        raise ValueError(f"node_rates must be curves x {len(years)} nodes, but their shape is {rates.shape}")
    index = column(curve_index, size, np.int32, "curve_index").astype(np.int32, copy=False)
    return years, rates, index


def _evaluate(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    *,
    spread: npt.ArrayLike = 0.0,
    dirty_price: npt.ArrayLike | None = None,
) -> tuple[Floats, Floats, Floats, Floats, Codes]:
    """Return spread, price, duration, convexity and status: at spreads, or solving for them when prices are given."""
    terms = normalised(terms)
    size = len(terms.settlement)
    spreads = np.array(floats(spread, size, "spread"))
    prices = floats(np.nan if dirty_price is None else dirty_price, size, "dirty_price")
    price, duration, convexity, status = np.empty(size), np.empty(size), np.empty(size), np.empty(size, np.int8)
    curves = _curves(node_years, node_rates, curve_index, size)
    spread_rows(terms, prices, *curves, dirty_price is not None, spreads, price, duration, convexity, status)
    return spreads, price, duration, convexity, status


def curve_dirty_price(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
) -> Floats:
    """Return the price of each bond on its curve plus a continuous spread (decimal; one for each bond, or a scalar)."""
    return price_and_sensitivity(terms, node_years, node_rates, curve_index, spread)[0]


def z_spread(
    terms: BondTerms,
    dirty_price: npt.ArrayLike,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
) -> tuple[Floats, Codes]:
    """Return the continuous spread over the curve at which each bond has its price (decimal), and the status codes."""
    found = _evaluate(terms, node_years, node_rates, curve_index, dirty_price=dirty_price)
    return found[0], found[4]


def spread_sensitivity(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Return -P'/P (years) and P''/P (years squared), the derivatives taken in the spread at the given spread."""
    return price_and_sensitivity(terms, node_years, node_rates, curve_index, spread)[1:]


def price_and_sensitivity(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
) -> tuple[Floats, Floats, Floats]:
    """Return `curve_dirty_price` and both figures of `spread_sensitivity` from one pass over the cash flows."""
    return _evaluate(terms, node_years, node_rates, curve_index, spread=spread)[1:4]


def key_rate_exposure(
    terms: BondTerms, node_years: npt.ArrayLike, node_rates: npt.ArrayLike, curve_index: npt.ArrayLike
) -> Floats:
    """Return -(1/P) dP/d(node rate) at zero spread, years, one row for each bond and one column for each node.

    A row sums to the bond's duration in the spread.
    """
    terms = normalised(terms)
    years, rates, index = _curves(node_years, node_rates, curve_index, len(terms.settlement))
    out = np.empty((len(terms.settlement), len(years)))
    key_rate_rows(terms, years, rates, index, out)
    return out
