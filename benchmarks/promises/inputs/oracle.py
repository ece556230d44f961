"""Compare what was read of a file with what was written to it: every row, value by value."""

import math
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.promises.cases import Case
from benchmarks.promises.inputs.ingested import Ingested, data_params, ingested, judged
from benchmarks.promises.inputs.tables import Table, Value
from benchmarks.promises.inputs.written import Written
from richcheap.bonds.conventions import CURRENCY_OF

CLOSE = 1e-12
"""Rates are kept to twelve decimals."""


def case(name: str, file: Written) -> Case:
    """Write a file into the working folder and read it."""
    path = Path(file.name)
    path.write_bytes(file.content)
    try:
        tried = judged(
            f"{name}: {file.about}", file.name, lambda: compared(file, ingested(data_params(file.name, **file.params)))
        )
    finally:
        path.unlink()
    return tried


def _kind(written: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a government's bond counts as whose identifier is of another currency's country, else nothing."""
    name, currency = str(written["bond_id"]), written.get("currency") or "USD"
    if written.get("bond_type") != "treasury" or not re.fullmatch("[A-Z]{2}[A-Z0-9]{9}[0-9]", name):
        return {}
    home = CURRENCY_OF.get(name[:2], None if name[:2] != "XS" or currency == "EUR" else "none")
    return {} if home in (None, currency) else {"bond_type": "foreign_sovereign"}


def compared(file: Written, found: Ingested) -> str:
    """Say what differs; nothing when nothing does."""
    table = file.table
    if found.refused.height:
        return f"valid rows are refused: {found.refused.row(0, named=True)}"
    if found.accepted.height != len(table.rows):
        return f"{len(table.rows)} rows were written, {found.accepted.height} read"
    by_key = {(row["bond_id"], row["date"]): row for row in found.accepted.iter_rows(named=True)}
    for written in expected(table, file.single):
        read = by_key.get((written["bond_id"], written["date"]))
        if read is None:
            return f"{written['bond_id']} of {written['date']} was written, and read are {sorted(by_key, key=str)}"
        for column, value in {**written, **_kind(written)}.items():
            if not _same(value, read[column]):
                return f"{column}: {value!r} was written, {read[column]!r} read"
    return ""


def expected(table: Table, single: frozenset[str]) -> list[dict[str, Value]]:
    """Return rows as observations have them."""
    rows = []
    for row in table.rows:
        numbers = {
            name: float(np.float32(value)) for name, value in row.items() if isinstance(value, float) and name in single
        }
        rate = {**row, **numbers}["coupon_rate"]
        rows.append({**row, **numbers, "coupon_rate": rate / 100.0 if isinstance(rate, float) else rate})
    return rows


def _same(written: Value, read: Value) -> bool:
    if isinstance(written, bool | str | date) or written is None:
        return written == read
    return isinstance(read, int | float) and math.isclose(written, read, rel_tol=0.0, abs_tol=CLOSE)
