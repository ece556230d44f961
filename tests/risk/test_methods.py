"""The four forecasts, on pasts whose answer is known."""

import numpy as np
import pytest

from richcheap.risk.methods import (
    METHODS,
    EmpiricalDistribution,
    EstimationWindow,
    StudentDistribution,
    filtered_historical,
    forecasts,
    historical,
    idiosyncratic_std,
    monte_carlo,
    parametric,
)
from richcheap.risk.revaluation import second_order
from tests.risk.books import held

DATES = 4000


def past_of(position, *, factors=2, size=1.0, idiosyncratic=0.0, degrees_of_freedom=None, seed=1):
    """Return a past that a known model has made: normal or Student scores, no remainder."""
    random = np.random.default_rng(seed)
    terms = position.marks.loadings.shape[1]
    loadings = np.zeros((terms, factors))
    loadings[:, 0] = 5.0
    loadings[-4:, factors - 1] = 3.0
    scores = random.standard_normal((DATES, factors))
    if degrees_of_freedom is not None:
        scores *= np.sqrt((degrees_of_freedom - 2.0) / random.chisquare(degrees_of_freedom, DATES))[:, None]
    scores *= size
    return EstimationWindow(
        moves=scores @ loadings.T,
        scores=scores,
        remainder=np.zeros((DATES, terms)),
        volatilities=np.full((DATES + 1, factors), size),
        idiosyncratic=idiosyncratic * random.standard_normal((DATES, position.weight.size)),
        loadings=loadings,
    )


def std_of(position, window, idiosyncratic=0.0):
    """Return the deviation of the profit that the model of `past_of` implies, to first order."""
    slope = position.weight * position.marks.duration / 1e4
    of_scores = slope @ position.marks.loadings @ window.loadings
    return np.sqrt((of_scores**2).sum() + ((slope * idiosyncratic) ** 2).sum())


def test_the_past_repeats_itself_in_the_historical_method():
    _, window = held()
    scenarios = historical(window)
    np.testing.assert_array_equal(scenarios.moves, window.moves)
    np.testing.assert_array_equal(scenarios.idiosyncratic, window.idiosyncratic)


def test_the_filter_rescales_each_score_to_todays_deviation():
    position, _ = held()
    window = past_of(position)
    volatilities = np.ones((DATES + 1, 2))
    volatilities[-1] = [2.0, 0.5]
    found = filtered_historical(window._replace(volatilities=volatilities))
    np.testing.assert_allclose(found.moves, (window.scores * [2.0, 0.5]) @ window.loadings.T)


def test_an_even_volatility_makes_the_filtered_method_the_historical_one():
    _, window = held()
    flat = window._replace(volatilities=np.ones_like(window.volatilities))
    np.testing.assert_allclose(filtered_historical(flat).moves, window.moves, atol=1e-9)


@pytest.mark.parametrize("idiosyncratic", [0.0, 15.0])
def test_all_methods_agree_on_a_normal_market(idiosyncratic):
    position, _ = held()
    window = past_of(position, idiosyncratic=idiosyncratic)
    found = forecasts(position, window, 0.999, np.random.default_rng(2), 20_000)
    expected = 1.645 * std_of(position, window, idiosyncratic)
    for method in METHODS:
        assert found[method].tail(0.95).var == pytest.approx(expected, rel=0.08), method


def test_monte_carlo_keeps_the_covariance_and_the_tails_of_the_scores():
    position, _ = held()
    window = past_of(position, degrees_of_freedom=4.0)
    drawn, scores, degrees_of_freedom = monte_carlo(window, np.random.default_rng(3), 50_000)
    assert degrees_of_freedom == pytest.approx(4.0, rel=0.2)
    mean_square = window.scores.T @ window.scores / DATES
    np.testing.assert_allclose(scores.T @ scores / len(scores), mean_square, atol=0.12)
    np.testing.assert_allclose(drawn.moves, scores @ window.loadings.T, atol=1e-9)


def test_monte_carlo_draws_own_changes_bond_by_bond():
    position, _ = held()
    window = past_of(position, idiosyncratic=10.0)
    window.idiosyncratic[:, 0] *= 3.0
    drawn, _, _ = monte_carlo(window, np.random.default_rng(4), 20_000)
    np.testing.assert_allclose(drawn.idiosyncratic.std(axis=0), idiosyncratic_std(window.idiosyncratic), rtol=0.05)
    assert abs(np.corrcoef(drawn.idiosyncratic[:, 0], drawn.idiosyncratic[:, 1])[0, 1]) < 0.03


def test_monte_carlo_without_factors_draws_from_the_remainder():
    position, _ = held()
    window = past_of(position)
    bare = window._replace(
        scores=np.zeros((DATES, 0)), loadings=np.zeros((window.moves.shape[1], 0)), remainder=window.moves,
        volatilities=np.zeros((DATES + 1, 0)),
    )  # fmt: skip
    drawn, scores, _ = monte_carlo(bare, np.random.default_rng(5), 20_000)
    assert scores.shape == (20_000, 0)
    spread = second_order(position, *drawn).std()
    assert spread == pytest.approx(std_of(position, window), rel=0.05)


def test_the_parametric_method_follows_the_latest_dates():
    position, _ = held()
    window = past_of(position)
    calm = parametric(position, window, 0.94)
    recent = window.scores * np.linspace(1.0, 1.0, DATES)[:, None]
    recent[-60:] *= 3.0
    wild = parametric(position, window._replace(scores=recent, moves=recent @ window.loadings.T), 0.94)
    assert wild.std == pytest.approx(3.0 * calm.std, rel=0.1)


def test_the_parametric_method_sees_fat_tails():
    position, _ = held()
    assert parametric(position, past_of(position, degrees_of_freedom=3.5), 0.94).degrees_of_freedom < 8.0
    assert parametric(position, past_of(position), 0.999).degrees_of_freedom > 30.0


def test_a_market_that_never_moved_has_no_risk():
    position, _ = held()
    still = past_of(position, size=0.0)
    assert parametric(position, still, 0.94).tail(0.99) == (0.0, 0.0)


def test_own_deviations_are_drawn_towards_those_of_all():
    idiosyncratic = np.zeros((100, 2))
    idiosyncratic[:, 0] = 10.0
    calm, wild = idiosyncratic_std(idiosyncratic)[::-1]
    assert 0.0 < calm < wild < 10.0


def test_forecasts_draw_what_they_say():
    random = np.random.default_rng(6)
    sample, student = EmpiricalDistribution(np.array([-1.0, 2.0])), StudentDistribution(0.5, 5.0)
    assert set(sample.draw(random, 100)) == {-1.0, 2.0}
    drawn = student.draw(random, 100_000)
    assert -np.quantile(drawn, 0.01) == pytest.approx(student.tail(0.99).var, rel=0.05)
