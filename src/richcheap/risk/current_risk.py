"""Tail risk of today's portfolio: every method revalued from cash flows, and where the tail comes from."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.numerics.linear_algebra import product
from richcheap.risk.backtesting.backtest import level_key
from richcheap.risk.methods import (
    EmpiricalDistribution,
    EstimationWindow,
    Scenarios,
    filtered_historical,
    historical,
    monte_carlo,
    parametric,
)
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import Position
from richcheap.risk.revaluation import full_revaluation, second_order
from richcheap.risk.tails import Tail

Floats = NDArray[np.float64]

CONTRIBUTION_LEVEL = 0.99
TOP_BONDS = 10
SCENARIO_SCHEMA = {"method": pl.String, "scenario": pl.Int64, "pnl": pl.Float64}
TAIL_MARGIN = 1.5
"""Monte Carlo scenarios revalued from cash flows: this many times those that the lowest level's tail holds."""


class Revalued(NamedTuple):
    """One method's profits for tomorrow and by how much the second order missed the cash flows, shares of the value."""

    pnl: Floats
    error: float


class CurrentRisk(NamedTuple):
    """Tail risk of a portfolio.

    Attributes
    ----------
    figures : dict
        What metrics/tail_risk.json says of it.
    scenarios : DataFrame
        `SCENARIO_SCHEMA`: the method, the scenario's number and its profit, a share of the market value.
    """

    figures: dict[str, Any]
    scenarios: pl.DataFrame


def latest_risk(
    position: Position,
    window: EstimationWindow | None,
    portfolio: pl.DataFrame,
    factors: list[str],
    params: TailRiskParams,
    seed: int,
    threads: int = 1,
) -> CurrentRisk:
    """Return the tail risk at the last close; its figures' ``status`` says why there is none.

    Parameters
    ----------
    position : Position
    window : EstimationWindow or None
        None where dates are too few to forecast from.
    portfolio : DataFrame
        From `richcheap.risk.portfolio_history.portfolio_table`.
    factors : list of str
        Names of the scores.
    params : TailRiskParams
    seed : int
    threads : int
        Does not affect the result.
    """
    if window is None:
        moves = position.marks.position
        status = f"no forecast: {moves} moves, tail_risk.min_dates asks for {params.min_dates}"
        return CurrentRisk({"status": status}, pl.DataFrame(schema=SCENARIO_SCHEMA))
    current = tail_risk(position, window, factors, params, seed, threads)
    names = dict(zip(position.marks.bond.tolist(), portfolio["bond_id"].to_list(), strict=True))
    for entry in current.figures["contributions"]["bonds"]:
        entry["bond_id"] = names[entry.pop("bond")]
    return CurrentRisk({"status": "ok", **current.figures}, current.scenarios)


def tail_risk(
    position: Position,
    window: EstimationWindow,
    factors: list[str],
    params: TailRiskParams,
    seed: int,
    threads: int = 1,
) -> CurrentRisk:
    """Work out value at risk and expected shortfall of a portfolio over the next business day.

    Parameters
    ----------
    position : Position
    window : EstimationWindow
        Up to the position's date.
    factors : list of str
        Names of the scores.
    params : TailRiskParams
    seed : int
    threads : int
        Does not affect the result.
    """
    random = np.random.default_rng(seed)
    drawn, scores, degrees_of_freedom = monte_carlo(window, random, params.simulations)
    rough = second_order(position, *drawn)
    student = parametric(position, window, params.ewma_decay)
    revalued = {
        "historical": _revalue(position, historical(window), threads),
        "filtered_historical": _revalue(position, filtered_historical(window), threads),
    }
    # Only the tail needs cash flows: the worst by the second order, and half as many again, as ranks may change.
    share = min(TAIL_MARGIN * (1.0 - params.levels[0]), 1.0)
    worst = np.sort(np.argsort(rough, kind="stable")[: int(np.ceil(share * rough.size))])
    by_bond = full_revaluation(position, drawn.moves[worst], drawn.idiosyncratic[worst], threads)
    exact = rough.copy()
    exact[worst] = by_bond.sum(axis=1)
    revalued["monte_carlo"] = Revalued(exact, float(np.abs(exact - rough)[worst].max()))
    tails: dict[str, dict[float, Tail]] = {
        name: {level: EmpiricalDistribution(found.pnl).tail(level) for level in params.levels}
        for name, found in revalued.items()
    }
    tails["parametric"] = {level: student.tail(level) for level in params.levels}
    outcomes = {name: found.pnl.size for name, found in revalued.items()}
    figures = {
        "methods": {
            name: {
                level_key(level): _tail(position, tail, level, outcomes.get(name)) for level, tail in by_level.items()
            }
            for name, by_level in tails.items()
        },
        "second_order_error_bp": {name: BP * found.error for name, found in revalued.items()},
        "std_bp": {
            "parametric": BP * student.std,
            **{name: BP * float(found.pnl.std()) for name, found in revalued.items()},
        },
        "degrees_of_freedom": {"parametric": student.degrees_of_freedom, "monte_carlo": degrees_of_freedom},
        "contributions": _contributions(position, window, factors, exact, worst, by_bond, scores, drawn),
    }
    return CurrentRisk(figures, _scenario_table(revalued))


def _revalue(position: Position, scenarios: Scenarios, threads: int) -> Revalued:
    exact = full_revaluation(position, *scenarios, threads).sum(axis=1)
    return Revalued(exact, float(np.abs(exact - second_order(position, *scenarios)).max()))


def _tail(position: Position, tail: Tail, level: float, outcomes: int | None) -> dict[str, Any]:
    return {
        "var": tail.var,
        "es": tail.es,
        "var_points": tail.var * position.price,
        "es_points": tail.es * position.price,
        "outcomes_beyond": None if outcomes is None else outcomes * (1.0 - level),
    }


def _contributions(
    position: Position,
    window: EstimationWindow,
    factors: list[str],
    exact: Floats,
    worst: NDArray[np.int64],
    by_bond: Floats,
    scores: Floats,
    drawn: Scenarios,
) -> dict[str, Any]:
    """Divide the Monte Carlo shortfall among factors and among bonds by mean losses in the tail (Tasche 1999)."""
    count = max(1, round(exact.size * (1.0 - CONTRIBUTION_LEVEL)))
    tail = worst[np.argsort(exact[worst], kind="stable")[:count]]
    inside = np.searchsorted(worst, tail)
    slope = -position.weight * position.marks.duration / BP
    of_moves = product(slope, position.marks.loadings)
    by_factor = -(scores[tail] * product(of_moves, window.loadings)).mean(axis=0)
    idiosyncratic = -(product(drawn.idiosyncratic[tail], slope)).mean()
    remainder = -(product(drawn.moves[tail] - product(scores[tail], window.loadings.T), of_moves)).mean()
    total = -by_bond[inside].sum(axis=1).mean()
    losses = -by_bond[inside].mean(axis=0)
    order = np.lexsort((position.marks.bond, -losses))[:TOP_BONDS]
    return {
        "level": CONTRIBUTION_LEVEL,
        "es": total,
        "factors": {
            **dict(zip(factors, by_factor.tolist(), strict=True)),
            "unexplained": remainder,
            "idiosyncratic": idiosyncratic,
            "higher order": total - by_factor.sum() - remainder - idiosyncratic,
        },
        "bonds": [
            {"bond": int(position.marks.bond[place]), "es": losses[place], "weight": position.weight[place]}
            for place in order.tolist()
        ],
    }


def _scenario_table(revalued: dict[str, Revalued]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame({"method": [name] * found.pnl.size, "scenario": np.arange(found.pnl.size), "pnl": found.pnl})
        for name, found in revalued.items()
    )
