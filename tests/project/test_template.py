"""What a project is made of: the golden project, its pipeline, and the list that the build shares with a clone."""

import json
import subprocess
import tomllib

import pytest
from ruamel.yaml import YAML

from richcheap.project import template
from richcheap.project.record import digest
from tests.conftest import ROOT
from tests.project import golden

SAFE = YAML(typ="safe", pure=True)
OURS = SAFE.load(ROOT / "dvc.yaml")["stages"]


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    return golden.made(tmp_path_factory.mktemp("golden") / "project")


def test_a_new_project_is_the_golden_one(contents):
    found = golden.places(contents)
    assert golden.listed(found) == golden.LIST.read_text(encoding="utf-8"), "`python -m tests.project.golden`"
    for name, place in found.items():
        assert place == golden.DIGESTS or (ROOT / place).read_bytes() == contents[name], name
    kept = {path for path in golden.FOLDER.iterdir() if path != golden.LIST}
    assert kept == {ROOT / place for place in found.values() if (ROOT / place).parent == golden.FOLDER}


def test_what_it_records_are_the_digests_of_its_files(contents):
    recorded = json.loads(contents[".richcheap.json"])
    assert recorded["richcheap"] == golden.VERSION
    assert recorded["files"] == {name: digest(contents[name]) for name in recorded["files"]}
    theirs = {"requirements.txt", "params.yaml", ".richcheap.json"}
    others = {name for name in contents if not name.startswith(("code/", "params/"))} - theirs
    assert recorded["files"].keys() == others


def test_the_pipeline_is_ours_but_for_the_code(contents):
    stages = SAFE.load(contents["dvc.yaml"])["stages"]
    assert list(stages) == ["code", *OURS]
    for name in OURS:
        ours, theirs = (described[name].get("do", described[name]) for described in (OURS, stages))
        assert {**theirs, "deps": None} == {**ours, "deps": None}, name
        kept = [dep for dep in ours["deps"] if not dep.startswith("src/")]
        (code,) = [dep for dep in theirs["deps"] if dep not in kept]
        assert theirs["deps"] == [*kept, code]
        assert code.startswith(f"code/{name}")
        assert code.replace("${key}", "automl") in contents


def test_what_a_stage_imports_is_what_the_repository_says():
    found = {code.file.partition("/")[0].removesuffix(".txt"): code.paths for code in template.stage_code()}
    deps = {name: stage.get("do", stage)["deps"] for name, stage in OURS.items()}
    assert found == {name: [dep[4:] for dep in deps[name] if dep.startswith("src/")] for name in OURS}


def test_the_build_is_given_every_file_that_git_knows_of_these_folders():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    folders = ["stages", "profiles", "training_data", ".dvc", ".gitignore", ".dvcignore", "constraints.txt"]
    words = ["git", "ls-files", "--", *folders]
    known = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    given = built["force-include"]
    assert built["packages"] == ["src/dvc_parallel", "src/richcheap"]  # and none called stages
    assert [name for name in known if not any(name == one or name.startswith(f"{one}/") for one in given)] == []


def test_requirements_name_the_version_and_what_it_was_tested_with():
    assert template.requirements("1.2.3") == "-c constraints.txt\nrichcheap==1.2.3\n"
