"""What bash completes; zsh and fish get what shtab makes of the same parsers."""

import contextlib
import io
import shlex
import subprocess

import pytest

from richcheap.command_line import completion, parsers
from richcheap.command_line.commands import COMMANDS


@pytest.fixture(scope="module")
def scripts():
    made = {}
    for shell in parsers.SHELLS:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            completion.main([shell])
        made[shell] = printed.getvalue()
    return made


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("richcheap co", "compare completion"),
        ("richcheap price --a", "--as-of"),
        ("richcheap completion ", "bash zsh fish"),
        ("richcheap fetch --as ", "observations terms curve"),
        ("richcheap inspect pri", "prices.csv"),
        ("richcheap update --j", "--jobs"),
    ],
)
def test_bash_completes(tmp_path, scripts, line, offered):
    (tmp_path / "prices.csv").touch()
    words = line.split(" ")
    asked = f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _shtab_richcheap; "
    bash = ["bash", "-c", f'{scripts["bash"]}\n{asked}echo "${{COMPREPLY[@]}}"']
    done = subprocess.run(bash, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == (offered, "")


@pytest.mark.parametrize("shell", parsers.SHELLS)
def test_a_script_knows_every_command(scripts, shell):
    assert all(name in scripts[shell] for name in COMMANDS)
