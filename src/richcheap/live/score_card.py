"""A running score card: the champion's prices of the live block beside the filter's and a simple baseline's.

Intervals go on adapting from where they were at the end of the test block, each date's from the dates before it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.metrics import interval_metrics, price_metrics
from richcheap.evaluation.score import ScoredBlock, actuals

Floats = NDArray[np.float64]

RETRAIN = "train again: `richcheap anchor --release`, then `richcheap run`"
OF_TEST = ("mae", "bias", "coverage", "interval_width")
"""Figures of metrics/evaluate.json that are shown beside those of the live block."""


def score_card(
    live: ScoredBlock,
    widths: Mapping[str, Floats],
    evaluation: Mapping[str, Any],
    drift: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the content of metrics/live.json.

    Parameters
    ----------
    live : ScoredBlock
        With the prices of those that are followed (`richcheap.evaluation.summary.followed`), the champion first.
    widths : mapping of str to ndarray
        Half-widths of their intervals, points.
    evaluation : mapping
        Content of metrics/evaluate.json.
    drift : mapping or None
        From the test block to the live one (`richcheap.drift.windows.later_drift`); None without a live date.

    Returns
    -------
    dict
        Totals and, for each date, mean absolute error, bias and coverage; ``retrain`` as drift has it. Without a live
        date the counts are 0 and there are no figures.
    """
    champion, *others = live.prices
    days = live.rows["date"].unique(maintain_order=True)
    found: dict[str, Any] = {
        "champion": champion,
        "compared_with": others,
        "rows": live.rows.height,
        "dates": days.len(),
        "first_date": str(days[0]) if days.len() else None,
        "last_date": str(days[-1]) if days.len() else None,
        "interval_coverage_target": evaluation["interval_coverage_target"],
        "predictors": {},
        "by_date": [],
        "drift": drift,
        "retrain": bool(drift and drift["retrain"]),
    }
    if not days.len():
        return found
    against, coverage = actuals(live.rows), evaluation["interval_coverage_target"]
    for name, price in live.prices.items():
        found["predictors"][name] = {
            **price_metrics(against, price),
            **interval_metrics(against.observed, price, widths[name], coverage),
            "test": {key: evaluation["predictors"][name][key] for key in OF_TEST},
        }
    return found | {"by_date": by_date(live, widths).to_dicts()}


def by_date(live: ScoredBlock, widths: Mapping[str, Floats]) -> pl.DataFrame:
    """Return ``date``, ``rows`` and each predictor's ``NAME_mae``, ``NAME_bias`` and ``NAME_coverage`` by date."""
    errors = {name: pl.Series(name, price - live.rows["clean_price"].to_numpy()) for name, price in live.prices.items()}
    return (
        live.rows.select("date")
        .with_columns(*errors.values(), *(pl.Series(f"{name}_width", widths[name]) for name in errors))
        .group_by("date", maintain_order=True)
        .agg(
            pl.len().alias("rows"),
            *(pl.col(name).abs().mean().alias(f"{name}_mae") for name in errors),
            *(pl.col(name).mean().alias(f"{name}_bias") for name in errors),
            *((pl.col(name).abs() <= pl.col(f"{name}_width")).mean().alias(f"{name}_coverage") for name in errors),
        )
    )


def sentences(card: Mapping[str, Any]) -> list[str]:
    """Say in a few lines how the live dates went, and whether to train again."""
    if not card["rows"]:
        return ["live: no date after the test block"]
    champion, target, latest = card["champion"], card["interval_coverage_target"], card["by_date"][-1]
    own, drift = card["predictors"][champion], card["drift"]
    on_test = f"{own['test']['mae']:.4f} on the test block"
    others = "".join(f", {name} {card['predictors'][name]['mae']:.4f}" for name in card["compared_with"])
    errors = f"mean absolute error of {champion} {own['mae']:.4f} points ({on_test}{others})"
    error, bias, coverage = (latest[f"{champion}_{name}"] for name in ("mae", "bias", "coverage"))
    of_latest = f"{error:.4f} points, bias {bias:+.4f}, coverage {coverage:.1%}"
    score = "" if drift["score"] is None else f", score {drift['score']:.2f}"
    calm = "too few dates to tell" if drift["status"] == "unknown" else "no need to train again"
    remedy = RETRAIN if card["retrain"] else calm
    return [
        f"live: {card['rows']:,} rows of {card['dates']:,} dates, {card['first_date']} to {card['last_date']}",
        f"live: {errors}, bias {own['bias']:+.4f}, coverage {own['coverage']:.1%} (target {target:.0%})",
        f"live: on {latest['date']} {latest['rows']:,} rows: {of_latest}",
        f"live: drift {drift['status']}{score}: {remedy}",
    ]
