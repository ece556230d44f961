"""Typed section ``data`` of params.yaml."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import nearest
from richcheap.ingestion.reading.currencies import CURRENCIES
from richcheap.ingestion.reading.dates import date_format
from richcheap.ingestion.schema import INPUT_NAMES
from richcheap.ingestion.settlement import WEEKDAYS, calendar_codes
from richcheap.pipeline.config.sections import PathText, Section

Unit = Literal["auto", "decimal", "percent"]


def _nearest_code(code: str) -> str:
    return nearest(code, sorted(CURRENCIES))


class DataParams(Section):
    """Which files are read, how, and what is plausible in them."""

    observations: PathText = Field(description="file or folder of bond observations, path")
    mapping: str = Field(description="how its columns are read")
    columns: Mapping[str, Annotated[str, Field(min_length=1)]] = Field(
        description="canonical column name to source column"
    )
    curve: PathText = Field(description="file of benchmark curves, path")
    curve_mapping: Literal["richcheap", "treasury_par_yields"] = Field(description="how the curve is read")
    currencies: tuple[str, ...] = Field(description="currencies kept, ISO codes; none named = all")
    default_currency: str = Field(description="currency where none is named, ISO code")
    settlement_lag_days: int | None = Field(ge=0, le=30, description="business days from trade to settlement")
    settlement_calendar: str | None = Field(description="weekdays or a financial calendar's code")
    date_format: str = Field(description="format of dates given as text, strftime")
    coupon_unit: Unit = Field(description="unit of coupon_rate")
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

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name in value:
            if name not in INPUT_NAMES:
                raise ValueError(
                    f"'{name}' is no column of the data contract{nearest(name, list(INPUT_NAMES))}; "
                    f"known are {', '.join(INPUT_NAMES)}"
                )
        return value

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
    def _reads_dates(cls, value: str) -> str:
        date_format(value)
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
