"""The data path is what the graph of dvc.yaml says: a stage that is added to it is measured too."""

import json
import shutil

import pytest

from benchmarks.graph import data_path
from dvc_parallel.system.errors import ProjectError
from richcheap.pipeline.storage import paths
from tests.conftest import ROOT

OBSERVATIONS = "training_data/simulated/observations.parquet"
DATASET = paths.DATASET_TRAIN.as_posix()


def write(folder, stages):
    """Write a project of stages, each given by what it reads and what it writes."""
    made = {
        name: {"cmd": f"python -m stages.{name}", "deps": reads, "outs": writes}
        for name, (reads, writes) in stages.items()
    }
    (folder / "dvc.yaml").write_text(json.dumps({"stages": made}))
    return folder


def names(steps):
    return [step.name for step in steps]


def test_every_stage_between_the_observations_and_the_dataset_is_found_in_order(tmp_path):
    stages = {
        "last": (["b.parquet", "new.parquet"], [DATASET]),
        "judge": ([OBSERVATIONS], ["judged.parquet"]),
        "added": (["b.parquet"], ["new.parquet"]),
        "second": (["a.parquet"], ["b.parquet"]),
        "first": ([OBSERVATIONS, "checked.txt"], ["a.parquet"]),
        "source": (["checked.txt"], [OBSERVATIONS, "truth.parquet"]),
        "checker": ([], ["checked.txt"]),
        "after": ([DATASET], ["model"]),
    }
    found = data_path(write(tmp_path, stages), OBSERVATIONS)
    assert names(found.beside) == ["checker"]
    assert found.source.name == "source"
    assert names(found.steps) == ["first", "second", "added", "last"]
    assert found.steps[2].words == ("python", "-m", "stages.added")
    assert [out.as_posix() for out in found.steps[2].outs] == ["new.parquet"]


def test_the_projects_own_path_leaves_out_no_stage_that_the_dataset_needs(tmp_path):
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy2(ROOT / name, tmp_path)
    found = data_path(tmp_path, OBSERVATIONS)
    assert "kalman" in names(found.steps)
    made = {out for step in (*found.beside, found.source, *found.steps) for out in step.outs}
    assert {paths.OBSERVATIONS, paths.BONDS, paths.MARKET, paths.KALMAN, paths.DATASET_TEST} <= made
    assert not {"oracle", "train@ml_adjuster", "evaluate"} & {*names(found.beside), *names(found.steps)}


def test_observations_that_no_stage_makes_are_told(tmp_path):
    folder = write(tmp_path, {"last": (["prices.csv"], [DATASET])})
    with pytest.raises(ProjectError, match=r"^data\.observations: no stage of the data path makes prices\.csv$"):
        data_path(folder, "prices.csv")


def test_a_dvc_yaml_that_cannot_be_read_is_told_in_one_line(tmp_path):
    (tmp_path / "dvc.yaml").write_text("stages: [")
    with pytest.raises(ProjectError, match=r"^[^\n]+$"):
        data_path(tmp_path, OBSERVATIONS)
