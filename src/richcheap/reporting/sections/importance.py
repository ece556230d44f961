"""What a model owes to each group of features: a table.

An *importance* is what `richcheap.evaluation.importance.importance` returns, as JSON.
"""

from collections.abc import Mapping
from typing import Any

from richcheap.reporting.layout.formats import number, percent
from richcheap.reporting.layout.tables import Cell, Column, Table, row


def importance_table(importance: Mapping[str, Any]) -> Table:
    """Return the groups of features, the most important first; one that stands out of its own noise is marked."""
    columns = [
        Column("Group", numeric=False),
        Column("MAE increase", "points"),
        Column("Standard deviation", f"points, over {importance['repeats']} permutations"),
        Column("MAE increase", "%"),
        Column("Features", numeric=False),
    ]
    rows = [
        row(
            group["group"],
            Cell(number(group["importance"], 4), "good" if group["importance"] > 2.0 * group["std"] else ""),
            number(group["std"], 4),
            percent(group["relative"]),
            Cell(", ".join(group["features"]), "code"),
        )
        for group in importance["groups"]
    ]
    return Table("Permutation importance", columns, rows)
