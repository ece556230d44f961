"""Why a price is as sure as it is, in words, and where it is less sure than its interval can know."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from richcheap.curves.benchmark import FITTED, FLAT, GIVEN

MOST_BEYOND: Final = 3
"""Best score of a price beyond what has been seen: intervals were learned where there were prints."""
CURVES: Final = {
    GIVEN: "curve published",
    FITTED: "curve fitted to governments",
    FLAT: "curve flat: no governments on earlier dates to fit it to",
}


class Seen(NamedTuple):
    """What had printed by a date.

    Attributes
    ----------
    longest : dict of str to date
        Latest maturity that has printed, by currency.
    buckets : set of (str, str)
        Currency and rating bucket.
    issuers : set of str
    until : date
        Latest date with a print, that of the request at most.
    learned_until : date or None
        Last date whose prices have chosen the champion; None where the dates were too few to choose one.
    """

    longest: dict[str, date]
    buckets: set[tuple[str, str]]
    issuers: set[str]
    until: date
    learned_until: date | None


def _learning(until: date | None, as_of: date) -> pl.Expr | None:
    if until is None:
        return pl.lit("too few dates to learn an interval, or to train a model")
    return pl.lit("champion chosen with prices of this date") if as_of <= until else None


def with_reasons(quotes: pl.DataFrame, seen: Seen, as_of: date, median_width: float) -> pl.DataFrame:
    """Put the reasons of its confidence beside each quote, and lower that of prices beyond what has been seen.

    Parameters
    ----------
    quotes : DataFrame
        With ``printed`` (the bond has printed on the date), ``source`` of its curve, and the numbers of peers.
    seen : Seen
    as_of : date
    median_width : float
        Half-width to compare with, points; infinite where too few errors were known for one.
    """
    age, printed = pl.col("days_since_last"), pl.col("printed")
    longest = pl.col("currency").replace_strict(seen.longest, default=None, return_dtype=pl.Date)
    pairs = pl.DataFrame(sorted(seen.buckets), schema=["currency", "rating_bucket"], orient="row")
    rated = quotes.join(
        pairs.with_columns(rated=pl.lit(True)), on=["currency", "rating_bucket"], how="left", maintain_order="left"
    )
    longer, unrated = pl.col("maturity_date") > longest, pl.col("rated").is_null()
    new_issuer = pl.col("issuer").is_not_null() & ~pl.col("issuer").cast(pl.String).is_in(sorted(seen.issuers))
    before = pl.format("prints before: {}, the last {} days ago", pl.col("f_prints").cast(pl.Int64), age.cast(pl.Int64))
    late = int(np.busday_count(seen.until, as_of))
    pieces = [
        pl.when(printed).then(pl.lit("a print on the date, left out of its own price")),
        pl.when(age.is_not_null()).then(before).otherwise(pl.lit("no print before")),
        pl.format("peers of its rating: {}", pl.col("rating_level_count").round(0).cast(pl.Int64)),
        pl.when(pl.col("issuer_level_count") > 0.0)
        .then(pl.format("of its issuer: {}", pl.col("issuer_level_count").round(0).cast(pl.Int64)))
        .otherwise(pl.when(new_issuer).then(pl.lit("issuer never seen")).otherwise(pl.lit("of its issuer: 0"))),
        pl.col("source").replace_strict(CURVES, default=None, return_dtype=pl.String),
        pl.when(longer).then(pl.format("extrapolated: no bond seen matures after {}", longest)),
        pl.when(unrated).then(pl.format("extrapolated: no bond rated {} seen", "rating_bucket")),
        pl.format("interval {} times the median", (pl.col("half_width") / median_width).round(1))
        if np.isfinite(median_width)
        else None,
        pl.lit(f"no price of the date, the last {late} business days before") if late else None,
        _learning(seen.learned_until, as_of),
    ]
    capped = pl.when(longer | unrated).then(pl.min_horizontal("confidence", pl.lit(MOST_BEYOND)))
    return rated.with_columns(
        confidence=capped.otherwise("confidence"),
        confidence_reasons=pl.concat_str([one for one in pieces if one is not None], separator="; ", ignore_nulls=True),
    ).drop("rated")
