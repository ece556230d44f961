"""Tell percent from decimal for a whole column, by what rates can be."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

THRESHOLD = 0.2
"""Median magnitude of non-zero rates above which a column is in percent.

A market whose median coupon or yield is above 20 % would be read wrongly, and so would one in percent whose
median is below 0.2 %; neither has been seen for a whole file. Say ``decimal`` or ``percent`` in params then.
"""

FRACTION_OF_FACE = 3.0
"""Median price below which prices are fractions of face (1.01) and not per 100 (101)."""


@dataclass(frozen=True)
class UnitDecision:
    """What a column's unit was taken to be, and why.

    Parameters
    ----------
    column : str
        Canonical name.
    unit : str
        ``decimal``, ``percent``, ``per_100`` or ``per_1``.
    how : str
        ``stated`` (by params or the layout), ``detected`` or ``percent sign`` (each value carries it).
    median : float
        Median magnitude of the non-zero values without a percent sign, as read; NaN when there is none.
    """

    column: str
    unit: Literal["decimal", "percent", "per_100", "per_1"]
    how: Literal["stated", "detected", "percent sign"]
    median: float

    def convert(self, value: pl.Expr) -> pl.Expr:
        """Bring values as read to decimals or to prices per 100."""
        if self.unit == "percent":
            return percent_to_decimal(value)
        return value * 100.0 if self.unit == "per_1" else value


def percent_to_decimal(percent: pl.Expr) -> pl.Expr:
    """Divide by 100 so that 4.65 % becomes the double that is written 0.0465.

    The plain quotient is one bit off for a quarter of all rates with three decimals; rounding to 12 decimals
    (1e-10 %) mends it.
    """
    return (percent / 100.0).round(12)


def rate_unit(column: str, values: pl.Series, stated: str) -> UnitDecision:
    """Decide the unit of a column of rates.

    Parameters
    ----------
    column : str
        Its name.
    values : Series of Float64
        Values without a percent sign; nulls do not count.
    stated : str
        ``auto``, ``decimal`` or ``percent``.
    """
    nonzero = values.filter(values != 0.0).abs()
    median = float(np.median(nonzero.to_numpy())) if len(nonzero) else float("nan")
    if stated != "auto":
        return UnitDecision(column, "percent" if stated == "percent" else "decimal", "stated", median)
    if not len(values.drop_nulls()):
        return UnitDecision(column, "decimal", "percent sign", median)
    return UnitDecision(column, "percent" if median > THRESHOLD else "decimal", "detected", median)


def price_unit(column: str, values: pl.Series) -> UnitDecision:
    """Decide whether prices are per 100 of face or fractions of it."""
    positive = values.filter(values > 0.0)
    median = float(np.median(positive.to_numpy())) if len(positive) else float("nan")
    return UnitDecision(column, "per_1" if median < FRACTION_OF_FACE else "per_100", "detected", median)
