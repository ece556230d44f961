"""A portfolio and predictions under stress."""

import numpy as np
import polars as pl
import pytest

from richcheap.panel.ratings import BUCKETS
from richcheap.risk.portfolio_history import portfolio_table
from richcheap.risk.shocks import BondsOnCurves
from richcheap.risk.stress import latest_rows, predictors, stress_portfolio, stress_predictions
from tests.risk.books import held, market
from tests.risk.test_shocks import MULTIPLES, scenario


def portfolio() -> tuple[pl.DataFrame, BondsOnCurves]:
    position, window = held()
    table = portfolio_table(position, window, market().prints, market().curves)
    return table, BondsOnCurves.of(table, market().valuation.curves)


def predicted(error=0.4, arm=0.5) -> tuple[pl.DataFrame, BondsOnCurves]:
    """Return the latest rows with a predictor that is off by a known error, in turn above and below."""
    rows = latest_rows(market().valuation.prints)
    sign = np.where(np.arange(rows.height) % 2 == 0, 1.0, -1.0)
    size = np.linspace(0.1, 2.0 * error, rows.height)
    price = rows["clean_price"].to_numpy() + sign * size
    rows = rows.with_columns(pl.Series("m", price), pl.Series("m_low", price - arm), pl.Series("m_high", price + arm))
    return rows, BondsOnCurves.of(rows, market().valuation.curves)


def test_no_shock_no_loss():
    found = stress_portfolio(*portfolio(), scenario())
    assert (found["pnl"], found["duration_convexity"], found["liquidity_cost"]) == pytest.approx((0.0, 0.0, 0.0))


@pytest.mark.parametrize("curve_bp", [200.0, -200.0])
def test_duration_and_convexity_come_near_to_the_cash_flows(curve_bp):
    found = stress_portfolio(*portfolio(), scenario(curve_bp=curve_bp))
    assert np.sign(found["pnl"]) == -np.sign(curve_bp)
    assert found["duration_convexity"] == pytest.approx(found["pnl"], rel=0.05)
    # The third order of a price in its yield is negative: to second order losses and gains are both too small.
    assert found["duration_convexity"] != found["pnl"]
    assert found["largest_error"] > abs(found["duration_convexity"] - found["pnl"])


def test_ratings_and_callable_bonds_add_up():
    table, bonds = portfolio()
    found = stress_portfolio(table, bonds, scenario(curve_bp=100.0))
    assert sum(entry["pnl"] for entry in found["ratings"]) == pytest.approx(found["pnl"])
    assert sum(entry["bonds"] for entry in found["ratings"]) == table.height
    places = [BUCKETS.index(entry["rating"]) for entry in found["ratings"]]
    assert places == sorted(places)
    assert len(places) > 2
    assert found["pnl"] < found["callable_pnl"] < 0.0
    assert found["worst_bonds"][0]["pnl"] == min(entry["pnl"] for entry in found["worst_bonds"])


def test_points_are_those_of_a_hundred_of_face():
    table, bonds = portfolio()
    found = stress_portfolio(table, bonds, scenario(curve_bp=100.0))
    face = table["weight"] / table["dirty_price"]
    change = bonds.shifted(100.0).prices(table["spread"].to_numpy()[:, None])[:, 0] - table["dirty_price"].to_numpy()
    assert found["pnl_points"] == pytest.approx(float((face.to_numpy() * change).sum() / face.sum()))


def test_governments_lose_nothing_when_spreads_widen():
    found = stress_portfolio(*portfolio(), scenario(spread_bp=100.0))
    by_rating = {entry["rating"]: entry["pnl"] for entry in found["ratings"]}
    assert by_rating.pop("GOV") == 0.0
    assert all(loss < 0.0 for loss in by_rating.values())


def test_selling_in_a_crisis_costs_as_much_more_as_noise_has_grown():
    table, bonds = portfolio()
    found = stress_portfolio(table, bonds, scenario(liquidity_multiple=5.0))
    noise, duration = table["noise_bp"].to_numpy() / 1e4, table["duration"].to_numpy()
    expected = 4.0 * float((table["weight"].to_numpy() * noise * duration).sum())
    assert found["liquidity_cost"] == pytest.approx(expected)
    assert found["pnl"] == pytest.approx(0.0)


def test_no_shock_flips_no_signal():
    rows, bonds = predicted()
    found = stress_predictions(rows, ["m"], bonds, scenario())["m"]
    assert (found["flips"], found["spearman"]) == (0, pytest.approx(1.0))
    assert found["mean_change"] == pytest.approx(0.0, abs=1e-9)
    assert found["signals_before"] == int((np.linspace(0.1, 0.8, rows.height) > 0.5).sum()) > 0


def test_predicted_prices_are_repriced_from_their_cash_flows():
    rows, bonds = predicted()
    found = stress_predictions(rows, ["m"], bonds, scenario(curve_bp=150.0))["m"]
    dirty = rows["m"].to_numpy() + rows["accrued_interest"].to_numpy()
    after = bonds.shifted(150.0).prices(bonds.spreads(dirty)[:, None])[:, 0]
    assert found["mean_change"] == pytest.approx((after - dirty).mean())


def test_wide_intervals_leave_no_signal():
    rows, bonds = predicted()
    found = stress_predictions(rows, ["m"], bonds, scenario(liquidity_multiple=50.0))["m"]
    assert found["signals_after"] == 0
    assert found["flips"] == found["lost"] == found["signals_before"]


def test_multiples_make_signals_of_credit_larger():
    rows, bonds = predicted()
    found = stress_predictions(rows, ["m"], bonds, scenario(spread_multiples=MULTIPLES))["m"]
    assert found["new"] > 0
    assert found["signals_after"] == found["signals_before"] + found["new"] - found["lost"]


def test_an_interval_of_no_width_is_left_out():
    rows, bonds = predicted(arm=0.0)
    found = stress_predictions(rows, ["m"], bonds, scenario())["m"]
    assert found["bonds"] == 0
    assert np.isnan(found["spearman"])


def test_predictors_have_a_price_and_both_ends():
    frame = pl.DataFrame({name: [1.0] for name in ("a", "a_low", "a_high", "b", "c_low", "c_high", "d", "d_low")})
    assert predictors(frame) == ["a"]


def test_the_latest_row_of_each_bond_is_kept():
    frame = pl.DataFrame({"bond_id": ["x", "y", "x"], "date": [1, 1, 2]})
    assert latest_rows(frame).rows() == [("y", 1), ("x", 2)]
