"""What documents show works: the site is built with its notebooks, Python blocks run, commands are understood.

A Python block that is not run says why in a comment before it, ``<!--- skip: next "reason" -->``.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.cli.parser import get_main_parser
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from richcheap.command_line.commands import COMMANDS
from tests.conftest import ROOT
from tests.projects import KERNELS

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "src" / "dvc_parallel" / "README.md"]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
SITE = "site"
PROJECT = "my-bonds"
"""What the quick start makes."""
PARSER = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()])
BLOCKS = [(path, block) for path in DOCUMENTS for block in PARSER.parse(path).examples()]
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    ((?:richcheap|dvc|dvc-parallel) .*)$", re.MULTILINE)
RUNNER_PROJECT = """
stages:
  train:
    cmd: touch model
    outs: [model]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, and return the folder with it and the projects that its notebooks have made."""
    place = tmp_path_factory.mktemp("examples")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    settings = {"PATH": path, "NUMBA_CACHE_DIR": str(KERNELS), "RICHCHEAP_NOTEBOOKS": str(place)}
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place / SITE)]
    done = subprocess.run(build, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    runner = place / PROJECT / "project"
    runner.mkdir()
    (runner / "dvc.yaml").write_text(RUNNER_PROJECT, encoding="utf-8")
    for words in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q"]):
        subprocess.run(words, cwd=runner, check=True)
    return place


@pytest.mark.slow
def test_a_page_asks_nothing_of_another_place(folder: Path) -> None:
    pages = sorted((folder / SITE).rglob("*.html"))
    asked = re.compile(r"""<(?:script|img|iframe|link rel="(?:stylesheet|preconnect)")[^>]*(?:src|href)="?https?:""")
    assert len(pages) > 50
    assert [str(page) for page in pages if asked.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "made"),
    [("quick_start", "<svg"), ("trader", "XS0000000117"), ("quant", "neighbours"), ("engineer", "exit code 0")],
)
def test_a_notebook_shows_what_it_has_made(folder: Path, name: str, made: str) -> None:
    page = (folder / SITE / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
    assert made in page
    assert "Traceback" not in page
    assert "\x1b" not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"{path.relative_to(ROOT)}:{block.line}") for path, block in BLOCKS]
)
def test_python_that_is_shown_runs(folder: Path, monkeypatch: pytest.MonkeyPatch, block) -> None:
    monkeypatch.chdir(folder / PROJECT)
    block.evaluate()


def test_blocks_are_found() -> None:
    assert {path for path in DOCUMENTS if "```python" in path.read_text(encoding="utf-8")} == {
        path for path, _ in BLOCKS
    }


def commands() -> set[str]:
    """Return the commands of richcheap and DVC in the code of documents, without what is piped or redirected."""
    found = set()
    for path in set(DOCUMENTS) - {ROOT / "docs" / "commands.md"}:  # which is made of the parsers
        text = path.read_text(encoding="utf-8")
        lines = [line for block in SHELL_BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
        for line in [*lines, *INDENTED.findall(text)]:
            words = shlex.split(line, comments=True)
            parts = re.split(r"\s(?:&&|\||>>?)\s", f" {shlex.join(words)} ".replace("'&&'", "&&").replace("'|'", "|"))
            found |= {part.strip() for part in parts}
    return {one for one in found if one.split(" ")[0] in {"richcheap", "dvc", "dvc-parallel"}}


@pytest.mark.parametrize("line", sorted(commands()))
def test_a_command_that_is_shown_is_understood(line: str) -> None:
    program, *words = shlex.split(line.replace("'>'", ">").partition(" > ")[0])
    if program == "dvc":
        get_main_parser().parse_args(words)
    elif words[0] == "experiments":  # what it does not know is for DVC
        known, others = COMMANDS["experiments"].parser().parse_known_args(words[1:])
        get_main_parser().parse_args(["exp", "show", *others])
        assert known
    elif words != ["--version"]:
        COMMANDS[words[0]].parser().parse_args(words[1:])
