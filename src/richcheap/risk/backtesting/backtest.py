"""Forecasts of past dates against what happened on them, method by method and level by level."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.risk.backtesting.coverage import ENOUGH_POWER, Coverage, Ratio, coverage
from richcheap.risk.backtesting.joint_score import compare_scores, fissler_ziegel
from richcheap.risk.backtesting.shortfall import Statistic, shortfall_test
from richcheap.risk.methods import METHODS, Forecast
from richcheap.risk.params import TailRiskParams
from richcheap.risk.tails import Tail

Floats = NDArray[np.float64]

REFERENCE = "historical"
WORST_DAYS, WORST_BONDS = 3, 10


class BondProfit(NamedTuple):
    """What one bond did to the portfolio on a date.

    Attributes
    ----------
    bond_id : str
    weight : float
        Share of the portfolio's value at the close before.
    pnl : float
        Its profit, a share of the portfolio's value.
    change : float
        Of its own price, a share.
    """

    bond_id: str
    weight: float
    pnl: float
    change: float


class Backtested(NamedTuple):
    """One date.

    Attributes
    ----------
    day : date
    pnl : float
        Profit of the portfolio held since the date before, fully revalued, a share of its value.
    forecasts : mapping of str to Forecast
        Made at the close of the date before.
    worst : sequence of BondProfit
        The bonds with the least profit, up to `WORST_BONDS`, the least first.
    """

    day: date
    pnl: float
    forecasts: Mapping[str, Forecast]
    worst: Sequence[BondProfit] = ()


def level_key(level: float) -> str:
    """Return a level as metrics write it.

    >>> level_key(0.999), level_key(0.9)
    ('0.999', '0.9')
    """
    return f"{level:g}"


def backtest(dates: Sequence[Backtested], params: TailRiskParams, seed: int) -> dict[str, Any]:
    """Test every method at every level.

    Parameters
    ----------
    dates : sequence of Backtested
        In order, at least one.
    params : TailRiskParams
    seed : int

    Returns
    -------
    dict
        ``dates``, ``first_date``, ``last_date``; ``results`` by method and level; ``series`` for a drawing; ``note``
        names the levels at which so few dates can hardly show a fault; ``worst_days``, the dates with the least profit
        and what their worst bonds did.
    """
    pnl = np.array([entry.pnl for entry in dates])
    tails = {
        method: {level: [entry.forecasts[method].tail(level) for entry in dates] for level in params.levels}
        for method in METHODS
    }
    results: dict[str, dict[str, Any]] = {method: {} for method in METHODS}
    weak: set[str] = set()
    for level in params.levels:
        reference = _scores(pnl, tails[REFERENCE][level], level)
        held = _columns(tails[REFERENCE][level])[0]
        for place, method in enumerate(METHODS):
            var, es = _columns(tails[method][level])
            covered = coverage(pnl < -var, level)
            if covered.power < ENOUGH_POWER:
                weak.add(level_key(level))
            # Streams that depend on nothing but the seed, the method and the level.
            random = np.random.default_rng([seed, place, params.levels.index(level)])
            drawn = np.stack([entry.forecasts[method].draw(random, params.backtest_simulations) for entry in dates])
            shortfall = shortfall_test(pnl, var, es, level, drawn) if (es > 0.0).all() else None
            score = _scores(pnl, tails[method][level], level)
            results[method][level_key(level)] = {
                **_coverage(covered),
                "z1": None if shortfall is None else _statistic(shortfall.z1),
                "z2": None if shortfall is None else _statistic(shortfall.z2),
                "score": None if score is None else float(score.mean()),
                "against_historical": _comparison(
                    score, reference, bool((pnl < -np.minimum(var, held)).any()), params, seed
                )
                if method != REFERENCE
                else None,
            }
    return {
        "dates": len(dates),
        "first_date": str(dates[0].day),
        "last_date": str(dates[-1].day),
        "results": results,
        "series": {
            "dates": [str(entry.day) for entry in dates],
            "pnl": pnl,
            "var": {
                method: {level_key(level): _columns(found)[0] for level, found in by_level.items()}
                for method, by_level in tails.items()
            },
        },
        "worst_days": [
            {"date": str(dates[place].day), "pnl": pnl[place], "bonds": [one._asdict() for one in dates[place].worst]}
            for place in np.argsort(pnl, kind="stable")[:WORST_DAYS].tolist()
        ],
        "note": _note(len(dates), [level_key(level) for level in params.levels if level_key(level) in weak]),
    }


def _columns(tails: Sequence[Tail]) -> tuple[Floats, Floats]:
    return np.array([tail.var for tail in tails]), np.array([tail.es for tail in tails])


def _scores(pnl: Floats, tails: Sequence[Tail], level: float) -> Floats | None:
    var, es = _columns(tails)
    return fissler_ziegel(pnl, var, es, level) if (es > 0.0).all() else None


def _comparison(
    score: Floats | None, reference: Floats | None, exceeded: bool, params: TailRiskParams, seed: int
) -> dict[str, Any] | None:
    if score is None or reference is None:
        return None
    found = compare_scores(score, reference, params.bootstrap_block_dates, params.bootstrap_resamples, seed)
    # Without a single exceedance the lower forecast scores better whatever it is worth.
    return {**found._asdict(), "verdict": found.verdict if exceeded else "no exceedance to judge by"}


def _coverage(found: Coverage) -> dict[str, Any]:
    plain = {name: value._asdict() if isinstance(value, Ratio) else value for name, value in found._asdict().items()}
    return {**plain, "verdict": found.verdict}


def _statistic(found: Statistic) -> dict[str, float]:
    return found._asdict()


def _note(dates: int, weak: Sequence[str]) -> str | None:
    if not weak:
        return None
    levels = ", ".join(f"{100.0 * float(level):g} %" for level in weak)
    return (
        f"On {dates} dates the exact test at {levels} more likely than not overlooks that exceedances are twice as "
        "frequent as they should be: passing it says little."
    )
