"""The calendar of what bonds pay."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from richcheap.bonds.measures import measures
from richcheap.bonds.terms import terms_from_frame
from richcheap.lists.cash_flows import cash_flow_table, cash_flows

AS_OF = date(2024, 3, 1)
BOND: dict[str, Any] = {
    "settlement_date": AS_OF,
    "maturity_date": date(2026, 5, 15),
    "coupon_rate": 0.04,
    "frequency": 2,
    "day_count": "ACT/ACT ICMA",
    "issue_date": None,
    "first_coupon_date": None,
    "bond_type": "corporate",
    "currency": "USD",
}


def paid(**changes: Any) -> list[tuple[date, float]]:
    frame = pl.DataFrame([{**BOND, **changes}], schema_overrides={"issue_date": pl.Date, "first_coupon_date": pl.Date})
    found = cash_flows(terms_from_frame(frame))
    return list(zip(pl.Series(found.day).cast(pl.Date).to_list(), found.amount.tolist(), strict=True))


def test_coupons_and_the_redemption_stand_on_their_dates() -> None:
    flows = paid()
    assert [day for day, _ in flows] == [
        *(date(2024, 5, 15), date(2024, 11, 15), date(2025, 5, 15), date(2025, 11, 15), date(2026, 5, 15)),
    ]
    assert [amount for _, amount in flows] == [2.0, 2.0, 2.0, 2.0, 102.0]


def test_a_zero_coupon_bond_pays_once() -> None:
    assert paid(coupon_rate=0.0, frequency=0) == [(date(2026, 5, 15), 100.0)]
    assert paid(coupon_rate=0.0) == [(date(2026, 5, 15), 100.0)]


def test_a_coupon_of_the_seller_is_not_among_them() -> None:
    gilt = {"bond_type": "treasury", "currency": "GBP", "settlement_date": date(2024, 5, 10)}
    assert paid(**gilt)[0][0] == date(2024, 11, 15)


def test_a_bond_that_has_matured_pays_nothing() -> None:
    assert paid(settlement_date=date(2026, 5, 15)) == []


@pytest.mark.parametrize("frequency", [1, 4, 12])
def test_none_is_lost_however_often_it_pays(frequency: int) -> None:
    flows = paid(frequency=frequency, maturity_date=date(2054, 2, 15), settlement_date=date(2024, 2, 15))
    assert len(flows) == 30 * frequency
    assert flows[-1][1] == pytest.approx(100.0 + 4.0 / frequency)


def test_discounted_at_the_yield_they_are_worth_the_price() -> None:
    frame = pl.DataFrame([BOND], schema_overrides={"issue_date": pl.Date, "first_coupon_date": pl.Date})
    terms = terms_from_frame(frame.with_columns(settlement_date=pl.date(2024, 5, 15)))
    found = cash_flows(terms)
    rate = measures(terms, [98.0]).yield_to_maturity[0]
    worth = sum(amount / (1 + rate / 2) ** (k + 1) for k, amount in enumerate(found.amount))
    assert worth == pytest.approx(98.0, abs=1e-9)


def known(**changes: Any) -> pl.DataFrame:
    kinds = {"issue_date": pl.Date, "first_coupon_date": pl.Date}
    return pl.DataFrame([{"bond_id": "A", **BOND, **changes}], schema_overrides=kinds)


def test_coupons_that_are_not_fixed_yet_are_marked() -> None:
    assert cash_flow_table(known(), AS_OF)["projected"].to_list() == [False] * 5
    floats = cash_flow_table(known(bond_type="floating_rate"), AS_OF)
    assert floats["projected"].to_list() == [False, True, True, True, True]


def test_a_bond_that_is_not_issued_yet_pays_from_its_issue_on() -> None:
    flows = cash_flow_table(known(issue_date=date(2024, 3, 5)), AS_OF)
    assert flows["date"].to_list()[0] == date(2024, 5, 15)
    assert flows["amount"][0] < 2.0
