"""Variations of a trained model: which there are, and what they learn from."""

import pickle

import joblib
import numpy as np
import polars as pl
import pytest

from richcheap.tuning.variations import UNCHANGED, WINDOWS, Variation, VariationTrainer, last_dates, variations
from tests.models.datasets import restored, stored
from tests.models.enhanced_ml_adjuster.small import small as boosted
from tests.models.ml_adjuster.small import small as forest


@pytest.fixture(scope="module", params=[forest, boosted])
def model(request, train, validation):
    """Return a trained model of a kind."""
    return request.param().fit(train, validation)


def test_later_windows_come_first_and_a_larger_budget_tries_the_same_and_more():
    small, large = variations(forest(), 4, 1), variations(forest(), 40, 1)
    assert large[:4] == small
    assert [one.window_share for one in small[: len(WINDOWS)]] == list(WINDOWS)
    assert len(set(large)) == len(large)
    assert UNCHANGED not in large


def test_only_parameters_that_the_model_has_are_varied_and_never_to_what_they_are():
    for model in (forest(target_clip_share=0.02), boosted(target_clip_share=0.02)):
        for candidate in variations(model, 100, 1):
            for name, value in candidate.settings:
                assert value != model.get_params()[name]
    names = {name for candidate in variations(forest(), 100, 1) for name, _ in candidate.settings}
    assert names == {"target_clip_share", "leaf_rows"}
    assert all(isinstance(v, int) for c in variations(forest(), 100, 1) for n, v in c.settings if n == "leaf_rows")


def test_the_order_depends_on_the_seed_alone():
    assert variations(forest(), 20, 1) == variations(forest(), 20, 1)
    assert variations(forest(), 20, 1) != variations(forest(), 20, 2)


def test_the_last_dates_are_whole_and_never_too_few(train):
    days = train["date"].unique().sort()
    half = last_dates(train, 0.5)
    assert half["date"].unique().sort().equals(days.tail(round(days.len() * 0.5)))
    assert half.equals(train.filter(pl.col("date") >= half["date"].min()))
    assert last_dates(train, 0.001)["date"].n_unique() == 5
    assert last_dates(train, 1.0).equals(train)


def test_the_unchanged_model_learned_again_predicts_the_same(model, train, validation):
    trainer = VariationTrainer(stored(model), train, validation, validation)
    np.testing.assert_array_equal(trainer(UNCHANGED), model.predict(validation))


def test_a_variation_is_the_model_learned_again_by_hand_and_leaves_the_model_alone(model, train, validation):
    before = stored(model)
    trainer = VariationTrainer(before, train, validation, validation)
    setting = ("target_clip_share", 0.05)
    found = trainer(Variation(0.5, (setting,)))
    by_hand = restored(before)
    by_hand.set_params(**dict([setting]))
    by_hand.refit(last_dates(train, 0.5), validation)
    np.testing.assert_array_equal(found, by_hand.predict(validation))
    assert not np.array_equal(found, model.predict(validation))
    np.testing.assert_array_equal(trainer(UNCHANGED), model.predict(validation))


def test_what_the_result_follows_from_has_one_hash(model, train, validation):
    """Checkpoints find a result by it."""
    early = validation.head(100)
    one = VariationTrainer(stored(model), train, early, validation)
    again = VariationTrainer(stored(model), train.clone(), early.rechunk(), validation.clone())
    other = VariationTrainer(stored(model), train.head(100), early, validation)
    assert joblib.hash(one) == joblib.hash(again) != joblib.hash(other)


def test_a_variation_can_be_learned_elsewhere(model, train, validation):
    trainer = VariationTrainer(stored(model), train, validation, validation)
    sent = pickle.loads(pickle.dumps(trainer))
    np.testing.assert_array_equal(sent(UNCHANGED), trainer(UNCHANGED))


def test_a_variation_that_cannot_learn_predicts_nothing(model, train, validation):
    without = train.with_columns(target_bp=pl.lit(np.nan))
    assert np.isnan(VariationTrainer(stored(model), without, validation, validation)(UNCHANGED)).all()
