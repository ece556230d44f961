"""Callable bonds and curves to value."""

import numpy as np

from richcheap.bonds.calls import Calls
from richcheap.bonds.terms import NO_DATE, BondTerms
from richcheap.options.exercise import CallableBond, callable_bonds
from richcheap.options.params import OptionsParams
from richcheap.options.spreads import Curve

SETTLEMENT = 19_000
NODES = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 30.0])
STEEP = Curve(NODES, np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.045]))
CERTAIN = OptionsParams(short_rate_volatility_bp=0.01)


def terms_of(maturity, coupon=0.05, frequency=2, day_count=0):
    """Return bonds that settle on the same day; 30/360 if nothing else is said."""
    size = len(maturity)
    none = np.full(size, NO_DATE)
    coupons, frequencies = np.broadcast_to(coupon, size), np.broadcast_to(frequency, size)
    counts = np.broadcast_to(day_count, size)
    return BondTerms(
        np.full(size, SETTLEMENT), SETTLEMENT + np.asarray(maturity), coupons, frequencies, counts, none, none
    )


def calls_of(*schedules):
    """Return schedules: (days after settlement, price) of each entry."""
    return Calls(
        schedule=np.arange(len(schedules), dtype=np.int32),
        offset=np.cumsum([0, *map(len, schedules)], dtype=np.int32),
        date=np.array([SETTLEMENT + day for entries in schedules for day, _ in entries], dtype=np.int32),
        price=np.array([price for entries in schedules for _, price in entries], dtype=np.float64),
    )


def one_bond(*entries, maturity=3_000, **terms):
    """Return a bond with some entries of a call schedule."""
    (bond,) = callable_bonds(terms_of([maturity], **terms), calls_of(entries))
    return bond


def random_bonds(seed: int, size: int) -> tuple[BondTerms, list[CallableBond]]:
    """Return bonds of all kinds of coupons and day counts, with falling call prices from any day on."""
    rng = np.random.default_rng(seed)
    maturity = rng.integers(200, 8_000, size)
    frequency = rng.choice([0, 1, 2, 4], size)
    coupon = np.where(frequency > 0, rng.uniform(0.0, 0.1, size), 0.0)
    terms = terms_of(maturity, coupon, frequency, rng.choice([0, 1, 2, 3], size))
    schedules = []
    for years in maturity:
        days = np.unique(rng.integers(-300, years + 100, rng.integers(1, 6)))
        schedules.append([(int(day), 100.0 + float(len(days) - at)) for at, day in enumerate(days)])
    return terms, callable_bonds(terms, calls_of(*schedules))
