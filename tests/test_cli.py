"""The command ``richcheap`` itself; what its words do is tested with each of them."""

import io
import sys
import tomllib
from importlib import metadata

import pytest

from richcheap import cli
from tests.conftest import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def not_installed(name):
    raise metadata.PackageNotFoundError(name)


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_the_version_is_that_which_is_installed(monkeypatch, capsys, word):
    monkeypatch.setattr(metadata, "version", lambda _: "7.8.9")
    assert cli.command([word]) == 0
    assert capsys.readouterr().out == "richcheap 7.8.9\n"


def test_a_clone_that_is_not_installed_knows_its_version(monkeypatch, capsys):
    monkeypatch.setattr(metadata, "version", not_installed)
    assert cli.command(["--version"]) == 0
    assert capsys.readouterr().out == f"richcheap {VERSION}\n"


@pytest.mark.parametrize("content", [None, "[project", "[tool]"])
def test_without_any_word_of_it_the_version_is_unknown(monkeypatch, tmp_path, content):
    monkeypatch.setattr(metadata, "version", not_installed)
    monkeypatch.setattr(cli, "PROJECT", tmp_path / "pyproject.toml")
    if content is not None:
        cli.PROJECT.write_text(content, encoding="utf-8")
    assert cli.version() == "unknown"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_names_every_word(capsys, arguments):
    assert cli.command(arguments) == 0
    output = capsys.readouterr().out
    assert all(word in output for word in ("run", "status", "compare", "--version"))


@pytest.mark.parametrize(("word", "said"), [("compaer", ", did you mean 'compare'"), ("xyzzy", "")])
def test_an_unknown_word_is_refused_with_the_nearest(capsys, word, said):
    assert cli.command([word]) == 2
    assert capsys.readouterr().err == f"error: no command {word!r}{said}; `richcheap --help` lists all\n"


@pytest.mark.parametrize("rest", [[], ["main", "other", "third"], ["main", "--bogus"]])
def test_compare_refuses_what_it_does_not_take(capsys, rest):
    with pytest.raises(SystemExit, match=r"^2$"):
        cli.command(["compare", *rest])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert line.endswith("; `richcheap compare --help` says what is understood")


def test_compare_says_what_it_does(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.command(["compare", "--help"])
    assert capsys.readouterr().out.startswith("usage: richcheap compare [-h] REV")


def test_a_terminal_without_a_character_shows_its_number(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    monkeypatch.setattr(sys, "argv", ["richcheap", "--version"])
    monkeypatch.setattr(metadata, "version", lambda _: "1 \u00fc")
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main()
    assert written.getvalue() == b"richcheap 1 \\xfc\n"
