"""What a portfolio gains or loses when the market moves at once, cash flow by cash flow or to second order.

Settlement stays where it is: a day's carry is no risk. Profits are shares of the portfolio's market value.
"""

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.curves.pricing import curve_prices
from richcheap.numerics.linear_algebra import product
from richcheap.risk.portfolio import Position

Floats = NDArray[np.float64]

CELLS = 1 << 18
"""Prices or yields held at a time: scenarios times bonds. Fixed, as it can decide the last bits of a sum."""


def second_order(position: Position, moves: Floats, idiosyncratic: Floats) -> Floats:
    """Return the profit of each scenario, to second order in each bond's yield, shape (n_scenarios,).

    Parameters
    ----------
    position : Position
    moves : ndarray, shape (n_scenarios, n_nodes + n_buckets)
        Of the market, bp (`richcheap.risk.marks.market_moves`).
    idiosyncratic : ndarray, shape (n_scenarios, n_bonds)
        The bonds' idiosyncratic changes, bp.
    """
    marks, weight = position.marks, position.weight
    slope, bend = weight * marks.duration, 0.5 * weight * marks.convexity
    loadings = _transposed(marks.loadings)
    profit = np.empty(len(moves))
    step = max(1, CELLS // weight.size)
    for first in range(0, len(moves), step):
        part = slice(first, first + step)
        change = (product(moves[part], loadings) + idiosyncratic[part]) / BP
        profit[part] = product(change**2, bend) - product(change, slope)
    return profit


def full_revaluation(position: Position, moves: Floats, idiosyncratic: Floats, threads: int = 1) -> Floats:
    """Return the profit of each bond in each scenario from its cash flows, weighted, shape (n_scenarios, n_bonds).

    The curve's nodes move by themselves, so that a twist is a twist; the bucket's spread and the idiosyncratic change
    move its spread. A callable bond runs to its maturity.
    """
    marks, weight = position.marks, position.weight
    nodes, bonds = marks.node_years.size, weight.size
    profits, of_buckets = np.empty((len(moves), bonds)), _transposed(marks.loadings[:, nodes:])
    step = max(1, CELLS // bonds)
    for first in range(0, len(moves), step):
        part = slice(first, first + step)
        rates = marks.rates + moves[part, :nodes] / BP
        spread = marks.spread + (product(moves[part, nodes:], of_buckets) + idiosyncratic[part]) / BP
        scenarios = len(rates)
        price = curve_prices(
            marks.terms.rows(np.tile(np.arange(bonds), scenarios)),
            marks.node_years,
            rates,
            np.repeat(np.arange(scenarios, dtype=np.int32), bonds),
            spread.reshape(-1, 1),
            threads,
        ).reshape(scenarios, bonds)
        profits[part] = weight * (price / marks.price - 1.0)
    return profits


def _transposed(loadings: Floats) -> Floats:
    """Return loadings as a product takes them: of many bonds, making that for each part costs more than the part."""
    return np.ascontiguousarray(loadings.T)
