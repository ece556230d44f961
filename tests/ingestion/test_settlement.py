from datetime import date

import polars as pl
import pytest

from richcheap.bonds.conventions import WEEKDAYS, calendar_codes
from richcheap.ingestion.settlement import settlement_dates


@pytest.mark.parametrize(
    ("trade", "lag", "calendar", "settled"),
    [
        (date(2024, 3, 1), 1, WEEKDAYS, date(2024, 3, 4)),
        (date(2024, 3, 2), 0, WEEKDAYS, date(2024, 3, 4)),
        (date(2024, 3, 2), 1, WEEKDAYS, date(2024, 3, 5)),
        (date(2010, 12, 23), 1, "XSIF", date(2010, 12, 27)),
        (date(2010, 10, 8), 1, "XSIF", date(2010, 10, 12)),  # Columbus Day: bonds do not trade, shares do
        (date(2011, 12, 30), 1, "XSIF", date(2012, 1, 3)),
        (date(2026, 4, 2), 2, "XECB", date(2026, 4, 8)),  # Good Friday, Easter Monday
        (date(2026, 4, 30), 2, "XECB", date(2026, 5, 5)),
    ],
)
def test_settlement_skips_weekends_and_closing_days(trade: date, lag: int, calendar: str, settled: date) -> None:
    assert settlement_dates(pl.Series([trade]), lag, calendar).to_list() == [settled]


def test_settlement_keeps_order_and_nulls() -> None:
    dates = pl.Series([date(2024, 3, 4), None, date(2024, 3, 1), date(2024, 3, 4)])
    expected = [date(2024, 3, 5), None, date(2024, 3, 4), date(2024, 3, 5)]
    assert settlement_dates(dates, 1, WEEKDAYS).to_list() == expected


def test_settlement_of_nothing_is_nothing() -> None:
    assert settlement_dates(pl.Series([None], dtype=pl.Date), 1, "XSIF").to_list() == [None]


def test_the_calendars_of_the_ready_mappings_exist() -> None:
    assert {"XSIF", "XECB"} <= set(calendar_codes())
