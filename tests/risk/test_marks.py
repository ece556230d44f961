"""Marks of bonds, priced or not."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from richcheap.panel.ratings import BUCKETS
from richcheap.risk.marks import MarkToMarket
from tests.risk.books import market, market_of, marks_of
from tests.surface.markets import small_market, with_prices


def day_of(found, position):
    return found.curves.dates[position]


def test_a_bond_that_prints_is_marked_at_its_price():
    found = market()
    for marks in marks_of(found, clip=1000.0):
        price = dict(zip(found.prints.bonds.gather(marks.bond.tolist()), marks.price.tolist(), strict=True))
        today = found.valuation.prints.filter(pl.col("date") == day_of(found, marks.position))
        for bond, dirty in today.select("bond_id", "dirty_price").iter_rows():
            assert price[bond] == pytest.approx(dirty, abs=1e-7)


def test_every_bond_that_has_printed_has_a_mark_on_every_later_date():
    found = market()
    for marks in marks_of(found):
        so_far = found.prints.rows.filter(pl.col("date") <= day_of(found, marks.position))["bond_id"].unique().sort()
        assert found.prints.bonds.gather(marks.bond.tolist()).to_list() == so_far.to_list()


def test_a_bond_without_a_print_moves_with_the_market():
    """Between two prints of a bond its yield is moved by the moves of the market, and by nothing else."""
    found = market()
    marks = marks_of(found)
    tracker = MarkToMarket(found.prints, found.curves, found.history.moves, 8.0)
    list(tracker)
    for before, after in pairwise(marks[5:]):
        idiosyncratic = tracker.idiosyncratic_changes(after.position, after.position + 1).toarray()[0]
        silent = np.intersect1d(before.bond[idiosyncratic[before.bond] == 0.0], after.bond)
        then, now = np.searchsorted(before.bond, silent), np.searchsorted(after.bond, silent)
        nodes = found.curves.nodes_years.size
        moves = found.history.moves[after.position].copy()
        moves[:nodes] -= 1e4 * (after.rates - before.rates)
        change = 1e4 * (after.spread[now] - before.spread[then])
        np.testing.assert_allclose(change, after.loadings[now] @ moves, atol=1e-8)


def test_prices_after_a_date_move_no_mark_up_to_it():
    bonds = small_market()
    cut = bonds["date"].unique().sort()[14]
    clean = bonds["clean_price"].to_numpy().copy()
    clean[(bonds["date"] > cut).to_numpy()] += 3.0
    marks, moved = marks_of(market()), marks_of(market_of(with_prices(bonds, clean)))
    for one, other in zip(marks[:15], moved[:15], strict=True):
        np.testing.assert_array_equal(one.price, other.price)
        np.testing.assert_array_equal(one.spread, other.spread)
    assert not np.array_equal(marks[15].price, moved[15].price)


def test_one_wrong_price_moves_a_mark_by_no_more_than_the_clip():
    bonds = small_market()
    row = int(np.flatnonzero((bonds["date"] == bonds["date"].unique().sort()[16]).to_numpy())[3])
    clean = bonds["clean_price"].to_numpy().copy()
    clean[row] *= 0.3
    found = market_of(with_prices(bonds, clean))
    tracker = MarkToMarket(found.prints, found.curves, found.history.moves, 4.0)
    list(tracker)
    bond = found.prints.bonds.search_sorted(bonds["bond_id"][row])
    noise = found.prints.rows.filter(
        (pl.col("bond_id") == bonds["bond_id"][row]) & (pl.col("date") == bonds["date"][row])
    )["noise_bp"][0]
    assert tracker.idiosyncratic_changes(16, 17).toarray()[0, bond] == pytest.approx(4.0 * noise)


def test_a_matured_bond_has_no_mark():
    bonds = small_market()
    days = bonds["date"].unique().sort()
    short = bonds.with_columns(
        maturity_date=pl.when(pl.col("bond_id") == "B003").then(pl.lit(days[12])).otherwise("maturity_date")
    ).filter((pl.col("bond_id") != "B003") | (pl.col("date") < days[10]))
    clean = np.where((short["bond_id"] == "B003").to_numpy(), 100.0, short["clean_price"].to_numpy())
    found = market_of(with_prices(short, clean))
    place = found.prints.bonds.search_sorted("B003")
    held = [place in marks.bond.tolist() for marks in marks_of(found)]
    assert held[9]
    assert not any(held[13:])


def test_own_changes_are_kept_date_by_date():
    found = market()
    tracker = MarkToMarket(found.prints, found.curves, found.history.moves, 8.0)
    list(tracker)
    whole = tracker.idiosyncratic_changes(0, 24).toarray()
    np.testing.assert_array_equal(tracker.idiosyncratic_changes(5, 11).toarray(), whole[5:11])
    printed = np.zeros(whole.shape, dtype=bool)
    printed[found.prints.position, found.prints.bond] = True
    assert not whole[~printed].any()
    assert tracker.idiosyncratic_changes(0, 1).nnz == 0  # a first print corrects nothing


def test_loadings_hold_the_curve_and_one_rating_bucket():
    found = market()
    marks = marks_of(found)[-1]
    nodes = found.curves.nodes_years.size
    np.testing.assert_allclose(marks.loadings[:, :nodes].sum(axis=1), 1.0, rtol=1e-9)
    np.testing.assert_array_equal(marks.loadings[:, nodes:], np.eye(len(BUCKETS))[marks.bucket])
