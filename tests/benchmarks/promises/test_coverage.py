"""Coverage counts lines and branches, also of runs that add up, and names what is covered least."""

import pytest

from benchmarks.promises.coverage import covered, rows_of


def test_the_modules_that_are_covered_least_stand_below_the_total() -> None:
    files = {f"module{place:02}": [8, 2, place] for place in range(11)} | {"empty": [0, 0, 0]}
    total, *lowest = rows_of(files)
    assert total == ["all", 88, 22, 55, 50.0]
    assert [row[0] for row in lowest] == [f"module{place:02}" for place in range(10, 0, -1)]
    assert lowest[0] == ["module10", 8, 2, 10, 0.0]


@pytest.mark.slow
def test_a_run_of_a_few_tests_covers_what_they_call() -> None:
    passed, files = covered([(["-n0", "tests/models/common/test_splitter.py", "-k", "windows"], {})])
    assert passed
    statements, branches, missing = files["src/richcheap/models/common/splitter.py"]
    assert statements > 60
    assert branches > 10
    assert 0 < missing < statements
