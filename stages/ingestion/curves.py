"""Benchmark curves: from a file's layout to one row for each currency, date and tenor."""

import re

import polars as pl

from stages.ingestion.errors import InputError
from stages.ingestion.mappings.base import nearest
from stages.ingestion.parsing import typed_date
from stages.ingestion.schema import CURVE_KINDS, CURVE_SCHEMA
from stages.ingestion.units import UnitDecision, Values, rate_unit

MIN_RATE, MAX_RATE = -0.1, 1.0
"""Plausible rates, decimal."""

MAX_TENOR_YEARS = 100.0

_LONG = ("date", "tenor_years", "rate", "kind")
_TENOR = re.compile(r"^(?:BC_)?(\d+(?:\.\d+)?)\s*(M|MO|MONTH|Y|YR|YEAR)S?$", re.IGNORECASE)


def canonical_curve(
    source: pl.DataFrame, layout: str, currency: str, unit: str, date_format: str
) -> tuple[pl.DataFrame, UnitDecision | None]:
    """Read a table of curves; a curve is a reference for all rows, so one fault in it refuses it all.

    Parameters
    ----------
    source : DataFrame
        As read. ``richcheap``: date, tenor_years, rate, kind and maybe currency. ``treasury_par_yields``:
        date and a column for each tenor (``1M`` ... ``30Y``), percent, semiannual, empty where not published.
    layout : str
        One of the two.
    currency : str
        Of rows that name none.
    unit : str
        ``auto``, ``decimal`` or ``percent``, for the rates of a ``richcheap`` file.
    date_format : str
        Of dates given as text; a column that does not follow it may hold ISO dates instead.

    Returns
    -------
    DataFrame
        `CURVE_SCHEMA`, sorted by (currency, date, tenor_years); no rows when the file has none.
    UnitDecision or None
        How the rates' unit was found; None without rows.

    Raises
    ------
    InputError
        A column is missing, or a value is unreadable, out of range or given twice.
    """
    if layout == "treasury_par_yields":
        table, unit = _from_par_yields(source), "percent"
    else:
        table = source
        for name in _LONG:
            if name not in source.columns:
                raise InputError(f"column '{name}' is missing{nearest(name, source.columns)}")
    if table.is_empty():
        return pl.DataFrame(schema=CURVE_SCHEMA), None
    curve, decision = _typed(table, currency, unit, date_format)
    _check(curve)
    return curve.select(*CURVE_SCHEMA).sort("currency", "date", "tenor_years"), decision


def _from_par_yields(source: pl.DataFrame) -> pl.DataFrame:
    dates = [name for name in source.columns if name.lower() == "date"]
    tenors = {name: _years(name) for name in source.columns if _years(name) is not None}
    if not dates or not tenors:
        raise InputError(f"expected a column date and tenors such as 3M or 10Y, got {', '.join(source.columns)}")
    long = source.with_row_index("row").select("row", pl.col(dates[0]).alias("date"), *tenors).unpivot(
        index=["row", "date"], variable_name="tenor", value_name="rate"
    )  # fmt: skip
    published = pl.col("rate").is_not_null()
    if long.schema["rate"] == pl.String:
        published &= ~pl.col("rate").str.strip_chars().is_in(["", "N/A", "ND", "."])
    return long.filter(published).select(
        pl.lit("USD").alias("currency"),
        "date",
        pl.col("tenor").replace_strict(tenors, return_dtype=pl.Float64).alias("tenor_years"),
        "rate",
        pl.lit("par_semiannual").alias("kind"),
    )


def _years(name: str) -> float | None:
    match = _TENOR.match(name.strip())
    if match is None:
        return None
    number = float(match.group(1))
    return number / 12.0 if match.group(2).upper().startswith("M") else number


def _typed(table: pl.DataFrame, currency: str, unit: str, date_format: str) -> tuple[pl.DataFrame, UnitDecision]:
    named = pl.col("currency").cast(pl.String).str.to_uppercase() if "currency" in table.columns else pl.lit(None)
    curve = table.select(
        pl.int_range(1, pl.len() + 1).alias("row"),
        named.cast(pl.String).fill_null(currency).alias("currency"),
        _dates(table["date"], date_format),
        pl.col("tenor_years", "rate").cast(pl.Float64, strict=False),
        pl.col("kind").cast(pl.String).str.strip_chars(),
    )
    _refuse(curve, pl.col("date").is_null(), "date", "a date", table)
    for name in ("tenor_years", "rate"):
        _refuse(curve, ~pl.col(name).is_finite().fill_null(False), name, "a number", table)
    _refuse(curve, ~pl.col("kind").is_in(CURVE_KINDS).fill_null(False), "kind", "|".join(CURVE_KINDS), table)
    decision = rate_unit("rate", Values.of(curve["rate"]), unit)
    return curve.with_columns(decision.convert(pl.col("rate"))), decision


def _dates(column: pl.Series, date_format: str) -> pl.Series:
    """Read dates in `date_format`, or all of them as ISO dates: a curve often comes from elsewhere than the prices."""
    if column.dtype != pl.String:
        return column.to_frame().select(typed_date("date", pl.col(column.name), column.dtype)).to_series()
    text = column.str.strip_chars()
    dates = text.str.to_date(date_format, strict=False)
    iso = text.str.to_date("%Y-%m-%d", strict=False)
    return iso if dates.null_count() and not iso.null_count() else dates


def _check(curve: pl.DataFrame) -> None:
    tenor = pl.col("tenor_years")
    _refuse(curve, (tenor <= 0.0) | (tenor > MAX_TENOR_YEARS), "tenor_years", f"above 0 to {MAX_TENOR_YEARS:g}")
    rate = pl.col("rate").is_between(MIN_RATE, MAX_RATE)
    _refuse(curve, ~rate, "rate", f"{MIN_RATE:g} to {MAX_RATE:g} (decimal)")
    _refuse(curve, ~pl.col("currency").str.contains(r"^[A-Z]{3}$"), "currency", "an ISO code")
    twice = curve.select("currency", "date", "tenor_years").is_duplicated()
    if twice.any():
        row = curve.filter(twice).row(0, named=True)
        raise InputError(
            f"expected one rate for each currency, date and tenor, got {int(twice.sum())} that clash; "
            f"first: {row['currency']} {row['date']} {row['tenor_years']:g} years"
        )
    kinds = curve.group_by("currency", "date").agg(pl.col("kind").n_unique()).filter(pl.col("kind") > 1)
    if not kinds.is_empty():
        row = kinds.sort("currency", "date").row(0, named=True)
        raise InputError(
            f"expected one kind for each currency and date, got several on {row['currency']} {row['date']}"
        )


def _refuse(curve: pl.DataFrame, wrong: pl.Expr, name: str, expected: str, source: pl.DataFrame | None = None) -> None:
    rows = curve.filter(wrong)
    if rows.is_empty():
        return
    first = int(rows["row"][0])
    came = (curve if source is None else source)[name][first - 1]
    raise InputError(f"column '{name}': expected {expected}, got '{came}' in data row {first} ({rows.height} such)")
