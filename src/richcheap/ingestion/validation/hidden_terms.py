"""Bonds whose own yields prove that they pay otherwise than their terms say: amortising, stepped, index-linked.

A yield alone tells little: it may be to a call that the file hides, of another convention, or wrong. So it counts as a
proof only where all of a bond's yields, on several dates, lie far from what its prices give in every convention, to the
side on which no call could bring them, while the file's other yields agree.
"""

import polars as pl

from richcheap.bonds.terms import FLOATING_RATE
from richcheap.ingestion.schema import REFUSED_SCHEMA
from richcheap.ingestion.trades.reports import Standing, refusal
from richcheap.ingestion.validation.cross_check import MOST, SMALL_YIELD, compounded, file_unit

MIN_DATES = 5
"""On which a bond's price and yield are both known."""
FAR_YIELD = 25e-4
"""Between a file's yield and ours, whatever the convention. Of 1,260 plain bonds of 42 dates none is as far on each of
them, and three are further than ten basis points."""
FAR_POINTS = 0.5
"""Of price that the yields are apart, at least: near maturity a tick is many basis points."""
DISTRESSED = 70.0
"""Clean price below which bonds trade without accrued interest, and yields say little."""

_THEIRS, _OURS, _AWAY = "their yield", "our yield", "away"
SCHEMA = {"bond_id": pl.String(), "dates": pl.UInt32(), _OURS: pl.Float64(), _THEIRS: pl.Float64()}


def find_hidden_terms(bonds: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Find such bonds.

    Parameters
    ----------
    bonds : DataFrame
        Observations with our figures, as `richcheap.bonds.conversion.convert_frame` returns them.
    theirs : DataFrame
        ``source_row`` and ``yield``, as the file has it.

    Returns
    -------
    DataFrame
        `SCHEMA`, sorted by bond: on how many dates, and the medians of both yields.
    """
    named = theirs.select("source_row", pl.col("yield").alias(_THEIRS))
    both = bonds.join(named, on="source_row", how="inner").filter(
        pl.col("status") == "ok",
        pl.col("observed") != "yield",
        pl.col("bond_type") != FLOATING_RATE,
        pl.col(_THEIRS).is_not_null() & pl.col("yield_to_maturity").is_not_null(),
        pl.col("clean_price") >= DISTRESSED,
    )
    if both.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    unit = file_unit("yield", both[_THEIRS], both["yield_to_maturity"])
    conventions = {"as ours": pl.col("yield_to_maturity"), **compounded()}
    own = both.with_columns(
        pl.col(_THEIRS) / unit, *(value.alias(f"convention:{name}") for name, value in conventions.items())
    )
    gaps = {name: (pl.col(_THEIRS) - pl.col(f"convention:{name}")).abs() for name in conventions}
    agreeing = own.select((gap <= SMALL_YIELD).fill_null(False).mean().alias(name) for name, gap in gaps.items())
    usual = max(conventions, key=lambda name: agreeing[name][0])
    if agreeing[usual][0] < MOST:
        return pl.DataFrame(schema=SCHEMA)
    ours = pl.col(f"convention:{usual}")
    points = gaps[usual] * pl.col("modified_duration") * pl.col("dirty_price")
    far = (pl.min_horizontal(gaps.values()) > FAR_YIELD) & (points > FAR_POINTS)
    no_call = (pl.col(_THEIRS) > ours) | (pl.col("clean_price") < 100.0)
    return (
        own.with_columns((far & no_call).fill_null(False).alias(_AWAY), ours.alias(_OURS))
        .group_by("bond_id")
        .agg(
            pl.col("date").n_unique().alias("dates"),
            pl.col(_OURS).median(),
            pl.col(_THEIRS).median(),
            pl.col(_AWAY).all(),
        )
        .filter(_AWAY, pl.col("dates") >= MIN_DATES)
        .sort("bond_id")
        .select(*SCHEMA)
    )


def without_hidden_terms(frame: pl.DataFrame, hidden: pl.DataFrame) -> Standing:
    """Refuse the rows of such bonds.

    Parameters
    ----------
    frame : DataFrame
        `CHECKED_SCHEMA`.
    hidden : DataFrame
        As `find_hidden_terms` returns it.
    """
    if hidden.is_empty():
        return Standing(frame, pl.DataFrame(schema=REFUSED_SCHEMA))
    of_them = pl.col("bond_id").is_in(hidden["bond_id"].implode())
    rows = frame.filter(of_them).join(hidden, on="bond_id", maintain_order="left")
    detail = pl.format(
        "yield: expected about {} as a plain bond's prices give, got {} (medians of {} dates)",
        pl.col(_OURS).round(4),
        pl.col(_THEIRS).round(4),
        "dates",
    ) + pl.lit(
        ": it amortises, steps, is index-linked or has other terms than the file says; data.columns: {yield: null} "
        "takes it all the same"
    )
    return Standing(frame.filter(~of_them), refusal(rows, "unsupported_instrument", detail))
