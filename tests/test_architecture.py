"""The arrows between packages run one way: stages -> models, evaluation -> features -> panel -> bonds -> numerics."""

import ast
from collections import Counter
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT

SRC = ROOT / "src"
RUNNER = "dvc_parallel"
FACE = {"arguments", "cli", "pricer"}
"""Modules at the top that a package may import which is itself a user's."""
MAY_IMPORT: dict[str, set[str]] = {
    "numerics": set(),
    "pipeline": set(),
    "command_line": set(),
    "reporting": {"command_line", "evaluation", "features"},
    "bonds": {"numerics"},
    "curves": {"bonds", "numerics"},
    "ingestion": {"bonds"},
    "panel": {"bonds", "numerics"},
    "surface": {"panel", "curves", "bonds", "numerics"},
    "kalman": {"surface", "panel", "curves", "bonds", "numerics"},
    "features": {"surface", "panel", "curves", "bonds", "numerics"},
    "models": {"features", "bonds", "numerics"},
    "simulation": {"curves", "bonds", "numerics"},
    "oracle": {"simulation", "curves", "bonds", "numerics"},
    "evaluation": {"features", "panel", "bonds", "numerics"},
    "relative_value": {"evaluation", "features", "panel", "curves", "bonds", "numerics"},
    "live": {"relative_value", "evaluation", "features", "panel"},
    "drift": {"evaluation", "features", "numerics"},
    "decomposition": {"evaluation", "features", "curves", "bonds", "numerics"},
    "pricing": {
        *("decomposition", "relative_value", "evaluation", "features", "kalman", "surface", "panel", "curves"),
        *("ingestion", "bonds", "numerics"),
    },
    "lists": {"decomposition", "evaluation", "features", "panel", "bonds", "numerics"},
    "options": {"lists", "curves", "bonds", "numerics"},
    "tuning": {"drift", "evaluation", "models", "features"},
    "estimators": {"models", "evaluation", "factors", "regimes", "numerics"},
    "saved": {
        *("reporting", "pricing", "models", "evaluation", "features", "relative_value", "kalman", "panel", "ingestion"),
        *("factors", "regimes", "risk", "pipeline", *FACE),
    },
    "factors": {"features", "surface", "panel", "curves", "bonds", "numerics"},
    "regimes": {"numerics"},
    "risk": {"factors", "surface", "panel", "ingestion", "curves", "bonds", "numerics"},
    "project": {"command_line", "pipeline"},
}
FOR_ALL = {
    "richcheap.pipeline.config.fields",
    "richcheap.pipeline.execution.map_tasks",
    "richcheap.pipeline.execution.prefetch",
    "richcheap.pipeline.execution.progress",
    "richcheap.pipeline.storage.external_sort",
    "richcheap.pipeline.storage.plain_objects",
}
"""The base class of typed sections, the handing out of tasks, and tools for tables larger than memory."""
PACKAGES = sorted(path.parent.relative_to(SRC).as_posix() for path in (SRC / "richcheap").rglob("__init__.py"))
MAX_LINES = 400
MAX_MODULES = 12


@cache
def imported(path: Path, *roots: str) -> set[str]:
    """Return the modules below some roots that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in roots}


def test_every_package_has_its_arrows() -> None:
    packages = {path.parent.name for path in (SRC / "richcheap").glob("*/__init__.py")}
    assert packages == set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for path in (SRC / "richcheap" / package).rglob("*.py"):
        foreign = {
            name
            for name in imported(path, "richcheap", "stages")
            if name.split(".")[1] not in allowed and not name.startswith(tuple(f"{one}." for one in FOR_ALL))
        }
        assert not foreign, f"{path.relative_to(ROOT)} imports {', '.join(sorted(foreign))}"


def test_no_arrow_leads_back() -> None:
    def below(package: str) -> set[str]:
        direct = MAY_IMPORT[package] - FACE
        return direct.union(*(below(other) for other in direct))

    assert not [package for package in MAY_IMPORT if package in below(package)]


def test_the_runner_knows_nothing_of_bonds() -> None:
    for path in (SRC / RUNNER).rglob("*.py"):
        assert not imported(path, "richcheap", "stages"), path


def test_nothing_imports_a_stage_but_a_stage() -> None:
    for path in SRC.rglob("*.py"):
        assert not imported(path, "stages"), path


def test_of_the_runner_libraries_use_its_small_tools_alone() -> None:
    for path in (SRC / "richcheap").glob("*/**/*.py"):
        assert all(name.startswith((f"{RUNNER}.system.", f"{RUNNER}.parsers")) for name in imported(path, RUNNER)), path


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SRC.rglob("*.py")}
    assert {path.name: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_folder_holds_more_than_one_subject() -> None:
    modules = Counter(path.parent for path in SRC.rglob("*.py") if path.name != "__init__.py")
    assert {str(folder.relative_to(SRC)): count for folder, count in modules.items() if count > MAX_MODULES} == {}


def public_face(package: str) -> list[str] | None:
    """Return the names of ``__all__``, or None when a package has none."""
    for node in ast.parse((SRC / package / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_names_its_public_face_in_order(package: str) -> None:
    names = public_face(package)
    assert names is not None, f"give {package}/__init__.py an __all__: what others may use of it"
    assert names == sorted(names)
    module = import_module(package.replace("/", "."))
    assert [name for name in names if not hasattr(module, name) and not find_spec(f"{module.__name__}.{name}")] == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_others_import_a_package_by_its_public_face_alone(package: str) -> None:
    for path in (*(SRC / "richcheap").rglob("*.py"), *(ROOT / "stages").glob("*.py")):
        if not path.is_relative_to(SRC / "richcheap" / package):
            modules = {name.split(".")[2] for name in imported(path, "richcheap") if name.split(".")[1] == package}
            assert modules <= set(public_face(f"richcheap/{package}") or ()), path


def test_every_package_says_what_may_live_in_it() -> None:
    for path in SRC.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
