from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.desk import Reader, reader

HEADER = "bond_id,date,settlement_date,clean_price,dirty_price,yield,maturity_date,coupon_rate,bond_type"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return reader(tmp_path, monkeypatch)


def checked(read: Reader, *rows: str) -> dict[str, Any]:
    found: dict[str, Any] = read("\n".join([HEADER, *rows])).metrics["cross_check"]
    return found


GOOD = "QQ1,2024-03-04,2024-03-05,99,100.106557,5.217429,2029-06-15,5,treasury"


def test_figures_that_agree_are_counted(read: Reader) -> None:
    found = checked(read, GOOD)
    assert {name: (one["rows"], one["agree"], one["kinds"]) for name, one in found.items()} == {
        "dirty_price": (1, 1, {}),
        "yield": (1, 1, {}),
    }


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("QQ1,2024-03-05,2024-03-06,100.120291,99,5.2,2029-06-15,5,treasury", "clean and dirty price are flipped"),
        ("QQ3,2024-02-27,2024-02-28,99.5,99.99,3.9,2027-03-07,3.75,treasury", "interest began later: a new issue"),
        ("QQ4,2024-03-04,2024-03-05,99,100.12,5.2,2029-06-15,5,treasury", "day count or settlement"),
        ("QQ5,2024-06-10,2024-06-11,99,98.95,5.2,2029-06-15,5,treasury", "ex-dividend"),
    ],
)
def test_a_difference_is_shown_with_its_likely_cause(read: Reader, row: str, kind: str) -> None:
    assert checked(read, GOOD, row)["dirty_price"]["kinds"] == {kind: 1}


def test_yields_that_are_compounded_otherwise_are_told(read: Reader) -> None:
    found = checked(read, GOOD.replace("5.217429", f"{((1 + 0.05217429 / 2) ** 2 - 1) * 100:.6f}"))
    assert found["yield"]["cause"] == "they are compounded once a year"


def test_a_file_that_says_one_thing_once_has_nothing_to_compare(read: Reader) -> None:
    assert checked(read, GOOD.replace("100.106557,5.217429", ",")) == {}


def test_an_index_linked_bond_that_the_file_hides_is_refused_by_its_name(read: Reader) -> None:
    found = read("\n".join([HEADER, GOOD, "QQ2,2024-03-04,2024-03-05,98.2,151.3,0.9,2036-03-22,1.25,fixed_rate"]))
    (row,) = found.quarantine.rows(named=True)
    assert (row["reason"], found.metrics["rejected_share"]) == ("unsupported_instrument", 0.0)
    assert "got '151.3' with clean_price '98.2' (index-linked" in row["detail"]
    assert "data.columns: {dirty_price: null}" in row["detail"]


def test_that_rule_is_settled_by_its_key(read: Reader) -> None:
    text = "\n".join([HEADER, "QQ2,2024-03-04,2024-03-05,98.2,151.3,0.9,2036-03-22,1.25,fixed_rate"])
    assert read(text, columns={"dirty_price": None}).metrics["rows_accepted"] == 1


def test_flipped_columns_are_told(read: Reader) -> None:
    found = checked(read, GOOD.replace("99,100.106557", "100.106557,99"))["dirty_price"]
    assert found["cause"] == "clean and dirty price are flipped: data.columns names them the other way round"


def test_a_yield_that_no_convention_explains_is_told_loudly(read: Reader, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(read, GOOD, GOOD.replace("QQ1", "QQ2").replace("5.217429", "3.5"))["yield"]["kinds"] == {
        "other cash flows: index-linked, amortising, stepped or floating": 1
    }
    assert "1 rows are priced as plain bonds though their yields say that they are not" in capsys.readouterr().err


@pytest.mark.parametrize("factor", [1.0, 10.0])
def test_accrued_interest_of_the_file_is_compared_per_hundred_or_per_thousand(read: Reader, factor: float) -> None:
    text = f"{HEADER},accrued_interest\n{GOOD},{factor * 1.106557}"
    found = read(text).metrics["cross_check"]["accrued_interest"]
    assert (found["rows"], found["agree"]) == (1, 1)


def test_durations_in_days_are_compared(read: Reader) -> None:
    found = read(f"{HEADER},modified_duration\n{GOOD},{4.5243 * 365}").metrics["cross_check"]["modified_duration"]
    assert (found["rows"], found["largest"] < 0.5) == (1, True)


def spreads(unit: float, wrong: float = 0.0) -> str:
    """Return yields of a smooth benchmark and spreads over it, one of which may be wrong."""
    header = "bond_id,date,yield,spread,maturity_date,coupon_rate,bond_type"
    rows = [
        f"Q{place},2024-03-04,{4.0 + 0.02 * place + bp / 100},{(bp + (wrong if place == 4 else 0.0)) * unit},"
        f"20{30 + place}-06-15,4,corporate"
        for place, bp in enumerate((50, 120, 75, 210, 90, 60, 150, 80, 130))
    ]
    return "\n".join([header, *rows])


@pytest.mark.parametrize("unit", [1.0, 0.01, 0.0001])
def test_spreads_are_compared_over_the_benchmark_that_they_imply(read: Reader, unit: float) -> None:
    found = read(spreads(unit), yield_unit="percent").metrics["cross_check"]["spread"]
    assert (found["rows"], found["agree"]) == (9, 9)


def test_a_spread_of_another_kind_is_found(read: Reader) -> None:
    found = read(spreads(1.0, wrong=80.0), yield_unit="percent").metrics["cross_check"]["spread"]
    assert (found["rows"], found["agree"], found["kinds"]) == (9, 8, {"another benchmark or kind of spread": 1})
