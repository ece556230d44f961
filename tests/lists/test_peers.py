"""Peers: of the issuer first, then of rating and sector, then of the rating alone, nearest in maturity."""

from datetime import date
from typing import Any

import polars as pl

from richcheap.lists.peers import MOST, peer_table


def bonds(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return bonds by name, years, issuer, bucket, sector and currency."""
    table = pl.DataFrame(
        [(*row, "USD")[:6] for row in rows],
        schema={"bond_id": str, "years": int, "issuer": str, "rating_bucket": str, "sector": str, "currency": str},
        orient="row",
    )
    start = pl.lit(date(2026, 1, 1))
    return table.with_columns(maturity_date=start + pl.duration(days=365 * pl.col("years")))


def peers_of(name: str, table: pl.DataFrame) -> list[str]:
    return peer_table(table).filter(bond_id=name).sort("rank")["peer_id"].to_list()


def test_the_issuers_own_come_before_nearer_ones() -> None:
    table = bonds(
        ("A", 5, "x", "BBB", "Energy"),
        ("far", 30, "x", "A", "Retail"),
        ("near", 5, "y", "BBB", "Energy"),
        ("other sector", 5, "z", "BBB", "Retail"),
        ("other rating", 5, "z", "BB", "Energy"),
        ("other currency", 5, "x", "BBB", "Energy", "EUR"),
    )
    assert peers_of("A", table) == ["far", "near", "other sector"]


def test_the_nearest_in_maturity_are_taken_on_either_side() -> None:
    table = bonds(*((f"B{years:02d}", years, "x", "A", "Energy") for years in range(1, 30)))
    assert peers_of("B10", table) == ["B09", "B11", "B08", "B12", "B07", "B13", "B06", "B14"]
    assert peers_of("B01", table) == [f"B{years:02d}" for years in range(2, 2 + MOST)]


def test_what_is_not_known_is_not_shared_but_for_the_sector() -> None:
    table = bonds(("A", 5, None, "A", None), ("B", 6, None, "A", None), ("C", 7, None, "BB", None))
    assert peers_of("A", table) == ["B"]
    assert peers_of("C", table) == []


def test_the_sequence_of_bonds_does_not_matter() -> None:
    table = bonds(*((f"B{k:02d}", k % 5, f"i{k % 4}", "AB"[k % 2], None) for k in range(40)))
    assert peer_table(table).equals(peer_table(table[::-1]))


def test_peers_are_others_and_each_once() -> None:
    table = bonds(*((f"B{k:02d}", k % 5, f"i{k % 9}", "AB"[k % 2], None) for k in range(40)))
    found = peer_table(table)
    assert (found["bond_id"] != found["peer_id"]).all()
    assert found.select("bond_id", "peer_id").is_duplicated().sum() == 0
    assert found["rank"].max() == MOST
