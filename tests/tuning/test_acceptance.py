"""Choosing and confirming a variation of a model."""

import numpy as np
import pytest

from richcheap.evaluation.importance import linear_price
from richcheap.evaluation.skill import BETTER, UNCLEAR, Skill
from richcheap.tuning.acceptance import VariationScore, VariationScorer, accept, best, split_validation
from tests.drift.drifting import DRIFT, TUNE, steady


@pytest.fixture(scope="module")
def rows():
    """Return rows whose price at the base spread is the one of a method."""
    return steady(dates=40)


def exact(rows):
    """Return the predictions that hit the observed prices."""
    gap = rows["baseline_last_adjusted"] - rows["clean_price"]
    return (gap / rows["dv01"]).to_numpy()


@pytest.fixture(scope="module")
def moved(rows):
    """Return the rows with a base."""
    return rows.with_columns(baseline_last_adjusted=rows["baseline_peers"])


def test_the_first_dates_choose_and_the_others_confirm(rows):
    parts = split_validation(rows, 0.5)
    assert parts is not None
    assert parts.selection["date"][-1] < parts.confirmation["date"][0]
    assert parts.selection["date"].n_unique() == parts.confirmation["date"].n_unique() == 20


@pytest.mark.parametrize("dates", [3, 6, 8])
def test_too_few_dates_to_choose_and_confirm_are_told(dates):
    assert split_validation(steady(dates=dates), 0.5) is None


def test_the_present_model_is_the_measure(moved):
    present = exact(moved) + np.random.default_rng(1).normal(0.0, 5.0, moved.height)
    judge = VariationScorer(moved, present, TUNE, DRIFT)
    itself = judge.score(present, 0.0)
    assert itself.objective == pytest.approx(1.0 + TUNE.drift_weight * itself.drift)
    error = np.abs(linear_price(moved, present) - moved["clean_price"].to_numpy())
    assert itself.mae == pytest.approx(error.mean())


def test_drift_of_the_features_costs_its_weight(moved):
    present = exact(moved) + np.random.default_rng(1).normal(0.0, 5.0, moved.height)
    judge = VariationScorer(moved, present, TUNE, DRIFT)
    plain, drifted = judge.score(present, 0.0), judge.score(present, 0.8)
    assert drifted.drift > plain.drift
    assert drifted.objective - plain.objective == pytest.approx(TUNE.drift_weight * (drifted.drift - plain.drift))


def test_smaller_errors_are_a_gain_and_equal_ones_are_none(moved):
    noise = np.random.default_rng(1).normal(0.0, 5.0, moved.height)
    judge = VariationScorer(moved, exact(moved) + noise, TUNE, DRIFT)
    gain = judge.gain(exact(moved) + 0.9 * noise, 1)
    assert gain.skill == pytest.approx(0.1)
    assert gain.verdict == BETTER
    assert judge.gain(exact(moved) + noise, 1).verdict == UNCLEAR


def test_a_faultless_model_is_never_bettered(moved):
    judge = VariationScorer(moved, exact(moved), TUNE, DRIFT)
    worse = judge.score(exact(moved) + 1.0, 0.0)
    assert worse.objective > 1e6


def test_luck_is_seldom_taken_for_a_gain(moved):
    rng = np.random.default_rng(2)
    taken = 0
    for seed in range(20):
        first, second = (exact(moved) + rng.normal(0.0, 5.0, moved.height) for _ in range(2))
        judge = VariationScorer(moved, first, TUNE, DRIFT)
        present, other = judge.score(first, 0.0), judge.score(second, 0.0)
        taken += accept(other, present, judge.gain(second, seed), TUNE.min_gain)
    assert taken <= 3  # one side of a 95 % interval: 1 of 40


GAIN = Skill(skill=0.05, low=0.01, high=0.09, verdict=BETTER, p_value=0.01)
PRESENT = VariationScore(0.5, 0.1, 1.01)


def test_all_three_conditions_must_hold():
    candidate = VariationScore(0.475, 0.1, 0.96)
    assert accept(candidate, PRESENT, GAIN, 0.01)
    assert not accept(candidate, PRESENT, GAIN._replace(low=-0.01, verdict=UNCLEAR), 0.01)
    assert not accept(candidate, PRESENT, GAIN, 0.06)
    assert not accept(VariationScore(0.475, 0.9, 1.04), PRESENT, GAIN, 0.01)  # it drifts more than it gains


def test_of_equal_candidates_the_first_is_best():
    assert best([VariationScore(1.0, 0.0, value) for value in (1.0, 0.9, 0.9)]) == 1
