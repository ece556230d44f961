"""Typed section ``data`` of the params."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import nearest
from richcheap.ingestion.reading.currencies import CURRENCIES
from richcheap.ingestion.reading.dates import date_format
from richcheap.ingestion.schema import INPUT_NAMES
from richcheap.ingestion.settlement import WEEKDAYS, calendar_codes
from richcheap.pipeline.config.fields import PathText, Section, param

Unit = Literal["auto", "decimal", "percent"]


def _nearest_code(code: str) -> str:
    return nearest(code, sorted(CURRENCIES))


class DataParams(Section):
    """What is read. Columns, mappings and rules: docs/data.md."""

    observations: PathText = param(
        "training_data/simulated/observations.parquet",
        "Bond observations: a .csv, .csv.gz, .parquet, .arrow or .feather file, or a folder of them",
        unit="path",
        user=True,
    )
    mapping: str = param("richcheap", f"How its columns are read: {', '.join(MAPPINGS)}", user=True)
    columns: Mapping[str, Annotated[str, Field(min_length=1)]] = param(
        {}, "Columns whose name differs from the mapping's; canonical name: source column", user=True
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
    currencies: tuple[str, ...] = param((), "Currencies kept, ISO codes; [] = all", user=True)
    default_currency: str = param("USD", "Currency of a row that names none, ISO code")
    settlement_lag_days: int | None = param(
        None,
        "From trade to settlement where the file has no settlement date; null = the mapping's own",
        unit="business days",
        ge=0,
        le=30,
    )
    settlement_calendar: str | None = param(
        None,
        "Days that count as business days: weekdays or a calendar code such as XSIF (US bonds), XECB (TARGET); "
        "null = the mapping's own",
    )
    date_format: str = param(
        "%Y-%m-%d",
        "Format of dates given as text, as strftime writes it, with year, month and day; ISO dates and "
        "20240301 are read besides it",
        user=True,
    )
    coupon_unit: Unit = param("auto", "Unit of coupon_rate; auto = told from the column's distribution and reported")
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
