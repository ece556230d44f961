"""What is made of the costs of the data path, and how its bytes are compared."""

from pathlib import Path

import pytest

from benchmarks.data_path import Cost, digests, forget, growth, growth_line, table, totals
from benchmarks.graph import Step

COSTS = [
    Cost(1000, "simulate", 9.0, 9.0, 900.0, counts=False),
    Cost(1000, "first", 1.0, 1.5, 100.0, counts=True),
    Cost(1000, "last", 3.0, 2.5, 300.0, counts=True),
    Cost(1000, "last: what checkpoints keep", 2.0, 1.5, None, counts=False),
    Cost(1000, "last: the rest", 1.0, 1.0, 200.0, counts=False),
    Cost(100_000, "first", 10.0, 15.0, 100.0, counts=True),
    Cost(100_000, "last", 30.0, 25.0, 300.0, counts=True),
]


def test_the_whole_path_counts_each_of_its_stages_once_and_not_what_makes_the_file():
    assert totals(COSTS)[1000] == Cost(1000, "**first to last**", 4.0, 4.0, 300.0, counts=True)


def test_growth_is_the_power_of_rows_in_the_seconds_of_the_whole_path():
    assert growth(COSTS) == pytest.approx(0.5)
    assert growth_line(COSTS) == "\n\nSeconds from first to last grow as rows to the power of 0.50."
    assert growth_line(COSTS[:5]) == ""


def test_the_table_has_a_line_for_each_cost_and_one_for_the_whole():
    lines = table(COSTS).splitlines()
    assert len(lines) == 2 + len(COSTS) + 2
    assert lines[5] == "| 1,000 | last: what checkpoints keep | 2.0 | 1.5 |  | 1500.0 |"
    assert lines[7] == "| 1,000 | **first to last** | 4.0 | 4.0 | 300 | 4000.0 |"


def test_a_changed_byte_of_any_output_is_noticed_and_nothing_that_was_made_is_kept(tmp_path):
    steps = [Step("one", (), (Path("table"), Path("metrics/one.json"))), Step("two", (), (Path("other.parquet"),))]
    files = ["table/a.parquet", "table/b.parquet", "metrics/one.json", "other.parquet"]
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    before = digests(tmp_path, steps)
    assert list(before) == files
    for name in files:
        (tmp_path / name).write_text("changed")
        assert [one for one in files if digests(tmp_path, steps)[one] != before[one]] == [name]
        (tmp_path / name).write_text(name)
    forget(tmp_path, steps)
    assert digests(tmp_path, steps) == {}
