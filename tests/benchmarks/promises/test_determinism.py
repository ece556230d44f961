"""A stage that writes other bytes elsewhere is found, and named with its files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.promises.cases import Case, Verdict
from benchmarks.promises.determinism import Suite, processors, surroundings, threads

STAGE = """
import os, sys
text = "the same" if sys.argv[1] == "steady" else os.environ.get("OPENBLAS_CORETYPE", "this machine")
os.makedirs(f"made/{sys.argv[1]}", exist_ok=True)
open(f"made/{sys.argv[1]}/table", "w").write(text)
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Return a suite over a finished run of two stages, one of which writes what the processor is called."""
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / "stage.py").write_text(STAGE)
    stages = {
        name: {"cmd": f"python stage.py {name}", "outs": [{"path": f"made/{name}"}]} for name in ("steady", "blas")
    }
    (reference / "dvc.lock").write_text(json.dumps({"stages": stages}))
    for name in stages:
        subprocess.run([sys.executable, "stage.py", name], cwd=reference, check=True)
    return Suite(tmp_path, reference)


def test_a_stage_that_depends_on_the_processor_is_named(suite: Suite) -> None:
    assert list(suite.compared({"no AVX": processors()["no AVX"]}, None)) == [
        Case("steady, no AVX", Verdict.RIGHT),
        Case("blas, no AVX", Verdict.FAILED, "made/blas/table"),
    ]


def test_each_circumstance_is_tried(suite: Suite) -> None:
    every = {**surroundings(), **threads()}
    found = list(suite.compared(every, ["steady"]))
    assert [case.name for case in found] == [f"steady, {name}" for name in every]
    assert {case.verdict for case in found} == {Verdict.RIGHT}
