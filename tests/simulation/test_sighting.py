"""What prints say of the states: statistical linearisation."""

import numpy as np
import pytest

from stages.simulation.process import CURVE, process
from stages.simulation.sighting import Observer, clipped, known
from tests.simulation.settings import SMALL, resized, small_market


def test_a_clipped_spread_has_the_moments_of_many_draws() -> None:
    drawn = 2_900.0 + 150.0 * np.random.default_rng(3).standard_normal(1_000_000)
    least = np.minimum(drawn, 3_000.0)
    mean, slope, variance = (
        float(figure[0]) for figure in clipped(np.array([2_900.0]), np.array([150.0]), np.array([3_000.0]))
    )
    assert mean == pytest.approx(least.mean(), abs=0.5)
    assert slope == pytest.approx(np.cov(drawn, least)[0, 1] / drawn.var(), abs=0.005)
    assert variance == pytest.approx(least.var() - slope**2 * drawn.var(), rel=0.02)


def test_a_spread_that_is_known_is_clipped_without_noise() -> None:
    expected = [(10.0, 1.0, 0.0), (50.0, 0.0, 0.0)]
    assert list(zip(*clipped(np.array([10.0, 90.0]), np.zeros(2), np.full(2, 50.0)), strict=True)) == expected


def test_prints_on_the_true_states_are_off_by_their_noise_alone() -> None:
    params, market = resized(**SMALL), small_market()
    seen = known(market)._replace(clean=market.mids.clean, half_spread=np.zeros(market.day.size))
    moves = process(params, market.regimes, market.universe.kind.size)
    day = 30
    factors = market.market.curve.factors[day]
    mean = moves.start.copy()
    mean[:3] = factors
    sight = Observer(params, seen).look(day, mean, np.diag(moves.variance))
    rows = market.day == day
    truth = market.spreads.total[rows]
    # The curve departs from the factors by 2 bp, and the loadings say what that does to the spread.
    departures, *_ = np.linalg.lstsq(sight.loadings[:, CURVE][:, 3:], sight.printed - truth, rcond=None)
    left = sight.printed - truth - sight.loadings[:, CURVE][:, 3:] @ departures
    assert np.abs(sight.printed - truth).max() > 1.0
    assert np.abs(left).max() < 0.05


def test_loadings_on_the_curve_are_those_of_prices() -> None:
    params, market = resized(**SMALL), small_market()
    moves = process(params, market.regimes, market.universe.kind.size)
    observer = Observer(params, known(market))
    covariance = np.diag(moves.variance)
    here = observer.look(5, moves.start, covariance)
    moved = moves.start.copy()
    moved[0] += 0.05
    there = observer.look(5, moved, covariance)
    assert here.printed - there.printed == pytest.approx(0.05 * here.loadings[:, 0], abs=0.05)
