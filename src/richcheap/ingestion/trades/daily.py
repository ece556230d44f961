"""Several trades of a bond on a day: one price of the day is left, and what it was made of is kept."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import polars as pl

from richcheap.ingestion.schema import DAY_SCHEMA, OBSERVATION_SCHEMA, PRICES, REPORT_COLUMNS, TIME
from richcheap.ingestion.trades.price_moves import PriceMoves
from richcheap.ingestion.trades.reports import BOND_DAY, in_order, refusal, standing, too_small

Trades = Literal["last", "vwap", "median"]

KEYS = ("date", "bond_id", "source_row")
"""The order of observations; no two of them have the same first two when one of each day is left."""

_VALUE = "value"
_DAY_NANOSECONDS = 24 * 60 * 60 * 10**9


class Chosen(NamedTuple):
    """What became of the accepted rows of some dates.

    Attributes
    ----------
    kept : DataFrame
        `OBSERVATION_SCHEMA`, sorted by (date, bond_id), which is unique.
    refused : DataFrame
        The other rows, `REFUSED_SCHEMA`.
    days : dict of str to int
        Days of a bond that had several rows: ``kept_by_time``, of these ``last_row_not_latest``; ``kept_by_row``, of
        these ``some_without_time`` (and others with one).
    """

    kept: pl.DataFrame
    refused: pl.DataFrame
    days: Mapping[str, int]


class DailyPrices:
    """Makes one observation of the trades of each bond and day; dates come in their order.

    Parameters
    ----------
    trades : str
        What the price of a day is made of: ``last``, ``vwap`` or ``median``.
    min_trade_size : float
        Face amount below which a trade does not count.
    max_price_move : float, optional
        See `PriceMoves`.
    """

    def __init__(self, trades: Trades, min_trade_size: float = 0.0, max_price_move: float | None = None) -> None:
        self._trades, self._min_trade_size = trades, min_trade_size
        self.moves = PriceMoves(max_price_move)
        """What is remembered of earlier dates."""

    def of(self, frame: pl.DataFrame) -> Chosen:
        """Leave out what does not stand and what is no price; of what is left, make one observation of a bond and day.

        Parameters
        ----------
        frame : DataFrame
            `CHECKED_SCHEMA`, sorted by `KEYS`, with all rows of each date in it; dates follow those before.
        """
        frame, void = standing(frame)
        frame, small = too_small(frame, self._min_trade_size)
        frame, moved = self.moves.judge(frame)
        chosen = one_a_day(frame, self._trades)
        return chosen._replace(refused=in_order([void, small, moved, chosen.refused]))


def one_a_day(frame: pl.DataFrame, trades: Trades) -> Chosen:
    """Of the observations of one bond and date keep the latest by time of day, else the last of the source.

    With ``vwap`` or ``median`` that row has the day's volume-weighted mean or median in place of its own price, over
    the rows that observe the same (a price is not averaged with a yield), and their volume.

    Times decide where all these rows have one, and they differ. Of those that tie, and where any is missing, the last
    row is kept: a correction comes after what it mends.

    Parameters
    ----------
    frame : DataFrame
        `CHECKED_SCHEMA`, sorted by `KEYS`, with all rows of each date in it.
    trades : str
        What the price of a day is made of: ``last``, ``vwap`` or ``median``.
    """
    before = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in BOND_DAY).fill_null(False)
    same = frame.select(before)[:, 0]
    row, time, winner = pl.col("source_row"), pl.col(TIME), pl.col("winner")
    latest = row.filter(time == time.max()).last()
    timed = time.is_not_null().all() & (time.min() < time.max())
    rivals = (
        frame.filter(same | same.shift(-1, fill_value=False))
        .with_columns(
            row.last().over(BOND_DAY).alias("last"),
            latest.over(BOND_DAY).alias("latest"),
            timed.fill_null(False).over(BOND_DAY).alias("timed"),
            (time.is_null().any() & time.is_not_null().any()).over(BOND_DAY).alias("mixed"),
        )
        .with_columns(pl.when("timed").then("latest").otherwise("last").alias("winner"))
    )
    beaten, days = rivals.filter(row != winner), rivals.filter(row == winner)
    why = pl.when("timed").then(pl.lit(", the latest by time")).otherwise(pl.lit(""))
    if trades == "last":
        reason, detail = "duplicate", pl.format("bond_id and date: expected one row, kept row {}", "winner") + why
    else:
        reason, detail = "folded", pl.format(f"part of the day's {trades} (data.trades), which row {{}} has", "winner")
    counted = days.select(
        pl.col("timed").sum().alias("kept_by_time"),
        (~pl.col("timed")).sum().alias("kept_by_row"),
        (winner != pl.col("last")).sum().alias("last_row_not_latest"),
        pl.col("mixed").sum().alias("some_without_time"),
    )
    kept = _alone(frame.filter(~frame["source_row"].is_in(beaten["source_row"].implode())) if beaten.height else frame)
    if beaten.height:
        kept = _summarised(kept, rivals, trades)
    return Chosen(kept.select(*OBSERVATION_SCHEMA), refusal(beaten, reason, detail), counted.row(0, named=True))


def _alone(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows as if each were the only one of its bond and day."""
    made_of = [pl.lit(None, dtype=kind).alias(name) for name, kind in DAY_SCHEMA.items()]
    return frame.with_columns(
        (pl.col(TIME) % _DAY_NANOSECONDS).cast(pl.Time), *made_of[1:], pl.lit(1, dtype=pl.Int32).alias("prints")
    ).drop(REPORT_COLUMNS)


_SIDES = {"buy": "buys", "sell": "sells", "interdealer": "interdealer_trades"}


def _summarised(kept: pl.DataFrame, rivals: pl.DataFrame, trades: Trades) -> pl.DataFrame:
    """Say what days of several rows were made of; give them the mean, or the median, of the day where it is asked."""
    value, volume = pl.coalesce(PRICES), pl.col("volume")
    time = (pl.col(TIME) % _DAY_NANOSECONDS).cast(pl.Time)
    weight = pl.when(volume.is_not_null().any()).then(volume.fill_null(0.0)).otherwise(1.0)
    weight = pl.when(weight.sum() > 0.0).then(weight).otherwise(1.0)
    mean = value.median() if trades == "median" else (value * weight).sum() / weight.sum()
    of_day = rivals.group_by(*BOND_DAY, "observed", maintain_order=True).agg(
        mean.alias(_VALUE),
        pl.len().cast(pl.Int32).alias("prints"),
        pl.when(volume.is_not_null().any()).then(volume.sum()).alias("traded_volume"),
        time.min().alias("first_time"),
        time.max().alias("last_time"),
        value.max().alias("high"),
        value.min().alias("low"),
        *((pl.col("side") == side).sum().cast(pl.Int32).alias(name) for side, name in _SIDES.items()),
    )
    joined = kept.join(of_day, on=[*BOND_DAY, "observed"], how="left", maintain_order="left", suffix=" of day")
    joined = joined.with_columns(
        pl.coalesce(f"{name} of day", name).alias(name) for name in DAY_SCHEMA if f"{name} of day" in joined.columns
    )
    if trades == "last":
        return joined
    return joined.with_columns(
        *(
            pl.when((pl.col("observed") == name) & pl.col(_VALUE).is_not_null())
            .then(_VALUE)
            .otherwise(name)
            .alias(name)
            for name in PRICES
        ),
        pl.coalesce("traded_volume", "volume").alias("volume"),
    )
