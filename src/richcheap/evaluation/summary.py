"""The few figures of an evaluation that `dvc metrics show` and `dvc plots` have room for."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from richcheap.evaluation.metrics import METRICS
from richcheap.evaluation.score import ScoredBlock
from richcheap.features.baselines import FILTER

PLOTTED_POINTS = 2000


def headline(result: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the figures of metrics/headline.json from those of metrics/evaluate.json."""
    predictors, champion = result["predictors"], result["best_model"]
    simple, best = result["best_simple_baseline"], result["best_baseline"]
    chosen: dict[str, Any] = {
        "champion": champion,
        "champion_mae": predictors[champion]["mae"] if champion else None,
        "best_simple_baseline": simple,
        "best_simple_baseline_mae": predictors[simple]["mae"],
        f"{FILTER}_mae": predictors[FILTER]["mae"],
        "best_baseline": best,
        "best_baseline_mae": predictors[best]["mae"],
    }
    for name, figures in predictors.items():
        if figures["kind"] == "model":
            skill = result["skill"][name]
            chosen[name] = {
                **{metric.key: figures[metric.key] for metric in METRICS if metric.headline},
                **{
                    f"skill_{against}": {key: skill[against][key] for key in ("skill", "low", "high", "verdict")}
                    for against in ("against_best_simple_baseline", f"against_{FILTER}")
                },
                "verdict": skill["against_best_baseline"]["verdict"],
            }
    return chosen


def best_predictor(result: Mapping[str, Any]) -> str:
    """Return the best model, or without models the best baseline."""
    return str(result["best_model"] or result["best_baseline"])


def followed(result: Mapping[str, Any]) -> list[str]:
    """Return whom the live block follows: the best predictor, the filter and the best simple baseline, each once."""
    return list(dict.fromkeys([best_predictor(result), FILTER, str(result["best_simple_baseline"])]))


def slice_table(result: Mapping[str, Any], cut: str) -> pl.DataFrame:
    """Return the best predictor's error in each cell of a cut: ``cell`` and ``mae``."""
    best = best_predictor(result)
    rows = [(entry["cell"], entry["predictors"][best]["mae"]) for entry in result["slices"][cut]]
    return pl.DataFrame(rows, schema=["cell", "mae"], orient="row")


def plotted_points(test: ScoredBlock, name: str) -> pl.DataFrame:
    """Return every k-th observed and predicted price of a predictor, at most `PLOTTED_POINTS`."""
    table = pl.DataFrame({"observed": test.rows["clean_price"], "predicted": test.prices[name]})
    return table.gather_every(max(1, -(-table.height // PLOTTED_POINTS)))
