"""What the page holds of the list: its bonds, and what is shown when one of them is opened."""

from itertools import pairwise
from typing import Any, NamedTuple

import polars as pl

from richcheap.reporting.layout.embedding import columns_of, packed
from richcheap.reporting.trader.shown import DOUBTS, with_shown

HISTORY_PRINTS = 120
"""The latest prints of a bond that are drawn."""
ROWS_A_PART = 20_000
"""History is put in by parts of about so many rows: opening a bond unpacks one."""
NOT_SHOWN = ("line", "as_of", "champion", "information_until")
"""Columns that are the same on every line, or count lines."""

CURVE_COLUMNS = ("date", "currency", "source", "tenor_years", "zero_rate", "zero_rate_at_close")
"""What is read of the curves."""


class Lists(NamedTuple):
    """Content of the folder lists/, and the reference curves.

    Attributes
    ----------
    bonds, peers, cash_flows, history : DataFrame
        Content of the file of that name.
    curves : DataFrame
        `CURVE_COLUMNS` of all dates.
    """

    bonds: pl.DataFrame
    peers: pl.DataFrame
    cash_flows: pl.DataFrame
    history: pl.DataFrame
    curves: pl.DataFrame


def embedded(lists: Lists) -> dict[str, str]:
    """Return what stands in the page, packed, by its name: the list, what belongs to each bond, parts of history.

    Rows of ``peers``, ``cash_flows`` and ``history`` stand in the order of the bonds; ``starts`` says where each
    bond's begin, and ends with their number.
    """
    bonds = with_shown(lists.bonds.sort("bond_id"))
    known = bonds["bond_id"]
    peers = _by_bond(lists.peers.filter(pl.col("peer_id").is_in(known.implode())), known, "rank")
    places = {bond: place for place, bond in enumerate(known)}
    numbered = peers.with_columns(peer=pl.col("peer_id").replace_strict(places, default=None, return_dtype=pl.Int32))
    history = _by_bond(lists.history, known, "date")
    latest = history.group_by("bond_id", maintain_order=True).tail(HISTORY_PRINTS)
    parts = _parts(latest, known)
    content: dict[str, Any] = {
        "list": {
            "as_of": columns_of(bonds.select("as_of").head(1)),
            "bonds": columns_of(bonds.drop(NOT_SHOWN, strict=False)),
            "doubts": [
                {
                    "name": doubt.name,
                    "words": doubt.words,
                    "rows": bonds.select(doubt.found.arg_true()).to_series().to_list(),
                }
                for doubt in DOUBTS
            ],
            "history_parts": [first for first, _ in parts],
            "history_prints": HISTORY_PRINTS,
        },
        "details": {
            "peers": _grouped(numbered.select("bond_id", "peer"), known),
            "cash_flows": _grouped(_by_bond(lists.cash_flows, known, "date"), known),
        },
        **{f"history-{number}": _grouped(rows, known) for number, (_, rows) in enumerate(parts)},
    }
    return {name: packed(value) for name, value in content.items()}


def _by_bond(rows: pl.DataFrame, known: pl.Series, then: str) -> pl.DataFrame:
    return rows.filter(pl.col("bond_id").is_in(known.implode())).sort("bond_id", then)


def _grouped(rows: pl.DataFrame, known: pl.Series) -> dict[str, Any]:
    """Return rows sorted by bond without naming it on each; bonds without rows have none between their starts."""
    starts = rows["bond_id"].search_sorted(known) if rows.height else pl.Series([0] * len(known))
    return {"starts": [*starts.to_list(), rows.height], **columns_of(rows.drop("bond_id"))}


def _parts(rows: pl.DataFrame, known: pl.Series) -> list[tuple[int, pl.DataFrame]]:
    """Return rows in parts of whole bonds, each with the place of its first bond in the list."""
    counts = known.to_frame().join(rows.group_by("bond_id").len(), on="bond_id", how="left", maintain_order="left")
    before = counts["len"].fill_null(0).cum_sum() - counts["len"].fill_null(0)
    part = before // ROWS_A_PART
    firsts = part.to_frame("part").with_row_index("first").group_by("part").agg(pl.col("first").min()).sort("part")
    places = [*firsts["first"].to_list(), len(known)]
    return [
        (first, rows.filter(pl.col("bond_id").is_in(known[first:stop].implode()))) for first, stop in pairwise(places)
    ]
