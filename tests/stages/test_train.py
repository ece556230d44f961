"""Stage ``train@NAME``, as DVC runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.pipeline.errors import ArtifactError, LeftOutError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, write_parquet
from richcheap.pipeline.storage.tables import part_paths, read_table
from stages import train
from tests.conftest import ROOT
from tests.features.datasets import write_table
from tests.models.datasets import blocks, planted, restored

PARAMS = """
seed: 5
models:
  ml_adjuster:
    {trees: 10, leaf_rows: 10, feature_share: 0.6, row_share: 0.8, target_clip_share: 0.005}
compute: {chunk_rows: 10000, backend: threading, workers: 1, scheduler: null, checkpoints: kept}
"""
NAME = "ml_adjuster"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder with what the stage may read; there is no test block."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train", NAME])
    write_table(planted(blocks()["train"], seed=1), paths.DATASET_TRAIN)
    write_table(planted(blocks()["validation"], seed=2), paths.DATASET_VALIDATION)
    Path("params.yaml").write_text(PARAMS, encoding="utf-8")
    return tmp_path


def made() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(paths.MODELS.rglob("*")) if path.is_file()}


def test_a_model_and_its_validation_predictions_are_written_and_the_test_block_is_not_needed(workspace: Path) -> None:
    train.main()
    assert list(made()) == [
        "models/ml_adjuster/findings.json",
        "models/ml_adjuster/model.json",
        "models/ml_adjuster/validation.parquet",
    ]
    written = pl.read_parquet(paths.validation_predictions(NAME))
    rows = read_table(paths.DATASET_VALIDATION)
    assert written.columns == ["bond_id", "date", "prediction_bp"]
    assert written.select("bond_id", "date").equals(rows.select("bond_id", "date"))
    np.testing.assert_array_equal(written["prediction_bp"], restored(paths.model_file(NAME).read_bytes()).predict(rows))


def test_what_training_found_is_written_beside_the_model(workspace: Path) -> None:
    train.main()
    model = restored(paths.model_file(NAME).read_bytes())
    found = read_json(paths.training_findings(NAME))
    assert found == {"model": NAME, "multiplier": model.multiplier_, "leaderboard": []}


def test_fresh_processes_with_other_threads_and_hash_seeds_write_the_same_bytes(workspace: Path) -> None:
    results = []
    for count in ("1", "2"):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": count, "PYTHONHASHSEED": count}
        subprocess.run([sys.executable, "-m", "stages.train", NAME], check=True, env=env, capture_output=True)
        results.append(made())
    assert results[0] == results[1]


@pytest.fixture
def search(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set a model to train that searches, of which pieces are kept; return its params."""
    settings = "{trials: 2, keep_share: 0.5, folds: 1, fold_share: 0.2, embargo_dates: 1, search_rows: 1000, "
    settings += "learning_rate: 0.1, rounds: 20, round_step: 10, seeds: 1, target_clip_share: 0.0}"
    text = PARAMS.replace("models:", f"models:\n  enhanced_ml_adjuster: {settings}")
    Path("params.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["train", "enhanced_ml_adjuster"])
    return text


def test_a_folder_of_checkpoints_that_cannot_be_written_is_told_and_changes_no_byte(
    search: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train.main()
    first = made()
    capsys.readouterr()
    shutil.rmtree("kept")
    Path("kept").write_text("no folder", encoding="utf-8")
    train.main()
    assert made() == first
    metrics = [line for line in capsys.readouterr().err.splitlines() if "checkpoints" in line]
    assert [line.split(": ")[0] for line in metrics] == [
        "train enhanced_ml_adjuster, search, fold 1 of 1", "train enhanced_ml_adjuster, final models"
    ]  # fmt: skip
    assert all(line.endswith("going on without") for line in metrics)


def test_finished_evaluations_are_kept_where_params_say_and_change_no_byte(
    search: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = search
    train.main()
    first, kept = made(), sorted(Path("kept/enhanced_ml_adjuster").iterdir())
    assert len(kept) == 3  # two evaluations and a final model
    capsys.readouterr()
    train.main()
    assert "search, fold 1 of 1: 2 of 2 found in kept/enhanced_ml_adjuster" in capsys.readouterr().err
    Path("params.yaml").write_text(text.replace("trials: 2", "trials: 3"), encoding="utf-8")
    train.main()
    assert "search, fold 1 of 1: 2 of 3 found in kept/enhanced_ml_adjuster" in capsys.readouterr().err
    shutil.rmtree("kept")
    Path("params.yaml").write_text(text, encoding="utf-8")
    train.main()
    assert made() == first


def test_an_unknown_model_ends_in_one_line_with_the_known_ones(workspace: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "stages.train", "ml_ajuster"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    line = "error: python -m stages.train NAME: NAME must be one of ml_adjuster, got ml_ajuster\n"
    assert done.stderr == line
    assert not paths.MODELS.exists()


@pytest.mark.parametrize(("arguments", "given"), [([], "nothing"), ([NAME, "more"], "ml_adjuster more")])
def test_exactly_one_name_is_expected(workspace: Path, arguments: list[str], given: str) -> None:
    with pytest.raises(ParamsError, match=f"must be one of ml_adjuster, got {given}$"):
        train.model_name(arguments)


@pytest.mark.parametrize("path", [paths.DATASET_TRAIN, paths.DATASET_VALIDATION])
def test_a_block_without_rows_is_told_and_nothing_is_written(workspace: Path, path: Path) -> None:
    for part in part_paths(path):
        write_parquet(pl.read_parquet(part).clear(), part)
    with pytest.raises(LeftOutError, match=f"^{path} has no rows: too few dates"):
        train.main()
    assert not paths.MODELS.exists()


def test_a_missing_block_is_told(workspace: Path) -> None:
    shutil.rmtree(paths.DATASET_TRAIN)
    with pytest.raises(ArtifactError, match=r"^training_data/dataset/train: no such table"):
        train.main()


def test_a_param_out_of_range_is_told(workspace: Path) -> None:
    Path("params.yaml").write_text(PARAMS.replace("trees: 10", "trees: 0"), encoding="utf-8")
    with pytest.raises(ParamsError, match=r"models.ml_adjuster.trees: must be greater than or equal to 1, got 0"):
        train.main()
