"""Call schedules: when and at what price an issuer may redeem, as one text for each observation."""

import polars as pl

from richcheap.ingestion.reading.aliases import is_blank
from richcheap.ingestion.reading.dates import read_dates
from richcheap.ingestion.schema import BAD

FIRST, LAST = "calls:first", "calls:last"
LEAST, MOST = "calls:least", "calls:most"
ORDERED = "calls:ordered"

FACTS: dict[str, pl.DataType] = {
    FIRST: pl.Date(),
    LAST: pl.Date(),
    LEAST: pl.Float64(),
    MOST: pl.Float64(),
    ORDERED: pl.Boolean(),
}
"""What the rules ask of a schedule: first and last date, lowest and highest price, whether its dates ascend."""

_PAR = 100.0


def parse_schedules(texts: pl.Series, date_format: str) -> pl.DataFrame:
    """Read call schedules.

    Parameters
    ----------
    texts : Series of String
        Such as ``2027-03-15@102;2028-03-15``: a date and maybe a price per 100 (else 100) for each call. Null or blank
        is none.
    date_format : str
        Of the dates; see `richcheap.ingestion.reading.dates.read_dates` for what is understood besides.

    Returns
    -------
    DataFrame
        A row for each text: ``call_schedule`` (canonical, null when there is none or it cannot be read), the `BAD`
        column that says it cannot, and `FACTS`.

    Examples
    --------
    >>> parse_schedules(pl.Series([" 2027-03-15 @ 102.50; 2028-03-15"]), "%Y-%m-%d")["call_schedule"][0]
    '2027-03-15@102.5;2028-03-15@100'
    """
    given = pl.DataFrame({"text": texts}).with_row_index("row")
    halves = pl.col("entry").str.split_exact("@", 1)
    when = halves.struct.field("field_0").str.strip_chars()
    price = halves.struct.field("field_1").str.strip_chars()
    text = pl.col("text").str.strip_chars()
    entries = (
        given.filter((text != "") & ~is_blank(text))
        .select("row", entry=pl.col("text").str.strip_chars("; ").str.split(";"))
        .explode("entry", empty_as_null=True)
        .select(
            "row",
            when=when,
            price=pl.when(price.is_null()).then(_PAR).otherwise(price.cast(pl.Float64, strict=False)),
        )
    )
    entries = entries.with_columns(read_dates(entries["when"], date_format)["date"])
    wrong = pl.col("date").is_null() | ~pl.col("price").is_finite().fill_null(False)
    read = entries.group_by("row", maintain_order=True).agg(
        wrong.any().alias(BAD + "call_schedule"),
        _entry(pl.col("date"), pl.col("price")).str.join(";").alias("call_schedule"),
        pl.col("date").first().alias(FIRST),
        pl.col("date").last().alias(LAST),
        pl.col("price").min().alias(LEAST),
        pl.col("price").max().alias(MOST),
        (pl.col("date").diff() > pl.duration(days=0)).all().alias(ORDERED),
    )
    facts = given.join(read, on="row", how="left", maintain_order="left")
    bad = pl.col(BAD + "call_schedule").fill_null(False)
    return facts.select(bad, *(pl.when(~bad).then(name).alias(name) for name in ("call_schedule", *FACTS)))


def with_next_call(frame: pl.DataFrame) -> pl.DataFrame:
    """Give callable bonds that name no schedule the one that their next call alone makes."""
    named = pl.col("call_schedule").is_not_null() | pl.col(BAD + "call_schedule")
    lacks = frame.select(pl.col("callable") & pl.col("call_date").is_not_null() & ~named).to_series()
    if not lacks.any():
        return frame
    alone = _entry(pl.col("call_date"), pl.col("call_price").fill_null(_PAR))
    return frame.with_columns(pl.when(lacks).then(alone).otherwise("call_schedule").alias("call_schedule"))


def _entry(date: pl.Expr, price: pl.Expr) -> pl.Expr:
    return pl.concat_str(date, price.cast(pl.String).str.strip_suffix(".0"), separator="@")
