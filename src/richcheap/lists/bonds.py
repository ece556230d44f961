"""The list itself: what `richcheap price` answers for every live bond, its terms and its last print."""

from datetime import date
from typing import Final

import polars as pl

from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.numerics.elementwise import divided
from richcheap.panel.ratings import BUCKETS, bucket_codes

TERMS: Final = (
    *("issuer", "currency", "rating", "rating_bucket", "sector", "bond_type", "callable"),
    *("coupon_rate", "coupon_frequency", "maturity_date", "years_to_maturity", "issue_date"),
)
LAST_PRINT: Final = ("last_print", "last_clean_price", "last_price_kind", "last_side", "last_size")
MATURED: Final = "matured"
"""Status of a line whose bond settles no earlier than it matures."""


def live_bonds(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the bonds that have not matured by a date, sorted by identifier."""
    return known.filter(pl.col("maturity_date") > as_of).sort("bond_id")


def bond_table(answer: pl.DataFrame, known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the list: a row for each live bond.

    Parameters
    ----------
    answer : DataFrame
        What the pricer says of `known`, line by line.
    known : DataFrame
        Of `live_bonds`: the terms and the last print of each.
    as_of : date

    Returns
    -------
    DataFrame
        The columns of the answer, `TERMS` and `LAST_PRINT`. A bond that settles when it has matured is left out, and
        lines are numbered as if it had not been asked for.
    """
    terms = known.select(
        "bond_id",
        "issuer",
        "currency",
        pl.col("credit_rating").alias("rating"),
        pl.Series(BUCKETS).gather(bucket_codes(known)).alias("rating_bucket"),
        *("sector", "bond_type", "callable", "coupon_rate"),
        pl.col("frequency").alias("coupon_frequency"),
        "maturity_date",
        divided((pl.col("maturity_date") - as_of).dt.total_days(), DAYS_PER_YEAR).alias("years_to_maturity"),
        "issue_date",
        "last_print",
        pl.col("clean_price").alias("last_clean_price"),
        pl.col("price_kind").alias("last_price_kind"),
        pl.col("side").alias("last_side"),
        pl.col("volume").alias("last_size"),
    )
    alive = answer.filter(pl.col("status") != MATURED)
    numbered = alive.with_columns(pl.int_range(1, pl.len() + 1).cast(answer.schema["line"]).alias("line"))
    return numbered.join(terms, on="bond_id", how="left", maintain_order="left")
