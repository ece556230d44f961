"""Stage ``drift``, on a small market."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths
from stages import drift, train
from tests.conftest import ROOT
from tests.drift.drifting import DRIFT, TUNE, block
from tests.features.datasets import write_table

NAME = "ml_adjuster"
PARAMS = f"""
seed: 5
models:
  {NAME}:
    {{trees: 10, leaf_rows: 10, feature_share: 0.6, row_share: 0.8, target_clip_share: 0.005}}
drift: {json.dumps(DRIFT.model_dump() | {"permutations": 99, "feature_reliance_rows": 100})}
tune: {json.dumps(TUNE.model_dump())}
compute: {{chunk_rows: 10000, backend: threading, workers: 1, scheduler: null, checkpoints: null}}
"""


def prepare(monkeypatch: pytest.MonkeyPatch, learned: pl.DataFrame, validation: pl.DataFrame) -> None:
    """Write the blocks into the working folder, and train a model on them; there is no test block."""
    Path("params.yaml").write_text(PARAMS, encoding="utf-8")
    write_table(learned, paths.DATASET_TRAIN)
    write_table(validation, paths.DATASET_VALIDATION)
    monkeypatch.setattr(sys, "argv", ["train", NAME])
    train.main()
    model = paths.model_file(NAME)
    digest = hashlib.md5(model.read_bytes(), usedforsecurity=False).hexdigest()
    outs = [{"path": model.as_posix(), "hash": "md5", "md5": digest}]
    paths.LOCK.write_text(json.dumps({"schema": "2.0", "stages": {"train": {"outs": outs}}}), encoding="utf-8")


def result() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(paths.DRIFT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder with a trained model."""
    monkeypatch.chdir(tmp_path)
    prepare(monkeypatch, block("train"), block("validation", seed=2))
    return tmp_path


def test_training_and_validation_blocks_are_compared_and_the_test_block_is_not_needed(workspace: Path) -> None:
    drift.main()
    found = result()
    assert set(found["models"]) == {NAME}
    assert set(found["methods"]) >= {"matrix", "last_adjusted", "ewma", "peers"}
    assert found["windows"]["reference"]["last_date"] < found["windows"]["current"]["first_date"]
    assert sum(found["models"][NAME]["features"]["feature_reliance"].values()) == pytest.approx(1.0)
    assert [entry["feature"] for entry in found["features"]] == pl.read_csv(drift.FEATURE_PLOT)["feature"].to_list()
    assert found["status"] in {"steady", "watch", "retrain"}
    assert found["retrain"] == (found["status"] == "retrain")


def test_a_market_that_moved_flags_the_model(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the model relies on moves: years to maturity and what reverts."""
    validation = block("validation", seed=2)
    moved = validation.with_columns(pl.col("f_years_to_maturity") + 40.0, pl.col("f_reversion") * 100.0 + 500.0)
    shutil.rmtree(paths.DATASET_VALIDATION)
    write_table(moved, paths.DATASET_VALIDATION)
    Path("params.yaml").write_text(PARAMS.replace('"permutations": 99', '"permutations": 1999'), encoding="utf-8")
    # The few dates of the small market cannot show that they are independent.
    monkeypatch.setattr("richcheap.drift.populations.block_length", lambda *_: 1)
    drift.main()
    assert {entry["feature"] for entry in result()["features"] if entry["drifted"]} >= {"f_years_to_maturity"}


def test_a_validation_block_of_one_date_tells_features_and_notes_what_it_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    validation = block("validation", seed=2)
    prepare(monkeypatch, block("train"), validation.filter(pl.col("date") == validation["date"].min()))
    drift.main()
    found = result()
    model = found["models"][NAME]
    assert found["status"] == model["status"] == "unknown"
    assert model["note"].startswith("residuals, coverage, consensus: needs at least 5 dates in each window, has 0")
    assert model["residuals"]["growth"] is model["coverage"]["empirical"] is model["consensus"]["dispersion_bp"] is None
    assert len(found["features"]) == pl.read_csv(drift.FEATURE_PLOT).height


def test_a_fresh_process_with_other_threads_and_hash_seed_writes_the_same_bytes(workspace: Path) -> None:
    drift.main()
    here = paths.DRIFT.read_bytes(), drift.FEATURE_PLOT.read_bytes()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-m", "stages.drift"], check=True, env=env, capture_output=True)
    assert (paths.DRIFT.read_bytes(), drift.FEATURE_PLOT.read_bytes()) == here


def test_a_param_out_of_range_is_told(workspace: Path) -> None:
    Path("params.yaml").write_text(PARAMS.replace('"bins": 10', '"bins": 1'), encoding="utf-8")
    with pytest.raises(ParamsError, match=r"drift.bins: must be greater than or equal to 2, got 1"):
        drift.main()
