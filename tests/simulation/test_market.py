"""The whole market is plausible against published figures. docs/simulation.md names them."""

import numpy as np
import polars as pl
import pytest

from richcheap.simulation.constants import RATINGS, REGIMES, TREASURY
from richcheap.simulation.market import WIDEST_SPREAD_BP, simulate, simulate_runs
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.tables import bond_table, observations, truth
from tests.simulation.settings import SMALL, default_market, resized, small_market

MARKET = default_market()
SPREAD = MARKET.spreads.total
LETTER = NOTCH_LETTER[MARKET.notch]
CORPORATE = MARKET.universe.kind[MARKET.bond] != TREASURY
PLAIN = CORPORATE & ~MARKET.universe.convertible[MARKET.bond]
REGIME = MARKET.regimes[MARKET.day]


def in_regime(name: str) -> np.ndarray:
    return np.equal(REGIME, REGIMES.index(name))


def test_spreads_by_rating_are_in_the_historical_order_and_size() -> None:
    calm = PLAIN & (in_regime("normal") | in_regime("low_volatility") | in_regime("bull"))
    median = [float(np.median(SPREAD[calm & (letter == LETTER)])) for letter in range(len(RATINGS))]
    assert median == sorted(median)
    for letter, low, high in zip(
        RATINGS, (35, 45, 70, 110, 200, 350, 700), (100, 130, 190, 290, 550, 850, 2_000), strict=True
    ):
        assert low < median[RATINGS.index(letter)] < high, letter


def test_spreads_are_wider_in_a_crisis() -> None:
    assert in_regime("crisis").sum() > 1_000
    for letter in range(len(RATINGS)):
        mine = PLAIN & (letter == LETTER)
        crisis, normal = np.median(SPREAD[mine & in_regime("crisis")]), np.median(SPREAD[mine & in_regime("normal")])
        assert crisis > 1.4 * normal, RATINGS[letter]


def test_prints_are_noisier_in_a_crisis_and_where_trading_is_rare() -> None:
    noise_bp = MARKET.prints.noise / MARKET.mids.dv01
    investment_grade = CORPORATE & (RATINGS.index("BBB") >= LETTER)
    assert np.median(noise_bp[investment_grade & in_regime("crisis")]) > 1.5 * np.median(
        noise_bp[investment_grade & in_regime("normal")]
    )
    count = np.bincount(MARKET.bond)[MARKET.bond]
    low, high = np.quantile(count[CORPORATE], [0.2, 0.8])
    assert np.median(noise_bp[CORPORATE & (count < low)]) > 1.5 * np.median(noise_bp[CORPORATE & (count > high)])


def test_buys_are_above_mid_and_sells_below() -> None:
    offset = MARKET.prints.clean - MARKET.mids.clean
    assert np.mean(offset[MARKET.prints.side == 0] > 0.0) > 0.95
    assert np.mean(offset[MARKET.prints.side == 1] < 0.0) > 0.95
    assert abs(np.mean(offset[MARKET.prints.side == 2] > 0.0) - 0.5) < 0.03


def test_residuals_of_one_bond_are_autocorrelated_across_its_prints() -> None:
    residual = MARKET.spreads.bond
    order = np.lexsort((MARKET.day, MARKET.bond))
    bond, day, x = MARKET.bond[order], MARKET.day[order], residual[order] / 10.0
    next_day = (bond[1:] == bond[:-1]) & (day[1:] == day[:-1] + 1)
    assert next_day.sum() > 1_000
    assert np.corrcoef(x[1:][next_day], x[:-1][next_day])[0, 1] > 0.85


def test_the_parts_add_up_to_the_spread_and_a_distressed_spread_is_bounded() -> None:
    parts = MARKET.spreads.rating + MARKET.spreads.option + MARKET.spreads.issuer + MARKET.spreads.bond
    assert np.all(parts >= SPREAD)
    assert SPREAD.max() <= WIDEST_SPREAD_BP
    assert np.mean(parts > SPREAD) < 0.02
    treasuries = ~CORPORATE
    assert np.all(SPREAD[treasuries] == MARKET.spreads.bond[treasuries])


def test_prices_are_plausible() -> None:
    clean = MARKET.prints.clean
    assert clean.min() > 1.0
    assert clean.max() < 250.0
    assert 90.0 < np.median(clean) < 110.0


def test_ratings_change_during_the_window() -> None:
    notch = MARKET.market.ratings.notch
    a_year = np.sum(np.diff(notch, axis=0) != 0) / notch.shape[1] * 252.0 / notch.shape[0]
    assert 0.1 < a_year < 0.6


def test_another_seed_is_another_market_and_the_same_seed_the_same() -> None:
    again, other = simulate(resized(**SMALL), 5), simulate(resized(**SMALL), 6)
    assert np.array_equal(again.prints.clean, small_market().prints.clean)
    assert not np.array_equal(other.prints.clean, again.prints.clean)


def test_more_observations_leave_the_curve_and_the_spreads_as_they_are() -> None:
    more = simulate(resized(**{**SMALL, "observations_per_period": 40}), 5)
    assert np.array_equal(more.market.curve.rates, small_market().market.curve.rates)
    assert np.array_equal(more.market.credit.log_multiple, small_market().market.credit.log_multiple)


@pytest.mark.parametrize("rows", [1, 500, 1_000_000])
def test_runs_of_days_hold_at_most_the_asked_rows_and_together_are_the_whole_market(rows: int) -> None:
    runs = list(simulate_runs(resized(**SMALL), 5, rows))
    whole, daily = small_market(), SMALL["observations_per_period"]
    assert max(run.day.size for run in runs) <= max(rows, daily)
    assert len(runs) == -(-SMALL["periods"] // max(rows // daily, 1))
    bonds = bond_table(whole.issuers, whole.universe)
    for table in (observations, truth):
        assert pl.concat([table(run, bonds) for run in runs]).equals(table(whole, bonds))


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_markets_work(seed: int) -> None:
    tiny = resized(bonds=20, issuers=14, periods=60, observations_per_period=10, min_observations=5)
    market = simulate(tiny, seed)
    assert np.all(np.bincount(market.day) == 10)
    assert np.all(np.isfinite(market.prints.clean))
