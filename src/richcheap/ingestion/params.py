"""Typed section ``data`` of params.yaml."""

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import nearest
from richcheap.ingestion.preparation import AUTO
from richcheap.ingestion.reading.currencies import CURRENCIES
from richcheap.ingestion.reading.dates import date_format
from richcheap.ingestion.schema import INPUT_NAMES, names_of
from richcheap.ingestion.settlement import WEEKDAYS, calendar_codes
from richcheap.ingestion.trades import Trades
from richcheap.pipeline.config.sections import PathText, Section


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
    """Which files are read, how, and what is plausible in them."""

    observations: PathText = Field(description="file or folder of bond observations, path")
    mapping: str = Field(description="how its columns are read")
    columns: Mapping[str, Annotated[str, Field(min_length=1)] | None] = Field(
        description="canonical column name to source column; null = a column of that name is not read"
    )
    values: Mapping[str, Mapping[str, Text]] = Field(
        default_factory=dict,
        description="by canonical column, what values of the file stand for, in any case",
    )
    constants: Mapping[str, Text] = Field(
        default_factory=dict, description="by canonical column, what holds for every row of which the file says nothing"
    )
    terms: PathText | None = Field(
        default=None,
        description="file of terms, a row a bond, joined by bond_id; one with a header only, or null = none; path",
    )
    terms_columns: Mapping[str, Annotated[str, Field(min_length=1)] | None] = Field(
        default_factory=dict, description="canonical column name to column of the file of terms"
    )
    layout: Literal["auto", "long", "bonds_across", "dates_across"] = Field(
        default="auto", description="whether a row is one price, or a column is a bond or a date"
    )
    cells: Literal["clean_price", "dirty_price", "yield"] = Field(
        default="clean_price", description="what stands in the cells of a table with a column a bond or a date"
    )
    encoding: str = Field(default="auto", description="encoding of text files, auto or a name that Python knows")
    separator: Literal["auto", ",", ";", "\t", "|"] = Field(default="auto", description="separator of fields")
    header_row: int | None = Field(
        default=None, ge=1, le=100_000, description="line of the names of columns, from 1; null = found"
    )
    sheet: str | None = Field(default=None, description="sheet of a workbook; null = the first")
    decimal: Literal["auto", ".", ","] = Field(
        default="auto", description="mark before the decimals of numbers in text"
    )
    curve: PathText = Field(description="file of benchmark curves, path")
    curve_mapping: Literal["richcheap", "treasury_par_yields"] = Field(description="how the curve is read")
    currencies: tuple[str, ...] = Field(description="currencies kept, ISO codes; none named = all")
    default_currency: str = Field(description="currency where none is named, ISO code")
    settlement_lag_days: int | None = Field(ge=0, le=30, description="business days from trade to settlement")
    settlement_calendar: str | None = Field(description="weekdays or a financial calendar's code")
    date_format: str | Mapping[str, str] = Field(
        description="format of dates given as text: auto, strftime, or canonical column name to strftime"
    )
    coupon_unit: Unit = Field(description="unit of coupon_rate")
    price_unit: Literal["auto", "per_100", "per_1", "per_face", "32nds"] = Field(
        default="auto",
        description="unit of prices: per 100 or 1 of face, for a bond of face_value, or 99.16 for 99 16/32",
    )
    trades: Trades = Field(default="last", description="what a bond's price of a day with several trades is made of")
    yield_unit: Unit = Field(description="unit of an observed yield")
    curve_unit: Unit = Field(description="unit of the curve's rates")
    max_rejected_share: float = Field(ge=0.0, le=1.0, description="share of rows that may be quarantined")
    min_price: float = Field(gt=0.0, le=1000.0, description="lowest plausible price, per 100")
    max_price: float = Field(gt=0.0, le=1000.0, description="highest plausible price, per 100")
    max_coupon_rate: float = Field(ge=0.001, le=10.0, description="highest plausible coupon, decimal")
    min_yield: float = Field(ge=-0.5, le=100.0, description="lowest plausible yield, decimal")
    max_yield: float = Field(ge=-0.5, le=100.0, description="highest plausible yield, decimal")
    max_years_to_maturity: float = Field(ge=0.1, le=200.0, description="longest time to maturity, years")
    max_settlement_days: int = Field(ge=1, le=366, description="longest time to settlement, calendar days")

    @field_validator("mapping")
    @classmethod
    def _known_mapping(cls, value: str) -> str:
        if value not in MAPPINGS:
            known = ", ".join(MAPPINGS)
            raise ValueError(f"must be one of {known}, got '{value}'{nearest(value, list(MAPPINGS))}")
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
