"""Who trades: the bonds of each currency, found in one pass before any price is looked at.

Names are numbered in sorted order, and peer groups hold every bond that ever trades. Which of them have traded yet is
decided date by date, so that a bond that appears later does not affect the dates before.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.counts import Names
from richcheap.panel.encoding import encode
from richcheap.panel.issuers import first_names
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
        Distinct names, sorted; a bond's or issuer's number is its place. An issuer has the first of its names.
    first_names : dict of str to str
        First name of an issuer by its later names.
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
    first_names: Mapping[str, str]
    maturity: Ints
    peer_groups: PeerGroups
    prints: NDArray[np.int64]
    days: Ints

    @property
    def names(self) -> Names:
        """Bonds and issuers alone."""
        return Names(self.bonds, self.issuers)


class UniverseCounts(NamedTuple):
    """A market counted piece by piece, in the order of dates; universes follow from it.

    Attributes
    ----------
    bonds : DataFrame
        ``currency``, ``bond_id``, ``bond_type``, ``credit_rating``, ``issuer`` (one row for each kind that a bond has
        been, in the order in which they appeared), ``date`` and ``maturity_date`` of the first such print, and
        ``prints``.
    days : DataFrame
        ``currency`` and ``date``, distinct and sorted.
    """

    bonds: pl.DataFrame
    days: pl.DataFrame

    @classmethod
    def none(cls) -> Self:
        """Return the counts of a market without rows."""
        names = dict.fromkeys(_KEY, pl.String)
        return cls(
            pl.DataFrame(schema={**names, "date": pl.Date, "maturity_date": pl.Date, "prints": pl.Int64}),
            pl.DataFrame(schema={"currency": pl.String, "date": pl.Date}),
        )

    def plus(self, batch: pl.DataFrame) -> Self:
        """Return the counts with further observations, the columns `UNIVERSE_COLUMNS`; only status ``ok`` counts."""
        sound = batch.filter(pl.col("status") == "ok").with_columns(pl.col(_KEY).cast(pl.String))
        counted = sound.group_by(_KEY, maintain_order=True).agg(
            pl.col("date", "maturity_date").first(), prints=pl.len().cast(pl.Int64)
        )
        merged = pl.concat([self.bonds, counted]).group_by(_KEY, maintain_order=True)
        return self._replace(
            bonds=merged.agg(pl.col("date", "maturity_date").first(), pl.col("prints").sum()),
            days=pl.concat([self.days, sound.select("currency", "date")]).unique().sort("currency", "date"),
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return both tables by names that tell them from others, for `restored`."""
        return {f"universe_{name}": frame for name, frame in self._asdict().items()}

    @classmethod
    def restored(cls, frames: Mapping[str, pl.DataFrame]) -> Self:
        """Return what `frames` has returned, among other tables; the counts of no rows where there is none."""
        return cls(*(frames[f"universe_{name}"] for name in cls._fields)) if frames else cls.none()

    def with_strangers(self, bonds: pl.DataFrame) -> Self:
        """Return the counts with bonds that have no print: they have a number, and are no bond's peers.

        Parameters
        ----------
        bonds : DataFrame
            ``currency``, ``bond_id``, ``bond_type``, ``credit_rating``, ``issuer`` and ``maturity_date``.
        """
        added = bonds.select(
            pl.col(_KEY).cast(pl.String),
            pl.lit(None, pl.Date).alias("date"),
            "maturity_date",
            prints=pl.lit(0, pl.Int64),
        )
        return self._replace(bonds=pl.concat([self.bonds, added]))

    def universes(self) -> dict[str, Universe]:
        """Return the universe of each currency, sorted."""
        return {
            currency: _universe(
                self.bonds.filter(pl.col("currency") == currency),
                self.days.filter(pl.col("currency") == currency)["date"],
            )
            for currency in self.bonds["currency"].unique().sort().to_list()
        }


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
    return reduce(UniverseCounts.plus, batches, UniverseCounts.none()).universes()


def _universe(kinds: pl.DataFrame, dates: pl.Series) -> Universe:
    """Build a universe from each bond's kinds (rating and issuer may change), in the order in which they appeared."""
    names = first_names(kinds)
    kinds = kinds.with_columns(pl.col("issuer").replace(names))
    first_rows = kinds.unique("bond_id", keep="first", maintain_order=True).sort("bond_id")
    issuers = kinds["issuer"].drop_nulls().unique().sort()
    bond = encode(kinds["bond_id"], first_rows["bond_id"])
    seen = np.zeros((first_rows.height, len(BUCKETS)), dtype=np.bool_)
    seen[bond, bucket_codes(kinds)] = True
    prints = np.zeros(first_rows.height, dtype=np.int64)
    np.add.at(prints, bond, kinds["prints"].to_numpy())
    maturity = first_rows["maturity_date"].cast(pl.Int32).to_numpy()
    issuer = encode(first_rows["issuer"], issuers)
    peer_groups = build_peer_groups(maturity, issuer, seen, issuers.len()).of_bonds(prints > 0)
    days = dates.sort().cast(pl.Int32).to_numpy()
    return Universe(first_rows["bond_id"], issuers, names, maturity, peer_groups, prints, days)
