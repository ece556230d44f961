"""docs/simulation.md says what the simulation does."""

from pathlib import Path

from tests.simulation.statistics import table


def test_the_measured_table_is_the_one_of_the_code(project_root: Path) -> None:
    page = (project_root / "docs" / "simulation.md").read_text(encoding="utf-8")
    assert table(project_root) in page, "put the output of `python -m tests.simulation.statistics` into the page"
