"""A market counted once, while it is valued: its bonds and issuers, and its prints on each date and curve."""

from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Names(NamedTuple):
    """Bonds and issuers of one currency: distinct names, sorted; their numbers are their places."""

    bonds: pl.Series
    issuers: pl.Series


class MarketCounts(NamedTuple):
    """Stage ``market`` counts as it goes and writes both tables, named as the fields; later stages read them.

    Attributes
    ----------
    bonds : DataFrame
        ``currency``, ``bond_id`` and ``issuer``, distinct and sorted; a bond may change its issuer.
    dates : DataFrame
        ``date``, ``currency``, ``reference_curve`` and ``rows``, in the order of the curves.
    """

    bonds: pl.DataFrame
    dates: pl.DataFrame

    @classmethod
    def none(cls) -> Self:
        """Return the counts of a market without prints."""
        return cls(
            pl.DataFrame(schema={"currency": pl.String, "bond_id": pl.String, "issuer": pl.String}),
            pl.DataFrame(
                schema={"date": pl.Date, "currency": pl.String, "reference_curve": pl.Int32, "rows": pl.Int64}
            ),
        )

    def plus(self, prints: pl.DataFrame) -> Self:
        """Return the counts with the prints of further dates."""
        prints = prints.with_columns(pl.col(self.bonds.columns).cast(pl.String))
        bonds = pl.concat([self.bonds, prints.select(self.bonds.columns).unique()]).unique()
        dates = prints.group_by("date", "currency", "reference_curve").agg(rows=pl.len().cast(pl.Int64))
        return self._replace(
            bonds=bonds.sort(bonds.columns), dates=pl.concat([self.dates, dates.sort("reference_curve")])
        )

    def followed_by(self, later: Self) -> Self:
        """Return the counts of this market and of later dates of it."""
        bonds = pl.concat([self.bonds, later.bonds]).unique()
        return self._replace(bonds=bonds.sort(bonds.columns), dates=pl.concat([self.dates, later.dates]))

    def bond_ids(self) -> pl.Series:
        """Return all bonds, distinct and sorted."""
        return self.bonds["bond_id"].unique().sort()

    def names(self) -> dict[str, Names]:
        """Return the names of each currency, sorted."""
        frames = self.bonds.partition_by("currency", as_dict=True, maintain_order=True)
        return {
            str(currency): Names(own["bond_id"].unique().sort(), own["issuer"].drop_nulls().unique().sort())
            for (currency,), own in frames.items()
        }

    def main_currency(self) -> str:
        """Return the currency with the most rows, the first by name among equals."""
        rows = self.dates.group_by("currency").agg(pl.col("rows").sum())
        return str(rows.sort("rows", "currency", descending=[True, False])["currency"][0])

    def by_date(self) -> pl.DataFrame:
        """Return ``date`` and ``rows``, sorted."""
        return self.dates.group_by("date").agg(pl.col("rows").sum()).sort("date")

    def by_curve(self, dates: pl.Series, curves: int) -> NDArray[np.int64]:
        """Return how many rows of the given dates each of the reference curves 0 ... ``curves - 1`` has."""
        chosen = self.dates.filter(pl.col("date").is_in(dates.implode()))
        rows = np.zeros(curves, dtype=np.int64)
        rows[chosen["reference_curve"].to_numpy()] = chosen["rows"].to_numpy()
        return rows
