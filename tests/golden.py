"""Golden figures: what a table holds, as three numbers a column, kept as JSON beside the test that makes the table.

They say that figures have moved, not which ones are right: that is what the other tests of a room are for.
``RENEW_GOLDEN=1 pytest tests/ROOM`` writes them anew, and git shows what moved.
"""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars import selectors

RENEW = "RENEW_GOLDEN"
TOLERANCE = 1e-9


def figures(frame: pl.DataFrame) -> dict[str, list[float]]:
    """Return of each column of numbers or flags the count of its values, their mean size and a weighted mean."""
    found = {}
    numbers = frame.select(selectors.numeric() | selectors.boolean()).cast(pl.Float64)
    for name, column in numbers.to_dict().items():
        values = column.fill_null(np.nan).to_numpy()
        known = np.isfinite(values)
        weights = np.cos(np.arange(1.0, values.size + 1.0))  # of its place, so that rows may not change places
        means = (np.abs(values[known]).mean(), (values * weights)[known].mean()) if known.any() else (0.0, 0.0)
        found[name] = [float(known.sum()), *map(float, means)]
    return found


def assert_golden(file: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Compare tables with what is kept of them."""
    found = {name: figures(table) for name, table in tables.items()}
    if os.environ.get(RENEW):
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert found.keys() == kept.keys()
    for table, columns in found.items():
        assert columns.keys() == kept[table].keys()
        for name, (count, size, mean) in columns.items():
            of = f"{table}.{name}; {RENEW}=1 renews {file.name}"
            assert [count, size] == pytest.approx(kept[table][name][:2], rel=TOLERANCE, abs=1e-12), of
            assert mean == pytest.approx(kept[table][name][2], rel=0.0, abs=TOLERANCE * size + 1e-12), of
