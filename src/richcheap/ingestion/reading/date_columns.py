"""Columns of dates and of times of day, whatever their type in the file."""

import polars as pl

from richcheap.ingestion.reading.aliases import is_blank
from richcheap.ingestion.reading.dates import clock, read_dates, read_times


def may_be_dates(dtype: pl.DataType) -> bool:
    """Say whether a column of this type can hold dates; a number may be one such as 20240301."""
    return dtype in (pl.String, pl.Null, pl.Date, pl.Datetime) or dtype.is_numeric()


def may_be_times(dtype: pl.DataType) -> bool:
    """Say whether a column of this type can hold times of day; a number may be seconds or hours, so that it cannot."""
    return dtype in (pl.String, pl.Null, pl.Time, pl.Date, pl.Datetime)


def date_column(values: pl.Series, date_format: str) -> pl.DataFrame:
    """Read a column of dates.

    Parameters
    ----------
    values : Series
        Of a type that `may_be_dates`.
    date_format : str
        Of those given as text or as a number.

    Returns
    -------
    DataFrame
        ``date``, ``bad`` (there is something, and it is no date) and ``time`` (`richcheap.ingestion.reading.dates`).
    """
    if values.dtype in (pl.Date, pl.Datetime):
        local = _local(values)
        days = local.cast(pl.Date)
        read, given = pl.DataFrame({"date": days, "time": clock(local, days)}), values.is_not_null()
    else:
        texts = texts_of(values)
        read, given = read_dates(texts, date_format), texts.is_not_null()
    return read.with_columns((given & read["date"].is_null()).alias("bad"))


def time_column(values: pl.Series) -> pl.DataFrame:
    """Read a column of times of day: ``time`` and ``bad`` as of `date_column`; of another type all are bad."""
    if not may_be_times(values.dtype):
        return pl.DataFrame(
            {"time": pl.repeat(None, len(values), dtype=pl.Int64, eager=True), "bad": values.is_not_null()}
        )
    if values.dtype in (pl.String, pl.Null):
        texts = texts_of(values)
        read = read_times(texts)
        return read.select("time", bad=pl.Series(texts.is_not_null()) & ~pl.col("readable"))
    of_day = values if values.dtype == pl.Time else _local(values).cast(pl.Datetime("us")).dt.time()
    since = of_day.cast(pl.Int64).alias("since").to_frame()
    return since.select(pl.when(pl.col("since") != 0).then("since").alias("time"), pl.lit(False).alias("bad"))


def _local(values: pl.Series) -> pl.Series:
    """Return what a clock on the spot shows: the day of a zoned time is that of its own zone."""
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
        return values.dt.replace_time_zone(None)
    return values


def texts_of(values: pl.Series) -> pl.Series:
    """Return text without what surrounds it, null where it is blank; a whole number without its fraction."""
    value = pl.col("value")
    if values.dtype.is_float():
        whole = pl.when(value == value.floor()).then(value.cast(pl.Int64, strict=False)).cast(pl.String)
        text = pl.coalesce(whole, value.fill_nan(None).cast(pl.String))
    else:
        text = value.cast(pl.String).str.strip_chars()
    texts = values.to_frame("value").select(text)
    return texts.select(pl.when((value != "") & ~is_blank(value)).then(value))["value"]
