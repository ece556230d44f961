"""Experiments from a fresh clone: queued, run side by side, shown and compared."""

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from dvc_parallel.system.yaml_source import KeyPath, parse
from richcheap.pipeline.config.params_files import leaves, params_texts, read_params
from tests.desk import Desk, dvc, git
from tests.projects import Project

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 240


@pytest.fixture
def clone(tmp_path):
    """Return a fresh clone of a project whose result has been committed and pushed; it has fetched what was made."""
    desk = Desk(tmp_path)
    dvc("repro", folder=desk.place)
    dvc("push", "--run-cache", folder=desk.place)
    desk.push("main")
    git("clone", "-q", str(desk.origin), "clone", folder=tmp_path)
    dvc("pull", "--run-cache", folder=tmp_path / "clone")
    yield tmp_path / "clone"
    dvc("queue", "stop", "--kill", folder=tmp_path / "clone")


def test_queued_experiments_run_side_by_side_and_are_compared(clone, tmp_path):
    for name, error in (("better", 0.4), ("worse", 0.6)):
        dvc("exp", "run", "--queue", "--name", name, "--set-param", f"error={error}", folder=clone)
    dvc("queue", "start", "--jobs", "2", folder=clone)
    end = time.monotonic() + PATIENCE_SECONDS
    while (status := dvc("queue", "status", folder=clone)).count("Success") < 2:
        assert "Failed" not in status
        assert time.monotonic() < end, status
        time.sleep(0.5)
    heading, *rows = [
        line.split(",") for line in dvc("exp", "show", "--csv", "--only-changed", folder=clone).splitlines()
    ]
    column = heading.index("champion_mae")
    assert {row[0]: row[column] for row in rows if row[0] in {"better", "worse"}} == {"better": "0.4", "worse": "0.6"}
    short = [sys.executable, "-m", "richcheap.cli", "experiments", "--csv", "--errors", "--hide-workspace"]
    table = subprocess.run(short, cwd=clone, capture_output=True, text=True, check=True).stdout
    assert table.splitlines()[0] == "Experiment,rev,typ,champion,champion_mae,forest.mae,error"
    changed = json.loads(dvc("metrics", "diff", "HEAD", "better", "--json", folder=clone))["metrics/headline.json"]
    assert changed["champion_mae"]["new"] == 0.4
    page = dvc("plots", "diff", "HEAD", "better", "worse", "--out", str(tmp_path / "plots"), folder=clone)
    assert "worse" in (tmp_path / "plots" / "index.html").read_text(encoding="utf-8")
    assert page.endswith("index.html")
    assert git("status", "--porcelain", folder=clone) == ""


def spelled(value):
    """Return a value as ``--set-param`` takes it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{spelled(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def test_an_experiment_reaches_every_param_of_every_file(project_root, tmp_path):
    project = Project(project_root, tmp_path)
    changes = {
        "seed": 1,
        "models.automl.trials": 3,
        "params/models.yaml:models.automl.budget_multiplier": 2.0,
        "params/kalman.yaml:kalman.window_days": 700,
        "params/simulate.yaml:simulate.trading.sides.buy": 0.35,
        "params/simulate.yaml:simulate.trading.sides.sell": 0.35,
    }
    keys: dict[str, Any] = {}
    for name, text in params_texts(tmp_path).items():
        prefix = "" if name == "params.yaml" else f"{name}:"
        keys |= {f"{prefix}{'.'.join(map(str, path))}": value for path, value in leaves(parse(text, name).values)}
    assert len(keys) > len(changes) == len(keys.keys() & changes.keys())
    before = dict(leaves(read_params(tmp_path / "params.yaml").values))
    words = [word for key, value in {**keys, **changes}.items() for word in ("-S", f"{key}={spelled(value)}")]
    project.command("dvc", "exp", "run", *words, "check")
    after = dict(leaves(read_params(tmp_path / "params.yaml").values))
    expected: dict[KeyPath, Any] = {tuple(key.rpartition(":")[2].split(".")): value for key, value in changes.items()}
    assert after == {**before, **expected}
    project.command("python", "-m", "richcheap.params")
    project.command("python", "-m", "richcheap.params", "--check")
    assert dict(leaves(read_params(tmp_path / "params.yaml").values)) == after
