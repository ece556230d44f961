"""The list itself: what `richcheap price` answers for every live bond, its terms, its last print, and what it pays."""

from datetime import date
from typing import Final

import polars as pl

from richcheap.bonds.cash_flows import cash_flows
from richcheap.bonds.terms import FLOATING_RATE, terms_from_frame
from richcheap.bonds.units import DAYS_PER_YEAR
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
        ((pl.col("maturity_date") - as_of).dt.total_days() / DAYS_PER_YEAR).alias("years_to_maturity"),
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


def cash_flow_table(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return what live bonds pay after a date.

    Parameters
    ----------
    known : DataFrame
        Of `live_bonds`.
    as_of : date

    Returns
    -------
    DataFrame
        ``bond_id``, ``date`` (as scheduled), ``amount`` (per 100 of face, the redemption included in the last) and
        ``projected``: a coupon of a floating-rate bond that is not fixed yet, at the current rate.
    """
    held = known.with_columns(settlement_date=pl.max_horizontal(pl.lit(as_of), "issue_date"))
    flows = cash_flows(terms_from_frame(held))
    paid = pl.DataFrame({"number": flows.bond, "date": pl.Series(flows.day).cast(pl.Date), "amount": flows.amount})
    bonds = held.select("bond_id", floats=pl.col("bond_type") == FLOATING_RATE).with_row_index("number")
    first = pl.col("date") == pl.col("date").min().over("number")
    return (
        paid.with_columns(pl.col("number").cast(pl.UInt32), later=~first)
        .join(bonds, on="number", how="left", maintain_order="left")
        .select("bond_id", "date", "amount", projected=pl.col("floats") & pl.col("later"))
    )
