"""How old a bond is: counted to settlement, as one that trades before its issue settles on that day."""

from typing import Final

import polars as pl

NEW_DAYS: Final = 30
"""Calendar days after its issue for which a bond counts as new."""


def age_days() -> pl.Expr:
    """Return the calendar days from issue to settlement of each row, as Float64; null where the issue is not known."""
    return (pl.col("settlement_date") - pl.col("issue_date")).dt.total_days().cast(pl.Float64)


def new_issue_days() -> pl.Expr:
    """Return the same for bonds that were sold near par of late, which are new and have a coupon; null for others."""
    new = age_days().is_between(0, NEW_DAYS) & (pl.col("coupon_rate") > 0.0)
    return pl.when(new).then(age_days())
