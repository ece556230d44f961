"""The arrows between packages run one way: stage modules -> evaluation, models -> spreads -> bonds."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAY_IMPORT: dict[str, set[str]] = {
    "bonds": set(),
    "pipeline": set(),
    "runner": {"pipeline"},
    "reporting": set(),
    "simulation": {"bonds"},
    "ingestion": {"bonds"},
    "spreads": {"bonds"},
    "factors": {"bonds", "spreads"},
    "regimes": {"bonds"},
    "models": {"bonds", "spreads"},
    "evaluation": {"bonds", "spreads"},
    "risk": {"bonds", "spreads", "factors"},
}
FOR_ALL = {"stages.pipeline.params"}
"""The base class of typed sections; nothing else of the pipeline is a library's business."""
MOST_LINES = 400


def imported(path: Path) -> set[str]:
    """Return the project's modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "stages"}


def test_every_package_has_its_arrows() -> None:
    packages = {path.parent.name for path in (ROOT / "stages").glob("*/__init__.py")}
    assert packages == set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for path in (ROOT / "stages" / package).rglob("*.py"):
        foreign = {
            name for name in imported(path) - FOR_ALL if len(name.split(".")) < 2 or name.split(".")[1] not in allowed
        }
        assert not foreign, f"{path.relative_to(ROOT)} imports {', '.join(sorted(foreign))}"


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "stages").rglob("*.py")}
    assert {path.name: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}
