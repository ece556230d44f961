"""Names that the simulation shares: regimes, ratings, bond types, days in a year."""

from typing import Final

REGIMES: Final = ("normal", "bull", "bear", "high_volatility", "low_volatility", "crisis", "recovery")
RATINGS: Final = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC")
BOND_TYPES: Final = ("treasury", "corporate", "high_yield", "fixed_rate", "zero_coupon", "floating_rate")
TREASURY, CORPORATE, HIGH_YIELD, FIXED_RATE, ZERO_COUPON, FLOATING_RATE = range(6)

NOTCHES: Final = ("AAA", *(f"{letter}{sign}" for letter in RATINGS[1:] for sign in ("+", "", "-")))
"""The 19 grades from AAA to CCC-."""

TREASURY_RATING: Final = "AA+"
DAYS_A_YEAR: Final = 365.25
"""Of the process itself, a mean calendar year; another one would be another market. Curves count ACT/365 Fixed."""
BUSINESS_DAYS_A_YEAR: Final = 252.0
