"""Who trades: the bonds of each currency, found in one pass before any price is looked at.

Names are numbered in sorted order, and peer groups hold every bond that ever trades. Which of them have traded yet is
decided date by date, so that a bond that appears later does not affect the dates before.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.encoding import encode
from richcheap.panel.peer_groups import PeerGroups, build_peer_groups
from richcheap.panel.ratings import BUCKETS, bucket_codes

Ints = NDArray[np.int32]

UNIVERSE_COLUMNS: tuple[str, ...] = (
    *("currency", "bond_id", "date", "issuer", "bond_type", "credit_rating", "maturity_date", "status"),
)
_KEY = ("currency", "bond_id", "bond_type", "credit_rating", "issuer")


class Universe(NamedTuple):
    """The bonds of one currency.

    Attributes
    ----------
    bonds, issuers : Series of String
        Distinct names, sorted; a bond's or issuer's number is its place.
    maturity : ndarray of int32, shape (n_bonds,)
        Days since 1970-01-01, at the bond's first print.
    peer_groups : PeerGroups
    prints : ndarray of int64, shape (n_bonds,)
        Prints of each bond in all.
    days : ndarray of int32
        Distinct dates, ascending.
    """

    bonds: pl.Series
    issuers: pl.Series
    maturity: Ints
    peer_groups: PeerGroups
    prints: NDArray[np.int64]
    days: Ints


def build_universe(batches: Iterable[pl.DataFrame]) -> dict[str, Universe]:
    """Go through a market that comes in pieces, in the order of dates.

    Parameters
    ----------
    batches : iterable of DataFrame
        Converted observations, the columns `UNIVERSE_COLUMNS`; rows whose status is not ``ok`` do not count.

    Returns
    -------
    dict
        By currency, sorted.
    """
    bonds: pl.DataFrame | None = None
    days: pl.DataFrame | None = None
    for batch in batches:
        sound = batch.filter(pl.col("status") == "ok")
        counted = sound.group_by(_KEY, maintain_order=True).agg(
            pl.col("maturity_date").first(), prints=pl.len().cast(pl.Int64)
        )
        dated = sound.select("currency", "date").unique()
        bonds = counted if bonds is None else _merged(pl.concat([bonds, counted]))
        days = dated if days is None else pl.concat([days, dated]).unique()
    if bonds is None or days is None:
        return {}
    currencies = bonds["currency"].unique().sort().to_list()
    return {
        currency: _universe(
            bonds.filter(pl.col("currency") == currency), days.filter(pl.col("currency") == currency)["date"]
        )
        for currency in currencies
    }


def _merged(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.group_by(_KEY, maintain_order=True).agg(pl.col("maturity_date").first(), pl.col("prints").sum())


def _universe(kinds: pl.DataFrame, dates: pl.Series) -> Universe:
    """Build a universe from each bond's kinds (rating and issuer may change), in the order in which they appeared."""
    first_rows = kinds.unique("bond_id", keep="first", maintain_order=True).sort("bond_id")
    issuers = kinds["issuer"].drop_nulls().unique().sort()
    bond = encode(kinds["bond_id"], first_rows["bond_id"])
    seen = np.zeros((first_rows.height, len(BUCKETS)), dtype=np.bool_)
    seen[bond, bucket_codes(kinds)] = True
    prints = np.zeros(first_rows.height, dtype=np.int64)
    np.add.at(prints, bond, kinds["prints"].to_numpy())
    maturity = first_rows["maturity_date"].cast(pl.Int32).to_numpy()
    peer_groups = build_peer_groups(maturity, encode(first_rows["issuer"], issuers), seen, issuers.len())
    days = dates.sort().cast(pl.Int32).to_numpy()
    return Universe(first_rows["bond_id"], issuers, maturity, peer_groups, prints, days)
