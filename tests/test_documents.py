"""What the documents point to is there: relative links with their anchors, and files of the project by name."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "training_data" / "README.md"]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS += sorted((ROOT / "src").rglob("*.md"))
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)\s]*)\)")
CODE = re.compile(r"`([\w./-]+)`")
PAGE = re.compile(r"\bdocs/[\w/]+\.md\b")
FOLDERS = ("src", "stages", "tests", "docs", "benchmarks", "profiles")
MADE_UP = re.compile(r"\b(?:NAME|MODEL|ROOM|MODULE)\b|__pycache__|_(?:NAME|MODULE)\.")
MODULES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(document: Path) -> str:
    """Return a document without its fenced blocks."""
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings."""
    titles = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def files_named(document: Path) -> set[str]:
    """Return what looks like a file or folder of the project: a path from its root, or a module by its last names."""
    named = set(CODE.findall(prose(document))) | set(PAGE.findall(prose(document)))
    return {
        name
        for name in named
        if not MADE_UP.search(name) and (name.endswith(".py") or (name.partition("/")[0] in FOLDERS and "/" in name))
    }


def exists(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (ROOT / name).exists() or any(path.parts[-len(parts) :] == parts for path in MODULES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_relative_link_and_its_anchor_exist(document: Path) -> None:
    for link in LINK.findall(prose(document)):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_of_the_project_that_is_named_exists(document: Path) -> None:
    assert [name for name in sorted(files_named(document)) if not exists(name)] == []


def test_links_and_files_are_found() -> None:
    assert "bonds/conventions.py" in files_named(ROOT / "README.md")
    assert "docs/features.md" in files_named(ROOT / "docs" / "models" / "kalman.md")
    assert "what-can-be-attained" in anchors(ROOT / "docs" / "metrics.md")
    assert not exists("docs/nowhere.md")
    assert not exists("nowhere.py")
