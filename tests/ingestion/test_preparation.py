"""What is taken by market where a file does not say: by currency, kind and country of the issuer."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from richcheap.bonds.conventions import GOVERNMENT, MARKETS
from tests.ingestion.samples import Taken, table, take


def taken(**row: str) -> dict[str, object]:
    found = take(table({"bond_id": "a bond", **row}))
    assert found.quarantine.is_empty(), found.quarantine["detail"].to_list()
    return found.accepted.row(0, named=True)


@pytest.mark.parametrize("market", [one for one in MARKETS if one.kind == GOVERNMENT], ids=lambda one: one.currency)
def test_each_government_has_the_terms_of_the_table(market: object) -> None:
    row = {"currency": market.currency, "bond_type": "treasury", "issuer_country": market.country or ""}  # type: ignore[attr-defined]
    found = taken(**row)
    assert (found["frequency"], found["day_count"]) == (market.frequency, market.day_count_name)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("row", "frequency", "day_count"),
    [
        ({"currency": "EUR", "bond_type": "treasury", "bond_id": "IT0005398406"}, 2, "ACT/ACT ICMA"),
        ({"currency": "EUR", "bond_type": "treasury", "bond_id": "DE0001102580"}, 1, "ACT/ACT ICMA"),
        ({"currency": "EUR", "bond_type": "treasury", "bond_id": "BTP 30", "issuer_country": "it"}, 2, "ACT/ACT ICMA"),
        ({"currency": "EUR", "bond_type": "corporate", "bond_id": "IT0005398406"}, 1, "ACT/ACT ICMA"),
        ({"currency": "USD", "bond_type": "municipal"}, 2, "30/360"),
        ({"currency": "USD", "bond_type": "Agency Bond"}, 2, "30/360"),
        ({"currency": "CAD", "bond_type": "agency"}, 2, "ACT/365 Canadian"),
        ({"currency": "GBP", "bond_type": "T-Bill", "coupon_rate": ""}, 0, "ACT/365F"),
        ({"currency": "BRL", "bond_type": "bill", "coupon_rate": ""}, 0, "BUS/252"),
        ({"currency": "USD", "bond_type": "strip", "coupon_rate": ""}, 0, "ACT/ACT ICMA"),
        ({"currency": "HKD", "bond_type": "treasury"}, 2, "ACT/ACT ICMA"),
        ({"currency": "BRL", "bond_type": "treasury", "day_count": "30/360"}, 2, "30/360"),
    ],
)  # fmt: skip
def test_other_bonds_have_theirs_and_what_the_file_says_counts(
    row: dict[str, str], frequency: int, day_count: str
) -> None:
    found = taken(**row)
    assert (found["frequency"], found["day_count"]) == (frequency, day_count)


@pytest.mark.parametrize(
    ("currency", "bond_id", "country", "bond_type"),
    [
        ("USD", "US91282CJL65", "", "treasury"),
        ("USD", "US91086QBF46", "MX", "foreign_sovereign"),  # a dollar bond of Mexico's with an American identifier
        ("USD", "XS2155352748", "", "foreign_sovereign"),
        ("USD", "DE000A3MP7J5", "", "foreign_sovereign"),
        ("EUR", "DE000A3MP7J5", "", "treasury"),
        ("EUR", "XS1117298247", "", "treasury"),  # euro states have debt of their own with international identifiers
        ("EUR", "PL0000111498", "", "foreign_sovereign"),
        ("PLN", "PL0000111498", "", "treasury"),
        ("USD", "912828ZT0", "", "treasury"),
        ("USD", "a bond", "qa", "treasury"),  # of a country whose currency is not known here
    ],
)
def test_a_government_s_debt_in_another_currency_is_none_of_that_currency_s_governments(
    currency: str, bond_id: str, country: str, bond_type: str
) -> None:
    row = {"currency": currency, "bond_id": bond_id, "issuer_country": country, "bond_type": "government"}
    assert taken(**row)["bond_type"] == bond_type


@pytest.mark.parametrize(
    ("row", "settled"),
    [
        ({"currency": "USD", "date": "2024-03-28"}, date(2024, 4, 1)),  # Good Friday
        ({"currency": "EUR", "date": "2024-03-28"}, date(2024, 4, 3)),  # Easter Monday, too
        ({"currency": "GBP", "date": "2024-03-28", "bond_type": "treasury"}, date(2024, 4, 2)),
        ({"currency": "GBP", "date": "2024-03-28", "bond_type": "bill", "coupon_rate": ""}, date(2024, 4, 2)),
        ({"currency": "JPY", "date": "2024-05-02", "bond_type": "treasury"}, date(2024, 5, 7)),  # Golden Week
        ({"currency": "ZAR", "date": "2018-07-20", "bond_type": "treasury"}, date(2018, 7, 25)),
        ({"currency": "SEK", "date": "2024-06-19", "bond_type": "treasury"}, date(2024, 6, 24)),  # Midsummer Eve
        ({"currency": "HKD", "date": "2024-03-28", "bond_type": "treasury"}, date(2024, 3, 29)),  # not in the table
    ],
)  # fmt: skip
def test_settlement_follows_the_markets_lag_and_holidays(row: dict[str, str], settled: date) -> None:
    assert taken(**row)["settlement_date"] == settled


def test_params_go_before_the_market() -> None:
    frame = table({"currency": "EUR", "date": "2024-03-28"}, {"bond_id": "B", "currency": "USD", "date": "2024-03-28"})
    assert _settled(take(frame, settlement_lag_days=1)) == [date(2024, 4, 2), date(2024, 4, 1)]
    assert _settled(take(frame, settlement_calendar="weekdays")) == [date(2024, 4, 1), date(2024, 3, 29)]


def test_what_was_taken_is_counted() -> None:
    assumed = take(table({"currency": "CAD", "bond_type": "agency"})).checks.assumed
    assert assumed["day_count", "ACT/365 Canadian"] == 1
    assert assumed["frequency", "2"] == 1


def _settled(found: Taken) -> list[date]:
    return found.accepted.sort("source_row")["settlement_date"].to_list()


def test_the_country_of_the_issuer_is_no_column_of_the_observations() -> None:
    assert "issuer_country" not in take(table({"issuer_country": "US"})).accepted.columns


def test_reading_files_loads_no_compiler(project_root: Path) -> None:
    code = "import sys, stages.ingest; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=project_root, check=True)
