"""Several trades of a bond on a day: what was cancelled goes with what it cancels, and one price of the day is left."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import polars as pl

from richcheap.ingestion.schema import PRICES, REFUSED_SCHEMA, STATUS, TIME

Trades = Literal["last", "vwap", "median"]

KEYS = ("date", "bond_id", "source_row")
"""The order of observations; no two of them have the same first two when one of each day is left."""

_OF_DAY = ("date", "bond_id")
_VALUE = "value"
_VOID = ("cancel", "reversal")


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


def without_cancelled(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out reports that cancel or reverse a trade, and the trades that they name.

    A report cancels a trade of the same bond, date, price and volume; of several such, the last in the source. A
    correction stands in the place of what was cancelled; it is a trade that no such report names.

    Parameters
    ----------
    frame : DataFrame
        `CHECKED_SCHEMA`, sorted by `KEYS`, with all rows of each date in it.

    Returns
    -------
    DataFrame, DataFrame
        The others, and those left out, `REFUSED_SCHEMA`.
    """
    if not frame[STATUS].is_in(_VOID).any():
        return frame, pl.DataFrame(schema=REFUSED_SCHEMA)
    same = (*_OF_DAY, _VALUE, "volume")
    void = pl.col(STATUS).is_in(_VOID).fill_null(False)
    cancels = void.sum().over(same)
    stands = ~void & (pl.col(STATUS) != "correction").fill_null(True)
    from_last = stands.cum_sum(reverse=True).over(same)
    marked = frame.with_columns(pl.coalesce(PRICES).alias(_VALUE)).with_columns(
        (void | (stands & (from_last <= cancels))).alias("gone"), void.alias("void")
    )
    gone = marked.filter("gone")
    detail = (
        pl.when("void")
        .then(pl.format("status: expected a trade that stands, got a {} of one at {}", STATUS, _VALUE))
        .otherwise(pl.format("status: expected a trade that stands, got one at {} that was cancelled", _VALUE))
    )
    refused = gone.select(
        "source_row",
        "bond_id",
        pl.col("date").cast(pl.String),
        pl.lit("cancelled").alias("reason"),
        detail.alias("detail"),
    )
    return marked.filter(~pl.col("gone")).drop("gone", "void", _VALUE), refused


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
    frame, cancelled = without_cancelled(frame)
    before = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in _OF_DAY).fill_null(False)
    same = frame.select(before)[:, 0]
    row, time, winner = pl.col("source_row"), pl.col(TIME), pl.col("winner")
    latest = row.filter(time == time.max()).last()
    timed = time.is_not_null().all() & (time.min() < time.max())
    rivals = (
        frame.filter(same | same.shift(-1, fill_value=False))
        .with_columns(
            row.last().over(_OF_DAY).alias("last"),
            latest.over(_OF_DAY).alias("latest"),
            timed.fill_null(False).over(_OF_DAY).alias("timed"),
            (time.is_null().any() & time.is_not_null().any()).over(_OF_DAY).alias("mixed"),
        )
        .with_columns(pl.when("timed").then("latest").otherwise("last").alias("winner"))
    )
    beaten, days = rivals.filter(row != winner), rivals.filter(row == winner)
    why = pl.when("timed").then(pl.lit(", the latest by time")).otherwise(pl.lit(""))
    refused = beaten.select(
        "source_row",
        "bond_id",
        pl.col("date").cast(pl.String),
        pl.lit("duplicate").alias("reason"),
        (pl.format("bond_id and date: expected one row, kept row {}", "winner") + why).alias("detail"),
    )
    counted = days.select(
        pl.col("timed").sum().alias("kept_by_time"),
        (~pl.col("timed")).sum().alias("kept_by_row"),
        (winner != pl.col("last")).sum().alias("last_row_not_latest"),
        pl.col("mixed").sum().alias("some_without_time"),
    )
    kept = frame.filter(~frame["source_row"].is_in(beaten["source_row"].implode())) if beaten.height else frame
    if trades != "last" and beaten.height:
        kept = _summarised(kept, rivals, trades)
    return Chosen(kept.drop(TIME, STATUS), pl.concat([cancelled, refused]), counted.row(0, named=True))


def _summarised(kept: pl.DataFrame, rivals: pl.DataFrame, trades: Trades) -> pl.DataFrame:
    """Give the rows that are kept of days with several the mean, or the median, of the day."""
    value, volume = pl.coalesce(PRICES), pl.col("volume")
    weight = pl.when(volume.is_not_null().any()).then(volume.fill_null(0.0)).otherwise(1.0)
    weight = pl.when(weight.sum() > 0.0).then(weight).otherwise(1.0)
    mean = value.median() if trades == "median" else (value * weight).sum() / weight.sum()
    of_day = rivals.group_by(*_OF_DAY, "observed", maintain_order=True).agg(
        mean.alias(_VALUE), pl.when(volume.is_not_null().any()).then(volume.sum()).alias("traded")
    )
    joined = kept.join(of_day, on=[*_OF_DAY, "observed"], how="left", maintain_order="left")
    return joined.with_columns(
        *(
            pl.when((pl.col("observed") == name) & pl.col(_VALUE).is_not_null())
            .then(_VALUE)
            .otherwise(name)
            .alias(name)
            for name in PRICES
        ),
        pl.coalesce("traded", "volume").alias("volume"),
    ).drop(_VALUE, "traded")
