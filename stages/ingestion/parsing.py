"""Turn what a file holds into typed columns, and remember which values could not be turned."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from stages.ingestion.call_schedules import FACTS, parse_schedules
from stages.ingestion.errors import InputError
from stages.ingestion.schema import BAD, INPUT_COLUMNS, PERCENT, InputColumn
from stages.ingestion.spellings import (
    BOND_TYPES,
    DAY_COUNTS,
    FLAGS,
    FREQUENCIES,
    PRICE_KINDS,
    RATINGS,
    SIDES,
    UNSUPPORTED_BOND_TYPES,
    UNSUPPORTED_DAY_COUNTS,
    normalise,
    rating,
)
from stages.ingestion.units import percent_to_decimal

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "day_count": {**DAY_COUNTS, **{name: f"unsupported:{name}" for name in UNSUPPORTED_DAY_COUNTS}},
    "bond_type": {**BOND_TYPES, **{k: f"unsupported:{v}" for k, v in UNSUPPORTED_BOND_TYPES.items()}},
    "side": SIDES,
    "price_kind": PRICE_KINDS,
}


WORTH_A_LOOK_UP = 4
"""Rows for each distinct value from which on it pays to read the distinct values alone."""

_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "rate": pl.Float64(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "word": pl.String(),
    "schedule": pl.String(),
}
"""Type of a column without one value, by its kind; a frequency is an integer."""


def parse(frame: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """Type canonical input columns.

    Parameters
    ----------
    frame : DataFrame
        Some or all of them as read, see `stages.ingestion.mappings.base.Layout.canonical`.
    date_format : str
        Format of dates given as text; ISO dates with a time are understood as well.

    Returns
    -------
    DataFrame
        The same columns typed (null where blank or wrong), a `BAD` column for each that can be wrong, a
        `PERCENT` column for each rate, the facts of call schedules, and the other columns of `frame`.

    Raises
    ------
    InputError
        A column's type cannot hold what it should, dates in a Boolean column for example.
    """
    wanted = [column for column in INPUT_COLUMNS if column.name in frame.columns]
    plain: list[pl.Expr] = [pl.exclude([column.name for column in wanted])]
    looked_up: list[pl.Series] = []
    for column in wanted:
        series = frame[column.name]
        expressions = _typed(column, series.dtype, date_format)
        if series.null_count() == frame.height:
            plain += _nothing(column)
        elif series.dtype == pl.String or column.kind == "word":
            distinct = series.unique()
            if column.kind == "schedule":
                looked_up += _look_up(series, distinct, parse_schedules(distinct, date_format))
            elif WORTH_A_LOOK_UP * len(distinct) <= frame.height:
                looked_up += _look_up(series, distinct, distinct.to_frame().select(expressions))
            else:
                plain += expressions
        else:
            plain += expressions
    return frame.select(plain).hstack(looked_up)


def _look_up(values: pl.Series, distinct: pl.Series, meaning: pl.DataFrame) -> list[pl.Series]:
    """Type a column by its distinct values: they are mostly few, and text is slow to read."""
    # Not lazily: the streaming engine takes up to six times as long for such a join.
    known = values.to_frame("value").join(
        meaning.hstack([distinct.alias("value")]), on="value", how="left", nulls_equal=True, maintain_order="left"
    )
    return known.drop("value").get_columns()


def _nothing(column: InputColumn) -> list[pl.Expr]:
    """Return what a column without one value is parsed to."""
    name = column.name
    dtype = pl.Int32() if name == "frequency" else _TYPES[column.kind]
    literals = [pl.lit(None, dtype=dtype).alias(name)]
    if column.kind != "text":
        literals.append(pl.lit(False).alias(BAD + name))
    if column.kind == "rate":
        literals.append(pl.lit(False).alias(PERCENT + name))
    if column.kind == "schedule":
        literals += [pl.lit(None, dtype=fact).alias(fact_name) for fact_name, fact in FACTS.items()]
    return literals


def _typed(column: InputColumn, dtype: pl.DataType, date_format: str) -> list[pl.Expr]:
    name = column.name
    value = pl.col(name)
    if dtype == pl.Null:
        value, dtype = value.cast(pl.String), pl.String()
    if dtype == pl.String:
        stripped = value.str.strip_chars()
        value = pl.when(stripped != "").then(stripped)
    if column.kind == "text":
        return [value.cast(pl.String).alias(name)]
    if column.kind == "schedule":
        if dtype != pl.String:
            raise InputError(f"column '{name}': expected text, got a column of {dtype}")
        return []  # an entry is more than an expression; see _plan
    extra: list[pl.Expr] = []
    match column.kind:
        case "number":
            parsed = _number(name, value, dtype)
        case "rate":
            parsed, percent = _rate(name, value, dtype)
            extra = [percent.fill_null(False).alias(PERCENT + name)]
        case "date":
            parsed = _date(name, value, dtype, date_format)
        case "flag":
            parsed = _flag(value, dtype)
        case _:
            parsed = _word(name, value)
    missing = value.is_null() | value.is_nan() if dtype.is_float() else value.is_null()
    return [parsed.alias(name), (parsed.is_null() & ~missing).alias(BAD + name), *extra]


def _number(name: str, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not (dtype.is_numeric() or dtype == pl.String):
        raise InputError(f"column '{name}': expected numbers, got a column of {dtype}")
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _rate(name: str, value: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    if dtype != pl.String:
        return _number(name, value, dtype), pl.lit(False)
    percent = value.str.ends_with("%")
    number = _number(name, value.str.strip_chars_end("%").str.strip_chars(), dtype)
    return pl.when(percent).then(percent_to_decimal(number)).otherwise(number), percent


def _date(name: str, value: pl.Expr, dtype: pl.DataType, date_format: str) -> pl.Expr:
    if dtype != pl.String:
        return typed_date(name, value, dtype)
    with_time = pl.when(value.str.contains(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:")).then(value.str.slice(0, 10))
    return pl.coalesce(value.str.to_date(date_format, strict=False), with_time.str.to_date("%Y-%m-%d", strict=False))


def typed_date(name: str, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Read dates that are no text: dates, times (the day on the clock of their zone) or integers such as 20240301.

    Raises
    ------
    InputError
        The column's type cannot hold dates.
    """
    if dtype == pl.Date:
        return value
    if isinstance(dtype, pl.Datetime):
        return value.dt.replace_time_zone(None).cast(pl.Date)
    if dtype.is_integer():  # polars would make a date of seven digits as well
        eight = pl.when(value.is_between(1000_01_01, 9999_12_31)).then(value)
        return eight.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    raise InputError(f"column '{name}': expected dates, got a column of {dtype}")


def _flag(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return value
    return normalise(value.cast(pl.String)).replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)


def _word(name: str, value: pl.Expr) -> pl.Expr:
    text = value.cast(pl.String)
    if name == "frequency":
        number = value.cast(pl.Float64, strict=False)
        counted = pl.when(number.is_in([float(n) for n in set(FREQUENCIES.values())])).then(number)
        words = {word: count for word, count in FREQUENCIES.items() if not word.isdigit()}
        named = normalise(text).replace_strict(words, default=None, return_dtype=pl.Int32)
        return pl.coalesce(counted.cast(pl.Int32), named)
    if name == "credit_rating":
        return rating(text).replace_strict(RATINGS, default=None, return_dtype=pl.String)
    return normalise(text).replace_strict(_WORDS[name], default=None, return_dtype=pl.String)
