"""Stage ``stress``: files and figures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.risk.portfolio_history import describe_portfolio, portfolio_table
from stages import stress
from tests.features.datasets import write_table
from tests.risk.books import held, market

SCENARIOS = [
    {"name": "up", "curve_bp": 200.0, "spread_bp": 0.0, "spread_multiples": None, "liquidity_multiple": 1.0},
    {"name": "wide", "curve_bp": 0.0, "spread_bp": 100.0, "spread_multiples": None, "liquidity_multiple": 5.0},
]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    position, window = held()
    table = portfolio_table(position, window, market().prints, market().curves)
    write_parquet(table, stress.PORTFOLIO)
    write_parquet(market().valuation.curves, paths.CURVES)
    test = market().valuation.prints.tail(60)
    write_table(test, paths.DATASET_TEST, 20)
    price = test["clean_price"] + pl.Series(np.random.default_rng(1).normal(0.0, 0.3, test.height))
    columns = {"m": price, "m_low": price - 0.4, "m_high": price + 0.4}
    write_parquet(test.select("bond_id", "date", "clean_price").with_columns(**columns), paths.PREDICTIONS)
    described = {
        "currency": "USD",
        "date": "2024-02-01",
        "weights": "equal",
        "portfolio": describe_portfolio(position, table),
    }
    write_json(described, stress.TAIL_RISK)
    Path("params.yaml").write_text(json.dumps({"stress": {"scenarios": SCENARIOS}}), encoding="utf-8")
    return tmp_path


def figures() -> Any:
    return json.loads(stress.METRICS.read_text(encoding="utf-8"))


def test_every_scenario_is_told_for_portfolio_and_predictions():
    stress.main()
    found = figures()
    assert [scenario["name"] for scenario in found["scenarios"]] == ["up", "wide"]
    for scenario in found["scenarios"]:
        assert scenario["portfolio"]["pnl"] < 0.0
        assert list(scenario["predictions"]) == ["m"]
        assert scenario["predictions"]["m"]["bonds"] == found["prediction_rows"]
    assert found["scenarios"][1]["portfolio"]["liquidity_cost"] > 0.0
    assert found["portfolio"]["bonds"] > 0


def test_running_twice_writes_the_same_bytes():
    stress.main()
    first = stress.METRICS.read_bytes()
    stress.main()
    assert stress.METRICS.read_bytes() == first


def test_predictions_of_other_rows_are_refused():
    write_table(market().valuation.prints.tail(59), paths.DATASET_TEST, 20)
    with pytest.raises(
        ArtifactError, match=r"predictions/test\.parquet: must hold the rows of .* `dvc repro evaluate`"
    ):
        stress.main()
