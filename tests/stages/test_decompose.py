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
