"""`ModelTrainer`: what it asks the runner for, what it makes of the answer, and a real project end to end."""

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dvc_parallel.processes.processes import Usage
from dvc_parallel.results import Outcome, Result
from richcheap import price, profile, trainer
from richcheap.pipeline.errors import ArtifactError, DataError, ParamsError, RichcheapError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import file_md5
from richcheap.saved.models import SavedModels
from richcheap.trained import Trained, TrainingResult
from richcheap.trainer import ModelTrainer
from tests.conftest import ROOT
from tests.projects import SMALL, Project

PARAMS = """# Every knob.
data:
  observations: prices.csv  # file or folder
compute:
  checkpoints: kept  # folder
models:
  forest: {trees: 5}
  boosted: {trees: 9}
"""
MODELS = {"forest": "train@forest", "boosted": "train@boosted"}
MARKET = ("factor_model", "regime_detector", "tail_risk")
STAGES = [*MODELS.values(), *MARKET]


class Runner:
    """Stands for the runner: remembers what it was asked for and answers as it was told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer = {"features": Outcome.UNCHANGED, **dict.fromkeys(STAGES, Outcome.RAN)}
        self.log: Path | None = None

    def __call__(self, folder, targets, **options):
        self.asked.append({"folder": folder, "targets": targets, **options})
        return [self._result(name, outcome) for name, outcome in self.answer.items()]

    def _result(self, name: str, outcome: Outcome) -> Result:
        if outcome is Outcome.FAILED:
            return Result(name, outcome, Usage(2.0), 1, "exit code 1", self.log)
        return Result(name, outcome, Usage(7.5 if outcome is Outcome.RAN else 0.0))


@pytest.fixture
def runner(monkeypatch):
    stand_in = Runner()
    monkeypatch.setattr(trainer, "bring_up_to_date", stand_in)
    monkeypatch.setattr(Trained, "_metrics", lambda _, name: {"name": name})
    return stand_in


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    for name in ("prices.csv", "other.csv"):
        (tmp_path / name).touch()
    return tmp_path


def test_every_model_has_a_result(runner, project):
    runner.answer |= {"train@boosted": Outcome.RESTORED, "tail_risk": Outcome.UNCHANGED}
    results = ModelTrainer().train_all_models()
    assert list(results) == [*MODELS, *MARKET]
    words = ["ran", "restored from cache", "ran", "ran", "unchanged"]
    assert [result.status for result in results.values()] == words
    assert [result.seconds for result in results.values()] == [7.5, 0.0, 7.5, 7.5, 0.0]
    assert results["forest"].path == project / "models" / "forest"
    assert results["tail_risk"].path == project / "market_models" / "tail_risk"
    assert results["forest"].metrics == {"name": "forest"}


def test_results_are_a_table(runner, project, monkeypatch, tmp_path):
    monkeypatch.setattr(Trained, "_metrics", lambda _, name: {"mae": 0.25} if name == "forest" else {})
    runner.answer |= {"train@boosted": Outcome.FAILED}
    results = ModelTrainer().train_all_models()
    table = results.table
    assert table.columns == ["model", "status", "seconds", "mae", "rmse", "yield_mae_bp", "cause"]
    assert table.rows()[:2] == [
        ("forest", "ran", 7.5, 0.25, None, None, None),
        ("boosted", "failed", 2.0, None, None, None, "exit code 1"),
    ]
    assert table.height == len(results) == 5
    assert "<table" in results._repr_html_()
    assert "boosted" in repr(results)


def test_a_model_that_failed_says_why_and_the_others_stand(runner, project, tmp_path):
    runner.log = tmp_path / "boosted.log"
    runner.log.write_text("train boosted: 50%|##   | 1/2\nerror: the block must have rows, got none\n")
    runner.answer |= {"train@boosted": Outcome.FAILED}
    results = ModelTrainer().train_all_models()
    boosted = results["boosted"]
    assert (boosted.status, boosted.metrics, boosted.log) == ("failed", None, runner.log)
    assert boosted.cause == "exit code 1; the block must have rows, got none"
    assert [result.status for name, result in results.items() if name != "boosted"] == ["ran"] * 4


def test_when_no_training_could_be_started_the_cause_is_raised(runner, project, tmp_path):
    runner.log = tmp_path / "check.log"
    runner.log.write_text("error: params.yaml:3: data.observations: wrong\nerror: params.yaml:5: compute: wrong\n")
    runner.answer = {"check": Outcome.FAILED, **dict.fromkeys(STAGES, Outcome.SKIPPED)}
    output = r"^check failed: exit code 1; params.yaml:3: data.observations: wrong; params.yaml:5: compute: wrong$"
    with pytest.raises(RichcheapError, match=output):
        ModelTrainer().train_all_models()
    runner.answer = {"check": Outcome.FAILED, "features": Outcome.SKIPPED}
    with pytest.raises(RichcheapError, match=output):
        _ = ModelTrainer().train_bonds


@pytest.mark.parametrize(
    ("arguments", "jobs"),
    [({}, None), ({"max_workers": 3}, 3), ({"use_parallel": False}, 1), ({"use_parallel": False, "max_workers": 3}, 1)],
)
def test_workers_are_stages_side_by_side(runner, project, arguments, jobs):
    ModelTrainer(**arguments).train_all_models()
    assert runner.asked[0]["jobs"] == jobs
    assert (runner.asked[0]["folder"], runner.asked[0]["targets"]) == (project, STAGES)


@pytest.mark.parametrize(("arguments", "resume"), [({}, True), ({"resume": True}, True), ({"resume": False}, False)])
def test_nothing_valid_is_thrown_away_unless_it_is_asked_for(runner, project, arguments, resume):
    kept, other = project / "kept" / "forest" / ("0" * 64), project / "kept" / "forest" / "notes.txt"
    tuned = project / "kept" / "tune" / "forest" / ("1" * 64)
    for file in (kept, other, tuned):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    ModelTrainer().train_all_models(**arguments)
    assert runner.asked[0]["force_targets"] is not resume
    assert kept.exists() is resume
    assert other.exists()
    assert tuned.exists()


def test_params_that_are_not_given_stay_and_those_that_say_the_same_too(runner, project):
    for arguments in ({}, {"dataset_path": "./prices.csv", "checkpoint_dir": project / "kept"}):
        ModelTrainer(**arguments).train_all_models()
        assert (project / "params.yaml").read_text(encoding="utf-8") == PARAMS


def test_params_that_are_given_are_written_before_a_run_and_nothing_else_of_the_file_changes(runner, project):
    given = ModelTrainer("other.csv", project / "elsewhere")
    assert (project / "params.yaml").read_text(encoding="utf-8") == PARAMS
    given.train_all_models()
    expected = PARAMS.replace("prices.csv", '"other.csv"').replace("kept", json.dumps(f"{project}/elsewhere"))
    assert (project / "params.yaml").read_text(encoding="utf-8") == expected


def test_params_without_the_key_are_told(runner, project):
    (project / "params.yaml").write_text("models: {forest: {}}\ndata: 5\n", encoding="utf-8")
    output = r"^ModelTrainer: data.observations: must be a value of params.yaml or params/$"
    with pytest.raises(ParamsError, match=output):
        ModelTrainer("other.csv").train_all_models()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dataset_path": "none.csv"}, DataError, r"^dataset_path: .*/none.csv: no such file or folder"),
        ({"dataset_path": 5}, ParamsError, r"^dataset_path: must be a path, .*, got 5$"),
        ({"dataset_path": b"other.csv"}, ParamsError, r"^dataset_path: must be a path, .*, got b'other.csv'$"),
        ({"dataset_path": ""}, ParamsError, r"^dataset_path: must be a path, .*, got ''$"),
        ({"checkpoint_dir": False}, ParamsError, r"^checkpoint_dir: must be a path, .*, got False$"),
        ({"use_parallel": "no"}, ParamsError, r"^use_parallel: must be True or False, got 'no'$"),
        ({"progress": None}, ParamsError, r"^progress: must be True or False, got None$"),
        ({"project": None}, ParamsError, r"^project: must be a path, .*, got None$"),
        ({"project": "elsewhere"}, ParamsError, r"^project: expected .*, got .*/elsewhere, which is no folder; make"),
    ],
)
def test_wrong_arguments_are_told_at_once(project, arguments, error, message):
    with pytest.raises(error, match=message):
        ModelTrainer(**arguments)


@pytest.mark.parametrize("given", ["four", "4", 0, -1, 2.0, 1.5, True, False, [4]])
def test_what_is_no_number_of_workers_is_told_at_once(project, given):
    with pytest.raises(ParamsError) as caught:
        ModelTrainer(max_workers=given)
    rule = "max_workers: must be a whole number of at least 1, or None for all cores"
    assert str(caught.value) == f"{rule}, got {given!r}"


def test_a_number_of_workers_may_be_numpys(runner, project):
    number: Any = np.int64(3)
    ModelTrainer(max_workers=number).train_all_models()
    assert runner.asked[0]["jobs"] == 3


@pytest.mark.parametrize("there", [[], ["params.yaml"], ["dvc.yaml"]])
def test_a_folder_without_a_project_is_told_with_what_to_do(tmp_path, monkeypatch, there):
    monkeypatch.chdir(tmp_path)
    for name in there:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    missing = " and ".join(sorted({"params.yaml", "dvc.yaml"} - set(there)))
    with pytest.raises(ParamsError) as caught:
        ModelTrainer(dataset_path="bonds.csv", max_workers=4)
    assert str(caught.value) == (
        f"project: expected the folder of a richcheap project (with dvc.yaml and params.yaml), got {tmp_path}, without "
        f"{missing}; make one with `richcheap new FOLDER`, or pass project='FOLDER'"
    )


def test_a_file_that_params_name_already_must_be_there_too(project):
    (project / "prices.csv").unlink()
    with pytest.raises(DataError, match=r"^dataset_path: .*/prices.csv: no such file or folder"):
        ModelTrainer("prices.csv")


def test_the_simulated_market_need_not_be_made_yet(runner, project):
    ModelTrainer(paths.SIMULATED_OBSERVATIONS).train_all_models()
    assert f'"{paths.SIMULATED_OBSERVATIONS}"' in (project / "params.yaml").read_text(encoding="utf-8")


def test_a_link_to_the_same_file_is_another_name(runner, project):
    """It may lead elsewhere tomorrow."""
    (project / "newest.csv").symlink_to(project / "prices.csv")
    ModelTrainer("newest.csv").train_all_models()
    assert '"newest.csv"' in (project / "params.yaml").read_text(encoding="utf-8")


def test_whether_to_resume_is_yes_or_no(runner, project):
    with pytest.raises(ParamsError, match=r"^resume: must be True or False, got 'automl'$"):
        ModelTrainer().train_all_models(resume="automl")  # type: ignore[arg-type]
    assert runner.asked == []


def test_params_that_cannot_be_written_are_told_in_one_line_and_nothing_runs(runner, project, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "params.yaml")

    given = ModelTrainer("other.csv")
    monkeypatch.setattr(profile, "write_text", refuse)
    with pytest.raises(ArtifactError, match=r"^params.yaml: read-only file system; work in a copy"):
        given.train_all_models()
    assert runner.asked == []


def test_blocks_are_made_once_and_read_when_asked_for(runner, project):
    for folder in (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST):
        folder.mkdir(parents=True)
        pl.DataFrame({"block": [folder.name]}).write_parquet(folder / "2024-01-02.parquet")
    given = ModelTrainer()
    assert runner.asked == []
    frames = [given.train_bonds, given.validation_bonds, given.test_bonds]
    assert [frame.item() for frame in frames] == ["train", "validation", "test"]
    assert given.train_bonds is frames[0]
    assert [asked["targets"] for asked in runner.asked] == [["features"]]
    assert given.outcomes["features"] == "unchanged"
    given.train_all_models()
    assert given.train_bonds is not frames[0]  # another run may have made another dataset
    assert len(runner.asked) == 2


@pytest.fixture
def trained(project):
    """Return the project with two trained models, which dvc.lock records."""
    outs = {}
    for stage, file in (("train@forest", "models/forest/model.json"), ("tail_risk", "market_models/tail_risk/a")):
        Path(file).parent.mkdir(parents=True)
        Path(file).write_text(file, encoding="utf-8")
        outs[stage] = {"outs": [{"path": file, "md5": file_md5(Path(file))}, {"path": "metrics/a.json", "md5": "0"}]}
    Path("dvc.lock").write_text(json.dumps({"stages": outs}), encoding="utf-8")
    return project


def test_what_was_trained_and_is_what_dvc_lock_records_is_saved(runner, trained, tmp_path, capsys):
    saved = ModelTrainer().save_models(tmp_path / "saved", champion=False)
    assert runner.asked == []
    assert saved == {name: tmp_path / "saved" / name for name in ("forest", "tail_risk")}
    assert f"saved 2 models to {tmp_path / 'saved'}, sha256 {saved.sha256}\n" in capsys.readouterr().err
    made = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "saved").rglob("*") if path.is_file())
    assert made == ["saved/forest/model.json", "saved/manifest.json", "saved/tail_risk/a"]
    Path("market_models/tail_risk/a").write_text("forged", encoding="utf-8")
    with pytest.raises(ArtifactError, match="tail_risk/a: md5 must be"):
        ModelTrainer().save_models(tmp_path / "again", champion=False)
    assert not (tmp_path / "again").exists()


def test_the_champion_is_saved_when_what_judges_it_has_run(runner, trained, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(price, "load", lambda folder: folder)

    def write(*given):
        written.append(given)
        return {}

    monkeypatch.setattr(SavedModels, "write", write)
    runner.answer = {"evaluate": Outcome.RAN, "live": Outcome.UNCHANGED}
    ModelTrainer(progress=False).save_models(tmp_path / "saved")
    assert [asked["targets"] for asked in runner.asked] == [["live"]]
    ((project, files, folder, pricer),) = written
    assert (project, sorted(files), folder, pricer) == (trained, ["forest", "tail_risk"], tmp_path / "saved", trained)

    runner.log = tmp_path / "evaluate.log"
    runner.log.write_text("error: the block must have rows, got none\n")
    runner.answer = {"evaluate": Outcome.FAILED, "live": Outcome.SKIPPED}
    with pytest.raises(RichcheapError, match=r"^evaluate failed: exit code 1; the block must have rows, got none$"):
        ModelTrainer().save_models(tmp_path / "saved")
    assert len(written) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"folder": None}, ParamsError, r"^folder: must be a path, .*, got None$"),
        ({"folder": "saved", "champion": "yes"}, ParamsError, r"^champion: must be True or False, got 'yes'$"),
        (
            {"folder": "models"},
            ParamsError,
            r"^folder: expected one outside of the project's own models, got .*/models$",
        ),
        ({"folder": "."}, ParamsError, r"^folder: expected one outside of the project's own models, got "),
        ({"folder": "params.yaml"}, ArtifactError, r"params.yaml.*: not a directory; something else is in its place"),
    ],
)
def test_a_place_where_models_cannot_be_saved_is_told(runner, trained, arguments, error, message):
    with pytest.raises(error, match=message):
        ModelTrainer().save_models(**{"champion": False, **arguments})
    assert runner.asked == []


def test_without_a_trained_model_nothing_is_saved(project, tmp_path):
    with pytest.raises(ArtifactError, match=r"dvc.lock: records no trained model; call train_all_models first"):
        ModelTrainer().save_models(tmp_path / "saved")


TINY = SMALL | {
    "simulate.periods": 60,
    "kalman.fit_evaluations": 0,
    "models.ml_adjuster.trees": 3,
    "models.bayesian_optimizer.rounds": 20,
    "regime_detector.starts": 1,
    "tail_risk.backtest_simulations": 500,
}
ALL = ("ml_adjuster", "bayesian_optimizer", *MARKET)


def log_of(result: TrainingResult) -> str:
    assert result.log is not None
    return result.log.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_real_project_is_trained_resumed_and_left_as_dvc_repro_would_leave_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the copy's own modules are the ones to run
    project = Project(ROOT, tmp_path)
    project.configure(TINY)
    project.keep_models(*ALL[:2])
    model = tmp_path / "models" / "bayesian_optimizer" / "model.json"

    first = ModelTrainer(project=tmp_path, max_workers=2)
    results = first.train_all_models()
    assert {name: result.status for name, result in results.items()} == dict.fromkeys(ALL, "ran")
    assert all(result.metrics and result.seconds > 0 for result in results.values())
    errors = results["bayesian_optimizer"].metrics
    assert errors is not None
    assert 0.0 < errors["mae"] < 5.0
    assert first.train_bonds.height > first.test_bonds.height > 0

    second = ModelTrainer(project=tmp_path)
    assert second.train_bonds.equals(first.train_bonds)
    assert set(second.outcomes.values()) == {"unchanged"}  # `convert` among them

    # Other folds: no trial of the old ones is taken, but a final model with the same values may be. One model fails;
    # what neither reaches stays.
    project.configure({"models.bayesian_optimizer.fold_share": 0.2})
    broken = tmp_path / "src" / "richcheap" / "models" / "ml_adjuster" / "__init__.py"
    source = broken.read_text(encoding="utf-8")
    broken.write_text(source + "\ndel build\n", encoding="utf-8")
    results = second.train_all_models(resume=True)
    statuses = {name: result.status for name, result in results.items()}
    assert statuses == dict.fromkeys(MARKET, "unchanged") | {"ml_adjuster": "failed", "bayesian_optimizer": "ran"}
    assert {name for name, word in second.outcomes.items() if word == "unchanged"} >= {"convert", "market", "features"}
    failed, searched = results["ml_adjuster"], results["bayesian_optimizer"]
    assert (failed.metrics, failed.cause) == (None, "exit code 1")
    assert "has no attribute 'build'" in log_of(failed)
    assert not re.search(r"search, .* found in", log_of(searched))

    # A larger budget: the search goes on from what was kept, and the other model is back.
    broken.write_text(source, encoding="utf-8")
    project.configure({"models.bayesian_optimizer.trials": 3})
    results = second.train_all_models(resume=True)
    assert results["ml_adjuster"].status == "restored from cache"
    assert "found in training_checkpoints/bayesian_optimizer" in log_of(results["bayesian_optimizer"])
    resumed = model.read_bytes()

    # From nothing the same search finds the same model.
    results = second.train_all_models(resume=False)
    assert {result.status for result in results.values()} == {"ran"}
    assert second.outcomes["convert"] == "unchanged"
    assert "found in" not in log_of(results["bayesian_optimizer"])
    assert model.read_bytes() == resumed

    targets = [f"train@{name}" for name in ALL[:2]] + list(MARKET)
    assert project.run("dvc", "status", "-q", *targets).returncode == 0
    assert sorted(second.save_models(tmp_path / "saved", champion=False)) == sorted(ALL)
    assert (tmp_path / "saved" / "bayesian_optimizer" / "model.json").read_bytes() == resumed
