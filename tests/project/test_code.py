"""Digests of the installed code: a change in a module changes those of the stages that import from its folder alone."""

import os
import shutil

import pytest
from ruamel.yaml import YAML

from richcheap import cli, params
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.project import code, template
from richcheap.project.new import make
from tests.conftest import ROOT

STAGES = YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"]
MODELS = ["automl", "ml_adjuster"]


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Return a folder of packages in which `models` and params.py may be changed."""
    ours = ROOT / "src"
    folder = tmp_path / "site-packages"
    (folder / "richcheap").mkdir(parents=True)
    (folder / "dvc_parallel").symlink_to(ours / "dvc_parallel")
    for child in (ours / "richcheap").iterdir():
        if child.name == "models":
            shutil.copytree(child, folder / "richcheap" / "models")
        elif child.name == "params.py":
            shutil.copy2(child, folder / "richcheap")
        else:
            (folder / "richcheap" / child.name).symlink_to(child)
    monkeypatch.setattr(code, "PACKAGES", folder)
    return folder / "richcheap"


@pytest.fixture
def project(tmp_path):
    make(tmp_path / "project", "1.2.3", params.defaults())
    return tmp_path / "project"


def differing(before, after):
    return {name for name in before if before[name] != after[name]}


def reading(path):
    """Return the files of the stages that dvc.yaml lets depend on a path or on a folder that it lies in."""
    found = set()
    for name, stage in STAGES.items():
        for key in MODELS if "foreach" in stage else [""]:
            deps = [dep.replace("${key}", key) for dep in stage.get("do", stage)["deps"]]
            if any(f"src/{path}/".startswith(f"{dep}/") for dep in deps):
                found.add(f"{name}/{key}.txt" if key else f"{name}.txt")
    return found


@pytest.mark.parametrize("path", ["models/automl/search.py", "models/common/base.py", "params.py"])
def test_a_changed_module_changes_the_digests_of_the_stages_that_import_it_and_no_other(packages, path):
    before = code.digests(MODELS)
    with (packages / path).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    changed = differing(before, code.digests(MODELS))
    assert changed == reading(f"richcheap/{path}")
    assert len(changed) < len(before)
    assert ("train/ml_adjuster.txt" in changed) == (path == "models/common/base.py")


def test_a_module_that_is_added_renamed_or_removed_is_a_change(packages):
    before = code.digests(MODELS)
    new = packages / "models" / "automl" / "new.py"
    new.touch()
    added = code.digests(MODELS)
    new = new.rename(new.with_name("newer.py"))
    renamed = code.digests(MODELS)
    new.unlink()
    assert differing(before, added) == differing(added, renamed) == reading("richcheap/models/automl/new.py")
    assert code.digests(MODELS) == before


def test_what_python_and_numba_leave_is_no_code(packages):
    before = code.digests(MODELS)
    (packages / "models" / "__pycache__").mkdir(exist_ok=True)
    for name in ("__pycache__/base.cpython-311.pyc", "kernel.nbi", "kernel.1.nbc"):
        (packages / "models" / name).write_bytes(b"left")
    assert code.digests(MODELS) == before


def test_a_line_names_each_folder_with_its_digest():
    lines = code.digests([])["convert.txt"].splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "dvc_parallel/system",
        "richcheap/bonds",
        "richcheap/numerics",
        "richcheap/pipeline",
    ]
    assert all(len(line.split("  ")[0]) == 64 for line in lines)


def test_only_what_differs_is_written_and_what_is_no_digest_goes(project):
    kept = {path: path.stat().st_mtime_ns for path in (project / "code").rglob("*.txt")}
    (project / "code" / "convert.txt").write_text("old\n")
    (project / "code" / "gone.txt").write_text("left\n")
    code.refresh(project)
    now = {path: path.stat().st_mtime_ns for path in (project / "code").rglob("*.txt")}
    assert differing(kept, now) == {project / "code" / "convert.txt"}
    assert now.keys() == kept.keys()


def test_a_model_that_is_not_trained_has_no_digest(project):
    text = (project / "params.yaml").read_text(encoding="utf-8")
    (project / "params.yaml").write_text("models:\n  automl: {}\n", encoding="utf-8")
    code.refresh(project)
    assert [path.name for path in (project / "code" / "train").iterdir()] == ["automl.txt"]
    (project / "params.yaml").write_text(text.replace("models:", "none:"), encoding="utf-8")
    code.refresh(project)
    assert not list((project / "code" / "tune").iterdir())


def test_the_stage_is_settled_in_a_project_and_below_it_but_not_in_a_clone(project):
    (project / "code" / "convert.txt").unlink()
    assert code.settled(project / "training_data") == {"code"}
    assert (project / "code" / "convert.txt").is_file()
    assert code.settled(ROOT) == frozenset()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_nothing_is_settled_where_digests_cannot_be_written(project):
    (project / "code" / "convert.txt").write_text("old\n")
    (project / "code").chmod(0o500)
    assert code.settled(project) == frozenset()
    (project / "code").chmod(0o700)


def test_a_project_of_another_version_is_told_to_upgrade(project, monkeypatch, capsys):
    newer = {**template.maintained(), "stages/convert.py": b"new", "profiles/small.yaml": b"new"}
    monkeypatch.setattr(code, "maintained", lambda: newer)
    with pytest.raises(ParamsError, match=r"^stages/convert.py: of richcheap 1.2.3, .*; `richcheap upgrade` brings"):
        code.settled(project)
    monkeypatch.chdir(project)
    assert [cli.command([word]) for word in ("status", "run")] == [2, 2]
    assert all(line.startswith("error: stages/convert.py: ") for line in capsys.readouterr().err.splitlines())


def test_outside_of_a_project_the_stage_says_what_is_missing(tmp_path):
    with pytest.raises(ArtifactError, match=r"expected the record of a project that `richcheap new` made, got none"):
        code.refresh(tmp_path)
