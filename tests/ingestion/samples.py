"""Small files to ingest."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from stages.ingestion.mappings import MAPPINGS
from stages.ingestion.observations import Ingested, ingest
from stages.ingestion.preparation import Options
from stages.ingestion.rulebook import Limits

PLAIN: Mapping[str, Any] = {
    "bond_id": "US0000000001",
    "date": "2024-03-01",
    "clean_price": "99.5",
    "maturity_date": "2030-05-15",
    "coupon_rate": "0.045",
}
"""One row that passes, as text, with only what the contract requires."""

LIMITS = Limits(
    currencies=(),
    min_price=1.0,
    max_price=250.0,
    max_coupon_rate=0.3,
    min_yield=-0.1,
    max_yield=1.0,
    max_years_to_maturity=100.0,
    max_settlement_days=30,
)

OPTIONS = Options(
    columns={},
    default_currency="USD",
    settlement_lag_days=None,
    settlement_calendar=None,
    date_format="%Y-%m-%d",
    coupon_unit="auto",
    yield_unit="auto",
)


def table(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Return rows as a CSV reader would: all text."""
    names = {name: pl.String for row in rows for name in {**PLAIN, **row}}
    return pl.DataFrame([{**PLAIN, **row} for row in rows], schema=names)


def take(frame: pl.DataFrame, mapping: str = "richcheap", **changes: Any) -> Ingested:
    """Ingest with the default options and limits, some of them changed."""
    options = {**vars(OPTIONS), **{k: v for k, v in changes.items() if k in vars(OPTIONS)}}
    limits = {**vars(LIMITS), **{k: v for k, v in changes.items() if k in vars(LIMITS)}}
    return ingest(frame, MAPPINGS[mapping], Options(**options), Limits(**limits))


def typed(rows: int = 3) -> pl.DataFrame:
    """Return typed rows of one bond on consecutive days."""
    return pl.DataFrame(
        {
            "bond_id": ["A"] * rows,
            "date": [date(2024, 3, 4 + i) for i in range(rows)],
            "clean_price": [99.0 + i for i in range(rows)],
            "maturity_date": [date(2030, 5, 15)] * rows,
            "coupon_rate": [0.05] * rows,
        }
    )
