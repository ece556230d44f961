"""The joint score of value at risk and expected shortfall."""

import numpy as np
import pytest

from richcheap.risk.backtesting.joint_score import compare_scores, fissler_ziegel
from richcheap.risk.tails import student_tail

LEVEL, DATES = 0.95, 200_000


def score(pnl, var, es):
    return fissler_ziegel(pnl, np.full(pnl.size, var), np.full(pnl.size, es), LEVEL)


@pytest.fixture(scope="module")
def pnl():
    return np.random.default_rng(1).standard_normal(DATES)


def test_the_mean_under_the_truth_is_the_logarithm_of_the_shortfall(pnl):
    tail = student_tail(1.0, np.inf, LEVEL)
    assert score(pnl, *tail).mean() == pytest.approx(np.log(tail.es), abs=0.01)


@pytest.mark.parametrize(
    ("of_var", "of_es"), [(0.9, 1.0), (1.1, 1.0), (1.0, 0.85), (1.0, 1.15), (0.7, 0.7), (1.4, 1.4)]
)
def test_the_truth_scores_best(pnl, of_var, of_es):
    tail = student_tail(1.0, np.inf, LEVEL)
    assert score(pnl, *tail).mean() < score(pnl, tail.var * of_var, tail.es * of_es).mean()


def test_the_score_by_hand():
    # v = -2, e = -3, p = 0.05: (v - x) / (p e) is counted beyond v alone.
    assert score(np.array([0.0]), 2.0, 3.0)[0] == pytest.approx(2.0 / 3.0 + np.log(3.0) - 1.0)
    beyond = (-2.0 + 4.0) / (0.05 * 3.0)
    assert score(np.array([-4.0]), 2.0, 3.0)[0] == pytest.approx(beyond + 2.0 / 3.0 + np.log(3.0) - 1.0)


def test_differences_do_not_depend_on_the_unit(pnl):
    few = pnl[:500]
    gap = score(few, 1.6, 2.0) - score(few, 1.2, 1.9)
    scaled = score(100.0 * few, 160.0, 200.0) - score(100.0 * few, 120.0, 190.0)
    np.testing.assert_allclose(scaled, gap, atol=1e-9)


def test_a_shortfall_that_is_no_loss_is_refused():
    with pytest.raises(ValueError, match=r"expected shortfall must be a loss above 0 on every date, got -1"):
        score(np.zeros(1), 1.0, -1.0)


def test_a_better_method_is_called_better_and_the_other_worse():
    pnl = np.random.default_rng(2).standard_normal(1000)
    right, wrong = score(pnl, *student_tail(1.0, np.inf, LEVEL)), score(pnl, 0.5, 0.6)
    found = compare_scores(right, wrong, 5, 500, 7)
    assert (found.verdict, compare_scores(wrong, right, 5, 500, 7).verdict) == ("better", "worse")
    assert found.low < found.difference < found.high < 0.0
    assert found.p_value < 0.01


def test_equal_methods_cannot_be_told_apart():
    gap = np.random.default_rng(3).standard_normal(400)
    found = compare_scores(gap - gap.mean(), np.zeros(400), 5, 500, 7)
    assert found.verdict == "not distinguishable"
    assert found.p_value == pytest.approx(1.0)


def test_the_statistic_of_one_step_is_students():
    gap = np.random.default_rng(4).standard_normal(50) + 0.3
    from scipy import stats

    assert compare_scores(gap, np.zeros(50), 5, 100, 7).p_value == pytest.approx(stats.ttest_1samp(gap, 0.0).pvalue)


def test_too_few_dates_have_no_interval():
    found = compare_scores(np.array([1.0, 2.0]), np.zeros(2), 5, 100, 7)
    assert found.difference == 1.5
    assert np.isnan([found.low, found.high, found.p_value]).all()
    assert found.verdict == "not distinguishable"


def test_a_difference_that_never_varies_has_no_p_value():
    assert np.isnan(compare_scores(np.ones(20), np.zeros(20), 5, 100, 7).p_value)
