"""How old bonds are, and which of them were sold near par of late."""

from datetime import date, timedelta

import polars as pl

from richcheap.panel.ages import NEW_DAYS, age_days, new_issue_days

ISSUE = date(2024, 3, 1)


def test_an_age_is_counted_to_settlement() -> None:
    rows = pl.DataFrame({"issue_date": [ISSUE, None], "settlement_date": [ISSUE + timedelta(days=3), ISSUE]})
    assert rows.select(age_days()).to_series().to_list() == [3.0, None]


def test_new_are_bonds_with_a_coupon_from_their_issue_on_for_some_weeks() -> None:
    days = [-1, 0, NEW_DAYS, NEW_DAYS + 1, 5, 5, 5]
    rows = pl.DataFrame(
        {
            "issue_date": [*[ISSUE] * 6, None],
            "settlement_date": [ISSUE + timedelta(days=day) for day in days],
            "coupon_rate": [0.03, 0.03, 0.03, 0.03, 0.0, None, 0.03],
        }
    )
    found = rows.select(new_issue_days()).to_series().to_list()
    assert found == [None, 0.0, NEW_DAYS, None, None, None, None]
