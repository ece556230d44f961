"""The README of the runner names all of DVC that it relies on."""

import ast
import re

from tests.conftest import ROOT

RUNNER = ROOT / "src" / "dvc_parallel"
DVC = ("dvc", "dvc_data", "dvc_objects", "scmrepo")


def test_every_name_of_dvc_stands_in_the_list():
    listed = set(re.findall(r"\w+", (RUNNER / "README.md").read_text(encoding="utf-8").partition("| name | for |")[2]))
    nodes = (node for path in RUNNER.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in DVC]
    assert {alias.name for node in imports for alias in node.names} <= listed
