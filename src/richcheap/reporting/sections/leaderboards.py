"""What each model's training found, and what the best one owes to each group of features: tables.

A *finding* is the content of models/NAME/findings.json: `findings()` of the model. An *importance* is what
`richcheap.evaluation.importance.importance` returns, as JSON.
"""

from collections.abc import Mapping
from typing import Any

from richcheap.reporting.layout.formats import NOTHING, count, number, percent, plural
from richcheap.reporting.layout.tables import Cell, Column, Table, row

SHOWN = 20
"""Trials of a leaderboard that are shown, besides those that the prediction is made of."""
TITLES = {
    "rank": Column("Rank"),
    "trial": Column("Trial"),
    "family": Column("Family", numeric=False),
    "features": Column("Features", numeric=False),
    "space": Column("Target space", numeric=False),
    "folds": Column("Folds"),
    "loss": Column("Error", "% of the base spread's, mean over its folds"),
    "share": Column("Weight", "% of its correction"),
    "settings": Column("Settings", numeric=False),
}

Finding = Mapping[str, Any]


def training_section(findings: Mapping[str, Finding]) -> dict[str, Any]:
    """Return what the page shows of training."""
    return {"multipliers": multipliers_table(findings), "leaderboards": leaderboards(findings)}


def multipliers_table(findings: Mapping[str, Finding]) -> Table:
    """Return how much of each model's correction of its base price is applied."""
    columns = [
        Column("Model", numeric=False),
        Column("Correction applied", "%"),
        Column("Correction applied", "%, bonds without history"),
        Column("Tried", numeric=False),
    ]
    rows = [
        row(
            Cell(name, "code"),
            percent(found["multiplier"], 0),
            percent(found.get("cold_start_multiplier"), 0),
            plural(len(_trials(found)), "candidate") if _trials(found) else NOTHING,
        )
        for name, found in findings.items()
    ]
    return Table("Models as trained", columns, rows)


def leaderboards(findings: Mapping[str, Finding]) -> dict[str, Table]:
    """Return by its heading the leaderboard of each model that has one, with the columns that it knows."""
    there = {name: found for name, found in findings.items() if found["leaderboard"]}
    return {_heading(name, found): _leaderboard(name, found) for name, found in there.items()}


def _heading(name: str, found: Finding) -> str:
    """Return what stands above a leaderboard: its model, and what is left out."""
    shown, tried = len(_shown(found)), len(found["leaderboard"])
    return name if shown == tried else f"{name}: the best {SHOWN} of {tried} and all with a weight"


def _leaderboard(name: str, found: Finding) -> Table:
    """Return the leaderboard; what the prediction is made of is set apart."""
    known = [title for title in TITLES if title in found["leaderboard"][0]]
    folds = len(found["leaderboard"][0].get("mae", ()))
    columns = [column for title in known for column in [TITLES[title], *(_folds(folds) if title == "loss" else ())]]
    rows = []
    for entry in _shown(found):
        cells: list[str | Cell] = []
        for title in known:
            cells.append(_text(title, entry[title]))
            if title == "loss":
                cells += [number(mae, 4) for mae in entry.get("mae", ())]
        rows.append(row(*cells, strong=entry["share"] > 0.0))
    return Table(f"Leaderboard of {name}", columns, rows)


def _folds(folds: int) -> list[Column]:
    """Return a column for each fold, the latest first as the search tried them."""
    return [Column(f"MAE, fold {fold + 1}", "points") for fold in range(folds)]


def _text(title: str, value: Any) -> str | Cell:
    if title in {"loss", "share"}:
        return percent(value)
    if isinstance(value, int):
        return count(value)
    return Cell(value, "wrap" if title == "settings" else "code")


def _shown(found: Finding) -> list[Mapping[str, Any]]:
    return [entry for place, entry in enumerate(found["leaderboard"]) if place < SHOWN or entry["share"] > 0.0]


def _trials(found: Finding) -> list[Mapping[str, Any]]:
    return [entry for entry in found["leaderboard"] if "trial" in entry]


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
