"""The bonds that a desk lays beside a bond: of its issuer first, then of its rating and sector, nearest in maturity."""

from typing import Final

import polars as pl

MOST: Final = 8
"""Peers of a bond."""
CLOSENESS: Final[tuple[tuple[str, ...], ...]] = (("issuer",), ("rating_bucket", "sector"), ("rating_bucket",))
"""What peers share beside their currency, the closest kin first; bonds without a sector share that."""


def peer_table(bonds: pl.DataFrame) -> pl.DataFrame:
    """Return the peers of each bond.

    Parameters
    ----------
    bonds : DataFrame
        ``bond_id``, ``currency``, ``issuer``, ``rating_bucket``, ``sector`` and ``maturity_date``.

    Returns
    -------
    DataFrame
        ``bond_id``, ``rank`` from 1 to at most `MOST`, and ``peer_id``. Peers rank by how close kin they are, then by
        the distance of maturities; of two at the same distance the earlier maturity, then the earlier identifier comes
        first.
    """
    found = pl.concat(_neighbours(bonds, shared).with_columns(kin=pl.lit(kin)) for kin, shared in enumerate(CLOSENESS))
    ranked = found.sort("bond_id", "kin", "days", "peer_maturity", "peer_id")
    return (
        ranked.unique(["bond_id", "peer_id"], keep="first", maintain_order=True)
        .group_by("bond_id", maintain_order=True)
        .head(MOST)
        .select("bond_id", pl.int_range(1, pl.len() + 1).over("bond_id").alias("rank"), "peer_id")
    )


def _neighbours(bonds: pl.DataFrame, shared: tuple[str, ...]) -> pl.DataFrame:
    """Return the `MOST` bonds on either side of each bond in the order of maturities of those that share something."""
    group = ["currency", *shared]
    known = bonds.filter(pl.col(shared[0]).is_not_null()).sort(*group, "maturity_date", "bond_id")
    sides = [
        known.select(
            "bond_id",
            pl.col("bond_id").shift(step).over(group).alias("peer_id"),
            pl.col("maturity_date").shift(step).over(group).alias("peer_maturity"),
            pl.col("maturity_date"),
        )
        for step in (*range(-MOST, 0), *range(1, MOST + 1))
    ]
    return (
        pl.concat(sides)
        .filter(pl.col("peer_id").is_not_null())
        .select(
            "bond_id",
            "peer_id",
            "peer_maturity",
            days=(pl.col("peer_maturity") - pl.col("maturity_date")).dt.total_days().abs(),
        )
    )
