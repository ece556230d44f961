"""Mean reversion and fat tails have the moments that their parameters promise."""

import numpy as np
import pytest

from richcheap.simulation.states.stochastic import daily_decay, fat_tailed, mean_reverting


def kurtosis(x):
    return ((x - x.mean()) ** 4).mean() / x.var() ** 2


def test_half_of_a_deviation_is_left_after_the_half_life() -> None:
    path = mean_reverting(np.array([8.0]), np.zeros((10, 1)), daily_decay(5.0), np.zeros((10, 1)))
    assert path[4, 0] == pytest.approx(4.0)
    assert path[9, 0] == pytest.approx(2.0)


def test_a_path_without_shocks_goes_to_its_mean() -> None:
    path = mean_reverting(np.array([0.0]), np.full((400, 1), 3.0), daily_decay(10.0), np.zeros((400, 1)))
    assert path[-1, 0] == pytest.approx(3.0)
    assert np.all(np.diff(path[:, 0]) >= 0.0)


@pytest.mark.parametrize("degrees", [5.0, 10.0, 100.0])
def test_shocks_have_unit_variance_whatever_their_tails(degrees: float) -> None:
    shocks = fat_tailed(np.random.default_rng(1), np.full(100_000, degrees), 2)
    assert shocks.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.02)


def test_fewer_degrees_of_freedom_give_fatter_tails_that_are_shared_by_a_day() -> None:
    rng = np.random.default_rng(2)
    wild, calm = fat_tailed(rng, np.full(100_000, 5.0), 2), fat_tailed(rng, np.full(100_000, 50.0), 2)
    assert kurtosis(wild[:, 0]) > 5.0
    assert kurtosis(calm[:, 0]) == pytest.approx(3.0 + 6.0 / 46.0, abs=0.1)
    first, second = wild.T
    assert np.corrcoef(np.abs(first), np.abs(second)).item(1) > 0.1
    assert abs(np.corrcoef(first, second).item(1)) < 0.02
