"""The mutation test tells the mutants that tests notice from those that live, and leaves out what says nothing."""

from pathlib import Path

import pytest

from benchmarks.promises.mutation import Fate, Trials, mutants_of

SOURCE = '''
from richcheap.numerics.compiled import kernel


@kernel
def total(price: float | int, accrued: int) -> float | int:
    """Add."""
    return price + accrued


def is_low(price: int) -> bool:
    return price < 90
'''


def test_only_mutants_that_say_something_are_made(tmp_path: Path) -> None:
    path = tmp_path / "prices.py"
    path.write_text(SOURCE, encoding="utf-8")
    made = [mutant.operator_name.removeprefix("core/") for mutant in mutants_of(path)]
    sums = [f"ReplaceBinaryOperator_Add_{name}" for name in ("Div", "FloorDiv", "Mod", "Mul", "Pow", "Sub")]
    order = [f"ReplaceComparisonOperator_Lt_{name}" for name in ("Eq", "Gt", "GtE", "LtE", "NotEq")]
    assert made == [*sums, *order, "NumberReplacer", "NumberReplacer"]


def test_a_sharp_test_kills_and_a_blunt_one_lets_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prices.py").write_text(SOURCE, encoding="utf-8")
    Path("pytest.ini").write_text("[pytest]\npythonpath = .\nmarkers =\n    slow\n    nightly\n", encoding="utf-8")
    tests = "import prices\n\n\ndef test():\n    assert prices.total(3, 2) == 5\n    assert prices.is_low(10)\n"
    Path("test_prices.py").write_text(tests, encoding="utf-8")
    Path("logs").mkdir()
    trials = Trials(Path("test_prices.py"), Path("logs"))
    source = Path("prices.py")
    found = {mutant.operator_name.rpartition("_")[2]: trials.fate(mutant) for mutant in mutants_of(source)[5:10:2]}
    assert [fate for fate, _ in found.values()] == [Fate.KILLED, Fate.KILLED, Fate.SURVIVED]
    assert found["LtE"][1] == "-    return price < 90\n+    return price <= 90"
    assert source.read_text(encoding="utf-8") == SOURCE


def test_tests_that_are_red_already_tell_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("test_prices.py").write_text("def test():\n    assert 1 == 2\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"test_prices\.py: red before anything is changed"):
        Trials(Path("test_prices.py"), tmp_path)
