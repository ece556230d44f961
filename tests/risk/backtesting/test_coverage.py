"""Exceedances against published cases and exact distributions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from richcheap.risk.backtesting.coverage import coverage, independence, kupiec, power

LEVELS = st.sampled_from([0.9, 0.95, 0.99, 0.999])


def clustered():
    """Return J.P. Morgan's exceedances of 1998: of 252 transitions 218, 14, 14 and 6 (Jorion 2006, section 6.2.4)."""
    runs = [2] * 6 + [1] * 8  # six pairs and eight single ones: 20 exceedances, 6 of them after another
    exceeded = []
    for run in runs:
        exceeded += [False] + [True] * run
    return np.array(exceeded + [False] * (253 - len(exceeded)))


def test_kupiec_gives_jorions_figure():
    ratio = kupiec(252, 20, 0.95)
    assert ratio.statistic == pytest.approx(3.91, abs=0.005)
    assert ratio.p_value == pytest.approx(stats.chi2.sf(3.91, 1), abs=1e-3)


def test_christoffersen_gives_jorions_figure():
    exceeded = clustered()
    before, after = exceeded[:-1], exceeded[1:]
    counts = [(~before & ~after).sum(), (~before & after).sum(), (before & ~after).sum(), (before & after).sum()]
    assert counts == [218, 14, 14, 6]
    assert independence(exceeded).statistic == pytest.approx(9.53, abs=0.005)


def test_conditional_coverage_adds_the_two_ratios():
    found = coverage(clustered(), 0.95)
    assert found.conditional.statistic == pytest.approx(found.kupiec.statistic + found.independence.statistic)
    assert found.conditional.p_value == pytest.approx(stats.chi2.sf(found.conditional.statistic, 2))


def test_the_expected_number_of_exceedances_has_no_ratio():
    assert kupiec(200, 10, 0.95).statistic == pytest.approx(0.0, abs=1e-9)


def test_without_an_exceedance_the_ratio_is_that_of_the_miss_probability():
    assert kupiec(60, 0, 0.95).statistic == pytest.approx(-2.0 * 60 * np.log(0.95))


def test_the_exact_interval_of_no_exceedance_has_its_closed_form():
    found = coverage(np.zeros(59, dtype=bool), 0.99)
    assert (found.low, found.high) == pytest.approx((0.0, 1.0 - 0.025 ** (1 / 59)))


def test_nothing_is_said_of_independence_without_a_date_after_an_exceedance():
    assert np.isnan(independence(np.array([False, False, True])).statistic)
    assert np.isnan(coverage(np.zeros(10, dtype=bool), 0.9).conditional.p_value)


@settings(max_examples=40)
@given(st.lists(st.booleans(), min_size=2, max_size=60), LEVELS)
def test_ratios_are_never_negative_and_chances_are_chances(exceeded, level):
    found = coverage(np.array(exceeded), level)
    assert found.kupiec.statistic >= 0.0
    assert np.isnan(found.independence.statistic) or found.independence.statistic >= 0.0
    assert 0.0 <= found.low <= found.rate <= found.high <= 1.0
    assert 0.0 <= found.power <= 1.0


def test_the_exact_test_rejects_a_good_model_at_most_as_often_as_it_says():
    counts = np.arange(61)
    rejected = [stats.binomtest(int(count), 60, 0.05).pvalue < 0.05 for count in counts]
    assert stats.binom.pmf(counts, 60, 0.05)[rejected].sum() <= 0.05
    assert power(60, 0.95, times=1.0) == pytest.approx(stats.binom.pmf(counts, 60, 0.05)[rejected].sum())


def test_power_grows_with_dates():
    assert power(5, 0.9) < 0.1 < power(60, 0.9) < power(250, 0.9)
    assert power(250, 0.9) > 0.95


@pytest.mark.parametrize(
    ("dates", "exceedances", "level", "verdict"),
    [
        (250, 25, 0.9, "consistent"),
        (250, 50, 0.9, "too many"),
        (250, 5, 0.9, "too few"),
        (5, 1, 0.9, "no power"),
        (60, 0, 0.99, "no power"),
        (5, 3, 0.9, "too many"),
    ],
)
def test_verdicts(dates, exceedances, level, verdict):
    exceeded = np.arange(dates) % max(dates // max(exceedances, 1), 1) == 0
    exceeded = exceeded & (np.cumsum(exceeded) <= exceedances)
    assert exceeded.sum() == exceedances
    assert coverage(exceeded, level).verdict == verdict
