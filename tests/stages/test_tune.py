"""Stage ``tune@NAME``: replaces a model when that is sure, and only then."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.importance import linear_price
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import read_table
from stages import drift, tune
from tests.conftest import ROOT
from tests.drift.drifting import block, priced
from tests.features.datasets import write_table
from tests.models.datasets import restored
from tests.stages.test_drift import NAME, PARAMS, prepare

MADE = ("model.json", "validation.parquet")


def once_otherwise(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose signal was the opposite one until three fifths of the dates were over."""
    days = rows["date"].unique().sort()
    old = pl.col("date") < days[round(0.6 * days.len())]
    return priced(rows.with_columns(target_bp=pl.when(old).then(-pl.col("target_bp")).otherwise("target_bp")))


def project(folder: Path, learned: pl.DataFrame) -> Path:
    """Make a project with a model that has learned from some rows, and its drift."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        prepare(monkeypatch, learned, block("validation", seed=2))
        drift.main()
    return folder


@pytest.fixture(scope="module")
def steady_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("steady"), block("train"))


@pytest.fixture(scope="module")
def changed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("changed"), once_otherwise(block("train")))


def entered(made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, folder, dirs_exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["tune", NAME])
    return folder


@pytest.fixture
def steady(steady_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose market did not change."""
    return entered(steady_project, tmp_path, monkeypatch)


@pytest.fixture
def changed(changed_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose market changed within the training block."""
    return entered(changed_project, tmp_path, monkeypatch)


def result() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(tune.metrics_file(NAME).read_text(encoding="utf-8"))
    return loaded


def written(folder: Path) -> list[bytes]:
    return [(folder / NAME / name).read_bytes() for name in MADE]


def set_params(old: str, new: str) -> None:
    assert old in PARAMS
    Path("params.yaml").write_text(PARAMS.replace(old, new), encoding="utf-8")


def test_a_model_that_only_gets_worse_stays_the_very_bytes(steady: Path) -> None:
    tune.main()
    assert not result()["replaced"]
    assert result()["verdict"].startswith("kept: ")
    assert written(paths.TUNED) == written(paths.MODELS)
    assert len(result()["candidates"]) == 3
    assert result()["confirmation"]["before"]["mae"] > 0.0


def test_a_model_that_learned_from_a_market_of_the_past_is_replaced(changed: Path) -> None:
    tune.main()
    found = result()
    assert found["verdict"] == "replaced"
    assert found["chosen"]["window_share"] < 0.6
    assert found["gain"]["verdict"] == "better"
    assert found["confirmation"]["after"]["mae"] < 0.9 * found["confirmation"]["before"]["mae"]
    assert written(paths.TUNED)[0] != written(paths.MODELS)[0]


def test_the_replacement_is_the_one_that_was_confirmed(changed: Path) -> None:
    tune.main()
    model = restored(paths.tuned_model_file(NAME).read_bytes())
    rows = read_table(paths.DATASET_VALIDATION)
    predictions = pl.read_parquet(paths.TUNED / NAME / "validation.parquet")
    np.testing.assert_array_equal(predictions["prediction_bp"], model.predict(rows))
    days = rows["date"].unique().sort()
    kept_back = rows["date"] >= days[round(days.len() / 2)]
    error = np.abs(linear_price(rows, model.predict(rows)) - rows["clean_price"].to_numpy())
    assert error[kept_back.to_numpy()].mean() == pytest.approx(result()["confirmation"]["after"]["mae"], rel=1e-9)


def test_the_choice_does_not_depend_on_the_dates_kept_back(changed: Path) -> None:
    tune.main()
    first = result()["candidates"]
    rows = read_table(paths.DATASET_VALIDATION)
    days = rows["date"].unique().sort()
    late = pl.col("date") >= days[round(days.len() / 2)]
    other = rows.with_columns(clean_price=pl.when(late).then(pl.col("clean_price") + 3.0).otherwise("clean_price"))
    for part in sorted(paths.DATASET_VALIDATION.iterdir()):
        part.unlink()
    write_table(other, paths.DATASET_VALIDATION)
    tune.main()
    assert result()["candidates"] == first


def test_fresh_processes_with_other_workers_and_hash_seeds_write_the_same_bytes(changed: Path) -> None:
    results = []
    for count in ("1", "2"):
        set_params("workers: 1", f"workers: {count}")
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": count, "PYTHONHASHSEED": count}
        subprocess.run([sys.executable, "-m", "stages.tune", NAME], check=True, env=env, capture_output=True)
        results.append([*written(paths.TUNED), tune.metrics_file(NAME).read_bytes()])
    assert results[0] == results[1]


def test_finished_variations_are_kept(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_params("checkpoints: null", "checkpoints: kept")
    tune.main()
    capsys.readouterr()
    tune.main()
    assert "variations: 3 of 3 found in kept/tune/ml_adjuster" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ('"trials": 3', '"trials": 0', "kept: no trials were asked for"),
        ('"only_flagged": false', '"only_flagged": true', "kept: it has not drifted"),
        ('"selection_share": 0.5', '"selection_share": 0.9', "kept: the validation block has too few dates"),
        ('"min_gain": 0.002', '"min_gain": 0.5', "kept: "),
    ],
)
def test_a_model_that_is_not_varied_stays_the_very_bytes(steady: Path, old: str, new: str, verdict: str) -> None:
    set_params(old, new)
    tune.main()
    assert result()["verdict"].startswith(verdict)
    assert written(paths.TUNED) == written(paths.MODELS)


@pytest.mark.parametrize("arguments", [[], ["ml_ajuster"], [NAME, "more"]])
def test_exactly_one_known_name_is_expected(steady: Path, arguments: list[str]) -> None:
    with pytest.raises(ParamsError, match=r"stages.tune NAME: NAME must be one of ml_adjuster, got "):
        tune.model_name(arguments, [NAME])
