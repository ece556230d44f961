"""What git tracks of a run belongs together and to this code: apart from the tests of the code, see CONTRIBUTING.md."""

import functools
import hashlib
import json
import re

import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from richcheap.reporting.layout.markdown import results_markdown
from richcheap.reporting.signals import signals_markdown
from tests.conftest import ROOT
from tests.test_dependencies import NAMES, stage_of

LOCK = YAML(typ="safe", pure=True).load(ROOT / "dvc.lock")["stages"]
PARAMS = YAML(typ="safe", pure=True).load(ROOT / "params.yaml")
TRACKED = {
    out["path"]: out["md5"]
    for stage in LOCK.values()
    for out in stage.get("outs", ())
    if out["path"].startswith(("metrics/", "plots/"))
}
REMEDY = "run `dvc repro` and commit dvc.lock, metrics/ and plots/ together with the change"


@pytest.fixture(scope="module")
def changed() -> dict[str, set[str]]:
    """Return the code and params of each stage that are not those of the recorded run."""
    with Repo(ROOT) as repo:
        return {
            stage.addressing: {key for dep in stage.deps if dep.exists for key in dep.status()}
            for stage in repo.index.stages
        }


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_run_is_of_this_code_and_these_params(name: str, changed: dict[str, set[str]]) -> None:
    assert not changed[name], f"{name} has not run since {changed[name]} changed; {REMEDY}"


@pytest.mark.parametrize("path", sorted(TRACKED))
def test_a_tracked_result_is_the_one_that_dvc_lock_records(path: str) -> None:
    content = (ROOT / path).read_bytes()
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == TRACKED[path], REMEDY


def test_every_stage_has_run() -> None:
    assert set(LOCK) == set(NAMES), REMEDY


def filled(dep: str) -> str:
    """Return a dependency with the params that it names filled in."""
    return re.sub(r"\$\{([\w.]+)\}", lambda found: functools.reduce(dict.__getitem__, found[1].split("."), PARAMS), dep)


@pytest.mark.parametrize("name", NAMES)
def test_dvc_lock_records_the_dependencies_that_dvc_yaml_declares(name: str) -> None:
    recorded = {dep["path"] for dep in LOCK[name]["deps"]}
    declared = {filled(dep) for dep in stage_of(name)["deps"]}
    assert recorded == declared, f"run `dvc commit -f {name}` and commit dvc.lock"


def test_the_readme_shows_the_results_of_the_default_run() -> None:
    evaluation = json.loads((ROOT / "metrics" / "evaluate.json").read_text(encoding="utf-8"))
    assert results_markdown(evaluation) in (ROOT / "README.md").read_text(encoding="utf-8"), (
        "put what `python -m richcheap.reporting.layout.markdown metrics/evaluate.json` prints into README.md"
    )


def test_the_readme_shows_the_signals_of_the_default_run() -> None:
    scores = json.loads((ROOT / "metrics" / "signals.json").read_text(encoding="utf-8"))
    assert signals_markdown(scores) in (ROOT / "README.md").read_text(encoding="utf-8"), (
        "put what `python -m richcheap.reporting.signals metrics/signals.json` prints into README.md"
    )


def test_the_docs_show_the_confidence_of_the_default_run() -> None:
    scores = json.loads((ROOT / "metrics" / "confidence.json").read_text(encoding="utf-8"))
    rows = [
        f"| {one['score']} | {one['rows']} | {one['mae']:.4f} | {other['rows']} | {other['mae']:.4f} "
        f"| {other['half_width']:.4f} | {100 * other['coverage']:.1f} |"
        for one, other in zip(scores["validation"], scores["test"], strict=True)
    ]
    table = "\n".join(rows)
    assert table in (ROOT / "docs" / "price.md").read_text(encoding="utf-8"), (
        f"docs/price.md: its table must be\n{table}"
    )
