"""What the list shows of a bond besides the columns of lists/bonds.parquet, and which prices it calls doubtful."""

from typing import NamedTuple

import polars as pl

Z_90 = 1.645  # half-width of a 90 % interval in standard deviations
STALE_DAYS = 30
UNSURE = 3


class Doubt(NamedTuple):
    """A reason not to trust a price: its name, what is said of bonds that give it, and which those are."""

    name: str
    words: str
    found: pl.Expr


DOUBTS = (
    Doubt("outside", "the last price outside its interval", pl.col("innovation_share").abs() > 1.0),
    Doubt("unsure", f"confidence {UNSURE} or less of 10", pl.col("confidence") <= UNSURE),
    Doubt(
        "stale",
        f"no print for more than {STALE_DAYS} days",
        (pl.col("as_of") - pl.col("last_print")).dt.total_days() > STALE_DAYS,
    ),
    Doubt("reference", "a reference price last, which is no trade", pl.col("last_price_kind") == "reference"),
    Doubt("unpriced", "no fair price", pl.col("fair_clean_price").is_null()),
)


def with_shown(bonds: pl.DataFrame) -> pl.DataFrame:
    """Add relative value and innovation in points, what relative value may be off by with 90 % certainty, and a spread.

    The spread of a fair price does not know the bond's print of the day; ``spread_with_print_bp`` does.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.
    """
    return bonds.with_columns(
        relative_value_points=pl.col("relative_value_bp") * pl.col("dv01"),
        spread_with_print_bp=pl.col("spread_bp") + (pl.col("relative_value_bp") - pl.col("bond_bp")).fill_null(0.0),
        innovation_points=pl.col("fair_clean_price") - pl.col("own_clean_price"),
        relative_value_interval_bp=Z_90 * pl.col("relative_value_std_bp"),
    )
