"""Trades that do not stand: cancelled, reversed or corrected, or reported by the other dealer, too."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.schema import ORIGINAL, PRICES, REFUSED_SCHEMA, REPORT, STATUS

BOND_DAY = ("date", "bond_id")
_VALUE = "value"
_SAME = (*BOND_DAY, _VALUE, "volume")
_VOID = ("cancel", "reversal")


class Standing(NamedTuple):
    """What became of some rows.

    Attributes
    ----------
    kept : DataFrame
        `CHECKED_SCHEMA`, in their order.
    refused : DataFrame
        The others, `REFUSED_SCHEMA`.
    """

    kept: pl.DataFrame
    refused: pl.DataFrame


def refusal(rows: pl.DataFrame, reason: str | pl.Expr, detail: pl.Expr) -> pl.DataFrame:
    """Return rows that passed every rule as quarantined ones, `REFUSED_SCHEMA`."""
    return rows.select(
        "source_row",
        "bond_id",
        pl.col("date").cast(pl.String),
        (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
        detail.alias("detail"),
    )


def standing(frame: pl.DataFrame) -> Standing:
    """Leave out reports that void a trade, the trades that they void, and buyers' reports of trades between dealers.

    A report names a trade by its number: of one of the same bond and date, whichever report came later. A cancel
    without the number of another report bears that of the trade. Where numbers tell nothing, a cancel or reversal
    voids a trade of the same bond, date, price and volume; of several such, the last in the source. A correction stands
    in the place of the trade that it names.

    Parameters
    ----------
    frame : DataFrame
        `CHECKED_SCHEMA`, sorted by date and bond, with all rows of each date in it.
    """
    refused = [pl.DataFrame(schema=REFUSED_SCHEMA)]
    if frame[STATUS].is_in(["cancel", "reversal", "correction"]).any():
        frame, voided = _without_void(frame)
        refused.append(voided)
    if (frame[STATUS] == "buyer_report").any():
        frame, twice = _without_second_reports(frame)
        refused.append(twice)
    return Standing(frame, pl.concat(refused))


def _without_void(frame: pl.DataFrame) -> Standing:
    void = pl.col(STATUS).is_in(_VOID).fill_null(False)
    own = pl.when(pl.col(STATUS) == "cancel").then(REPORT)
    names = pl.when(void | (pl.col(STATUS) == "correction")).then(pl.coalesce(ORIGINAL, own))
    marked = frame.with_columns(pl.coalesce(PRICES).alias(_VALUE), void.alias("void"), names.alias("names"))
    by, theirs = [*BOND_DAY, REPORT], [*BOND_DAY, "names"]
    naming = marked.filter(pl.col("names").is_not_null())
    gone = _rows(marked.filter(~pl.col("void")).join(naming, left_on=by, right_on=theirs, how="semi"))
    corrects = naming.filter(~pl.col("void") & (pl.col("names") != pl.col(REPORT)).fill_null(True))
    corrected = _rows(marked.join(corrects, left_on=by, right_on=theirs, how="semi"))
    found = _rows(naming.join(marked.filter(~pl.col("void")), left_on=theirs, right_on=by, how="semi"))
    row = pl.col("source_row")
    # What numbers do not tell: as many trades of the same price and volume go as there are voids of them.
    unnamed = pl.col("void") & ~row.is_in(found)
    stands = ~pl.col("void") & ~row.is_in(gone) & (pl.col(STATUS) != "correction").fill_null(True)
    marked = marked.with_columns(unnamed.sum().over(_SAME).alias("voids"), stands.alias("stands"))
    by_value = pl.col("stands") & (pl.col("stands").cum_sum(reverse=True).over(_SAME) <= pl.col("voids"))
    out = marked.with_columns((pl.col("void") | row.is_in(gone) | by_value).alias("out"))
    left = out.filter("out")
    detail = (
        pl.when("void")
        .then(pl.format("status: expected a trade that stands, got a {} of one at {}", STATUS, _VALUE))
        .when(row.is_in(corrected))
        .then(pl.format("status: expected a trade that stands, got one at {} that was corrected", _VALUE))
        .otherwise(pl.format("status: expected a trade that stands, got one at {} that was cancelled", _VALUE))
    )
    reason = pl.when(~pl.col("void") & row.is_in(corrected)).then(pl.lit("corrected")).otherwise(pl.lit("cancelled"))
    return Standing(frame.filter(~out["out"]), refusal(left, reason, detail))


def _without_second_reports(frame: pl.DataFrame) -> Standing:
    """Leave out as many buyers' reports of a bond, date, price and volume as there are sellers' of it."""
    buyer = (pl.col(STATUS) == "buyer_report").fill_null(False)
    seller = (pl.col("side") == "interdealer").fill_null(False) & ~buyer
    marked = frame.with_columns(pl.coalesce(PRICES).alias(_VALUE), buyer.alias("buyer"))
    twice = pl.col("buyer") & (pl.col("buyer").cum_sum().over(_SAME) <= seller.sum().over(_SAME))
    out = marked.select(twice).to_series()
    detail = pl.format("status: expected one report of a trade between dealers, got the buyer's, too, at {}", _VALUE)
    return Standing(frame.filter(~out), refusal(marked.filter(out), "interdealer_duplicate", detail))


def _rows(frame: pl.DataFrame) -> pl.Series:
    return frame["source_row"].implode()


def too_small(frame: pl.DataFrame, min_trade_size: float) -> Standing:
    """Leave out trades of less face than a minimum; a row that has no volume stays."""
    small = (frame["volume"] < min_trade_size).fill_null(False)
    if not small.any():
        return Standing(frame, pl.DataFrame(schema=REFUSED_SCHEMA))
    detail = pl.format(f"volume: expected at least {min_trade_size:g} (data.min_trade_size), got {{}}", "volume")
    return Standing(frame.filter(~small), refusal(frame.filter(small), "small_trade", detail))


def in_order(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return quarantined rows of several steps as one table."""
    return pl.concat([pl.DataFrame(schema=REFUSED_SCHEMA), *frames])
