"""Stage ``decompose``: the parts of the prices that stage ``evaluate`` has written."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.decomposition.points import FAIR, START
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json
from richcheap.pipeline.storage.tables import read_table
from stages import decompose, evaluate
from tests.models.bayesian_optimizer.small import small
from tests.stages import test_evaluate

STEPS = ("curve", "rating", "coupon", "option", "issuer", "bond", "correction")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory):
    """An evaluation with one model, in the working folder."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(tmp_path_factory.mktemp("decomposed"))
        test_evaluate.write_truth(test_evaluate.prepare(monkeypatch))
        evaluate.main()
        yield


def made() -> pl.DataFrame:
    decompose.main()
    return pl.read_parquet(paths.DECOMPOSITION)


def sums(table: pl.DataFrame) -> np.ndarray:
    return table.select(pl.sum_horizontal(START, *(f"{step}_points" for step in STEPS))).to_series().to_numpy()


def test_the_parts_of_every_row_add_up_to_the_best_models_price(evaluated: None) -> None:
    table, predictions = made(), pl.read_parquet(paths.PREDICTIONS)
    assert table.select("bond_id", "date").equals(predictions.select("bond_id", "date"))
    assert table[FAIR].equals(predictions["ml_adjuster"].alias(FAIR))
    np.testing.assert_allclose(sums(table), predictions["ml_adjuster"], rtol=0.0, atol=1e-9)


def test_a_model_that_can_be_divided_tells_its_groups_on_the_latest_dates(
    evaluated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, validation = (read_table(folder) for folder in (paths.DATASET_TRAIN, paths.DATASET_VALIDATION))
    model = small().fit(train, validation)
    monkeypatch.setattr(decompose, "load_model", lambda _path: model)
    table = made()
    groups = [name for name in table.columns if name.startswith("correction_") and name.count("_") > 1]
    assert {"correction_start_bp", "correction_own_history_points", "correction_peers_points"} <= set(groups)
    known = table["correction_start_bp"].is_not_null()
    late = table.filter(known)
    assert late.height <= 50
    assert known.to_list() == [False] * (table.height - late.height) + [True] * late.height
    assert late["date"][0] not in table.filter(~known)["date"].to_list()
    np.testing.assert_allclose(sums(table), table[FAIR], rtol=0.0, atol=1e-9)
    for unit in ("bp", "points"):
        total = late.select(pl.sum_horizontal(name for name in groups if name.endswith(unit))).to_series()
        np.testing.assert_allclose(total, late[f"correction_{unit}"], rtol=0.0, atol=1e-9)


def test_running_twice_writes_the_same_bytes(evaluated: None) -> None:
    made()
    once = paths.DECOMPOSITION.read_bytes()
    made()
    assert paths.DECOMPOSITION.read_bytes() == once


def test_without_a_model_the_price_is_the_filters(evaluated: None, monkeypatch: pytest.MonkeyPatch) -> None:
    file = paths.METRICS / "evaluate.json"
    before = file.read_text(encoding="utf-8")
    write_json({**json.loads(before), "best_model": None}, file)
    table = made()
    Path(file).write_text(before, encoding="utf-8")
    np.testing.assert_allclose(table[FAIR], read_table(paths.DATASET_TEST)["baseline_kalman"], rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(table["correction_bp"], 0.0, atol=1e-9)
