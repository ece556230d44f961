"""Who trades: one pass over the market, in any pieces."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from richcheap.panel.universe import UNIVERSE_COLUMNS, Universe, build_universe
from tests.surface.markets import small_market


def pieces(frame: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    return frame.select(UNIVERSE_COLUMNS).iter_slices(rows)


def same(one: Universe, other: Universe) -> bool:
    peer_groups = all(np.array_equal(a, b) for a, b in zip(one.peer_groups, other.peer_groups, strict=True))
    arrays = all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("maturity", "prints", "days"))
    return peer_groups and arrays and one.bonds.equals(other.bonds) and one.issuers.equals(other.issuers)


def test_pieces_of_any_size_give_the_same_roster() -> None:
    market = small_market(currencies=2)
    whole = build_universe(pieces(market, market.height))
    assert list(whole) == ["EUR", "USD"]
    for rows in (1, 7, 100):
        parts = build_universe(pieces(market, rows))
        assert all(same(parts[currency], whole[currency]) for currency in whole)


def test_prints_and_dates_are_counted() -> None:
    market = small_market()
    universe = build_universe(pieces(market, 50))["USD"]
    assert universe.bonds.to_list() == sorted(market["bond_id"].unique())
    assert universe.prints.sum() == market.height
    assert universe.days.size == market["date"].n_unique()


def test_a_bond_that_changes_its_rating_is_in_both_circles() -> None:
    market = small_market().with_columns(
        credit_rating=pl.when((pl.col("bond_id") == "B004") & (pl.col("date").dt.day() > 15))
        .then(pl.lit("B"))
        .otherwise("credit_rating")
    )
    peer_groups = build_universe(pieces(market, 40))["USD"].peer_groups
    assert (peer_groups.rating_members == 4).sum() == 2
    assert (peer_groups.all_members == 4).sum() == 1


def test_rows_without_figures_do_not_count() -> None:
    market = small_market().with_columns(status=pl.lit("matured"))
    assert build_universe(pieces(market, 50)) == {}
