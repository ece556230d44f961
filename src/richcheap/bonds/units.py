"""Units that several modules convert between."""

BP = 1e4
"""Basis points in one."""
DAYS_PER_YEAR = 365.25
