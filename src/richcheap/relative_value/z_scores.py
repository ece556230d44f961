"""How unusual a figure is: against the bond's own earlier dates, and across the peers of the date."""

import polars as pl

from richcheap.evaluation.cells import MATURITY_CELLS, maturity_codes
from richcheap.numerics.elementwise import divided
from richcheap.relative_value.params import SignalsParams

MAD_TO_STD = 1.4826
"""Standard deviation of a normal sample over its median absolute deviation."""
PEER_GROUPS = (
    ("date", "currency", "rating_bucket", "maturity"),
    ("date", "currency", "rating_bucket"),
    ("date", "currency"),
)
"""Who is a bond's peer, the narrowest group first."""


def own_history_zscore(column: str, params: SignalsParams) -> pl.Expr:
    """Return the z-score of a column against the bond's strictly earlier prints, exponentially weighted.

    Rows are sorted by date. Null with fewer than ``history_min_prints`` earlier prints, or where they do not vary.
    """
    value, half_life, least = pl.col(column), params.history_half_life_prints, params.history_min_prints
    mean = value.ewm_mean(half_life=half_life, min_samples=least).shift(1)
    std = value.ewm_std(half_life=half_life, min_samples=least).shift(1)
    return _finite((value - mean) / std).over("bond_id")


def with_peer_groups(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``maturity``, the bucket of a row's years to maturity."""
    codes = pl.Series(maturity_codes(rows["years_to_maturity"].to_numpy()))
    return rows.with_columns(maturity=pl.Series(MATURITY_CELLS, dtype=pl.String).gather(codes))


def peer_zscore(column: str, params: SignalsParams) -> pl.Expr:
    """Return the robust z-score of a column across the peers of the date.

    Distance from the median in units of the scaled median absolute deviation, over the bonds of the same currency,
    rating bucket and bucket of maturity that printed on the date; where these are fewer than ``min_peers``, over those
    of the rating bucket, then over all. Null where no group is large enough, or where it does not vary.
    """
    return pl.coalesce(_robust(column, group, params.min_peers) for group in PEER_GROUPS)


def _robust(column: str, group: tuple[str, ...], least: int) -> pl.Expr:
    value = pl.col(column)
    distance = value - value.median()
    score = divided(distance, MAD_TO_STD * distance.abs().median())
    return pl.when(value.count() >= least).then(_finite(score)).over(group)


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)
