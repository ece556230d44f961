"""What every model of the registry keeps to; `tests/models/NAME/small.py` says how to make a small one."""

from importlib import import_module

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from richcheap.models.common.base import DatasetError
from richcheap.models.common.contributions import START
from richcheap.models.registry import MODELS
from richcheap.pipeline.storage.artifacts import read_json, write_json
from tests.models.datasets import blocks, planted, restored, shuffled, skill, stored


@pytest.fixture(scope="module", params=MODELS)
def build(request):
    """Return what makes a small model of a name."""
    return import_module(f"tests.models.{request.param}.small").small


@pytest.fixture(scope="module")
def fitted(build, train, validation):
    """Return a model that has learned the signal."""
    return build().fit(train, validation)


def test_a_planted_signal_is_learned(fitted):
    test = planted(blocks()["test"], seed=3)
    assert skill(test, fitted.predict(test)) > 0.6
    assert fitted.multiplier_ > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_shuffling_the_target_takes_the_skill_away(build, train, validation, seed):
    model = build().fit(shuffled(train, seed), shuffled(validation, seed + 10))
    centred = validation.with_columns(pl.col("target_bp") - pl.col("target_bp").median())
    assert skill(centred, model.predict(validation)) < 0.05


def test_a_model_that_is_wrong_on_the_validation_block_is_not_believed(build, train, validation):
    opposite = validation.with_columns(-pl.col("target_bp"))
    model = build().fit(train, opposite)
    assert model.multiplier_ == 0.0
    assert not model.predict(validation).any()


def test_the_prediction_is_the_mean_over_the_seeds(validation, fitted):
    members = fitted.member_predictions(validation)
    assert members.shape[1] > 1
    assert np.ptp(members, axis=1).mean() > 0.0
    np.testing.assert_allclose(members.mean(axis=1), fitted.predict(validation), rtol=1e-9, atol=1e-9)
    assert fitted.member_predictions(validation.clear()).shape == (0, members.shape[1])


def test_contributions_add_up_to_the_prediction_and_those_of_a_row_do_not_depend_on_others(validation, fitted):
    found = fitted.contributions(validation)
    np.testing.assert_allclose(np.sum(list(found.values()), axis=0), fitted.predict(validation), rtol=0.0, atol=1e-9)
    assert next(iter(found)) == START
    assert found["f_reversion"].std() > max(found[name].std() for name in ("f_coupon", "f_noise"))  # it was planted
    some = fitted.contributions(validation[5:9])
    assert all(values[5:9].tobytes() == some[name].tobytes() for name, values in found.items())
    assert all(values.size == 0 for values in fitted.contributions(validation.clear()).values())


def test_what_a_seed_predicts_for_a_row_does_not_depend_on_the_other_rows(validation, fitted):
    whole = fitted.member_predictions(validation)
    np.testing.assert_array_equal(fitted.member_predictions(validation[5:9]), whole[5:9])


def test_learning_anew_from_the_same_rows_gives_the_same_bytes_without_a_search(build, train, validation):
    said = []

    def run(function, tasks, *, desc, unit):
        said.append(desc)
        return map(function, tasks)

    model = build().fit(train, validation)
    first = stored(model)
    assert stored(model.refit(train, validation, run)) == first
    assert not [desc for desc in said if desc.startswith("search")]


def test_a_stored_model_predicts_the_same_bits(validation, fitted):
    np.testing.assert_array_equal(restored(stored(fitted)).predict(validation), fitted.predict(validation))
    assert stored(restored(stored(fitted))) == stored(fitted)


def test_learning_anew_from_other_rows_forgets_the_first(train, validation, fitted):
    other = train.with_columns(-pl.col("target_bp"))
    model = restored(stored(fitted)).refit(other, validation.with_columns(-pl.col("target_bp")))
    test = planted(blocks()["test"], seed=3)
    assert skill(test.with_columns(-pl.col("target_bp")), model.predict(test)) > 0.6


def test_what_training_found_can_be_written_and_its_weights_are_the_whole_prediction(build, fitted, tmp_path):
    found = fitted.findings()
    write_json(found, tmp_path / "found.json")
    assert len(read_json(tmp_path / "found.json")["leaderboard"]) == len(found["leaderboard"])
    assert found["multiplier"] == fitted.multiplier_
    board = found["leaderboard"]
    assert [entry["rank"] for entry in board] == list(range(1, len(board) + 1))
    if any("trial" in entry for entry in board):
        assert sum(entry["share"] for entry in board) == pytest.approx(1.0)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        build().findings()


def test_columns_that_are_not_features_change_no_prediction(validation, fitted):
    bare = validation.select(reversed(fitted.features))
    np.testing.assert_array_equal(fitted.predict(bare), fitted.predict(validation))


def test_a_clone_is_untrained_and_has_the_same_params(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not [name for name in vars(copy) if name.endswith("_")]


def test_an_untrained_model_does_not_predict(build, validation):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        build().predict(validation)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        build().member_predictions(validation)


def test_an_untrained_model_does_not_learn_anew(build, train, validation):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        build().refit(train, validation)


@pytest.mark.parametrize("name", ["training", "validation"])
def test_a_block_without_rows_is_refused(build, train, validation, name):
    given = {"training": train, "validation": validation}
    given[name] = given[name].clear()
    with pytest.raises(DatasetError, match=f"the {name} block must have rows, got none"):
        build().fit(*given.values())


def test_a_price_without_a_spread_is_not_learned_from_in_silence(build, train, validation):
    with pytest.raises(DatasetError, match="target_bp must be finite in every row"):
        build().fit(train.with_columns(target_bp=pl.lit(np.nan)), validation)
