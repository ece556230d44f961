"""What a look at a file found, as text."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from richcheap.ingestion.inspection.look import LOOK_ROWS, Look
from richcheap.ingestion.inspection.proposal import Proposal
from richcheap.ingestion.schema import COMPARED
from richcheap.ingestion.summary import reason_table

_YAML_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
_SHOWN_ROWS = 10
_SHOWN = (
    "bond_id", "date", "settlement_date", "clean_price", "accrued_interest", "dirty_price", "yield_to_maturity",
    "maturity_date", "coupon_rate", "frequency", "day_count", "bond_type",
)  # fmt: skip


def page(proposal: Proposal, seen: Look) -> str:
    """Return the whole text."""
    return "\n".join(_lines(proposal, seen))


def _lines(proposal: Proposal, seen: Look) -> Iterator[str]:
    yield f"{seen.params.observations}: {proposal.notes[0]}"
    yield from (f"  {note}" for note in proposal.notes[1:])
    yield "\ncolumns"
    yield from _table([("", "column", "sure", "read as"), *_columns(proposal, seen)])
    accepted = seen.bonds.height
    more = f" (the first {LOOK_ROWS:,} and a few)" if seen.rows >= LOOK_ROWS else ""
    yield f"\nrows: {seen.rows:,} read{more}, {accepted:,} accepted, {seen.refused.rows:,} not"
    if seen.refused.rows:
        yield reason_table(seen.refused, seen.rows)
    if seen.assumed:
        yield "\nwhat the file does not say, and what is taken by convention"
        for name, values in seen.assumed.items():
            yield f"  {name}: {', '.join(f'{value} ({count:,} rows)' for value, count in values.items())}"
    if accepted:
        yield "\nas they would be read (yields and coupons in percent)"
        yield from _rows(seen.bonds)
    if seen.compared:
        yield "\nthe file's own figures against ours"
        yield from _table(
            [
                ("", "rows", "agree", "median difference", "largest"),
                *(
                    (one.name, f"{one.rows:,}", f"{one.agree:,}", f"{one.median:.3g}", one.where)
                    for one in seen.compared
                ),
            ]
        )
        for one in seen.compared:
            if one.kinds or one.cause:
                kinds = ", ".join(f"{kind} ({count:,})" for kind, count in one.kinds.items())
                yield f"  {one.name}: {'; '.join(text for text in (kinds, one.cause) if text)}"
    doubts = [*proposal.doubts, *seen.doubts]
    yield "\nnot sure, and the key that settles it" if doubts else "\nnothing is left to be settled"
    yield from (f"  - {doubt}" for doubt in doubts)
    yield "\nparams"
    yield "data:"
    yield from (f"  {key}: {written(value)}" for key, value in proposal.params.items())


def written(value: Any) -> str:
    """Return a value as it may stand in YAML, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(str(key))}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_][\w./]*", value) and value.lower() not in _YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _columns(proposal: Proposal, seen: Look) -> Iterator[tuple[str, ...]]:
    units = {unit.column: f"{unit.unit.replace('_', ' ')} ({unit.how})" for unit in seen.findings.units}
    dates = {name: f"{one['format']} ({one['how']})" for name, one in seen.how["dates"].items()}
    commas = set(seen.how["decimal_commas"])
    for one in proposal.columns:
        how = [units.get(one.role), dates.get(one.role), "decimal comma" if one.role in commas else None]
        read = ", ".join(text for text in how if text is not None)
        if one.role in COMPARED:
            read = "to be compared with ours"
        yield one.role, one.column, "yes" if one.sure else "no", read
    if seen.params.terms is not None:
        for role, column in seen.params.terms_columns.items():
            yield role, f"{column} (terms)", "yes", units.get(role) or dates.get(role) or ""


def _rows(bonds: pl.DataFrame) -> Iterator[str]:
    shown = bonds.head(_SHOWN_ROWS).select(
        *(
            (pl.col(name) * 100.0 if name in ("yield_to_maturity", "coupon_rate") else pl.col(name)).alias(name)
            for name in _SHOWN
        )
    )
    texts = [tuple(_SHOWN), *(tuple(_cell(cell) for cell in row) for row in shown.iter_rows())]
    yield from _table(texts)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
