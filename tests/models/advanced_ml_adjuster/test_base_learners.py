"""What each kind of member learns."""

import numpy as np
import pytest

from richcheap.models.advanced_ml_adjuster.base_learners import (
    KINDS,
    UNIT,
    BaseLearner,
    BaseLearnerTrainer,
    OutOfFoldPrediction,
    predict,
)
from richcheap.models.common.lightgbm import DEFAULT_TREES, BoostedTreesTrainer, BoostingSchedule
from richcheap.models.common.spread_differences import wide_sample
from richcheap.models.common.target_space import OWN_LAST
from tests.models.advanced_ml_adjuster.small import SIZES
from tests.models.common.test_spread_differences import FEATURES


@pytest.fixture(scope="module")
def learned(train):
    """Return training rows."""
    return wide_sample(train, FEATURES, OWN_LAST)


@pytest.fixture(scope="module")
def kept(validation):
    """Return validation rows."""
    return wide_sample(validation, FEATURES, OWN_LAST)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_the_signal(kind, learned, kept):
    member = BaseLearnerTrainer(learned, SIZES)(BaseLearner(kind, 7))
    seen = kept.measured_in(UNIT[kind])
    assert seen.price_error(predict(member, seen.matrix, 1)) < 0.8 * seen.price_error(np.zeros(seen.unit_bp.size))


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_is_the_same_each_time_and_another_with_another_seed(kind, learned):
    learning = BaseLearnerTrainer(learned, SIZES)
    first = learning(BaseLearner(kind, 7))
    assert learning(BaseLearner(kind, 7)) == first
    assert (learning(BaseLearner(kind, 8)) == first) == (kind == "line")


@pytest.mark.parametrize("kind", KINDS)
def test_a_prediction_depends_neither_on_the_other_rows_nor_on_threads(kind, learned, kept):
    member = BaseLearnerTrainer(learned, SIZES)(BaseLearner(kind, 7))
    whole = predict(member, kept.matrix, 1)
    np.testing.assert_array_equal(predict(member, kept.matrix[4:9], 3), whole[4:9])
    assert predict(member, kept.matrix[:0], 1).shape == (0,)


def test_boosted_trees_are_those_of_the_boosted_model(learned):
    grown = BoostedTreesTrainer(
        learned,
        SIZES.clip_share,
        BoostingSchedule(SIZES.learning_rate, SIZES.rounds, SIZES.rounds),
        DEFAULT_TREES,
        SIZES.rounds,
    )
    assert BaseLearnerTrainer(learned, SIZES._replace(trees=DEFAULT_TREES))(BaseLearner("boosting", 7)) == grown(7)


def test_a_forest_has_its_trees_and_stays_within_the_clipped_target(learned, kept):
    forest = BaseLearnerTrainer(learned, SIZES)(BaseLearner("forest", 7))
    assert isinstance(forest, str)
    assert forest.count("Tree=") == SIZES.forest_trees
    low, high = learned.bounds(SIZES.clip_share)
    predicted = predict(forest, kept.matrix, 1)
    assert low <= predicted.min() <= predicted.max() <= high


def test_the_loss_of_trees_in_points_bends_where_that_of_trees_in_noises_does(learned, kept):
    """In tenths of a point the same trees are grown: the bend is one of noises, whatever they cost."""
    tenths = learned._replace(point_bp=learned.point_bp / 10.0)
    member = BaseLearner("boosting_points", 7)
    points, ten_times = (predict(BaseLearnerTrainer(rows, SIZES)(member), kept.matrix, 1) for rows in (learned, tenths))
    np.testing.assert_allclose(ten_times, 10.0 * points, rtol=1e-4, atol=1e-6)


def test_what_is_foretold_in_points_is_told_in_multiples_of_the_noise(learned, kept):
    learning, member = BaseLearnerTrainer(learned, SIZES), BaseLearner("boosting_points", 7)
    points = predict(learning(member), kept.matrix, 1)
    noise_in_points = kept.unit_bp * kept.dv01
    np.testing.assert_allclose(OutOfFoldPrediction(learning, kept)(member) * noise_in_points, points)


def test_what_is_foretold_is_what_a_member_that_saw_those_rows_says(learned, kept):
    learning = BaseLearnerTrainer(learned, SIZES)
    member = BaseLearner("network", 7)
    predicted = OutOfFoldPrediction(learning, kept)(member)
    np.testing.assert_array_equal(predicted, predict(learning(member), kept.matrix, 1))
