"""Prices, spreads and sensitivities of bonds over zero curves.

All functions share one curve layout: ``node_years`` f64[n_nodes], ascending; ``node_rates`` f64[n_curves, n_nodes],
zero rates, decimal, continuously compounded, on ACT/365F years from each bond's settlement, linear in the zero rate
between nodes and flat outside; ``curve_index`` int32[n], the curve of each bond (or one for all). Prices are dirty, per
100. A bond without figures has NaN; `z_spread` and `curve_measures` return the reason. ``threads`` does not affect the
results.

The next coupon of a floating-rate bond is fixed; the j-th later one is 100 (D(t_{j-1}) / D(t_j) - 1 + margin tau_j), D
being the curve's discount factor and tau_j the period's years under the bond's day count. The spread that gives the
price on these flows is the discount margin. An unknown margin is taken as the current coupon less the curve's simple
rate over one coupon period from settlement.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from richcheap.bonds.terms import BondTerms, Codes, Floats, Ints, Table, column, floats, normalised, of_rows, quoted_of
from richcheap.curves.bootstrap import bootstrap_par_curve
from richcheap.curves.kernels import CurveResults, curve_rows
from richcheap.numerics.threads import run_blocks, views

__all__ = [
    "CurveMeasures",
    "bootstrap_par_curve",
    "curve_dirty_price",
    "curve_measures",
    "curve_prices",
    "curve_prices_and_sensitivity",
    "curve_prices_and_spread",
    "key_rate_exposure",
    "price_and_sensitivity",
    "spread_sensitivity",
    "z_spread",
]


class CurveMeasures(NamedTuple):
    """What n bonds are worth on their curves; all but the first two know nothing of the observed price."""

    spread: Floats  # decimal, continuous: z-spread, or discount margin of a floating-rate bond
    status: Codes  # why there is no spread
    price: Floats  # at zero spread
    spread_duration: Floats  # years: -(1/P) dP/d(spread) at zero spread
    exposure: Table  # [n, n_nodes], years: -(1/P) dP/d(node rate) at zero spread


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


def _spread_table(spreads: npt.ArrayLike, size: int) -> Table:
    """Return spreads in the kernels' type; raise ValueError when there is not a row for each bond."""
    table = np.require(spreads, dtype=np.float64, requirements=["C", "W"])
    if table.ndim != 2 or len(table) != size:
        raise ValueError(f"spreads must be {size} bonds x spreads, but their shape is {table.shape}")
    return table


def _walk(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    threads: int,
    *,
    at: npt.ArrayLike = 0.0,
    dirty_price: npt.ArrayLike | None = None,
    spreads: Table | None = None,
    exposure: bool = False,
) -> CurveResults:
    """Walk once over the flows of each bond; what is not asked for costs nothing and has no columns."""
    terms = normalised(terms)
    quoted = quoted_of(terms)
    size = len(terms.settlement)
    years, rates, index = _curves(node_years, node_rates, curve_index, size)
    largest = np.array(np.abs(rates).max(axis=1))
    start = floats(at, size, "spread")
    given = floats(np.nan if dirty_price is None else dirty_price, size, "dirty_price")
    wanted = np.empty((size, 0)) if spreads is None else spreads
    found = CurveResults(
        prices=np.empty(wanted.shape),
        exposure=np.empty((size, len(years) if exposure else 0)),
        spread=np.empty(size),
        price=np.empty(size),
        duration=np.empty(size),
        convexity=np.empty(size),
        status=np.empty(size, np.int8),
    )

    def work(rows: slice) -> None:
        curve_rows(
            terms.rows(rows), years, rates, largest, index[rows], start[rows], given[rows], dirty_price is not None,
            wanted[rows], views(found, rows), of_rows(quoted, rows),
        )  # fmt: skip

    run_blocks(size, threads, work)
    return found


def curve_measures(
    terms: BondTerms,
    dirty_price: npt.ArrayLike,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    threads: int = 1,
) -> CurveMeasures:
    """Return the spread at each bond's price, and its price and sensitivities at zero spread, from one walk.

    Parameters
    ----------
    terms : BondTerms
        n bonds.
    dirty_price : array_like
        One price for each bond, or a scalar. Without one the other figures are still there.
    node_years, node_rates, curve_index : array_like
        See the module.
    threads : int

    Returns
    -------
    CurveMeasures

    Raises
    ------
    ValueError
        When shapes do not fit.

    Notes
    -----
    Stages that need a print's figures measure it again rather than read them from a table: a walk costs half a
    microsecond a row, less than to write and read a column for each node, and the curve is seldom the same. The Kalman
    filter has nodes of its own, and marks are taken at other dates.

    An exposure sums to the spread duration for fixed coupons. The later coupons of a floating-rate bond move with the
    curve, so its exposure is that of its next coupon and 100 on the next coupon date and of 100 margin tau_j later,
    the margin held.
    """
    found = _walk(terms, node_years, node_rates, curve_index, threads, dirty_price=dirty_price, exposure=True)
    return CurveMeasures(found.spread, found.status, found.price, found.duration, found.exposure)


def curve_prices(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spreads: npt.ArrayLike,
    threads: int = 1,
) -> Table:
    """Return prices at k spreads for each bond (decimal, continuous, [n, k]) from one walk over its flows.

    NaN where the terms, the curve or the spread give none.
    """
    table = _spread_table(spreads, len(terms.settlement))
    return _walk(terms, node_years, node_rates, curve_index, threads, spreads=table).prices


def curve_prices_and_spread(
    terms: BondTerms,
    dirty_price: npt.ArrayLike,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spreads: npt.ArrayLike,
    threads: int = 1,
) -> tuple[Table, Floats, Codes]:
    """Return `curve_prices` at k spreads and both results of `z_spread`, from one walk over the flows."""
    table = _spread_table(spreads, len(terms.settlement))
    found = _walk(terms, node_years, node_rates, curve_index, threads, dirty_price=dirty_price, spreads=table)
    return found.prices, found.spread, found.status


def curve_prices_and_sensitivity(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
    spreads: npt.ArrayLike,
    threads: int = 1,
) -> tuple[Floats, Floats, Table]:
    """Return price and -P'/P (years) at a spread, and `curve_prices` at k others, from one walk over the flows."""
    table = _spread_table(spreads, len(terms.settlement))
    found = _walk(terms, node_years, node_rates, curve_index, threads, at=spread, spreads=table)
    return found.price, found.duration, found.prices


def curve_dirty_price(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
    threads: int = 1,
) -> Floats:
    """Return the price of each bond on its curve plus a continuous spread (decimal; one for each bond, or a scalar)."""
    return price_and_sensitivity(terms, node_years, node_rates, curve_index, spread, threads)[0]


def z_spread(
    terms: BondTerms,
    dirty_price: npt.ArrayLike,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    threads: int = 1,
) -> tuple[Floats, Codes]:
    """Return the continuous spread over the curve at which each bond has its price (decimal), and the status codes."""
    found = _walk(terms, node_years, node_rates, curve_index, threads, dirty_price=dirty_price)
    return found.spread, found.status


def spread_sensitivity(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
    threads: int = 1,
) -> tuple[Floats, Floats]:
    """Return -P'/P (years) and P''/P (years squared), the derivatives taken in the spread at the given spread."""
    return price_and_sensitivity(terms, node_years, node_rates, curve_index, spread, threads)[1:]


def price_and_sensitivity(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    spread: npt.ArrayLike,
    threads: int = 1,
) -> tuple[Floats, Floats, Floats]:
    """Return `curve_dirty_price` and both figures of `spread_sensitivity` from one pass over the cash flows."""
    found = _walk(terms, node_years, node_rates, curve_index, threads, at=spread)
    return found.price, found.duration, found.convexity


def key_rate_exposure(
    terms: BondTerms,
    node_years: npt.ArrayLike,
    node_rates: npt.ArrayLike,
    curve_index: npt.ArrayLike,
    threads: int = 1,
) -> Table:
    """Return -(1/P) dP/d(node rate) at zero spread, years, one row for each bond and one column for each node."""
    return _walk(terms, node_years, node_rates, curve_index, threads, exposure=True).exposure
