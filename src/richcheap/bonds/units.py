"""Units that several modules convert between."""

BP = 1e4
"""Basis points in one."""
DAYS_PER_YEAR = 365.0
"""ACT/365 Fixed (ISDA 2006 Definitions 4.16(d)): years to maturity, ages, and the time of curves."""
PAR = 100.0
"""Clean price at which an issuer means to sell a bond, per 100 of face."""
