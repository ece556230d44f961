"""Stage ``regime_detector``: the same bytes each time, and truth that scores but does not teach."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from stages import regime_detector
from tests.regimes.markets import BLOCKS, CURVE_FACTORS, PARAMS, switching

METRICS = paths.METRICS / "regime_detector.json"
MODEL = paths.market_model_file(regime_detector.NAME)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make(300)
    return tmp_path


def make(dates: int) -> None:
    """Write what the stage reads: a switching market, without its truth."""
    market = switching(dates)[0]
    if dates < BLOCKS["test"].stop:
        tercile = dates // 3
        names = ["train"] * tercile + ["validation"] * tercile + ["test"] * (dates - 2 * tercile)
        market = market.with_columns(pl.Series("block", names))
    write_parquet(market, regime_detector.FACTORS)
    write_json({"curve_factors": CURVE_FACTORS}, paths.METRICS / "factor_model.json")
    paths.PARAMS.write_text(json.dumps({"seed": 1, "regime_detector": PARAMS.model_dump()}), encoding="utf-8")


def make_truth(dates: int) -> None:
    """Write the simulator's truth of the first dates, several bonds a date."""
    market, regime = switching()
    truth = market.select("date").with_columns(pl.Series("regime", ["calm" if r == 0 else "crisis" for r in regime]))
    write_parquet(pl.concat([truth.head(dates)] * 2).sort("date"), paths.SIMULATED_TRUTH)


def metrics() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(METRICS.read_text(encoding="utf-8"))
    return described


def test_two_runs_write_the_same_bytes(workspace: Path) -> None:
    outputs = (MODEL, paths.REGIMES, METRICS)
    regime_detector.main()
    once = [path.read_bytes() for path in outputs]
    regime_detector.main()
    assert [path.read_bytes() for path in outputs] == once
    assert pl.read_parquet(paths.REGIMES).columns[:6] == [
        *("date", "block", "regime", "name", "regime_before", "name_before")
    ]


def test_the_truth_scores_and_does_not_teach(workspace: Path) -> None:
    regime_detector.main()
    undetermined = paths.REGIMES.read_bytes()
    assert not metrics()["truth_known"]
    make_truth(300)
    regime_detector.main()
    assert paths.REGIMES.read_bytes() == undetermined
    methods = metrics()["methods"]
    assert (
        methods[metrics()["chosen"]]["adjusted_rand"]["test"] > methods["volatility_terciles"]["adjusted_rand"]["test"]
    )


def test_a_truth_of_other_dates_is_no_truth(workspace: Path) -> None:
    make_truth(299)
    regime_detector.main()
    assert not metrics()["truth_known"]


def test_a_market_of_few_dates_has_one_regime_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(60)
    regime_detector.main()
    assert metrics()["status"].startswith("one regime: 20 training dates")
    assert pl.read_parquet(paths.REGIMES)["name"].unique().to_list() == ["normal"]


def test_a_training_block_without_a_change_has_one_regime_of_which_nothing_is_known(workspace: Path) -> None:
    """The first date has none: a training block of one date is not in the table of changes."""
    market = pl.read_parquet(regime_detector.FACTORS).filter(pl.col("block") != "train")
    market = market.drop(CURVE_FACTORS)
    write_parquet(market, regime_detector.FACTORS)
    write_json({"curve_factors": []}, paths.METRICS / "factor_model.json")
    regime_detector.main()
    assert metrics()["status"].startswith("one regime")
    assert metrics()["methods"]["no_regime"]["log_density"]["train"] is None
    assert [regime["share"] for regime in metrics()["regimes"]] == [None]
