"""What each type of bond looks like at issue: original terms, coupon conventions, options, how often it trades."""

from typing import Final, NamedTuple

import numpy as np

from richcheap.bonds.conventions import DayCount
from richcheap.simulation.constants import CORPORATE, FIXED_RATE, FLOATING_RATE, HIGH_YIELD, TREASURY, ZERO_COUPON
from richcheap.simulation.states.stochastic import Floats, Integers


class Coupons(NamedTuple):
    """One way to pay coupons, and the share of a type's bonds that follow it."""

    share: float
    frequency: int
    day_count: DayCount


class BondType(NamedTuple):
    """What bonds of one type have in common."""

    terms_years: tuple[float, ...]
    """Original terms, each as likely as the others; a treasury slot keeps one."""
    coupons: tuple[Coupons, ...]
    callable_share: float
    convertible_share: float
    log_activity: float
    """Log of how often the type trades, beside a corporate bond."""
    dispersion: float
    """Multiple of ``trading.activity_dispersion``."""


BOND_TYPE_SPECS: Final[dict[int, BondType]] = {
    TREASURY: BondType(
        (2.0, 5.0, 10.0, 30.0, 0.5, 3.0, 7.0, 20.0, 1.0, 5.0, 10.0, 2.0, 30.0, 3.0, 0.5, 7.0),
        (Coupons(1.0, 2, DayCount.ACT_ACT_ICMA),),
        0.0, 0.0, 0.0, 0.4,
    ),
    CORPORATE: BondType(
        (3.0, 5.0, 5.0, 7.0, 7.0, 10.0, 10.0, 10.0, 20.0, 30.0),
        (
            Coupons(0.80, 2, DayCount.THIRTY_360),
            Coupons(0.10, 1, DayCount.ACT_ACT_ICMA),
            Coupons(0.05, 4, DayCount.THIRTY_360),
            Coupons(0.05, 12, DayCount.THIRTY_360),
        ),
        0.30, 0.03, 0.0, 1.0,
    ),
    HIGH_YIELD: BondType(
        (5.0, 7.0, 8.0, 10.0),
        (Coupons(0.9, 2, DayCount.THIRTY_360), Coupons(0.1, 1, DayCount.THIRTY_360)),
        0.50, 0.06, -0.1, 1.0,
    ),
    FIXED_RATE: BondType(
        (2.0, 3.0, 5.0, 7.0, 10.0, 15.0),
        (
            Coupons(0.30, 2, DayCount.THIRTY_360),
            Coupons(0.30, 1, DayCount.ACT_ACT_ICMA),
            Coupons(0.10, 2, DayCount.ACT_365F),
            Coupons(0.10, 1, DayCount.ACT_365F),
            Coupons(0.10, 4, DayCount.ACT_ACT_ICMA),
            Coupons(0.10, 12, DayCount.ACT_360),
        ),
        0.10, 0.0, -0.2, 1.0,
    ),
    ZERO_COUPON: BondType(
        (1.0, 2.0, 3.0, 5.0, 7.0, 10.0),
        (
            Coupons(0.70, 0, DayCount.ACT_ACT_ICMA),
            Coupons(0.15, 0, DayCount.THIRTY_360),
            Coupons(0.15, 0, DayCount.ACT_365F),
        ),
        0.0, 0.0, -0.6, 1.0,
    ),
    FLOATING_RATE: BondType(
        (2.0, 3.0, 4.0, 5.0),
        (
            Coupons(0.85, 4, DayCount.ACT_360),
            Coupons(0.10, 12, DayCount.ACT_360),
            Coupons(0.05, 2, DayCount.ACT_360),
        ),
        0.0, 0.0, -0.3, 1.0,
    ),
}  # fmt: skip
"""Treasuries' terms are ordered so that few bonds already span the curve."""

BILL_YEARS: Final = 1.0
"""Treasuries of at most this term are bills, without coupons."""


def draw_conventions(kind: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Draw the frequency and the code of the day count of bonds by type, shapes (bonds,)."""
    pick = rng.random(kind.size)
    frequency, day_count = np.zeros_like(kind), np.zeros_like(kind)
    for code, bond_type in BOND_TYPE_SPECS.items():
        of_kind = np.flatnonzero(kind == code)
        upper = np.cumsum([coupons.share for coupons in bond_type.coupons])
        upper[-1] = 1.0
        place = np.searchsorted(upper, pick[of_kind], side="right")
        frequency[of_kind] = np.array([coupons.frequency for coupons in bond_type.coupons])[place]
        day_count[of_kind] = np.array([int(coupons.day_count) for coupons in bond_type.coupons])[place]
    return frequency, day_count


def by_kind(kind: Integers, field: str) -> Floats:
    """Return one of the habits' figures for each bond."""
    table = np.array([getattr(BOND_TYPE_SPECS[code], field) for code in sorted(BOND_TYPE_SPECS)], dtype=np.float64)
    return np.asarray(table[kind])
