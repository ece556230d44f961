"""Every figure of bonds of all markets, day counts and kinds is what it was."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from richcheap.bonds.conventions import DAY_COUNTS, GOVERNMENT, MARKETS, ZERO_COUPON
from richcheap.bonds.conversion import convert_frame
from richcheap.bonds.terms import NO_DATE
from tests.bonds.referee import odd_last_bonds, random_bonds
from tests.bonds.test_conversion import observation, observations
from tests.golden import assert_golden

EPOCH = date(1970, 1, 1)


def moment(day: int) -> date | None:
    return None if day == NO_DATE else EPOCH + timedelta(days=day)


def of_markets() -> Iterator[dict[str, Any]]:
    """Yield bonds quoted as each market quotes them, far from a coupon and close to one."""
    for place, market in enumerate(MARKETS):
        maturity = date(2026 + place % 17, 1 + place % 12, (15, 1, 28)[place % 3])
        common = {
            "bond_type": {GOVERNMENT: "treasury", ZERO_COUPON: "zero_coupon"}.get(market.kind, "corporate"),
            "currency": market.currency,
            "day_count": market.day_count_name,
            "frequency": market.frequency,
            "coupon_rate": 0.0037 * (place % 13) if market.frequency else 0.0,
            "maturity_date": maturity,
            "issue_date": date(2015, 2, 3) if place % 2 else None,
        }
        near = maturity.replace(year=2024) - timedelta(days=1 + place % 9)
        far = date(2023, 5, 3 + place % 25)
        called = calls(far, maturity) if market.frequency else None
        yield observation(**common, settlement_date=far, clean_price=71.3 + 1.1 * place, call_schedule=called)
        yield observation(**common, settlement_date=near, observed="yield", **{"yield": -0.007 + 0.0019 * place})


def of_day_counts() -> Iterator[dict[str, Any]]:
    """Yield bonds with hostile dates under all day counts; some float, some may be called."""
    others = [b._replace(day_count=place % len(DAY_COUNTS)) for place, b in enumerate(odd_last_bonds(6, 30))]
    for place, b in enumerate([*random_bonds(5, 60), *odd_last_bonds(5, 30), *others]):
        settled, maturity = (EPOCH + timedelta(days=day) for day in (b.settlement, b.maturity))
        yield observation(
            bond_type="floating_rate" if place % 10 == 7 and b.frequency else "fixed_rate",
            quoted_margin=0.0031 if place % 20 == 7 else None,
            currency="USD",
            day_count=DAY_COUNTS[b.day_count].name,
            frequency=b.frequency,
            coupon_rate=b.coupon_rate,
            settlement_date=settled,
            maturity_date=maturity,
            issue_date=moment(b.issue),
            first_coupon_date=moment(b.first_coupon),
            observed="dirty_price" if place % 3 else "clean_price",
            dirty_price=83.7 + 0.43 * place,
            call_schedule=calls(settled, maturity) if place % 2 and b.frequency else None,
        )


def calls(settled: date, maturity: date) -> str:
    """Return a schedule of four entries, spread over what is left of a bond's life."""
    days = [settled + (maturity - settled) * share / 5 for share in range(1, 5)]
    return ";".join(
        f"{day}@{price}" for day, price in dict(zip(days, (103.0, 101.5, 100.7, 100.0), strict=True)).items()
    )


def test_the_figures_of_bonds_are_what_they_were() -> None:
    rows = observations(*of_markets(), *of_day_counts())
    found = convert_frame(rows).with_columns(pl.col("worst_date").cast(pl.Int32), bad=pl.col("status") != "ok")
    assert_golden(Path(__file__).with_name("golden.json"), {"bonds": found.drop("source_row")})
