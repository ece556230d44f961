"""What prints say of the states: statistical linearisation."""

import numpy as np
import pytest

from richcheap.oracle.measurement import MeasurementModel, clipped_moments, information
from richcheap.oracle.state_space import CURVE, process
from tests.simulation.settings import SMALL, resized, small_market

NORMAL = (np.array([0]), np.ones(1))
"""The regime that it may be in, and its chance."""


def test_a_clipped_spread_has_the_moments_of_many_draws() -> None:
    drawn = 2_900.0 + 150.0 * np.random.default_rng(3).standard_normal(1_000_000)
    least = np.minimum(drawn, 3_000.0)
    mean, slope, variance = (
        float(figure[0]) for figure in clipped_moments(np.array([2_900.0]), np.array([150.0]), np.array([3_000.0]))
    )
    assert mean == pytest.approx(least.mean(), abs=0.5)
    assert slope == pytest.approx(np.cov(drawn, least)[0, 1] / drawn.var(), abs=0.005)
    assert variance == pytest.approx(least.var() - slope**2 * drawn.var(), rel=0.02)


def test_a_spread_that_is_known_is_clipped_without_noise() -> None:
    expected = [(10.0, 1.0, 0.0), (50.0, 0.0, 0.0)]
    assert list(zip(*clipped_moments(np.array([10.0, 90.0]), np.zeros(2), np.full(2, 50.0)), strict=True)) == expected


def test_prints_on_the_true_states_are_off_by_their_noise_alone() -> None:
    params, market = resized(**SMALL), small_market()
    seen = information(params, market)._replace(clean=market.mids.clean, half_spread=np.zeros(market.day.size))
    moves = process(params, market.universe.kind.size)
    day = 30
    factors = market.market.curve.factors[day]
    mean = moves.start.copy()
    mean[:3] = factors
    measurement = MeasurementModel(params, seen).measure(day, mean, np.diag(moves.variance), *NORMAL)
    rows = market.day == day
    truth = market.spreads.total[rows]
    # The curve departs from the factors by 2 bp, and the loadings say what that does to the spread.
    departures, *_ = np.linalg.lstsq(measurement.loadings[:, CURVE][:, 3:], measurement.printed[0] - truth, rcond=None)
    left = measurement.printed[0] - truth - measurement.loadings[:, CURVE][:, 3:] @ departures
    assert np.abs(measurement.printed[0] - truth).max() > 1.0
    assert np.abs(left).max() < 0.05


def test_loadings_on_the_curve_are_those_of_prices() -> None:
    params, market = resized(**SMALL), small_market()
    moves = process(params, market.universe.kind.size)
    model = MeasurementModel(params, information(params, market))
    covariance = np.diag(moves.variance)
    here = model.measure(5, moves.start, covariance, *NORMAL)
    moved = moves.start.copy()
    moved[0] += 0.05
    there = model.measure(5, moved, covariance, *NORMAL)
    assert here.printed[0] - there.printed[0] == pytest.approx(0.05 * here.loadings[:, 0], abs=0.05)


def test_each_regime_is_seen_with_its_own_bid_ask() -> None:
    params, market = resized(**SMALL), small_market()
    moves, seen = process(params, market.universe.kind.size), information(params, market)
    model, covariance = MeasurementModel(params, seen), np.diag(moves.variance)
    regimes, probabilities = np.array([0, 5]), np.array([0.7, 0.3])
    both = model.measure(30, moves.start, covariance, regimes, probabilities)
    for place, regime in enumerate(regimes):
        alone = model.measure(30, moves.start, covariance, np.array([regime]), np.ones(1))
        assert np.all(np.abs(both.printed[place] - alone.printed[0]) < 0.2 * np.sqrt(alone.noise[0]))
        assert np.array_equal(both.noise[place], alone.noise[0])
        assert np.array_equal(both.around_mid[place], alone.around_mid[0])
    assert np.abs(both.printed[1] - both.printed[0]).max() > 1.0
    assert both.noise[1].sum() > 4.0 * both.noise[0].sum()


def test_the_noise_around_mid_is_that_of_the_simulator_and_tells_no_regime() -> None:
    params, market = resized(**SMALL), small_market()
    moves, seen = process(params, market.universe.kind.size), information(params, market)
    for day in range(0, 120, 20):
        regime, rows = market.regimes[day : day + 1], market.day == day
        measurement = MeasurementModel(params, seen).measure(
            day, moves.start, np.diag(moves.variance), regime, np.ones(1)
        )
        assert measurement.around_mid[0] == pytest.approx(market.prints.noise[rows], rel=1e-12)
