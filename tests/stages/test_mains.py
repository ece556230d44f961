"""A stage is a page: it reads params, calls the library and writes outputs."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_architecture import imported

MAX_LINES = 100
MAX_LINES_OF_A_FUNCTION = 40
STAGES = sorted(path for path in (ROOT / "stages").glob("*.py") if path.name != "__init__.py")

of_every_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.stem)


@of_every_stage
def test_a_stage_is_a_page(stage: Path) -> None:
    assert len(stage.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@of_every_stage
def test_a_stage_imports_no_other_stage(stage: Path) -> None:
    assert imported(stage, "stages") == set()


@of_every_stage
def test_a_stage_defines_main_and_small_helpers_alone(stage: Path) -> None:
    body = ast.parse(stage.read_text(encoding="utf-8")).body
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in body if isinstance(node, ast.FunctionDef)}
    assert "main" in lines
    assert {name: count for name, count in lines.items() if count > MAX_LINES_OF_A_FUNCTION} == {}
    assert [node.name for node in body if isinstance(node, ast.ClassDef)] == []
