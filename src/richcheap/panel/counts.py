"""What must be known of a market before its rows are worked through: its bonds, and its rows on each date and curve."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

CENSUS_COLUMNS: tuple[str, ...] = ("bond_id", "date", "reference_curve")


class MarketCounts(NamedTuple):
    """A market counted.

    Attributes
    ----------
    bonds : Series of String
        Distinct bonds, sorted.
    rows : DataFrame
        ``date``, ``reference_curve`` and ``rows``, sorted.
    """

    bonds: pl.Series
    rows: pl.DataFrame

    def by_date(self) -> pl.DataFrame:
        """Return ``date`` and ``rows``, sorted."""
        return self.rows.group_by("date").agg(pl.col("rows").sum()).sort("date")

    def by_curve(self, dates: pl.Series, curves: int) -> NDArray[np.int64]:
        """Return how many rows of the given dates each of the reference curves 0 ... ``curves - 1`` has."""
        chosen = self.rows.filter(pl.col("date").is_in(dates.implode()))
        counted = np.zeros(curves, dtype=np.int64)
        np.add.at(counted, chosen["reference_curve"].to_numpy(), chosen["rows"].to_numpy())
        return counted


def count_market(batches: Iterable[pl.DataFrame]) -> MarketCounts:
    """Count the rows of a market that comes in pieces; each piece has the columns `CENSUS_COLUMNS`."""
    bonds = pl.Series("bond_id", [], dtype=pl.String)
    counted: list[pl.DataFrame] = []
    for batch in batches:
        bonds = pl.concat([bonds, batch["bond_id"].unique()]).unique()
        counted.append(batch.group_by("date", "reference_curve").agg(rows=pl.len().cast(pl.Int64)))
    rows = pl.concat(counted).group_by("date", "reference_curve").agg(pl.col("rows").sum())
    return MarketCounts(bonds.sort(), rows.sort("date", "reference_curve"))
