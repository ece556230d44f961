"""Which columns are shown; tests/test_experiments.py shows experiments of a project."""

import re
import subprocess

import pytest

from richcheap.command_line import experiments

COLUMNS = {
    "Experiment": True,
    "champion_mae": True,
    "models.ml_adjuster.trees": True,
    "seed": True,
    "params/models.yaml:models.automl.trials": True,
    "automl.mae": False,
    "automl.coverage": False,
    "ml_adjuster.skill_against_kalman.low": False,
    "training_data/dataset/train": False,
    "src/richcheap/price.py": False,
    "Created": False,
    "tuned": False,
}


def asked(monkeypatch, *arguments):
    """Return the options that DVC is given."""
    calls = []

    def run(command, check):
        calls.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    assert experiments.main(arguments) == 3
    (command,) = calls
    return command[command.index("show") + 1 :]


@pytest.mark.parametrize(("column", "shown"), COLUMNS.items())
def test_the_columns_are_the_champion_its_error_and_what_was_set(monkeypatch, column, shown):
    given = asked(monkeypatch)
    kept, dropped = (re.compile(given[given.index(option) + 1]) for option in ("--keep", "--drop"))
    assert bool(kept.match(column) or not dropped.match(column)) == shown


def test_the_errors_of_models_are_shown_when_asked_for_and_other_options_are_dvcs(monkeypatch):
    *_, dropped, markdown, number, three = asked(monkeypatch, "--errors", "--md", "-n", "3")
    assert not re.match(dropped, "automl.mae")
    assert re.match(dropped, "automl.coverage")
    assert (markdown, number, three) == ("--md", "-n", "3")


def test_without_a_commit_it_is_said_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    assert experiments.main([]) == 1
    assert "git commit" in capsys.readouterr().err
