"""Rivals get what ours get and no more; what they predict is priced and judged as ours is; who is absent is named."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.automl import contestants, rivals
from benchmarks.automl.blocks import CHOSEN_ON, JUDGED_ON, LEARNED, read_block
from benchmarks.automl.contestants import Contestant, export
from benchmarks.automl.costs import Cost, measured
from benchmarks.automl.judge import COLUMNS, Judge
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import read_table
from tests.pricing.projects import project_in

COST = Cost(cpu_seconds=1.0, wall_seconds=2.0, peak_mb=3.0)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_in(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def blocks(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blocks")
    export(project, folder)
    return folder


def test_rivals_learn_from_the_training_rows_and_never_get_a_target_of_the_test_block(project: Path, blocks: Path):
    for name, place in zip(
        (LEARNED, CHOSEN_ON, JUDGED_ON),
        (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST),
        strict=True,
    ):
        block, rows = read_block(name, blocks), read_table(project / place)
        assert len(block.matrix) == len(block.day) == len(block.weight) == rows.height
        assert len(block.target) == (0 if name == JUDGED_ON else rows.height)
    train, test = read_block(LEARNED, blocks), read_block(JUDGED_ON, blocks)
    assert train.day.max() < test.day.min()
    assert train.weight.mean() == pytest.approx(1.0)


def test_a_rival_that_predicts_nothing_is_the_filter_and_its_shrinkage_is_ours(project: Path):
    rows = [read_table(project / place) for place in (paths.DATASET_VALIDATION, paths.DATASET_TEST)]
    truth = np.concatenate([(one["target_bp"] - one["f_kalman_gap"]) / one["f_kalman_std"] for one in rows])
    judge = Judge(project)
    found = [
        Contestant("nothing", True, "", np.zeros(truth.size), COST, version="1"),
        Contestant("opposite", True, "", -truth, COST, version="1"),
        Contestant("truth", True, "", truth, COST, version="1"),
        Contestant("ours", False, "", np.concatenate([one["target_bp"] for one in rows]), COST, 0.1, 2.0, 0.3),
        Contestant("absent", True, "it is not installed"),
    ]
    for one in found:
        judge.add(one)
    lines: dict[Any, dict[str, Any]] = {line[0]: dict(zip(COLUMNS, line, strict=True)) for line in judge.rows(found)}
    kalman, test, shrunk = lines["`kalman`"], "test MAE, points", "shrunk: test MAE, points"
    assert lines["nothing"][test] == lines["nothing"][shrunk] == lines["opposite"][shrunk] == kalman[test]
    assert lines["opposite"][test] > kalman[test]
    assert lines["truth"][test] == lines["truth"][shrunk] == lines["`ours`"][test] == 0.0
    assert lines["`ours`"]["below the filter, % [95 %]"] == "+100.0 [+100.0, +100.0]"
    assert list(lines["`ours`"].values())[-5:] == [1.0, 3, 0.1, 2.0, 0.3]
    assert lines["absent"]["version"] == "left out: it is not installed"
    assert lines["absent"][test] == ""
    assert [line.split(",")[0] for line in judge.leads(found)] == [
        f"ours below {one}" for one in ("nothing", "opposite", "truth")
    ]
    assert judge.leads(found)[0].endswith("+100.0 [+100.0, +100.0]")
    assert judge.leads(found[:3]) == []


def test_a_rival_that_got_too_little_cpu_or_too_much_is_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    limits: list[str] = []

    def half_a_core(words: list[Any], *_: Path) -> Cost:
        limits.append(words[-1])
        return Cost(0.5 * float(words[-1]), float(words[-1]), 1.0)

    monkeypatch.setattr(contestants, "measured", half_a_core)
    paths = tmp_path / "saved", tmp_path / "log"
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, tried in ((0.0, ["10", "20"]), (3.0, ["20"]), (7.0, ["40", "20"])):
        limits.clear()
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert contestants._trained(["fit"], *paths, 10).cpu_seconds == 10.0
        assert limits == tried
    monkeypatch.setattr(contestants, "measured", lambda *_: Cost(1.0, 2.0, 1.0))
    assert contestants._trained(["fit"], *paths, 10).cpu_seconds == 1.0


def test_rivals_are_trained_and_predict_where_they_are_installed_and_are_named_where_not(blocks: Path, tmp_path: Path):
    found = {one.name: one for one in contestants.rivals(blocks, tmp_path, 1, rivals.RIVALS)}
    assert list(found) == list(rivals.RIVALS)
    here = found.pop("LightGBM")
    assert found.pop("LightGBM, in points").predictions is not None
    rows = sum(len(read_block(name, blocks).day) for name in (CHOSEN_ON, JUDGED_ON))
    assert here.predictions is not None
    assert here.predictions.shape == (rows,)
    assert here.cost is not None
    assert min(here.cost.cpu_seconds, here.cost.peak_mb, here.saved_mb, here.microseconds_a_row) > 0.0
    assert all("is not installed" in one.left_out for one in found.values())


@pytest.mark.slow
def test_our_models_are_trained_by_their_stage_in_a_folder_of_their_own(project: Path, tmp_path: Path):
    before = (project / paths.model_file("ml_adjuster")).read_bytes()
    (model,) = contestants.ours(project, tmp_path, ["ml_adjuster"])
    assert (tmp_path / "project" / paths.model_file("ml_adjuster")).read_bytes() == before
    assert model.name == "ml_adjuster"
    assert not model.is_rival
    assert model.saved_mb == len(before) / 1e6


def test_a_command_that_fails_is_one_line(tmp_path: Path):
    with pytest.raises(SystemExit, match=r"error: -c print\('gone'\); 1/0 failed: .*ZeroDivisionError"):
        measured(["python", "-c", "print('gone'); 1/0"], tmp_path, tmp_path / "log", tmp_path)
