"""README.md, CONTRIBUTING.md and .ci/run give the same commands, and what the documents name says what it does."""

import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SET_UP = "python3 -m venv .venv && . .venv/bin/activate && pip install -q -c constraints.txt -e"
RUN = f"{SET_UP} . && dvc repro"
TEST = f"{SET_UP} '.[dev]' && ruff check . && ruff format --check . && mypy && pytest"


def lines(path):
    return [line.strip().removeprefix("$ ") for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("command", [RUN, TEST])
def test_the_readme_gives_the_command(project_root, command):
    assert command in lines(project_root / "README.md")


def test_ci_runs_the_readmes_test_command(project_root):
    assert TEST in lines(project_root / ".ci" / "run")
    assert os.access(project_root / ".ci" / "run", os.X_OK)


def test_results_are_tested_apart_from_the_code_and_by_ci(project_root):
    command = "pytest -n0 tests/results"
    assert any(line.startswith(command) for line in lines(project_root / ".ci" / "run"))
    assert any(line.startswith(command) for line in lines(project_root / "CONTRIBUTING.md"))


def test_contributing_sets_up_in_the_same_way(project_root):
    assert f"{SET_UP} '.[dev]'" in lines(project_root / "CONTRIBUTING.md")


def test_constraints_are_names_and_exact_versions_alone(project_root):
    for line in lines(project_root / "constraints.txt"):
        name, _, version = line.partition("==")
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum(), line
        assert version[:1].isdigit(), line
        assert not set(version) & set(" @:/;#"), line


DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "dvc.yaml", *sorted((ROOT / "docs").rglob("*.md"))]
MODULE = r"python -m ((?:stages|richcheap|dvc_parallel|benchmarks)(?:\.[a-z_]\w*)+)\b"
NAMED = {
    f"-m {module}" for document in DOCUMENTS for module in re.findall(MODULE, document.read_text(encoding="utf-8"))
} | {f"-m richcheap.cli {word}" for word in ("run", "status", "compare")}


def test_the_documents_name_commands():
    assert {
        "-m richcheap.profile",
        "-m stages.ingest",
        "-m richcheap.reporting.champion",
        "-m benchmarks.kalman",
    } <= NAMED


@pytest.mark.parametrize("command", sorted(NAMED))
def test_a_command_that_is_named_says_what_it_does_and_does_nothing(tmp_path, command):
    words = [sys.executable, *command.split(), "--help"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
    assert len(done.stdout.splitlines()) > 3
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line", ["-m stages.check now", "-m stages.convert --rows 5", "-m richcheap.profile", "-m richcheap.compare"]
)
def test_what_a_command_does_not_take_is_refused_in_one_line_before_anything_is_done(tmp_path, line):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, *line.split()]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (output,) = done.stderr.splitlines()
    assert output.startswith("error: ")
    assert output.endswith(" --help` says what is understood")
    assert not list(tmp_path.iterdir())
