"""What git tracks of a run belongs together: dvc.lock, the metrics it names, and the README's table of them."""

import hashlib
import json

import pytest
from ruamel.yaml import YAML

from stages.reporting.markdown import results_markdown
from tests.conftest import ROOT

LOCK = YAML(typ="safe", pure=True).load(ROOT / "dvc.lock")["stages"]
TRACKED = {
    out["path"]: out["md5"]
    for stage in LOCK.values()
    for out in stage.get("outs", ())
    if out["path"].startswith(("metrics/", "plots/"))
}


@pytest.mark.parametrize("path", sorted(TRACKED))
def test_a_tracked_result_is_the_one_that_dvc_lock_records(path: str) -> None:
    content = (ROOT / path).read_bytes()
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == TRACKED[path], (
        "run `dvc repro` and commit all of it"
    )


def test_every_stage_has_run() -> None:
    stages = YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"]
    models = YAML(typ="safe", pure=True).load(ROOT / "params.yaml")["models"]
    names = {
        full
        for name, stage in stages.items()
        for full in ([f"{name}@{model}" for model in models] if "foreach" in stage else [name])
    }
    assert set(LOCK) == names


def test_the_readme_shows_the_results_of_the_default_run() -> None:
    evaluation = json.loads((ROOT / "metrics" / "evaluate.json").read_text(encoding="utf-8"))
    assert results_markdown(evaluation) in (ROOT / "README.md").read_text(encoding="utf-8")
