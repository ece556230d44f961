"""The list's terms and last prints."""

from datetime import date
from typing import Any

import polars as pl

from richcheap.lists.bonds import bond_table, live_bonds

AS_OF = date(2024, 3, 1)
DATES = ("maturity_date", "issue_date", "first_coupon_date", "last_print")


def known(**changes: Any) -> pl.DataFrame:
    bond = {
        "bond_id": "A",
        "maturity_date": date(2026, 5, 15),
        "coupon_rate": 0.04,
        "quoted_margin": None,
        "frequency": 2,
        "day_count": "ACT/ACT ICMA",
        "issue_date": date(2020, 5, 15),
        "first_coupon_date": None,
        "bond_type": "corporate",
        "credit_rating": "BBB+",
        "issuer": "x",
        "sector": None,
        "currency": "USD",
        "callable": False,
        "last_print": date(2024, 2, 28),
        "clean_price": 99.0,
        "price_kind": "trade",
        "side": "buy",
        "volume": 1e6,
        **changes,
    }
    return pl.DataFrame([bond], schema_overrides=dict.fromkeys(DATES, pl.Date) | {"quoted_margin": pl.Float64})


def answer(status: str) -> pl.DataFrame:
    return pl.DataFrame({"line": [1], "bond_id": ["A"], "status": [status]})


def test_terms_and_the_last_print_stand_beside_the_answer() -> None:
    (row,) = bond_table(answer("priced"), known(), AS_OF).rows(named=True)
    assert (row["rating"], row["rating_bucket"], row["coupon_frequency"]) == ("BBB+", "BBB", 2)
    assert row["years_to_maturity"] == (date(2026, 5, 15) - AS_OF).days / 365
    assert (row["last_clean_price"], row["last_size"], row["last_side"]) == (99.0, 1e6, "buy")


def test_a_bond_that_settles_after_it_matures_is_left_out_and_one_without_a_price_is_not() -> None:
    assert bond_table(answer("matured"), known(), AS_OF).is_empty()
    assert bond_table(answer("not_priced"), known(), AS_OF).height == 1
    assert live_bonds(known(maturity_date=AS_OF), AS_OF).is_empty()
