"""The simulated process as a state space, against the states that are simulated."""

import numpy as np
import pytest

from richcheap.oracle.state_space import CREDIT, CURVE, TAIL_SHARES, curve_loadings, mixing_values, process
from tests.simulation.settings import default_market, defaults


def test_the_shocks_of_the_simulated_curve_have_the_covariance_of_the_process() -> None:
    market = default_market()
    moves = process(defaults(), market.universe.kind.size)
    path = np.vstack([moves.start[:3], market.market.curve.factors])
    means, decay = moves.means[market.regimes, :3], moves.decay[:3]
    shocks = path[1:] - means - decay * (path[:-1] - means)
    white = np.linalg.solve(moves.curve_root[:3, :3], shocks.T) / np.sqrt(moves.scale[market.regimes, 0])
    assert np.cov(white) == pytest.approx(np.eye(3), abs=0.25)


def test_the_loadings_give_the_simulated_curve_up_to_its_departures() -> None:
    curve = default_market().market.curve
    smooth = curve.factors @ curve_loadings(defaults().curve.decay)[:, :3].T
    assert 1e4 * (curve.rates - smooth).std() == pytest.approx(defaults().curve.local_bp, rel=0.5)


def test_shocks_are_added_where_they_are_seen() -> None:
    moves = process(defaults(), 400)
    loadings = np.random.default_rng(1).normal(size=(4, moves.start.size))
    for multiples in np.array([[0.5, 2.0, 3.0], [4.0, 4.0, 0.0]]):
        covariance = np.zeros((moves.start.size, moves.start.size))
        moves.add_shocks(covariance, multiples)
        assert loadings @ covariance == pytest.approx(moves.with_shocks(loadings, multiples[None])[0])
    roots = moves.shared_roots(loadings)
    assert loadings @ covariance @ loadings.T == pytest.approx(4.0 * roots @ roots.T)
    assert CREDIT.start == CURVE.stop


def test_residuals_are_stationary_on_the_first_day_whatever_its_regime() -> None:
    moves = process(defaults(), 400)
    assert np.unique(moves.scale_on(0)[:, 2]).tolist() == [1.0]
    assert np.array_equal(moves.scale_on(0)[:, :2], moves.scale[:, :2])
    assert moves.scale_on(1)[:, 2] == pytest.approx([1.0, 0.81, 1.21, 1.96, 0.49, 4.0, 1.44])


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
