"""Small markets of any bonds, run through every stage in one process."""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.errors import LeftOutError
from richcheap.pipeline.execution.left_out import leave_out
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import file_md5, write_parquet
from stages import (
    convert,
    decompose,
    drift,
    evaluate,
    factor_model,
    features,
    ingest,
    kalman,
    lists,
    live,
    market,
    oracle,
    regime_detector,
    report,
    signals,
    stress,
    tail_risk,
    train,
    tune,
)
from tests.conftest import ROOT
from tests.projects import SMALL, configure, keep_models

NAME = "ml_adjuster"
STAGES: tuple[Callable[[], None], ...] = (
    *(ingest.main, convert.main, market.main, kalman.main, features.main, train.main, drift.main, tune.main),
    *(factor_model.main, regime_detector.main, tail_risk.main, evaluate.main, decompose.main, signals.main),
    *(live.main, lists.main, stress.main, report.main),
)
PRONE = {
    "factor_model.min_dates": 5,
    "factor_model.bucket_coverage": 0.05,
    "regime_detector.dates_per_state": 5,
    "tail_risk.min_dates": 10,
}
"""The least dates that stages may be told to make do with."""


def prices(dates: int, bonds: int) -> pl.DataFrame:
    """Return closes of half governments, half companies; they move a little from date to date."""
    days = [date(2026, 1, 5) + timedelta(days=k + 2 * (k // 5)) for k in range(dates)]
    return pl.DataFrame(
        [
            {
                "bond_id": f"B{bond:02d}",
                "date": day,
                "clean_price": round(99.0 - 0.4 * bond + 0.05 * ((7 * place + 3 * bond) % 11), 3),
                "maturity_date": date(2027 + bond % 20, 1, 15),
                "coupon_rate": 2.0 + 0.1 * bond,
                "bond_type": "treasury" if bond % 2 == 0 else "corporate",
                "rating": "AA" if bond % 2 == 0 else ("A", "BBB")[bond // 2 % 2],
            }
            for place, day in enumerate(days)
            for bond in range(bonds)
        ]
    )


def prepare(observations: pl.DataFrame, changes: dict[str, Any]) -> None:
    """Write the file, params of the small profile with one model, and a simulated market of other bonds."""
    shutil.copy2(ROOT / "params.yaml", ".")
    shutil.copy2(ROOT / "dvc.yaml", ".")
    shutil.copytree(ROOT / "params", "params")
    observations.write_csv("prices.csv")
    configure(Path(), {**SMALL, "data.observations": "prices.csv", **changes})
    keep_models(Path(), NAME)
    content = read_params().values
    for given in (
        content["data"]["curve"],
        content["data"]["terms"],
        content["tail_risk"]["weights"],
    ):  # files without a row
        Path(given).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / given, given)
    texts = {"bond_id": "other", "regime": "normal"}
    figures = dict.fromkeys(("mid_clean_price", "issuer_residual_bp", "bond_residual_bp"), 1.0)
    write_parquet(pl.DataFrame({**texts, "date": date(2020, 1, 1), **figures}), paths.SIMULATED_TRUTH)
    write_parquet(pl.DataFrame(schema=oracle.SCHEMA), paths.SIMULATED_OPTIMAL_FILTER)


def record() -> None:
    """Record the hashes of the models that there are, as DVC does."""
    models = [*Path().rglob("model.json")]
    outs = [{"path": path.as_posix(), "hash": "md5", "md5": file_md5(path)} for path in models]
    paths.LOCK.write_text(json.dumps({"schema": "2.0", "stages": {"all": {"outs": outs}}}), encoding="utf-8")


def metrics(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((paths.METRICS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def go() -> None:
    """Run every stage as its command does, but in this process."""
    for main in STAGES:
        try:
            main()
        except LeftOutError as reason:
            name = main.__module__.removeprefix("stages.")
            leave_out(name, [NAME] if name in ("train", "tune") else [], str(reason))
        record()
