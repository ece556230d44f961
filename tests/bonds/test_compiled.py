import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from stages.bonds import compiled
from tests.conftest import ROOT


def test_the_cache_is_named_by_the_source_of_all_kernels() -> None:
    assert Path(vars(numba.config)["CACHE_DIR"]).name.startswith("kernels-")


def test_a_change_of_one_kernel_module_alone_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_STAGES", tmp_path)
    (tmp_path / "fast.py").write_text("from stages.bonds.compiled import kernel\n")
    (tmp_path / "plain.py").write_text("import json\n")
    first = compiled._source_digest()
    (tmp_path / "plain.py").write_text("import csv\n")
    assert compiled._source_digest() == first
    (tmp_path / "fast.py").write_text("from stages.bonds.compiled import kernel  # changed\n")
    assert compiled._source_digest() != first


def test_a_copy_of_the_project_finds_kernels_that_another_has_compiled(tmp_path: Path) -> None:
    code = "from stages.bonds.elementary import exp as f; f(1.0); print(sum(f.stats.cache_hits.values()))"
    hits = []
    for name in ("first", "second"):
        shutil.copytree(ROOT / "stages" / "bonds", tmp_path / name / "stages" / "bonds")
        env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
        command = [sys.executable, "-c", code]
        hits.append(int(subprocess.check_output(command, cwd=tmp_path / name, env=env)))
    assert hits == [0, 1]
