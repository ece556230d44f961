"""Every command is there, and what it takes is known without anything heavy."""

import subprocess
import sys
from importlib import import_module

import pytest

from richcheap.cli import command
from richcheap.command_line.commands import COMMANDS

HEAVY = ("dvc", "polars", "numpy", "sklearn", "lightgbm", "numba", "pyarrow", "pydantic")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_takes_in_a_folder_that_is_no_project(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"^0$"):
        command([name, "--help"])
    output = capsys.readouterr()
    assert output.out.startswith(f"usage: richcheap {name} [-h]")
    assert "\noptions:\n" in output.out
    assert (output.err, list(tmp_path.iterdir())) == ("", [])


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_calls_is_there(name):
    assert callable(getattr(import_module(COMMANDS[name].module), COMMANDS[name].function))


def test_help_and_completion_import_nothing_heavy(tmp_path):
    code = (
        "import contextlib, sys\n"
        "from richcheap.cli import command\n"
        "from richcheap.command_line.commands import COMMANDS\n"
        "from richcheap.command_line.completion import tree\n"
        "tree()\n"
        "for name in COMMANDS:\n"
        "    with contextlib.suppress(SystemExit): command([name, '--help'])\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
