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
        ("QQ2,2024-03-04,2024-03-05,98.2,151.3,0.9,2036-03-22,1.25,fixed_rate", "index ratio, or another unit"),
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
