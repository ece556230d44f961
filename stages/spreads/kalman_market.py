"""The Kalman filter over a whole market: each currency on its own, one run of dates after another."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from stages.spreads.kalman import Kalman
from stages.spreads.kalman_fit import Sample
from stages.spreads.kalman_prints import Curves, Names, read_prints
from stages.spreads.kalman_state import Settings
from stages.spreads.params import KalmanParams

CENSUS_COLUMNS: tuple[str, ...] = ("currency", "bond_id", "issuer", "date")


class MarketCensus(NamedTuple):
    """A market counted.

    Attributes
    ----------
    names : dict of str to Names
        By currency, sorted.
    dates : DataFrame
        ``date`` and ``rows``, sorted.
    """

    names: dict[str, Names]
    dates: pl.DataFrame

    def samples(self, prints: pl.DataFrame, curves: Curves, threads: int = 1) -> list[Sample]:
        """Divide prints by currency for the fit; a currency without any is left out."""
        frames = {currency: prints.filter(pl.col("currency") == currency) for currency in self.names}
        return [
            Sample(self.names[currency], read_prints(frame, self.names[currency], curves, threads))
            for currency, frame in frames.items()
            if frame.height
        ]


def take_census(batches: Iterable[pl.DataFrame]) -> MarketCensus:
    """Count a market that comes in pieces, each with the columns `CENSUS_COLUMNS`."""
    kinds = pl.DataFrame(schema=dict.fromkeys(CENSUS_COLUMNS[:3], pl.String))
    counted: list[pl.DataFrame] = []
    for batch in batches:
        kinds = pl.concat([kinds, batch.select(pl.col(CENSUS_COLUMNS[:3]).cast(pl.String)).unique()]).unique()
        counted.append(batch.group_by("date").agg(rows=pl.len().cast(pl.Int64)))
    dates = pl.concat(counted).group_by("date").agg(pl.col("rows").sum()).sort("date")
    names = {}
    for currency in kinds["currency"].unique().sort().to_list():
        own = kinds.filter(pl.col("currency") == currency)
        names[currency] = Names(own["bond_id"].unique().sort(), own["issuer"].drop_nulls().unique().sort())
    return MarketCensus(names, dates)


def last_training_dates(dates: pl.DataFrame, rows: int) -> tuple[date, date]:
    """Return the first and last of the latest dates that hold at most so many rows together, or the last date alone.

    Parameters
    ----------
    dates : DataFrame
        ``date`` and ``rows`` of the training block, sorted.
    rows : int
    """
    held = dates["rows"].reverse().cum_sum().to_numpy()
    count = max(int((held <= rows).sum()), 1)
    return dates["date"][-count], dates["date"][-1]


class KalmanMarket:
    """Values a market run by run, without any print's own price.

    Parameters
    ----------
    names : dict of str to Names
    curves : Curves
    settings : Settings
    params : KalmanParams
    threads : int
        Changes no bit.
    """

    def __init__(
        self, names: dict[str, Names], curves: Curves, settings: Settings, params: KalmanParams, threads: int = 1
    ) -> None:
        self._names, self._curves, self._threads = names, curves, threads
        self._filters = {currency: Kalman(own, curves, settings, params) for currency, own in names.items()}

    def value(self, prints: pl.DataFrame) -> pl.DataFrame:
        """Value the next run of dates.

        Parameters
        ----------
        prints : DataFrame
            `PRINT_COLUMNS` of whole dates, later than those before, sorted by (date, bond_id).

        Returns
        -------
        DataFrame
            ``bond_id``, ``date``, ``kalman_spread_bp`` over the reference curve and ``kalman_deviation_bp``, the
            predicted deviation of the print around it: the same rows in the same order.
        """
        spread, deviation = np.empty(prints.height), np.empty(prints.height)
        for currency, kalman in self._filters.items():
            rows = np.flatnonzero((prints["currency"] == currency).to_numpy())
            if rows.size:
                own = read_prints(prints[rows], self._names[currency], self._curves, self._threads)
                predicted = kalman.predict(own)
                spread[rows] = predicted.spread
                deviation[rows] = predicted.deviation
        return prints.select(
            "bond_id",
            "date",
            kalman_spread_bp=pl.Series(spread),
            kalman_deviation_bp=pl.Series(deviation),
        )
