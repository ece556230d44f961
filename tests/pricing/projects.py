"""A small project that has run, as its stages leave it: for tests of prices on request."""

import json
from pathlib import Path

import polars as pl
import pytest

from richcheap.ingestion.params import DataParams
from richcheap.options.params import OptionsParams
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.relative_value.params import SignalsParams
from stages import drift, evaluate, features, kalman, market, train
from tests.drift.drifting import DRIFT
from tests.features.datasets import write_table
from tests.stages import test_evaluate
from tests.surface.markets import KALMAN, MARKET, no_curve, small_market

PART_ROWS = 300
BONDS = small_market(bonds=32, dates=60).with_columns(
    pl.col("source_row").cast(pl.Int64),
    *(pl.lit(None, pl.String).alias(name) for name in ("sector", "call_schedule")),
    call_date=pl.lit(None, pl.Date),
    call_price=pl.lit(None, pl.Float64),
    face_value=pl.lit(100.0),
)
DAYS = BONDS["date"].unique().sort()


def project_in(folder: Path) -> Path:
    """Make such a project in a folder, and return the folder."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        make_project(monkeypatch)
    return folder


def make_project(monkeypatch: pytest.MonkeyPatch, bonds: pl.DataFrame = BONDS, live_dates: int = 0) -> None:
    """Run the stages that prices come from in the working folder, with one model; the last dates may be live."""
    sections = {
        "market": MARKET,
        "kalman": KALMAN,
        "data": DataParams(),
        "signals": SignalsParams(history_min_prints=5),
        "options": OptionsParams(),
    }
    written = "".join(f"{name}: {json.dumps(one.model_dump(mode='json'))}\n" for name, one in sections.items())
    params = test_evaluate.PARAMS
    if live_dates:
        dated = bonds["date"].unique().sort()[:-live_dates]
        for name, share in (("train_end", 0.6), ("validation_end", 0.8), ("test_end", 1.0)):
            params = params.replace(f"{name}: null", f"{name}: {dated[int(share * len(dated)) - 1]}")
    text = f"{params}{written}drift: {DRIFT.model_dump_json()}\n"
    Path("params.yaml").write_text(text, encoding="utf-8")
    Path("dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    write_json({"units": {}}, paths.METRICS / "ingest.json")
    write_parquet(no_curve(), paths.BENCHMARK_CURVE)
    write_table(bonds, paths.BONDS, PART_ROWS)
    for stage in (market, kalman, features):
        stage.main()
    monkeypatch.setattr("sys.argv", ["train", "ml_adjuster"])
    train.main()
    test_evaluate.keep_model()
    drift.main()
    days = bonds.select("date").unique().sort("date")
    write_parquet(days.with_columns(regime=pl.lit(0, pl.Int8), name=pl.lit("calm")), paths.REGIMES)
    test_evaluate.write_truth(bonds)
    evaluate.main()
