"""What each kind of member learns."""

import numpy as np
import pytest

from richcheap.models.advanced_ml_adjuster.base_learners import KINDS, Learning, Member, OutOfFoldPrediction, predict
from richcheap.models.common.lightgbm import FIRST, BoostedTreesTrainer, Settings
from richcheap.models.common.spread_differences import wide_sample
from richcheap.models.common.target_space import OWN_LAST
from tests.models.common.test_spread_differences import FEATURES
from tests.models.small import SIZES


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
    member = Learning(learned, SIZES)(Member(kind, 7))
    assert kept.price_error(predict(member, kept.matrix, 1)) < 0.8 * kept.price_error(np.zeros(kept.noise_bp.size))


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_is_the_same_each_time_and_another_with_another_seed(kind, learned):
    learning = Learning(learned, SIZES)
    first = learning(Member(kind, 7))
    assert learning(Member(kind, 7)) == first
    assert (learning(Member(kind, 8)) == first) == (kind == "line")


@pytest.mark.parametrize("kind", KINDS)
def test_a_prediction_depends_neither_on_the_other_rows_nor_on_threads(kind, learned, kept):
    member = Learning(learned, SIZES)(Member(kind, 7))
    whole = predict(member, kept.matrix, 1)
    np.testing.assert_array_equal(predict(member, kept.matrix[4:9], 3), whole[4:9])
    assert predict(member, kept.matrix[:0], 1).shape == (0,)


def test_boosted_trees_are_those_of_the_boosted_model(learned):
    grown = BoostedTreesTrainer(
        learned, SIZES.clip_share, Settings(SIZES.learning_rate, SIZES.rounds, SIZES.rounds), FIRST, SIZES.rounds
    )
    assert Learning(learned, SIZES._replace(trees=FIRST))(Member("boosting", 7)) == grown(7)


def test_a_forest_has_its_trees_and_stays_within_the_clipped_target(learned, kept):
    forest = Learning(learned, SIZES)(Member("forest", 7))
    assert isinstance(forest, str)
    assert forest.count("Tree=") == SIZES.forest_trees
    low, high = learned.bounds(SIZES.clip_share)
    told = predict(forest, kept.matrix, 1)
    assert low <= told.min() <= told.max() <= high


def test_what_is_foretold_is_what_a_member_that_saw_those_rows_says(learned, kept):
    learning = Learning(learned, SIZES)
    member = Member("network", 7)
    told = OutOfFoldPrediction(learning, kept.matrix)(member)
    np.testing.assert_array_equal(told, predict(learning(member), kept.matrix, 1))
