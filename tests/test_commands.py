"""README.md, CONTRIBUTING.md and .ci/run give the same commands."""

import os

import pytest

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


def test_contributing_sets_up_in_the_same_way(project_root):
    assert f"{SET_UP} '.[dev]'" in lines(project_root / "CONTRIBUTING.md")


def test_constraints_are_names_and_exact_versions_alone(project_root):
    for line in lines(project_root / "constraints.txt"):
        name, _, version = line.partition("==")
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum(), line
        assert version[:1].isdigit(), line
        assert not set(version) & set(" @:/;#"), line
