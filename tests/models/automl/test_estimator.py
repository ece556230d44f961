"""The model as params.yaml describes it; candidates, spaces, blend and leaderboard; the same bytes everywhere."""

import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.linear_model import Ridge

from richcheap.features.catalogue import feature_names
from richcheap.models.automl import Params, build
from richcheap.models.automl.configurations import configurations
from richcheap.models.automl.leaderboard import finalists
from richcheap.models.automl.search import blend
from richcheap.models.automl.target_spaces import SPACES, rows_in_spaces, spaces, training_rows
from richcheap.models.automl.weights import Linear
from richcheap.models.common import lightgbm
from richcheap.models.common.base import DatasetError
from richcheap.models.common.lightgbm import DEFAULT_TREES
from richcheap.models.common.search import Trial
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.spread_differences import LEVEL, wide_space
from richcheap.models.common.target_space import KALMAN, OWN_LAST, Anchor
from tests.models.automl.small import small as automatic
from tests.models.datasets import stored

WIDE = [*feature_names("advanced"), LEVEL]
VALUES: dict[str, Any] = {
    "trials": 5,
    "keep_share": 0.5,
    "folds": 2,
    "fold_share": 0.2,
    "embargo_dates": 1,
    "search_rows": 5000,
    "budget_multiplier": 0.5,
    "finalists": 3,
    "ensemble_size": 5,
    "seeds": 2,
    "cold_start_rows": 30,
}


@pytest.fixture(scope="module")
def fitted(train, validation):
    """Return a model that has learned the signal."""
    return automatic().fit(train, validation)


def test_it_learns_with_the_given_params_from_all_sets_of_features():
    model = build(Params(**VALUES), seed=11, n_jobs=2)
    constant = {"shrinkage_steps": SHRINKAGE_STEPS, "seed": 11, "n_jobs": 2}
    assert model.get_params() == {**VALUES, **constant, "feature_sets": model.feature_sets}
    assert list(model.feature_sets) == ["basic", "enhanced", "advanced", "contrasts"]
    assert {"f_kalman_gap", LEVEL} < set(model.features)


@pytest.mark.parametrize("key", sorted(VALUES))
def test_a_param_out_of_range_is_refused(key):
    with pytest.raises(ValidationError, match=key):
        Params(**{**VALUES, key: -1})


@given(st.lists(st.floats(-500.0, 500.0), min_size=4, max_size=4), st.sampled_from(sorted(SPACES)))
def test_a_spread_told_in_any_space_is_found_again(train, spread, space):
    rows = train.head(4).with_columns(target_bp=pl.Series(spread))
    known = training_rows(rows, WIDE)
    predicted = known.sample(WIDE, space)
    np.testing.assert_allclose(known.rows.spread_bp(predicted.target_bp / predicted.unit_bp, space), spread, atol=1e-9)
    assert predicted.price_error(np.zeros(4)) == pytest.approx(known.price_error(known.rows.anchor_bp(space)))


def test_points_tell_the_fall_of_the_price(train):
    rows = train.head(50)
    points = training_rows(rows, WIDE).sample(WIDE, "points")
    fall = (rows["target_bp"] - rows["f_kalman_gap"]) * rows["dv01"]
    np.testing.assert_allclose(points.target_bp / points.unit_bp, fall)
    np.testing.assert_allclose(points.weight(), 1.0)


@pytest.mark.parametrize(
    ("space", "anchor"),
    [("kalman", KALMAN), ("points", KALMAN), ("noise", OWN_LAST), ("spread", Anchor(None, None))],
)
def test_contrasts_are_those_of_the_stacked_ensemble(train, space, anchor):
    matrix = rows_in_spaces(train, WIDE).space(WIDE, space).matrix
    np.testing.assert_array_equal(matrix, wide_space(train, WIDE, anchor).matrix)


def test_a_narrower_set_has_its_own_columns_without_contrasts(train):
    chosen = list(reversed(feature_names("basic")))
    matrix = rows_in_spaces(train, WIDE).space(chosen, "points").matrix
    np.testing.assert_array_equal(matrix, wide_space(train, chosen, KALMAN).matrix)


def test_boosting_bends_its_loss_in_units_of_the_targets_spread(train, monkeypatch):
    bends, spreads = [], []
    monkeypatch.setattr(lightgbm, "grow", lambda *args: bends.append(args[-1]["fair_c"]))
    plain = next(iter(configurations(1, ["advanced"], list(SPACES), 1.0, 5))).family
    for space in SPACES:
        learned = training_rows(train, WIDE).sample(WIDE, space)
        plain.learn(learned, 0, 0)
        spreads.append(learned.clipped(learned.bounds(plain.clip_share)).std())
    assert bends == pytest.approx(DEFAULT_TREES.bend * np.array(spreads))
    assert len(set(spreads)) == len(SPACES)


def test_in_bp_features_and_target_are_as_they_stand_in_the_dataset(train):
    chosen = feature_names("advanced")
    seen = training_rows(train, WIDE).sample(chosen, "spread")
    np.testing.assert_array_equal(seen.matrix, train.select(pl.col(chosen).cast(pl.Float32)).to_numpy())
    np.testing.assert_array_equal(seen.target_bp / seen.unit_bp, train["target_bp"])


def test_without_the_kalman_filter_its_space_is_not_on_offer():
    assert spaces(WIDE)[0] == "kalman"
    assert spaces(feature_names("enhanced")) == ["noise", "spread"]


def test_a_larger_budget_tries_the_same_candidates_and_more_and_none_twice():
    sets, predicted = ["basic", "enhanced"], list(SPACES)
    assert configurations(60, sets, predicted, 1.0, 5)[:20] == configurations(20, sets, predicted, 1.0, 5)
    assert len(set(configurations(60, sets, predicted, 1.0, 5))) == 60
    assert {each.family.name for each in configurations(4, sets, predicted, 1.0, 5)} == {
        *("boosting", "network", "linear", "forest")
    }


def test_the_best_of_each_family_is_among_the_finalists():
    tried = configurations(10, ["basic", "enhanced"], list(SPACES), 1.0, 5)
    trials = [Trial(each, (float(number),), 2 if number < 3 else 1) for number, each in enumerate(tried)]
    assert finalists(trials, 5) == [0, 1, 2, 3, 4]
    worst_first = [Trial(each, (float(-number),), 1) for number, each in enumerate(tried)]
    assert len({tried[number].family.name for number in finalists(worst_first, 4)}) == 4


@given(st.lists(st.lists(st.floats(-9.0, 9.0), min_size=6, max_size=6), min_size=1, max_size=5))
def test_a_blend_is_never_worse_than_the_best_alone(predictions):
    arrays, target, cost = [np.array(each) for each in predictions], np.arange(6.0), np.arange(1.0, 7.0)
    counts = blend(arrays, target, cost, 8)

    def loss(prediction):
        return np.mean(np.abs(target - prediction) * cost)

    mean = sum(count * each for count, each in zip(counts, arrays, strict=True)) / sum(counts)
    assert loss(mean) <= min(map(loss, arrays)) + 1e-9


def test_the_plain_linear_family_is_scikit_learns_ridge_on_standardised_features(train):
    complete = [name for name in feature_names("basic") if not train[name].null_count()]
    sample = training_rows(train, WIDE).sample(complete, "spread")
    family = Linear(0.01, robust=False, clip_share=0.0)
    matrix = sample.matrix.astype(np.float64)
    std = matrix.std(axis=0)
    standard = (matrix - matrix.mean(axis=0)) / np.where(std > 0.0, std, 1.0)
    ridge = Ridge(alpha=0.01 * len(matrix)).fit(standard, sample.target_bp, sample_weight=sample.weight())
    predicted = family.predict(family.learn(sample, 0, 0), sample.matrix)
    np.testing.assert_allclose(predicted, ridge.predict(standard), rtol=1e-6, atol=1e-6)


def test_the_leaderboard_ranks_every_trial_and_says_what_the_model_is_made_of(fitted):
    board = pl.DataFrame(fitted.findings()["leaderboard"], infer_schema_length=None)
    assert board["rank"].to_list() == list(range(1, 7))
    assert sorted(board["trial"]) == list(range(1, 7))
    assert board["folds"].is_sorted(descending=True)
    assert board["share"].sum() == pytest.approx(1.0)
    assert board.filter(pl.col("share") > 0.0).height == len(fitted.members_)
    latest, before = (board["mae"].list.get(fold) for fold in range(2))
    assert latest.null_count() == 0
    assert (before.is_null() == (board["folds"] == 1)).all()
    finished = board.filter(pl.col("folds") == 2)
    assert finished["loss"].is_sorted()


def test_neither_workers_nor_the_order_of_work_change_one_byte(train, validation, fitted):
    def elsewhere(function, tasks, *, desc, unit):
        function = pickle.loads(pickle.dumps(function))
        results = [pickle.loads(pickle.dumps(function(task))) for task in reversed(pickle.loads(pickle.dumps(tasks)))]
        return results[::-1]

    model = automatic(n_jobs=3).fit(train, validation, elsewhere).set_params(n_jobs=1)
    assert stored(model) == stored(fitted)


def test_prices_that_cannot_be_told_in_a_space_are_refused(train, validation):
    with pytest.raises(DatasetError, match="f_dv01 must be above 0 in every row, got 5"):
        automatic(feature_sets={"contrasts": WIDE}).fit(
            train.with_columns(f_dv01=pl.when(pl.int_range(pl.len()) < 5).then(0.0).otherwise(1.0)),
            validation,
        )
