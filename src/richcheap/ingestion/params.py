"""Typed section ``data`` of the params."""

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from richcheap.bonds.conventions import WEEKDAYS, calendar_codes
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.remote import fault_of, is_remote
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import nearest
from richcheap.ingestion.preparation import AUTO
from richcheap.ingestion.reading.dates import date_format
from richcheap.ingestion.schema import INPUT_NAMES, names_of
from richcheap.ingestion.trades.daily import Trades
from richcheap.ingestion.validation.currencies import CURRENCIES
from richcheap.pipeline.config.fields import PathText, Section, param

ORIGINS = ("observations", "terms", "curve")
"""What may be fetched from elsewhere."""


def _as_text(value: object) -> object:
    """Return a number or a flag as it is written, so that a user need not quote it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_as_text)]
Unit = Literal["auto", "decimal", "percent"]


def _nearest_code(code: str) -> str:
    return nearest(code, sorted(CURRENCIES))


class DataParams(Section):
    """What is read; `richcheap inspect FILE --write` sets the keys for a file. Columns and rules: docs/data.md."""

    observations: PathText = param(
        "training_data/simulated/observations.parquet",
        "Bond observations: a file, or a folder of files of one kind: text (.csv, .tsv, .txt, .gz of them), workbook "
        "(.xlsx, .xls, .ods), JSON (.json, .jsonl), .parquet, .arrow or .feather",
        unit="path",
        user=True,
    )
    mapping: str = param("richcheap", f"How its columns are read: {', '.join(MAPPINGS)}", user=True)
    columns: Mapping[str, Annotated[str, Field(min_length=1)] | None] = param(
        {},
        "Columns whose name differs from the mapping's; canonical name: source column, null = do not read the file's "
        "own",
        user=True,
    )
    values: Mapping[str, Mapping[str, Text]] = param(
        {}, "What values of a column stand for; canonical name: {value: meaning}, such as bond_type: {TN: treasury}"
    )
    constants: Mapping[str, Text] = param(
        {}, "What holds where the file says nothing; canonical name: value, such as bond_type: treasury"
    )
    terms: PathText | None = param(
        "training_data/no_terms.csv",
        "File of terms, a row for each bond, joined by bond_id; one with a header only, or null = none",
        unit="path",
        user=True,
    )
    terms_columns: Mapping[str, Annotated[str, Field(min_length=1)] | None] = param(
        {},
        "Columns of the file of terms; canonical name: its column, bond_id: its identifiers; {} = all bear canonical "
        "names",
    )
    layout: Literal["auto", "long", "bonds_across", "dates_across"] = param(
        "auto", "Whether a row is a price (long), or a column is a bond or a date; auto = found from the names"
    )
    cells: Literal["clean_price", "dirty_price", "yield"] = param(
        "clean_price", "What stands in the cells of a table with a column for each bond or date"
    )
    encoding: str = param(
        "auto",
        "Encoding of text: auto (UTF-8 and UTF-16 are recognised, others are guessed and reported) or a name such as "
        "cp1252",
    )
    separator: Literal["auto", ",", ";", "\t", "|"] = param("auto", "Separator of fields")
    header_row: int | None = param(
        None,
        "Line, or row of a sheet, that names the columns; 0 = none does, they are column_1 and so on; null = found",
        ge=0,
        le=100_000,
    )
    sheet: str | None = param(None, "Sheet of a workbook, by its name; null = the first")
    decimal: Literal["auto", ".", ","] = param(
        "auto", "Mark before the decimals of numbers in text; auto = found from the values"
    )
    curve: PathText = param(
        "training_data/no_curve.csv",
        "File of benchmark curves; one with a header only = fit the curve to the government bonds",
        unit="path",
        user=True,
    )
    curve_mapping: Literal["richcheap", "treasury_par_yields"] = param(
        "richcheap", "How the curve file is read", user=True
    )
    origins: Mapping[str, Mapping[str, str]] = param(
        {},
        "Where copies under training_data/fetched/ are from, which richcheap fetch sets; observations, terms or curve: "
        "{url: address, query: SQL of a database}",
    )
    currencies: tuple[str, ...] = param((), "Currencies kept, ISO codes; [] = all", user=True)
    default_currency: str = param("USD", "Currency of a row that names none, ISO code")
    settlement_lag_days: int | None = param(
        None,
        "From trade to settlement where the file has no settlement date; null = the mapping's own, or each market's",
        unit="business days",
        ge=0,
        le=30,
    )
    settlement_calendar: str | None = param(
        None,
        "Days that count as business days: weekdays or a calendar code such as XSIF (US bonds), XECB (TARGET), GB-ENG; "
        "null = the mapping's own, or each market's",
    )
    date_format: str | Mapping[str, str] = param(
        "auto",
        "Format of dates given as text: auto (found for each column), or as strftime writes it, or {canonical name: "
        "format}; ISO dates, 20240301 and dates that name their month are read besides",
    )
    coupon_unit: Unit = param("auto", "Unit of coupon_rate; auto = told from the column's distribution and reported")
    price_unit: Literal["auto", "per_100", "per_1", "per_face", "32nds"] = param(
        "auto",
        "Unit of prices; per_face = an amount for a bond of face_value, 32nds = 99.16 is 99 16/32 (99-16 always is)",
    )
    trades: Trades = param(
        "last", "What the price of a day is made of when a bond trades several times; vwap = weighted by volume"
    )
    min_trade_size: float = param(
        0.0, "Smallest trade that counts; 100000 is usual with vwap", unit="face amount, currency units", ge=0.0
    )
    max_price_move: float | None = param(
        35.0,
        "Move from all of a bond's last prints beyond which a price waits for another print to confirm it; "
        "null = none waits, and no decimal point is checked",
        unit="points per 100",
        ge=1.0,
    )
    yield_unit: Unit = param("auto", "Unit of an observed yield")
    curve_unit: Unit = param("auto", "Unit of the curve's rates")
    max_rejected_share: float = param(
        0.2, "Share of the rows that may be quarantined before the stage fails", ge=0.0, le=1.0
    )
    min_price: float = param(1.0, "Lowest plausible price", unit="per 100 of face", gt=0.0, le=1000.0)
    max_price: float = param(250.0, "Highest plausible price", unit="per 100 of face", gt=0.0, le=1000.0)
    max_coupon_rate: float = param(0.3, "Highest plausible coupon", unit="decimal", ge=0.001, le=10.0)
    min_yield: float = param(-0.1, "Lowest plausible yield, observed or simple", unit="decimal", ge=-0.5, le=100.0)
    max_yield: float = param(1.0, "Highest plausible yield, observed or simple", unit="decimal", ge=-0.5, le=100.0)
    max_years_to_maturity: float = param(100.0, "Longest plausible time to maturity", unit="years", ge=0.1, le=200.0)
    max_settlement_days: int = param(
        30, "Longest plausible time from trade to settlement", unit="calendar days", ge=1, le=366
    )

    @field_validator("mapping")
    @classmethod
    def _known_mapping(cls, value: str) -> str:
        if value not in MAPPINGS:
            known = ", ".join(MAPPINGS)
            raise ValueError(f"must be one of {known}, got '{value}'{nearest(value, list(MAPPINGS))}")
        return value

    @field_validator(*ORIGINS, mode="before")
    @classmethod
    def _here(cls, value: object) -> object:
        if isinstance(value, str) and is_remote(value):
            raise ValueError(
                f"must be a path here, got '{value}'; `richcheap fetch '{value}'`, with --as or --query where it needs "
                "them, copies it to here, pins it by its hash and sets this key"
            )
        return value

    @field_validator("origins")
    @classmethod
    def _known_origins(cls, value: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        for name, origin in value.items():
            if name not in ORIGINS:
                raise ValueError(f"must name {', '.join(ORIGINS)}, got '{name}'{nearest(name, [*ORIGINS])}")
            if not {"url"} <= {*origin} <= {"url", "query"}:
                raise ValueError(f"{name}: must have a url and, of a database, a query, got {', '.join(origin)}")
            fault = fault_of(origin["url"], origin.get("query"))
            if fault is not None:
                raise ValueError(f"{name}: {fault}")
        return value

    @field_validator("columns", "values", "constants", "terms_columns")
    @classmethod
    def _known_columns(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in value:
            if name not in INPUT_NAMES:
                raise ValueError(
                    f"'{name}' is no column of the data contract{nearest(name, list(INPUT_NAMES))}; "
                    f"known are {', '.join(INPUT_NAMES)}"
                )
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            return value if value == AUTO else codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"must be auto or an encoding such as utf-8, cp1252 or utf-16, got '{value}'") from None

    @field_validator("currencies")
    @classmethod
    def _currency_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if code not in CURRENCIES:
                raise ValueError(f"must be ISO codes of three capitals, got '{code}'{_nearest_code(code)}")
        return value

    @field_validator("default_currency")
    @classmethod
    def _currency_code(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError(f"must be an ISO code of three capitals, got '{value}'{_nearest_code(value)}")
        return value

    @field_validator("date_format")
    @classmethod
    def _reads_dates(cls, value: str | Mapping[str, str]) -> str | Mapping[str, str]:
        if isinstance(value, str):
            if value != AUTO:
                date_format(value)
            return value
        for name, text in value.items():
            if name not in (*names_of("date"), "call_schedule"):
                raise ValueError(f"'{name}' is no column of dates; known are {', '.join(names_of('date'))}")
            date_format(text)
        return value

    @field_validator("settlement_calendar")
    @classmethod
    def _known_calendar(cls, value: str | None) -> str | None:
        if value is not None and value != WEEKDAYS and value not in calendar_codes():
            known = [WEEKDAYS, *calendar_codes()]
            raise ValueError(f"must be null or one of {', '.join(known)}, got '{value}'{nearest(value, known)}")
        return value

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_price >= self.max_price:
            raise ValueError(f"min_price must be below max_price, got {self.min_price} and {self.max_price}")
        if self.min_yield >= self.max_yield:
            raise ValueError(f"min_yield must be below max_yield, got {self.min_yield} and {self.max_yield}")
        return self

    def require_files(self) -> None:
        """Raise `InputError` where a file that a key names is not there."""
        for key in ORIGINS:
            named = getattr(self, key)
            if named is not None and not Path(named).exists():
                raise InputError(f"{named}: no such file or folder; correct data.{key}")
