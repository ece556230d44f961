"""Tell percent from decimal for a whole column, by what rates can be."""

from dataclasses import dataclass, field
from typing import Literal, Self

import polars as pl

from richcheap.ingestion.validation.streaming_median import StreamingMedian

THRESHOLD = 0.2
"""Median magnitude of non-zero rates above which a column is in percent.

A market whose median coupon or yield is above 20 % would be read wrongly, and so would one in percent whose
median is below 0.2 %; neither has been seen for a whole file. Say ``decimal`` or ``percent`` in params then.
"""

LARGE_FACE = 1000.0
"""Median face value from which prices may be amounts for one bond."""

PER_FACE_PRICE = 30.0
"""Median price, per 100 of the median face value, above which they are: as prices per 100 they would be above 300."""

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
        ``decimal``, ``percent``, ``per_100``, ``per_1`` or ``per_face``.
    how : str
        ``stated`` (by params or the layout), ``detected``, ``percent sign`` (each value carries it) or
        ``as coupon_rate``.
    median : float
        Median magnitude of the non-zero values without a percent sign, as read; NaN when there is none.
    """

    column: str
    unit: Literal["decimal", "percent", "per_100", "per_1", "per_face"]
    how: Literal["stated", "detected", "percent sign", "as coupon_rate"]
    median: float

    def convert(self, value: pl.Expr) -> pl.Expr:
        """Bring values as read to decimals or to prices per 100."""
        if self.unit == "percent":
            return percent_to_decimal(value)
        if self.unit == "per_face":
            return value * 100.0 / pl.col("face_value").fill_null(100.0)
        return value * 100.0 if self.unit == "per_1" else value


@dataclass
class Values:
    """What is known of a column's values as read, piece by piece.

    Parameters
    ----------
    held : bool
        Whether there is any value.
    plain : bool
        Whether there is any without a percent sign.
    magnitudes : StreamingMedian
        Of those without a percent sign.
    """

    held: bool = False
    plain: bool = False
    magnitudes: StreamingMedian = field(default_factory=StreamingMedian)

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Return what is known of one series of plain values."""
        known = cls()
        known.add(values, values)
        return known

    def add(self, values: pl.Series, plain: pl.Series) -> None:
        """Take in values, and those of them without a percent sign; nulls do not count."""
        self.held |= values.null_count() < len(values)
        self.plain |= plain.null_count() < len(plain)
        self.magnitudes.add(plain)

    def restore(self, held: bool, plain: bool, counts: pl.DataFrame) -> None:
        """Know what was known of the values before."""
        self.held, self.plain, self.magnitudes = held, plain, StreamingMedian(counts)


def percent_to_decimal(percent: pl.Expr) -> pl.Expr:
    """Divide by 100 so that 4.65 % becomes the double that is written 0.0465.

    The plain quotient is one bit off for a quarter of all rates with three decimals; rounding to 12 decimals
    (1e-10 %) mends it.
    """
    return (percent / 100.0).round(12)


def rate_unit(column: str, values: Values, stated: str) -> UnitDecision:
    """Decide the unit of a column of rates.

    Parameters
    ----------
    column : str
        Its name.
    values : Values
        What was read.
    stated : str
        ``auto``, ``decimal`` or ``percent``.
    """
    median = values.magnitudes.median()
    if stated != "auto":
        return UnitDecision(column, "percent" if stated == "percent" else "decimal", "stated", median)
    if not values.plain:
        return UnitDecision(column, "decimal", "percent sign", median)
    return UnitDecision(column, "percent" if median > THRESHOLD else "decimal", "detected", median)


def margin_unit(column: str, values: Values, coupon: UnitDecision | None) -> UnitDecision:
    """Give margins the coupons' unit: a margin is small, so that its size does not tell 0.15 % from 15 %."""
    unit = coupon.unit if coupon is not None and values.plain else "decimal"
    return UnitDecision(column, unit, "as coupon_rate" if values.plain else "percent sign", values.magnitudes.median())


def price_unit(column: str, values: Values, faces: Values, stated: str) -> UnitDecision:
    """Decide whether prices are per 100 of face, fractions of it, or amounts for one bond.

    Parameters
    ----------
    column : str
        Their name.
    values, faces : Values
        What was read of prices and of face values.
    stated : str
        ``auto``, ``per_100``, ``per_1``, ``per_face`` or ``32nds`` (which are per 100).
    """
    median = values.magnitudes.median()
    match stated:
        case "per_1" | "per_face":
            return UnitDecision(column, stated, "stated", median)
        case "per_100" | "32nds":
            return UnitDecision(column, "per_100", "stated", median)
    face = faces.magnitudes.median() if faces.held else 100.0
    if face >= LARGE_FACE and median > PER_FACE_PRICE * face / 100.0:
        return UnitDecision(column, "per_face", "detected", median)
    return UnitDecision(column, "per_1" if median < FRACTION_OF_FACE else "per_100", "detected", median)
