"""Turn what a file holds into typed columns, and remember which values could not be turned."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from richcheap.ingestion.call_schedules import FACTS, parse_schedules
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.reading import descriptions
from richcheap.ingestion.reading.aliases import (
    BOND_TYPES,
    CONDITIONS,
    COUPON_TYPES,
    DAY_COUNTS,
    FLAGS,
    FREQUENCIES,
    MATURITY_TYPES,
    NOT_AVAILABLE,
    PERPETUAL,
    PRICE_KINDS,
    RATINGS,
    SIDES,
    STATUSES,
    UNSUPPORTED,
    UNSUPPORTED_BOND_TYPES,
    UNSUPPORTED_DAY_COUNTS,
    is_blank,
    normalise,
    rating,
)
from richcheap.ingestion.reading.date_columns import date_column, may_be_dates, time_column
from richcheap.ingestion.reading.notation import Notation
from richcheap.ingestion.reading.numbers import read_fractions, read_numbers
from richcheap.ingestion.schema import BAD, ENDLESS, INPUT_COLUMNS, OPTIONAL, PERCENT, PRICE_COLUMNS, TIME, InputColumn
from richcheap.ingestion.units import percent_to_decimal

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "day_count": {**DAY_COUNTS, **{name: UNSUPPORTED + name for name in UNSUPPORTED_DAY_COUNTS}},
    "bond_type": {**BOND_TYPES, **{k: UNSUPPORTED + v for k, v in UNSUPPORTED_BOND_TYPES.items()}},
    "coupon_type": COUPON_TYPES,
    "maturity_type": MATURITY_TYPES,
    "side": SIDES,
    "price_kind": PRICE_KINDS,
    "status": STATUSES,
    "condition": CONDITIONS,
}


WORTH_A_LOOK_UP = 4
"""Rows for each distinct value from which on it pays to read the distinct values alone."""

_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "rate": pl.Float64(),
    "date": pl.Date(),
    "time": pl.Int64(),
    "flag": pl.Boolean(),
    "word": pl.String(),
    "schedule": pl.String(),
}
"""Type of a column without one value, by its kind; a frequency is an integer."""

_CLOCK = "clock"
"""Column of the time of day that stands beside the date."""


def parse(frame: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Type canonical input columns.

    Parameters
    ----------
    frame : DataFrame
        Some or all of them as read, see `richcheap.ingestion.mappings.base.Layout.canonical`.
    notation : Notation
        How dates and numbers are written; `richcheap.ingestion.reading.dates.read_dates` says what else is understood.

    Returns
    -------
    DataFrame
        The same columns typed (null where blank or wrong), a `BAD` column for each that can be wrong, a
        `PERCENT` column for each rate, the facts of call schedules, and the other columns of `frame`. `TIME` comes from
        its own column or, where this is blank, from that of the date.

    Raises
    ------
    InputError
        A column's type cannot hold what it should, dates in a Boolean column for example.
    """
    wanted = [column for column in INPUT_COLUMNS if column.name in frame.columns]
    plain: list[pl.Expr] = [pl.exclude([column.name for column in wanted])]
    looked_up: list[pl.Series] = []
    for column in wanted:
        series = _usable(column, frame[column.name])
        reader = _reader(column, series.dtype, notation)
        expressions = _typed(column, series.dtype) if reader is None else []
        if series.null_count() == frame.height:
            plain += _nothing(column)
        elif series.dtype == pl.String or column.kind == "word":
            distinct = series.unique()
            if WORTH_A_LOOK_UP * len(distinct) <= frame.height:
                meaning = distinct.to_frame().select(expressions) if reader is None else reader(distinct)
                looked_up += _look_up(series, distinct, meaning)
            elif reader is None:
                plain += expressions
            else:
                looked_up += reader(series).get_columns()
        elif reader is None:
            plain += expressions
        else:
            looked_up += reader(series).get_columns()
    parsed = frame.select(plain).hstack(looked_up)
    if "date" not in parsed.columns:
        return parsed
    times = [pl.col(name) for name in (TIME, _CLOCK) if name in parsed.columns]
    return parsed.with_columns(pl.coalesce(times).alias(TIME)).drop(_CLOCK)


def _usable(column: InputColumn, values: pl.Series) -> pl.Series:
    """Return values as text where an optional column is of a type that cannot hold what it should: none is readable."""
    expected: Mapping[str, Callable[[pl.DataType], bool]] = {
        "date": may_be_dates,
        "number": lambda dtype: dtype in (pl.String, pl.Null) or dtype.is_numeric(),
        "rate": lambda dtype: dtype in (pl.String, pl.Null) or dtype.is_numeric(),
        "schedule": lambda dtype: dtype in (pl.String, pl.Null),
    }
    fits = expected.get(column.kind)
    if column.name not in OPTIONAL or fits is None or fits(values.dtype):
        return values
    return values.cast(pl.String)


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
    if name == "maturity_date":
        literals.append(pl.lit(False).alias(ENDLESS))
    if name == "date":
        literals.append(pl.lit(None, dtype=pl.Int64()).alias(_CLOCK))
    return literals


def _reader(column: InputColumn, dtype: pl.DataType, notation: Notation) -> Callable[[pl.Series], pl.DataFrame] | None:
    """Return what reads a column whose values are more than an expression."""
    name = column.name
    match column.kind:
        case "date":
            if not may_be_dates(dtype):
                raise InputError(f"column '{name}': expected dates, got a column of {dtype}")
            return lambda values: _dates(name, values, notation.date_format(name))
        case "time":
            return lambda values: _times(name, values)
        case "schedule":
            if dtype not in (pl.String, pl.Null):
                raise InputError(f"column '{name}': expected text, got a column of {dtype}")
            return lambda values: parse_schedules(values, notation.date_format(name))
        case "number" | "rate" if dtype in (pl.String, pl.Null):
            return lambda values: _texts_of_numbers(column, values, notation)
    return None


def _dates(name: str, values: pl.Series, date_format: str) -> pl.DataFrame:
    read = date_column(values, date_format)
    if name == "maturity_date" and values.dtype == pl.String and read["bad"].any():
        text = descriptions.maturity(pl.lit(values).str.strip_chars()).str.to_date("%Y-%m-%d", strict=False)
        read = read.with_columns(pl.coalesce("date", text))
        read = read.with_columns(pl.col("bad") & pl.col("date").is_null())
    typed = [read["date"].alias(name), read["bad"].alias(BAD + name)]
    if name == "date":
        typed.append(read["time"].alias(_CLOCK))
    if name == "maturity_date":
        typed.append(_endless(values, read["bad"]))
    return pl.DataFrame(typed)


def _endless(values: pl.Series, bad: pl.Series) -> pl.Series:
    """Say which maturities are words for having none."""
    if values.dtype != pl.String or not bad.any():
        return pl.repeat(False, len(values), eager=True).alias(ENDLESS)
    return values.to_frame("value").select(normalise(pl.col("value")).is_in(PERPETUAL).fill_null(False).alias(ENDLESS))[
        ENDLESS
    ]


def _times(name: str, values: pl.Series) -> pl.DataFrame:
    read = time_column(values)
    return pl.DataFrame([read["time"].alias(name), read["bad"].alias(BAD + name)])


def _typed(column: InputColumn, dtype: pl.DataType) -> list[pl.Expr]:
    name = column.name
    value = pl.col(name)
    if dtype == pl.Null:
        value, dtype = value.cast(pl.String), pl.String()
    if dtype == pl.String:
        stripped = value.str.strip_chars()
        value = pl.when(stripped != "").then(stripped)
    elif dtype.is_float():
        value = value.fill_nan(None)
    if column.kind == "text":
        text = _whole(value, dtype).cast(pl.String)
        if name == "currency":  # what is written is one or is refused: it must not become the default one
            return [text.alias(name)]
        blank = is_blank(text, free=True)
        if name == "bond_id":
            blank |= text == NOT_AVAILABLE
        return [pl.when(~blank).then(text).alias(name)]
    extra: list[pl.Expr] = []
    match column.kind:
        case "number":
            parsed = _number(name, value, dtype)
        case "rate":
            parsed = _number(name, value, dtype)
            extra = [pl.lit(False).alias(PERCENT + name)]
        case "flag":
            parsed = _flag(value, dtype)
        case _:
            parsed = _word(name, value)
    unread = pl.when(parsed.is_null()).then(value)  # mostly nothing, so that it costs little to look at
    bad = unread.is_not_null()
    if dtype == pl.String:
        bad &= ~is_blank(unread).fill_null(False)
    return [parsed.alias(name), bad.alias(BAD + name), *extra]


def _whole(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return whole numbers as such: a workbook has no others for an identifier of digits."""
    if not dtype.is_float():
        return value
    return (
        pl.when(value == value.floor())
        .then(value.cast(pl.Int64, strict=False))
        .otherwise(None)
        .cast(pl.String)
        .fill_null(value.cast(pl.String))
    )


def _number(name: str, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not dtype.is_numeric():
        raise InputError(f"column '{name}': expected numbers, got a column of {dtype}")
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _texts_of_numbers(column: InputColumn, values: pl.Series, notation: Notation) -> pl.DataFrame:
    """Read numbers in text: prices may be in 32nds, rates may carry a percent sign."""
    name, text = column.name, pl.col("text")
    stripped = values.to_frame("text").select(text.str.strip_chars()).select(pl.when(text != "").then(text))["text"]
    percent = stripped.str.ends_with("%")
    bare = stripped.str.strip_chars_end("%").str.strip_chars_end() if percent.any() else stripped
    in_32nds = name in PRICE_COLUMNS
    if in_32nds and notation.point_32nds:
        number = read_fractions(bare, point=True)
    else:
        number = read_numbers(bare, notation.decimal(name))
        if number.null_count() > bare.null_count() and (in_32nds or column.kind == "rate"):
            number = number.fill_null(read_fractions(bare))
        if name == "coupon_rate" and number.null_count() > bare.null_count():
            coupons = pl.select(descriptions.coupon(pl.lit(bare))).to_series()
            number = number.fill_null(read_numbers(coupons, ".")).fill_null(read_fractions(coupons))
    frame = pl.DataFrame({"number": number, "text": stripped, "percent": percent.fill_null(False)})
    finite: pl.Expr = pl.when(pl.col("number").is_finite()).then("number")
    if column.kind == "rate":
        finite = pl.when("percent").then(percent_to_decimal(finite)).otherwise(finite)
    frame = frame.with_columns(finite.alias(name))
    unread = pl.when(pl.col(name).is_null()).then("text")
    typed = frame.select(name, (unread.is_not_null() & ~is_blank(unread).fill_null(False)).alias(BAD + name), "percent")
    return typed.rename({"percent": PERCENT + name}) if column.kind == "rate" else typed.drop("percent")


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
    known = normalise(text).replace_strict(_WORDS[name], default=None, return_dtype=pl.String)
    return pl.coalesce(known, descriptions.bond_type(text)) if name == "bond_type" else known
