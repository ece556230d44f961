"""The four forecasts, on pasts whose answer is known."""

import numpy as np
import pytest

from richcheap.risk.methods import (
    METHODS,
    Past,
    Sample,
    Student,
    filtered_historical,
    forecasts,
    historical,
    monte_carlo,
    own_deviations,
    parametric,
)
from richcheap.risk.revaluation import second_order
from tests.risk.books import held

DATES = 4000


def past_of(position, *, factors=2, size=1.0, own=0.0, freedom=None, seed=1):
    """Return a past that a known model has made: normal or Student scores, no remainder."""
    random = np.random.default_rng(seed)
    terms = position.marks.loadings.shape[1]
    loadings = np.zeros((terms, factors))
    loadings[:, 0] = 5.0
    loadings[-4:, factors - 1] = 3.0
    scores = random.standard_normal((DATES, factors))
    if freedom is not None:
        scores *= np.sqrt((freedom - 2.0) / random.chisquare(freedom, DATES))[:, None]
    scores *= size
    return Past(
        moves=scores @ loadings.T,
        scores=scores,
        remainder=np.zeros((DATES, terms)),
        deviations=np.full((DATES + 1, factors), size),
        own=own * random.standard_normal((DATES, position.weight.size)),
        loadings=loadings,
    )


def deviation_of(position, past, own=0.0):
    """Return the deviation of the profit that the model of `past_of` implies, to first order."""
    slope = position.weight * position.marks.duration / 1e4
    of_scores = slope @ position.marks.loadings @ past.loadings
    return np.sqrt((of_scores**2).sum() + ((slope * own) ** 2).sum())


def test_the_past_repeats_itself_in_the_historical_method():
    _, past = held()
    scenarios = historical(past)
    np.testing.assert_array_equal(scenarios.moves, past.moves)
    np.testing.assert_array_equal(scenarios.own, past.own)


def test_the_filter_rescales_each_score_to_todays_deviation():
    position, _ = held()
    past = past_of(position)
    deviations = np.ones((DATES + 1, 2))
    deviations[-1] = [2.0, 0.5]
    found = filtered_historical(past._replace(deviations=deviations))
    np.testing.assert_allclose(found.moves, (past.scores * [2.0, 0.5]) @ past.loadings.T)


def test_an_even_volatility_makes_the_filtered_method_the_historical_one():
    _, past = held()
    flat = past._replace(deviations=np.ones_like(past.deviations))
    np.testing.assert_allclose(filtered_historical(flat).moves, past.moves, atol=1e-9)


@pytest.mark.parametrize("own", [0.0, 15.0])
def test_all_methods_agree_on_a_normal_market(own):
    position, _ = held()
    past = past_of(position, own=own)
    found = forecasts(position, past, 0.999, np.random.default_rng(2), 20_000)
    expected = 1.645 * deviation_of(position, past, own)
    for method in METHODS:
        assert found[method].tail(0.95).var == pytest.approx(expected, rel=0.08), method


def test_monte_carlo_keeps_the_covariance_and_the_tails_of_the_scores():
    position, _ = held()
    past = past_of(position, freedom=4.0)
    drawn, scores, freedom = monte_carlo(past, np.random.default_rng(3), 50_000)
    assert freedom == pytest.approx(4.0, rel=0.2)
    mean_square = past.scores.T @ past.scores / DATES
    np.testing.assert_allclose(scores.T @ scores / len(scores), mean_square, atol=0.12)
    np.testing.assert_allclose(drawn.moves, scores @ past.loadings.T, atol=1e-9)


def test_monte_carlo_draws_own_changes_bond_by_bond():
    position, _ = held()
    past = past_of(position, own=10.0)
    past.own[:, 0] *= 3.0
    drawn, _, _ = monte_carlo(past, np.random.default_rng(4), 20_000)
    np.testing.assert_allclose(drawn.own.std(axis=0), own_deviations(past.own), rtol=0.05)
    assert abs(np.corrcoef(drawn.own[:, 0], drawn.own[:, 1])[0, 1]) < 0.03


def test_monte_carlo_without_factors_draws_from_the_remainder():
    position, _ = held()
    past = past_of(position)
    bare = past._replace(
        scores=np.zeros((DATES, 0)), loadings=np.zeros((past.moves.shape[1], 0)), remainder=past.moves,
        deviations=np.zeros((DATES + 1, 0)),
    )  # fmt: skip
    drawn, scores, _ = monte_carlo(bare, np.random.default_rng(5), 20_000)
    assert scores.shape == (20_000, 0)
    spread = second_order(position, *drawn).std()
    assert spread == pytest.approx(deviation_of(position, past), rel=0.05)


def test_the_parametric_method_follows_the_latest_dates():
    position, _ = held()
    past = past_of(position)
    calm = parametric(position, past, 0.94)
    recent = past.scores * np.linspace(1.0, 1.0, DATES)[:, None]
    recent[-60:] *= 3.0
    wild = parametric(position, past._replace(scores=recent, moves=recent @ past.loadings.T), 0.94)
    assert wild.deviation == pytest.approx(3.0 * calm.deviation, rel=0.1)


def test_the_parametric_method_sees_fat_tails():
    position, _ = held()
    assert parametric(position, past_of(position, freedom=3.5), 0.94).freedom < 8.0
    assert parametric(position, past_of(position), 0.999).freedom > 30.0


def test_a_market_that_never_moved_has_no_risk():
    position, _ = held()
    still = past_of(position, size=0.0)
    assert parametric(position, still, 0.94).tail(0.99) == (0.0, 0.0)


def test_own_deviations_are_drawn_towards_those_of_all():
    own = np.zeros((100, 2))
    own[:, 0] = 10.0
    calm, wild = own_deviations(own)[::-1]
    assert 0.0 < calm < wild < 10.0


def test_forecasts_draw_what_they_say():
    random = np.random.default_rng(6)
    sample, student = Sample(np.array([-1.0, 2.0])), Student(0.5, 5.0)
    assert set(sample.draw(random, 100)) == {-1.0, 2.0}
    drawn = student.draw(random, 100_000)
    assert -np.quantile(drawn, 0.01) == pytest.approx(student.tail(0.99).var, rel=0.05)
