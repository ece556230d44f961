"""The paired block bootstrap: hand-made sums, seeds, and the size of its test."""

import numpy as np
import pytest

from richcheap.evaluation.skill import BETTER, UNCLEAR, WORSE, PairedBootstrap, Skill, holm, sums_by_date


def bootstrap(by_date: np.ndarray, block: int = 5, resamples: int = 400, seed: int = 1) -> PairedBootstrap:
    return PairedBootstrap(by_date, block, resamples, 0.95, seed)


def test_errors_are_summed_over_each_date() -> None:
    day = np.array([1, 1, 3, 4, 4])
    errors = np.column_stack([np.arange(5.0), np.ones(5)])
    np.testing.assert_array_equal(sums_by_date(day, errors), [[1.0, 2.0], [2.0, 1.0], [7.0, 2.0]])


def test_gain_is_one_less_the_ratio_of_errors() -> None:
    by_date = np.column_stack([np.full(40, 3.0), np.full(40, 4.0)])
    skill = bootstrap(by_date).skill(0, 1)
    assert skill == Skill(0.25, 0.25, 0.25, BETTER, 2 / 401)
    assert bootstrap(by_date).skill(1, 0).verdict == WORSE


def test_a_predictor_does_not_differ_from_itself() -> None:
    by_date = np.random.default_rng(0).uniform(1.0, 2.0, (40, 2))
    assert bootstrap(by_date).skill(0, 0) == Skill(0.0, 0.0, 0.0, UNCLEAR, 1.0)


def test_same_seed_same_interval_and_another_seed_another() -> None:
    by_date = np.random.default_rng(0).uniform(1.0, 2.0, (40, 2))
    assert bootstrap(by_date, seed=1).skill(0, 1) == bootstrap(by_date, seed=1).skill(0, 1)
    assert bootstrap(by_date, seed=1).skill(0, 1) != bootstrap(by_date, seed=2).skill(0, 1)


def test_pairing_makes_common_errors_cancel() -> None:
    rng = np.random.default_rng(0)
    common = rng.lognormal(0.0, 1.0, 60)
    paired = np.column_stack([0.9 * common, common])
    apart = np.column_stack([0.9 * common, rng.permutation(common)])
    assert bootstrap(paired).skill(0, 1).verdict == BETTER
    assert bootstrap(apart).skill(0, 1).verdict == UNCLEAR


def test_two_equally_good_predictors_are_seldom_told_apart() -> None:
    rng = np.random.default_rng(3)
    verdicts = [
        bootstrap(rng.gamma(20.0, 1.0, (100, 2)), resamples=200, seed=k).skill(0, 1).verdict for k in range(100)
    ]
    # A 95 % interval errs in 5 of 100; 13 or more would come about once in 700 times.
    assert sum(verdict != UNCLEAR for verdict in verdicts) <= 13


def test_dates_that_hang_together_need_blocks() -> None:
    """With runs of ten alike dates, single dates understate the uncertainty."""
    runs = np.repeat(np.random.default_rng(5).normal(0.0, 1.0, 12), 10)
    by_date = np.column_stack([10.0 + runs, np.full(120, 10.0)])
    single, blocks = (bootstrap(by_date, block=block).skill(0, 1) for block in (1, 10))
    assert blocks.high - blocks.low > 1.5 * (single.high - single.low)


def test_a_few_dates_do_not_make_for_certainty() -> None:
    """Blocks as long as the sample would draw the same circle every time."""
    by_date = np.random.default_rng(0).uniform(1.0, 2.0, (6, 2))
    skill = bootstrap(by_date, block=50).skill(0, 1)
    assert skill.low < skill.skill < skill.high


@pytest.mark.parametrize("dates", [1, 4])
def test_on_a_handful_of_dates_the_verdict_stays_open(dates: int) -> None:
    skill = bootstrap(np.array([[1.0, 2.0]] * dates)).skill(0, 1)
    assert skill.skill == 0.5
    assert np.isnan([skill.low, skill.high]).all()
    assert skill.verdict == UNCLEAR


def test_gain_over_a_faultless_reference_is_unknown() -> None:
    skill = bootstrap(np.array([[1.0, 0.0]] * 10)).skill(0, 1)
    assert np.isnan(skill.skill)
    assert skill.verdict == UNCLEAR


def test_holm_gives_what_r_gives() -> None:
    # what p.adjust of five p values with method "holm" prints
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03, 0.05, 0.02])), [0.09, 0.05, 0.09, 0.09, 0.08])
    np.testing.assert_allclose(holm(np.array([0.9, 0.6])), [1.0, 1.0])


def test_an_unknown_p_value_counts_as_no_test() -> None:
    np.testing.assert_array_equal(holm(np.array([np.nan, 0.02, 0.6])), [np.nan, 0.04, 0.6])


def test_p_values_of_equal_predictors_are_spread_evenly() -> None:
    rng = np.random.default_rng(4)
    p_values = [
        bootstrap(rng.gamma(20.0, 1.0, (100, 2)), resamples=200, seed=k).skill(0, 1).p_value for k in range(100)
    ]
    assert 0.0 < min(p_values) < 0.1
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.1)
