"""Stage ``stress``: the portfolio and the models' predictions under scenarios, repriced cash flow by cash flow."""

from typing import Any

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, read_parquet, write_json
from richcheap.pipeline.storage.tables import read_table
from richcheap.risk.params import StressParams
from richcheap.risk.shocks import BondsOnCurves
from richcheap.risk.stress import latest_rows, predictors, stress_portfolio, stress_predictions

NAME = "stress"
PORTFOLIO = paths.MARKET_MODELS / "tail_risk" / "portfolio.parquet"
TAIL_RISK = paths.METRICS / "tail_risk.json"
METRICS = paths.METRICS / f"{NAME}.json"
KEYS = ("bond_id", "date")
TERMS: tuple[str, ...] = (
    *("bond_type", "credit_rating", "settlement_date", "maturity_date", "coupon_rate", "quoted_margin", "frequency"),
    *("day_count", "issue_date", "first_coupon_date", "reference_curve", "accrued_interest"),
)


def main() -> None:
    """Read portfolio, predictions and curves; write what each scenario does to them."""
    params, threads, described = load(StressParams, NAME), available_cores(), read_json(TAIL_RISK)
    curves, table = read_parquet(paths.CURVES), read_parquet(PORTFOLIO)
    held = BondsOnCurves.of(table, curves, threads)
    rows = latest_rows(predicted_rows(read_parquet(paths.PREDICTIONS), read_table(paths.DATASET_TEST, [*KEYS, *TERMS])))
    names, predicted = predictors(rows), BondsOnCurves.of(rows, curves, threads)
    scenarios = []
    for scenario in progress(params.scenarios, desc=NAME, unit="scenario"):
        found: dict[str, Any] = scenario.model_dump()
        found["portfolio"] = stress_portfolio(table, held, scenario)
        found["predictions"] = stress_predictions(rows, names, predicted, scenario)
        scenarios.append(found)
    chosen = {name: described[name] for name in ("currency", "date", "weights", "portfolio")}
    write_json({**chosen, "prediction_rows": rows.height, "scenarios": scenarios}, METRICS)


def predicted_rows(predictions: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    """Put the terms of the test block's rows beside what was predicted for them.

    Raises
    ------
    ArtifactError
        They are not the same rows.
    """
    if not predictions.select(KEYS).equals(test.select(KEYS)):
        raise ArtifactError(
            f"{paths.PREDICTIONS}: must hold the rows of {paths.DATASET_TEST}, but holds others; "
            "run `dvc repro evaluate` to make it anew"
        )
    return predictions.hstack(test.select(name for name in TERMS if name not in predictions.columns))


if __name__ == "__main__":
    run(main, __doc__)
