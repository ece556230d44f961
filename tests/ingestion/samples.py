"""Small files to ingest."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import layout_of
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading.notation import find_notation
from richcheap.ingestion.reading.scan import Findings, Scan
from richcheap.ingestion.summary import summarise
from richcheap.ingestion.trades.daily import KEYS, DailyPrices
from richcheap.ingestion.units import UnitDecision
from richcheap.ingestion.validation.counters import AcceptedCounts, CheckCounts, RefusedCounts
from richcheap.ingestion.validation.validation_rules import Limits

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
    date_format="auto",
    coupon_unit="auto",
    yield_unit="auto",
)


def table(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Return rows as a CSV reader would: all text."""
    names = {name: pl.String for row in rows for name in {**PLAIN, **row}}
    return pl.DataFrame([{**PLAIN, **row} for row in rows], schema=names)


class Taken(NamedTuple):
    """What became of a table: the rows, and what was counted."""

    accepted: pl.DataFrame
    quarantine: pl.DataFrame
    findings: Findings
    checks: CheckCounts
    counts: AcceptedCounts
    refusals: RefusedCounts

    @property
    def units(self) -> tuple[UnitDecision, ...]:
        """How the units were found."""
        return self.findings.units

    @property
    def summary(self) -> dict[str, Any]:
        """As in metrics/ingest.json."""
        return summarise(self.findings, self.checks, self.counts, self.refusals)


def take(
    frame: pl.DataFrame,
    mapping: str = "richcheap",
    pieces: int = 1,
    prices: DailyPrices | None = None,
    **changes: Any,
) -> Taken:
    """Ingest in memory, cut into pieces, with the default options and limits, some of them changed."""
    options = Options(**{**vars(OPTIONS), **{k: v for k, v in changes.items() if k in vars(OPTIONS)}})
    limits = Limits(**{**vars(LIMITS), **{k: v for k, v in changes.items() if k in vars(LIMITS)}})
    layout = layout_of(
        frame.columns, MAPPINGS[mapping], options.columns, values=options.values, constants=options.constants
    )
    texts = layout.canonical(frame, 1).select(pl.col(pl.String))
    notation = find_notation(texts, options.stated).notation(options.stated)
    size = max(1, -(-frame.height // pieces))
    cut = [(start, frame.slice(start, size)) for start in range(0, max(frame.height, 1), size)]
    scan = Scan(options, notation)
    for _, piece in cut:
        scan.add(piece, layout)
    checker = Checker(MAPPINGS[mapping], options, limits, scan.findings())
    checked = [checker.check(piece, layout, start + 1) for start, piece in cut]
    passed = pl.concat([one.accepted for one in checked]).sort(KEYS)
    chosen = (prices or DailyPrices("last", max_price_move=35.0)).of(passed)
    quarantine = pl.concat([*(one.refused for one in checked), chosen.refused]).sort("source_row")
    checks, counts, refusals = CheckCounts(), AcceptedCounts(), RefusedCounts()
    for one in checked:
        checks.add(one)
    counts.add(chosen.kept)
    counts.several.update(chosen.days)
    refusals.add(quarantine)
    return Taken(chosen.kept, quarantine, scan.findings(), checks, counts, refusals)


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
