"""A portfolio carried through time."""

import numpy as np
import polars as pl
import pytest

from richcheap.features.repricing import Repricer
from richcheap.risk.backtesting.backtest import WORST_BONDS
from richcheap.risk.methods import METHODS
from richcheap.risk.portfolio_history import describe_portfolio, portfolio_table
from tests.risk.books import TESTED, equal_position, held, market, market_of, marks_of, portfolio_backtest
from tests.surface.markets import small_market, with_prices


def figures(tested):
    return [
        (entry.day, [entry.forecasts[method].tail(level) for method in METHODS for level in (0.9, 0.99)])
        for entry in tested
    ]


def test_every_tested_date_is_forecast():
    tested, last = portfolio_backtest(market()).backtest(TESTED)
    assert [entry.day for entry in tested] == market().curves.dates.to_list()[19:24]
    assert last.window is not None
    assert len(last.window.moves) == 23


def test_a_forecast_knows_nothing_of_its_own_date_or_later():
    bonds = small_market()
    cut = bonds["date"].unique().sort()[21]
    clean = bonds["clean_price"].to_numpy().copy()
    clean[(bonds["date"] >= cut).to_numpy()] += 2.0
    before, _ = portfolio_backtest(market()).backtest(TESTED)
    after, _ = portfolio_backtest(market_of(with_prices(bonds, clean))).backtest(TESTED)
    assert figures(before)[:3] == figures(after)[:3]
    assert figures(before)[3:] != figures(after)[3:]
    assert [entry.pnl for entry in before[:2]] == [entry.pnl for entry in after[:2]]
    assert before[2].pnl != after[2].pnl


def test_dates_without_past_enough_are_not_forecast():
    tested, last = portfolio_backtest(market(), min_dates=20).backtest(TESTED)
    assert [entry.day for entry in tested] == market().curves.dates.to_list()[21:24]
    assert last.window is not None
    tested, last = portfolio_backtest(market(), min_dates=30).backtest(TESTED)
    assert (tested, last.window) == ([], None)
    assert last.position is not None


def test_a_window_forgets_the_dates_before_it():
    _, last = portfolio_backtest(market(), window_dates=20, min_dates=10).backtest(TESTED)
    assert last.window is not None
    np.testing.assert_array_equal(last.window.moves, market().history.moves[4:24])
    assert last.window.idiosyncratic.shape == (20, last.window.idiosyncratic.shape[1])


def test_the_profit_is_what_the_marks_gain_without_the_passing_of_a_day():
    tested, _ = portfolio_backtest(market()).backtest(TESTED)
    marks = marks_of(market())
    gained = []
    for position in TESTED:
        before, after = marks[position - 1], marks[position]
        both = np.intersect1d(before.bond, after.bond)
        ratio = after.price[np.searchsorted(after.bond, both)] / before.price[np.searchsorted(before.bond, both)]
        gained.append((ratio - 1.0).mean())
    # A day's carry is about 1.5 bp, more over a weekend.
    np.testing.assert_allclose([entry.pnl for entry in tested], gained, atol=8e-4)


def test_factors_and_remainder_are_the_moves():
    history = market().history
    np.testing.assert_allclose(history.scores @ history.loadings.T + history.remainder, history.moves, atol=1e-10)


def test_the_same_seed_gives_the_same_bits_with_any_number_of_threads():
    from richcheap.risk.portfolio_history import PortfolioBacktest
    from tests.risk.books import params

    found = market()
    runs = [
        PortfolioBacktest(found.prints, found.curves, found.history, None, params(), 7, threads).backtest(TESTED)[0]
        for threads in (1, 2)
    ]
    assert figures(runs[0]) == figures(runs[1])


def test_the_table_reprices_to_its_prices():
    position, window = held()
    table = portfolio_table(position, window, market().prints, market().curves)
    rows = table.with_columns(accrued_interest=pl.lit(0.0))
    dirty = Repricer.from_frame(market().valuation.curves).clean_price(rows, table["spread"].to_numpy())
    np.testing.assert_allclose(dirty, table["dirty_price"].to_numpy(), atol=1e-10)
    assert table["weight"].sum() == pytest.approx(1.0)
    assert (table["own_std_bp"] > 0.0).all()


def test_the_description_counts_callable_bonds():
    position = equal_position(market())
    table = portfolio_table(position, None, market().prints, market().curves)
    said = describe_portfolio(position, table)
    assert said["bonds"] == table.height
    assert said["callable_bonds"] == int(table["callable"].sum()) > 0
    assert said["callable_weight"] == pytest.approx(said["callable_bonds"] / said["bonds"])
    assert table["own_std_bp"].null_count() == table.height


def test_a_market_without_governments_has_its_risk_in_spreads():
    """The curve stays flat: nothing says how it moves, and the rating buckets take it all."""
    found = market_of(small_market().with_columns(bond_type=pl.lit("corporate"), credit_rating=pl.lit("BBB")))
    nodes = found.curves.nodes_years.size
    assert not found.history.moves[:, :nodes].any()
    tested, last = portfolio_backtest(found).backtest(TESTED)
    assert len(tested) == len(TESTED)
    assert last.window is not None
    assert all(entry.forecasts[method].tail(0.99).var > 0.0 for entry in tested for method in METHODS)


def test_only_bonds_of_the_models_currency_are_held():
    found = market_of(small_market(currencies=2))
    position = equal_position(found)
    names = found.prints.bonds.gather(position.marks.bond.tolist()).to_list()
    assert names == [f"B{number:03d}" for number in range(0, 24, 2)]


def test_the_worst_bonds_of_a_day_are_named_with_what_they_did():
    tested, _ = portfolio_backtest(market()).backtest(TESTED)
    for entry in tested:
        profits = [bond.pnl for bond in entry.worst]
        assert profits == sorted(profits)
        assert len(entry.worst) == min(WORST_BONDS, len({bond.bond_id for bond in entry.worst}))
        assert all(bond.pnl == pytest.approx(bond.weight * bond.change) for bond in entry.worst)
        others = round(1.0 / entry.worst[0].weight) - len(profits)
        assert entry.pnl - sum(profits) >= others * profits[-1]  # no other bond did worse
        assert {bond.bond_id for bond in entry.worst} <= set(small_market()["bond_id"])
