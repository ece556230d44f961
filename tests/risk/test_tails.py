"""Value at risk and expected shortfall of samples and of Student's distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from richcheap.risk.tails import fit_degrees_of_freedom, sample_tail, student_draws, student_tail

PROFITS = st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=60).map(np.array)
LEVELS = st.sampled_from([0.9, 0.95, 0.99, 0.999])


def test_the_tail_of_a_hundred_losses_holds_its_share_of_them():
    pnl = -np.arange(1.0, 101.0)
    # The five worst are 96 ... 100; value at risk is the sixth worst, as one loss in twenty exceeds it.
    assert sample_tail(pnl, 0.95) == pytest.approx((95.0, 98.0))


def test_a_loss_that_the_tail_cuts_counts_with_its_share():
    pnl = -np.arange(1.0, 31.0)
    # 1.5 of 30 outcomes: the worst whole, half of the next.
    assert sample_tail(pnl, 0.95) == pytest.approx((29.0, (30.0 + 0.5 * 29.0) / 1.5))


def test_fewer_outcomes_than_the_level_needs_give_the_worst_of_them():
    assert sample_tail(np.array([1.0, -7.0, 2.0]), 0.999) == pytest.approx((7.0, 7.0))


@given(PROFITS, LEVELS)
def test_shortfall_is_at_least_value_at_risk(pnl, level):
    tail = sample_tail(pnl, level)
    assert tail.es >= tail.var - 1e-9


@given(PROFITS, LEVELS, st.floats(-10.0, 10.0), st.floats(0.1, 10.0))
def test_cash_lowers_both_and_size_multiplies_both(pnl, level, cash, size):
    tail, moved = sample_tail(pnl, level), sample_tail(size * pnl + cash, level)
    assert moved.var == pytest.approx(size * tail.var - cash, abs=1e-8)
    assert moved.es == pytest.approx(size * tail.es - cash, abs=1e-8)


@pytest.mark.parametrize(("level", "var", "es"), [(0.99, 2.326, 2.665), (0.975, 1.960, 2.338), (0.95, 1.645, 2.063)])
def test_the_normal_distribution_has_its_published_tails(level, var, es):
    # McNeil, Frey and Embrechts (2015), table of value at risk and shortfall of the standard normal distribution.
    assert student_tail(1.0, np.inf, level) == pytest.approx((var, es), abs=6e-4)


@pytest.mark.parametrize("degrees_of_freedom", [3.0, 5.0, 30.0])
def test_students_shortfall_is_the_integral_of_its_tail(degrees_of_freedom):
    tail = student_tail(2.0, degrees_of_freedom, 0.99)
    scale = 2.0 * np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
    density = stats.t(degrees_of_freedom, scale=scale)
    assert tail.var == pytest.approx(-density.ppf(0.01))
    mean, _ = integrate.quad(lambda x: x * density.pdf(x), -np.inf, -tail.var)
    assert tail.es == pytest.approx(-mean / 0.01, rel=1e-6)


def test_draws_have_unit_variances_and_no_correlation():
    draws = student_draws(np.random.default_rng(1), 6.0, 200_000, 3)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(3), atol=0.03)


def test_extremes_of_the_columns_come_together():
    draws = np.abs(student_draws(np.random.default_rng(1), 4.0, 100_000, 2)) > 4.0
    apart = draws[:, 0].mean() * draws[:, 1].mean()
    assert draws.all(axis=1).mean() > 10.0 * apart


@pytest.mark.parametrize(("degrees_of_freedom", "dimension"), [(4.0, 1), (4.0, 3), (10.0, 3)])
def test_degrees_of_freedom_are_found_again(degrees_of_freedom, dimension):
    draws = student_draws(np.random.default_rng(2), degrees_of_freedom, 20_000, dimension)
    assert fit_degrees_of_freedom(draws) == pytest.approx(degrees_of_freedom, rel=0.1)


def test_normal_draws_look_normal():
    assert fit_degrees_of_freedom(np.random.default_rng(3).standard_normal((20_000, 2))) > 50.0
