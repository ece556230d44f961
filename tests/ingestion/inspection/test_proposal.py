from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from richcheap.ingestion.inspection.proposal import Proposal, propose

HEADER = "isin,date,price,coupon,maturity"
ROW = "XS0000000116,2024-03-04,99.5,5,2030-01-15"


@pytest.fixture
def proposed(tmp_path: Path) -> Callable[..., Proposal]:
    """Return a function that writes a file of some name and proposes how to read it."""
    copies = tmp_path / "copies"
    copies.mkdir()

    def write(text: str, name: str = "prices.csv", terms: str | None = None) -> Proposal:
        folder = tmp_path / "desk"
        folder.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
        if terms is not None:
            (folder / "terms.csv").write_text(terms, encoding="utf-8")
        return propose(folder / name, copies, None)

    return write


def test_a_description_gives_what_no_column_does(proposed: Any) -> None:
    made = proposed('Security,Date,Mid\n"T 4 1/4 11/15/34 Govt",2024-12-02,100.5\n')
    expected = dict.fromkeys(("bond_id", "maturity_date", "coupon_rate", "bond_type"), "Security")
    assert made.params["columns"].items() >= expected.items()
    assert made.doubts != []


def test_the_day_of_settlement_stands_for_that_of_the_trade_and_this_is_said(proposed: Any) -> None:
    made = proposed("isin,settlement,dirty,coupon,maturity\nXS0000000116,2024-03-04,99.5,5,2030-01-15\n")
    assert made.params["columns"]["date"] == "settlement"
    assert made.params["settlement_lag_days"] == 0
    assert any("data.settlement_lag_days" in doubt for doubt in made.doubts)


@pytest.mark.parametrize(
    ("column", "value", "governments"),
    [("issuer", "United Kingdom", True), ("issuer", "Bank of Ireland", False), ("name", "UKT 4.25 36", True)],
)
def test_all_bonds_are_a_governments_where_each_row_says_so(
    proposed: Any, column: str, value: str, governments: bool
) -> None:
    made = proposed(f"{HEADER},{column}\n{ROW},{value}\n")
    assert (made.params.get("constants") == {"bond_type": "treasury"}) is governments


def test_a_file_of_terms_can_say_that_all_are_a_governments(proposed: Any) -> None:
    prices, terms = "isin,date,price\nXS0000000116,2024-03-04,99.5\n", "isin,issuer,coupon,maturity\n"
    made = proposed(prices, terms=f"{terms}XS0000000116,HM Treasury,5,2030-01-15\n")
    assert made.params["constants"] == {"bond_type": "treasury"}


def test_files_beside_a_file_without_identifiers_are_not_taken_for_its_terms(proposed: Any) -> None:
    made = proposed("day,price\n2024-03-04,99.5\n", terms="isin,coupon,maturity\nXS0000000116,5,2030-01-15\n")
    assert "terms" not in made.params


def test_columns_that_are_not_read_are_listed(proposed: Any) -> None:
    assert "not read: colour, mood" in proposed(f"{HEADER},colour,mood\n{ROW},red,good\n").notes


def test_of_a_workbook_the_sheet_is_taken_that_says_most_of_a_bond(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Prices of the desk"])
    sheet = book.create_sheet("Data")
    for line in (HEADER, ROW):
        sheet.append(line.split(","))
    book.save(tmp_path / "prices.xlsx")
    (tmp_path / "copies").mkdir()
    made = propose(tmp_path / "prices.xlsx", tmp_path / "copies", None)
    assert made.params["sheet"] == "Data"
    assert any("data.sheet" in doubt for doubt in made.doubts)


def test_a_column_of_dates_is_told_by_its_values_under_any_name(proposed: Any) -> None:
    made = proposed("when it was,isin,price,coupon,maturity\n2024-03-04,XS0000000116,99.5,5,2030-01-15\n")
    assert made.params["columns"]["date"] == "when it was"
    assert any("data.columns.date" in doubt for doubt in made.doubts)


def test_the_currency_may_stand_in_the_name_of_the_prices(proposed: Any) -> None:
    made = proposed(f"{HEADER.replace('price', 'Price (EUR)')}\n{ROW}\n")
    assert made.params["default_currency"] == "EUR"
    assert any("data.default_currency" in doubt for doubt in made.doubts)
