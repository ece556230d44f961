"""What the simulated process leads to expect, worked out by hand."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.simulated_truth import HalfLives, half_life, half_lives, noise_free_mid, visible_residuals

Print = tuple[str, date, str | None, float, float]

MONDAY, TUESDAY, FRIDAY = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 5)
PRINTS: list[Print] = [
    # bond, date, issuer, issuer residual, bond residual
    ("a", MONDAY, "x", 8.0, 4.0),
    ("b", TUESDAY, "x", 6.0, 1.0),
    ("c", TUESDAY, "x", 6.0, 2.0),
    ("a", FRIDAY, "x", 5.0, 3.0),
    ("d", FRIDAY, None, 7.0, 9.0),
]


def known(prints: Sequence[Print]) -> pl.DataFrame:
    names = ["bond_id", "date", "issuer", "issuer_residual_bp", "bond_residual_bp"]
    table = pl.DataFrame(prints, schema=names, orient="row")
    return visible_residuals(table.select(names[:3]), table.drop("issuer").with_columns(mid_clean_price=pl.lit(100.0)))


def expected(prints: Sequence[Print]) -> list[float]:
    found = known(prints)
    rows = found.select("bond_id", "date", dv01=pl.lit(0.1)).sort("date", "bond_id")
    return [float(price) for price in noise_free_mid(rows, found, HalfLives(issuer=2.0, bond=1.0))]


def test_residuals_of_earlier_prints_decay_and_those_never_seen_are_nil() -> None:
    innovation_count = [
        8.0 + 4.0,  # a on Monday: the first print of all
        1.0,  # b on Tuesday: c shows the issuer's residual of the day, nothing its own
        2.0,
        (3.0 - 4.0 / 16.0) + (5.0 - 6.0 / 2.0**1.5),  # a on Friday: itself four days ago, its issuer three days ago
        7.0 + 9.0,  # d is its own issuer
    ]
    np.testing.assert_allclose(expected(PRINTS), 100.0 + 0.1 * np.array(innovation_count))


def test_a_weekend_is_one_business_day() -> None:
    prints: list[Print] = [("a", FRIDAY, "x", 0.0, 4.0), ("a", date(2024, 1, 8), "x", 0.0, 4.0)]
    assert expected(prints)[1] == pytest.approx(100.0 + 0.1 * (4.0 - 2.0))


def test_later_prints_change_nothing() -> None:
    assert expected(PRINTS[:3]) == expected(PRINTS)[:3]


def test_the_order_of_the_prints_seen_changes_nothing() -> None:
    assert expected(PRINTS[::-1]) == expected(PRINTS)


def test_half_lives_are_found_from_residuals_that_decay() -> None:
    days = np.random.default_rng(0).integers(1, 30, 500).astype(float)
    before = np.random.default_rng(1).normal(size=500)
    assert half_life(before * 0.5 ** (days / 12.0), before, days) == pytest.approx(12.0, rel=1e-3)
    prints: list[Print] = [
        ("a", MONDAY + timedelta(weeks=week), "x", 8.0 * 0.5**week, 4.0 * 0.25**week) for week in range(4)
    ]
    assert half_lives(known(prints)) == pytest.approx(HalfLives(issuer=5.0, bond=2.5), rel=1e-3)
