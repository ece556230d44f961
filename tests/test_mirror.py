"""tests/ mirrors src/ and stages/: a module is tested in the file of its name, in its own room, or one step from it.

tests/ROOM/test_MODULE.py tests src/richcheap/ROOM/MODULE.py; the runner and the stages have tests/dvc_parallel/ and
tests/stages/.
What has no such file is imported by a test of its room, or by a module that is tested so.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_architecture import imported

ROOFS = {
    "richcheap": ROOT / "src" / "richcheap",
    "dvc_parallel": ROOT / "src" / "dvc_parallel",
    "stages": ROOT / "stages",
}
TESTS = ROOT / "tests"
FURTHER = {
    "richcheap.curves.flows": "tests/curves/test_pricing.py",
    **dict.fromkeys(
        (
            f"richcheap.ingestion.mappings.{name}"
            for name in (
                "cfets",
                "crsp_treasury",
                "finra_market_data",
                "jsda",
                "msrb_rtrs",
                "tesouro_direto",
                "trace",
                "tradeweb_gilts",
                "terms.chinamoney",
                "terms.fisd",
            )
        ),
        "tests/ingestion/mappings/test_sources.py",
    ),
    "richcheap.ingestion.mappings.richcheap": "tests/ingestion/mappings/test_contract.py",
    "richcheap.surface.fits": "tests/surface/test_valuation.py",
    "dvc_parallel.project.inputs": "tests/dvc_parallel/test_run.py",
    "dvc_parallel.project.params_guard": "tests/dvc_parallel/test_run.py",
    "dvc_parallel.project.read_only": "tests/dvc_parallel/status/test_command.py",
    "dvc_parallel.status.folders": "tests/dvc_parallel/status/test_command.py",
}
"""Modules that are tested from two steps away, and where."""


def uses(path: Path) -> set[str]:
    """Return the dotted names of ours that a file imports, and the modules that hold them."""
    names = imported(path, *ROOFS)
    return names | {name.rpartition(".")[0] for name in names}


def named(paths: Iterable[Path], roof: str) -> dict[str, Path]:
    """Return the files below a roof by the dotted names of their modules."""
    found = {path: path.relative_to(ROOFS[roof]).with_suffix("").parts for path in paths}
    return {".".join((roof, *parts)).removesuffix(".__init__"): path for path, parts in found.items()}


MODULES = {name: path for roof, folder in ROOFS.items() for name, path in named(folder.rglob("*.py"), roof).items()}
USED = {module: uses(path) for module, path in MODULES.items()}
USED_BY_TESTS = {path: uses(path) for path in TESTS.rglob("*.py")}


def room_of(module: str) -> Path:
    """Return the folder of the tests of a module."""
    roof, *parts = module.split(".")
    return TESTS.joinpath(*([] if roof == "richcheap" else [roof]), *parts[:-1])


def is_tested(module: str) -> bool:
    """Return whether a module has a test of its name, or a test of its room imports it."""
    room = room_of(module)
    if (room / f"test_{module.rpartition('.')[2]}.py").exists():
        return True
    return room != TESTS and any(room in path.parents and module in used for path, used in USED_BY_TESTS.items())


TESTED = {module for module in MODULES if is_tested(module)}


UNTESTED = sorted(name for name in MODULES.keys() - TESTED if MODULES[name].name != "__init__.py")


@pytest.mark.parametrize("module", UNTESTED)
def test_a_module_without_a_test_of_its_room_is_used_by_one_that_has(module: str) -> None:
    near = any(module in USED[other] for other in TESTED)
    assert near != (module in FURTHER), (
        f"test it in {room_of(module).relative_to(ROOT)}/, or name in FURTHER where it is"
    )


@pytest.mark.parametrize("module", FURTHER)
def test_what_is_tested_from_further_away_exists_and_so_does_its_test(module: str) -> None:
    assert module in UNTESTED
    assert (ROOT / FURTHER[module]).is_file()
