"""Benchmark curves: from a file's layout to one row for each currency, date and tenor."""

import re
from pathlib import Path

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.mappings.base import nearest
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import AUTO
from richcheap.ingestion.reading.aliases import is_blank
from richcheap.ingestion.reading.date_columns import date_column, may_be_dates
from richcheap.ingestion.reading.date_formats import ISO, find_date_formats
from richcheap.ingestion.reading.dates import date_format as look_at
from richcheap.ingestion.reading.dates import date_format_hint, unambiguous
from richcheap.ingestion.schema import CURVE_KINDS, CURVE_SCHEMA
from richcheap.ingestion.units import UnitDecision, Values, rate_unit
from richcheap.ingestion.validation.currencies import CURRENCIES

MIN_RATE, MAX_RATE = -0.1, 1.0
"""Plausible rates, decimal."""

MAX_TENOR_YEARS = 100.0

_LAYOUT_KEY = "; data.curve_mapping says how the file is read"
_LONG = ("date", "tenor_years", "rate", "kind")
_TENOR = re.compile(r"^(?:BC_)?(\d+(?:\.\d+)?)\s*(M|MO|MONTH|Y|YR|YEAR)S?$", re.IGNORECASE)


def read_curve(params: DataParams) -> tuple[pl.DataFrame, UnitDecision | None]:
    """Read the benchmark curves that params name; see `canonical_curve`.

    Raises
    ------
    InputError
        The file, or a value in it, cannot be used.
    """
    path = Path(params.curve)
    table = read_table(path)
    dates = params.date_format if isinstance(params.date_format, str) else AUTO
    try:
        return canonical_curve(table, params.curve_mapping, params.default_currency, params.curve_unit, dates)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


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
        Of dates given as text; ``auto``: told from them. A column that does not follow it may hold ISO dates, or eight
        digits, instead, but all of it: a curve often comes from elsewhere than the prices.

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
                raise InputError(f"column '{name}' is missing{nearest(name, source.columns)}{_LAYOUT_KEY}")
    if table.is_empty():
        return pl.DataFrame(schema=CURVE_SCHEMA), None
    if date_format == AUTO:
        date_format = _detected_format(table["date"])
    curve, decision = _typed(table, currency, unit, date_format)
    _check(curve)
    return curve.select(*CURVE_SCHEMA).sort("currency", "date", "tenor_years"), decision


def _from_par_yields(source: pl.DataFrame) -> pl.DataFrame:
    dates = [name for name in source.columns if name.lower() == "date"]
    tenors = {name: _years(name) for name in source.columns if _years(name) is not None}
    if not dates or not tenors:
        raise InputError(
            f"expected a column date and tenors such as 3M or 10Y, got {', '.join(source.columns)}{_LAYOUT_KEY}"
        )
    held = source.with_columns(pl.selectors.float().fill_nan(None))
    long = held.with_row_index("row").select("row", pl.col(dates[0]).alias("date"), *tenors).unpivot(
        index=["row", "date"], variable_name="tenor", value_name="rate"
    )  # fmt: skip
    published = pl.col("rate").is_not_null()
    if long.schema["rate"] == pl.String:
        rate = pl.col("rate").str.strip_chars()
        published &= ~(rate.is_in(["", "ND"]) | is_blank(rate))
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
    _refuse(curve, pl.col("date").is_null(), "date", "a date", table, date_format_hint(date_format))
    for name in ("tenor_years", "rate"):
        _refuse(curve, ~pl.col(name).is_finite().fill_null(False), name, "a number", table)
    _refuse(curve, ~pl.col("kind").is_in(CURVE_KINDS).fill_null(False), "kind", "|".join(CURVE_KINDS), table)
    decision = rate_unit("rate", Values.of(curve["rate"]), unit)
    return curve.with_columns(decision.convert(pl.col("rate"))), decision


def _detected_format(column: pl.Series) -> str:
    """Return the format that a column's dates show."""
    if column.dtype != pl.String:
        return ISO
    finding = find_date_formats({"date": column.str.strip_chars()}).get("date")
    if finding is not None and finding.rivals:
        raise InputError(
            f"column 'date': {finding.how}, such as '{finding.example}'; data.date_format can say, for example "
            f"'{finding.rivals[0]}'"
        )
    return ISO if finding is None or finding.format is None else finding.format


def _dates(column: pl.Series, date_format: str) -> pl.Series:
    """Read dates in `date_format`, or all of them as dates that can be read in one way only."""
    if column.dtype != pl.String:
        if not may_be_dates(column.dtype):
            raise InputError(f"column 'date': expected dates, got a column of {column.dtype}")
        return date_column(column, date_format)["date"]
    text = column.str.strip_chars()
    dates = text.str.to_date(date_format, strict=False)
    if not dates.null_count():
        return dates
    plain = look_at("%Y-%m-%d")
    others = unambiguous(text, plain)["date"]
    return dates if others.null_count() else others


def _check(curve: pl.DataFrame) -> None:
    tenor = pl.col("tenor_years")
    _refuse(curve, (tenor <= 0.0) | (tenor > MAX_TENOR_YEARS), "tenor_years", f"above 0 to {MAX_TENOR_YEARS:g}")
    rate = pl.col("rate").is_between(MIN_RATE, MAX_RATE)
    _refuse(curve, ~rate, "rate", f"{MIN_RATE:g} to {MAX_RATE:g} (decimal)", hint="; data.curve_unit says the unit")
    _refuse(curve, ~pl.col("currency").is_in(CURRENCIES), "currency", "an ISO code")
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


def _refuse(
    curve: pl.DataFrame, wrong: pl.Expr, name: str, expected: str, source: pl.DataFrame | None = None, hint: str = ""
) -> None:
    rows = curve.filter(wrong)
    if rows.is_empty():
        return
    first = int(rows["row"][0])
    came = (curve if source is None else source)[name][first - 1]
    raise InputError(
        f"column '{name}': expected {expected}, got '{came}' in data row {first} ({rows.height} such){hint}"
    )
