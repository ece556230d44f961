"""The tests of Acerbi and Szekely against their own critical values and against wrong forecasts."""

import numpy as np
import pytest

from richcheap.risk.backtesting.shortfall import shortfall_test, statistics
from richcheap.risk.tails import student_draws, student_tail

LEVEL, DATES, PATHS = 0.975, 250, 4000


def forecasts(degrees_of_freedom=np.inf, size=1.0) -> tuple[np.ndarray, np.ndarray]:
    tail = student_tail(size, degrees_of_freedom, LEVEL)
    return np.full(DATES, tail.var), np.full(DATES, tail.es)


def draws(seed, degrees_of_freedom, size=1.0, paths=PATHS):
    random = np.random.default_rng(seed)
    if np.isinf(degrees_of_freedom):
        return size * random.standard_normal((DATES, paths))
    return size * student_draws(random, degrees_of_freedom, DATES * paths, 1).reshape(DATES, paths)


@pytest.mark.parametrize("degrees_of_freedom", [np.inf, 10.0, 5.0])
def test_the_critical_value_of_the_second_statistic_is_the_published_one(degrees_of_freedom):
    # Acerbi and Szekely (2014): -0.7 at 5 %, on 250 dates at 97.5 %, stable from one distribution to another.
    _, z2 = statistics(draws(7, degrees_of_freedom), *forecasts(degrees_of_freedom), LEVEL)
    assert np.quantile(z2, 0.05) == pytest.approx(-0.70, abs=0.04)
    assert z2.mean() == pytest.approx(0.0, abs=0.03)


def test_both_statistics_by_hand():
    pnl = np.array([[1.0], [-3.0], [-6.0], [0.0]])
    var, es = np.full(4, 2.0), np.full(4, 4.0)
    z1, z2 = statistics(pnl, var, es, 0.75)
    assert z1[0] == pytest.approx((-3.0 / 4.0 - 6.0 / 4.0) / 2.0 + 1.0)
    assert z2[0] == pytest.approx((-3.0 / 4.0 - 6.0 / 4.0) / (4 * 0.25) + 1.0)


def test_p_values_of_a_right_forecast_are_spread_evenly():
    drawn, pnl = draws(1, np.inf, paths=1000), draws(2, np.inf, paths=200)
    found = [shortfall_test(path, *forecasts(), LEVEL, drawn).z2.p_value for path in pnl.T]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.06)


def test_a_forecast_that_is_too_small_is_noticed():
    pnl = draws(3, np.inf, size=1.6, paths=1)[:, 0]
    found = shortfall_test(pnl, *forecasts(), LEVEL, draws(4, np.inf))
    assert found.z2.statistic < -0.7
    assert found.z2.p_value < 0.01


def test_a_shortfall_that_is_too_small_for_its_value_at_risk_is_noticed_by_the_first():
    var, _ = forecasts(3.0)
    pnl = draws(5, 3.0, paths=1)[:, 0]
    normal_es = var * forecasts()[1] / forecasts()[0]  # the right quantile with a normal tail beyond it
    right = shortfall_test(pnl, *forecasts(3.0), LEVEL, draws(6, 3.0))
    wrong = shortfall_test(pnl, var, normal_es, LEVEL, draws(6, np.inf) * var[0] / forecasts()[0][0])
    assert wrong.z1.p_value < right.z1.p_value


def test_without_an_exceedance_the_first_says_nothing_and_the_second_is_one():
    found = shortfall_test(np.ones(DATES), *forecasts(), LEVEL, draws(8, np.inf, paths=50))
    assert np.isnan(found.z1.statistic)
    assert np.isnan(found.z1.p_value)
    assert found.z2.statistic == 1.0
