"""The simulated process as a state space, against the states that are simulated."""

import numpy as np
import pytest

from stages.simulation.process import CREDIT, CURVE, TAIL_SHARES, curve_loadings, mixing_values, process
from tests.simulation.settings import default_market, defaults


def test_the_shocks_of_the_simulated_curve_have_the_covariance_of_the_process() -> None:
    market = default_market()
    moves = process(defaults(), market.regimes, market.universe.kind.size)
    path = np.vstack([moves.start[:3], market.market.curve.factors])
    means, decay = moves.means[:, :3], moves.decay[:3]
    shocks = path[1:] - means - decay * (path[:-1] - means)
    white = np.linalg.solve(np.linalg.cholesky(moves.curve_shocks[:3, :3]), shocks.T) / np.sqrt(moves.scale[:, 0])
    assert np.cov(white) == pytest.approx(np.eye(3), abs=0.25)


def test_the_loadings_give_the_simulated_curve_up_to_its_departures() -> None:
    curve = default_market().market.curve
    smooth = curve.factors @ curve_loadings(defaults().curve.decay)[:, :3].T
    assert 1e4 * (curve.rates - smooth).std() == pytest.approx(defaults().curve.local_bp, rel=0.5)


def test_shocks_are_added_where_they_are_seen() -> None:
    market = default_market()
    moves = process(defaults(), market.regimes, market.universe.kind.size)
    loadings = np.random.default_rng(1).normal(size=(4, moves.start.size))
    mixing = np.array([0.5, 2.0, 3.0])
    covariance = np.zeros((moves.start.size, moves.start.size))
    moves.add_shocks(covariance, 7, mixing)
    seen = np.tensordot(mixing, moves.seen_shocks(loadings, 7), 1)
    assert loadings @ covariance @ loadings.T == pytest.approx(seen)
    assert CREDIT.start == CURVE.stop


@pytest.mark.parametrize("degrees", [3.0, 5.0, 15.0])
def test_the_values_of_a_mixing_variable_have_mean_one_and_fall(degrees: float) -> None:
    values = mixing_values(degrees)
    assert np.average(values, weights=TAIL_SHARES) == pytest.approx(1.0)
    assert np.all(np.diff(values) < 0.0)
    assert mixing_values(degrees, (1.0,)).tolist() == [pytest.approx(1.0)]


def test_the_values_of_a_mixing_variable_are_means_over_their_shares() -> None:
    drawn = np.sort(3.0 / np.random.default_rng(2).chisquare(5.0, 200_000))[::-1]
    assert mixing_values(5.0, (0.1, 0.4, 0.5)) == pytest.approx(
        [drawn[:20_000].mean(), drawn[20_000:100_000].mean(), drawn[100_000:].mean()], rel=0.02
    )
