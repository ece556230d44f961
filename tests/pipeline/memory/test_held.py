from pathlib import Path

import pytest
from ruamel.yaml import YAML

from richcheap.pipeline.memory.held import HELD, TRAINED, VARIED
from tests.conftest import ROOT

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
TABLES = {**HELD, "train": TRAINED, "tune": VARIED}


@pytest.mark.parametrize("stage", sorted(TABLES))
def test_a_stage_holds_tables_that_it_depends_on(stage):
    described = STAGES[stage]
    deps = described.get("do", described)["deps"]
    for table in TABLES[stage]:
        assert any(table.path.is_relative_to(Path(dep)) for dep in deps), table.path
