"""A portfolio and predicted prices under stress, every one of them repriced from its cash flows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from richcheap.bonds.units import BP
from richcheap.numerics.linear_algebra import product
from richcheap.panel.ratings import BUCKETS
from richcheap.risk.params import Scenario
from richcheap.risk.shocks import BondsOnCurves, shocked_spreads

Floats = NDArray[np.float64]

WORST_BONDS = 10
LOW, HIGH = "_low", "_high"


def stress_portfolio(table: pl.DataFrame, bonds: BondsOnCurves, scenario: Scenario) -> dict[str, Any]:
    """Reprice a portfolio.

    Parameters
    ----------
    table : DataFrame
        Content of market_models/tail_risk/portfolio.parquet.
    bonds : BondsOnCurves
        The same bonds, in the same order.
    scenario : Scenario

    Returns
    -------
    dict
        Shares of the market value: ``pnl`` from the cash flows, ``duration_convexity`` to second order,
        ``liquidity_cost`` of selling at prices that lie further below value by as much as a print's noise has grown.
        ``pnl_points``, per 100 of face; the profit by rating, the best first; the bonds that lose most.
    """
    weight, spread = table["weight"].to_numpy(), table["spread"].to_numpy()
    price, duration, convexity = bonds.sensitivities(spread)
    after = shocked_spreads(spread, bonds.bucket, scenario)
    change = bonds.shifted(scenario.curve_bp).prices(after[:, None])[:, 0] / price - 1.0
    move = bonds.curve_shares() * scenario.curve_bp / BP + after - spread
    rough = 0.5 * convexity * move**2 - duration * move
    noise = table["noise_bp"].fill_null(0.0).to_numpy() / BP
    cost = (scenario.liquidity_multiple - 1.0) * noise * duration
    profit = weight * change
    order = np.argsort(profit, kind="stable")[:WORST_BONDS]
    names = table["bond_id"].to_list()
    callable_ = table["callable"].fill_null(value=False).to_numpy()
    return {
        "pnl": float(profit.sum()),
        "pnl_points": float(profit.sum() / (weight / price).sum()),
        "duration_convexity": float(product(weight, rough)),
        "largest_error": float(np.abs(rough - change).max()),
        "liquidity_cost": float(product(np.abs(weight), cost)),
        "callable_pnl": float(profit[callable_].sum()),
        "ratings": _by_rating(table, weight, profit),
        "worst_bonds": [{"bond_id": names[at], "pnl": profit[at], "change": change[at]} for at in order.tolist()],
    }


def _by_rating(table: pl.DataFrame, weight: Floats, profit: Floats) -> list[dict[str, Any]]:
    ratings = table["rating_bucket"].to_numpy()
    return [
        {
            "rating": name,
            "bonds": int((ratings == name).sum()),
            "weight": float(weight[ratings == name].sum()),
            "pnl": float(profit[ratings == name].sum()),
        }
        for name in sorted(set(table["rating_bucket"].to_list()), key=BUCKETS.index)
    ]


def predictors(predictions: pl.DataFrame) -> list[str]:
    """Return the predictors whose prices and intervals a table of predictions holds."""
    names = [name.removesuffix(LOW) for name in predictions.columns if name.endswith(LOW)]
    return [name for name in names if name in predictions.columns and f"{name}{HIGH}" in predictions.columns]


def latest_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each bond's latest row of rows sorted by date, in the order of the rows."""
    return rows.unique("bond_id", keep="last", maintain_order=True)


def stress_predictions(
    rows: pl.DataFrame, names: Sequence[str], bonds: BondsOnCurves, scenario: Scenario
) -> dict[str, dict[str, Any]]:
    """Reprice what models predicted, and see whether the same bonds still look rich or cheap.

    The spread at a predicted price is shocked as the observed one is, and both are repriced. The arms of an interval
    grow with the bond's DV01 and with the scenario's liquidity multiple.

    Parameters
    ----------
    rows : DataFrame
        Rows of the test block with ``clean_price``, ``accrued_interest``, and for each predictor its price, ``..._low``
        and ``..._high``.
    names : sequence of str
        The predictors.
    bonds : BondsOnCurves
        Of the same rows.
    scenario : Scenario

    Returns
    -------
    dict
        For each predictor ``bonds``, ``mean_change`` of its prices (points), ``signals_before`` and ``signals_after``
        (bonds outside their interval), ``flips`` (bonds whose signal changes), ``lost`` and ``new`` among them, and
        ``spearman``, the rank correlation of the distances in units of the interval.
    """
    accrued = rows["accrued_interest"].to_numpy()
    clean = rows.select("clean_price", *names).to_numpy() + 0.0
    spread = np.column_stack([bonds.spreads(column + accrued) for column in clean.T])
    stressed = bonds.shifted(scenario.curve_bp)
    after = shocked_spreads(spread, bonds.bucket, scenario)
    shocked = stressed.prices(after) - accrued[:, None]
    risk, risk_after = (_dv01(each, at[:, 0]) for each, at in ((bonds, spread), (stressed, after)))
    growth = scenario.liquidity_multiple * risk_after / risk
    found = {}
    for place, name in enumerate(names, start=1):
        low, high = rows[f"{name}{LOW}"].to_numpy(), rows[f"{name}{HIGH}"].to_numpy()
        before = _distance(clean[:, 0] - clean[:, place], clean[:, place] - low, high - clean[:, place])
        arms = ((clean[:, place] - low) * growth, (high - clean[:, place]) * growth)
        later = _distance(shocked[:, 0] - shocked[:, place], *arms)
        found[name] = _compare(before, later, shocked[:, place] - clean[:, place])
    return found


def _dv01(bonds: BondsOnCurves, spread: Floats) -> Floats:
    price, duration, _ = bonds.sensitivities(spread)
    return price * duration


def _distance(points: Floats, below: Floats, above: Floats) -> Floats:
    arm = np.where(points >= 0.0, above, below)
    distance: Floats = np.divide(points, arm, out=np.full(points.shape, np.nan), where=arm > 0.0)
    return distance


def _compare(before: Floats, after: Floats, change: Floats) -> dict[str, Any]:
    known = np.isfinite(before) & np.isfinite(after)
    first, second = (np.sign(each[known]) * (np.abs(each[known]) > 1.0) for each in (before, after))
    ranked = known.sum() > 2 and np.ptp(before[known]) > 0.0 and np.ptp(after[known]) > 0.0
    return {
        "bonds": int(known.sum()),
        "mean_change": float(change[known].mean()) if known.any() else np.nan,
        "signals_before": int((first != 0.0).sum()),
        "signals_after": int((second != 0.0).sum()),
        "flips": int((first != second).sum()),
        "lost": int(((first != 0.0) & (second == 0.0)).sum()),
        "new": int(((first == 0.0) & (second != 0.0)).sum()),
        "spearman": float(stats.spearmanr(before[known], after[known]).statistic) if ranked else np.nan,
    }
