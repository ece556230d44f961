"""The stack: forward-chained, weighed, honest about cold starts, the same bytes everywhere."""

import os
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

from richcheap.models.advanced_ml_adjuster.base_learners import KINDS
from richcheap.models.common.base import DatasetError
from richcheap.models.common.spread_differences import LEVEL
from richcheap.models.common.target_space import DV01, Anchor
from tests.conftest import ROOT
from tests.models.advanced_ml_adjuster.small import small as stacked
from tests.models.datasets import blocks, planted, restored, skill, stored


@pytest.fixture(scope="module")
def fitted(train, validation):
    """Return a stack that has learned the signal."""
    return stacked().fit(train, validation)


def test_the_stack_is_nearer_to_its_best_kind_than_to_the_average_one(fitted):
    test = planted(blocks()["test"], seed=3)
    alone = []
    for kind in KINDS:
        one = restored(stored(fitted))
        one.weights_ = {other: float(other == kind) for other in KINDS}
        alone.append(skill(test, one.predict(test)))
    assert skill(test, fitted.predict(test)) > 0.5 * (max(alone) + np.mean(alone))


def test_kinds_are_weighed_by_what_they_foretold_of_later_dates(train, validation, fitted):
    """A signal that turns in the last dates of the training block earns those nothing that had learned it."""
    turned = train["date"].unique().sort()[-12]
    sign = pl.when(pl.col("date") >= turned).then(-1.0).otherwise(1.0)
    model = stacked(folds=1, fold_share=0.2, weight_shrinkage=1e-6).fit(
        train.with_columns(pl.col("target_bp") * sign), validation
    )
    assert sum(model.weights_.values()) < 0.6
    assert sum(fitted.weights_.values()) > 0.9
    assert sum(weight == 0.0 for weight in model.weights_.values()) >= 2


def test_no_member_sees_the_dates_that_it_foretells(train, validation, fitted):
    days = train["date"].unique().sort()
    window = fitted.splitter(days.len()).windows(days)[-1]
    asked = []

    def run(function, tasks, *, desc, unit):
        asked.append(function)
        return map(function, tasks)

    stacked().fit(train, validation, run)
    last_fold, final = asked[-2], asked[-1]
    assert last_fold.learning.train.target_bp.size == train.filter(pl.col("date") <= window.last_train).height
    assert last_fold.test.target_bp.size == train.filter(pl.col("date") >= window.first_test).height
    assert final.train.target_bp.size == train.height


def test_a_member_learns_from_no_more_rows_than_allowed(train, validation):
    asked = []

    def run(function, tasks, *, desc, unit):
        asked.append(function)
        return map(function, tasks)

    stacked(member_rows=100).fit(train, validation, run)
    assert [function.learning.train.target_bp.size for function in asked[:-1]] == [100]
    assert asked[-1].train.target_bp.size == 100


def test_work_is_announced(train, validation):
    said = []

    def run(function, tasks, *, desc, unit):
        said.append((desc, unit, len(tasks)))
        return map(function, tasks)

    stacked(folds=2, fold_share=0.15).fit(train, validation, run)
    assert said == [
        ("stack, fold 1 of 2", "member", 9),
        ("stack, fold 2 of 2", "member", 9),
        ("final members", "member", 9),
    ]


def test_without_dv01_nothing_is_learned_in_points(train, validation):
    features = [name for name in stacked().features if name not in {DV01, LEVEL}]
    assert "boosting_points" not in stacked(features=features).fit(train, validation).weights_


def test_the_validation_block_decides_nothing_but_what_is_believed(train, validation, fitted):
    smaller = validation.with_columns(pl.col("target_bp") * 0.3)
    model = stacked().fit(train, smaller)
    assert 0.0 < model.multiplier_ < 0.5
    assert (model.weights_, model.members_) == (fitted.weights_, fitted.members_)


def colder(rows, seed):
    """Return rows of which a third has no history: their base is the matrix spread, and the anchor is far from it."""
    cold = np.random.default_rng(seed).random(rows.height) < 1.0 / 3.0
    age = pl.when(pl.Series(cold)).then(None).otherwise("f_days_since_last").alias("f_days_since_last")
    return rows.with_columns(age, f_gap=pl.when(pl.Series(cold)).then(50.0).otherwise(0.0))


def test_cold_starts_are_no_worse_than_the_anchor_where_nothing_more_can_be_known_of_them(train, validation):
    """Prints of cold bonds scatter around the anchor, 50 bp from the matrix spread."""

    def without_signal(rows, seed):
        rows = colder(rows, seed)
        scatter = pl.Series(np.random.default_rng(seed).normal(50.0, 3.0, rows.height))
        known = pl.col("f_days_since_last").is_not_null()
        return rows.with_columns(target_bp=pl.when(known).then("target_bp").otherwise(scatter))

    model = stacked(anchor=Anchor("f_gap", "f_noise"))
    model.fit(without_signal(train, 1), without_signal(validation, 2))
    test = without_signal(planted(blocks()["test"], seed=3), 3)
    cold = test.filter(pl.col("f_days_since_last").is_null())
    warm = test.filter(pl.col("f_days_since_last").is_not_null())
    around_anchor = cold.with_columns(pl.col("target_bp") - 50.0)
    assert skill(around_anchor, model.predict(cold) - 50.0) > -0.02
    assert skill(warm, model.predict(warm)) > 0.6


def test_cold_starts_have_a_multiplier_of_their_own_from_rows_foretold_and_validation_rows(train, validation):
    opposite = colder(validation, 2).with_columns(
        target_bp=pl.when(pl.col("f_days_since_last").is_null()).then("target_bp").otherwise(-pl.col("target_bp"))
    )
    model = stacked().fit(colder(train, 1), opposite)
    assert model.shrinkage_.multiplier == 0.0
    assert model.shrinkage_.cold_start_multiplier > 0.5
    warm_only = opposite.filter(pl.col("f_days_since_last").is_not_null())
    assert stacked().fit(colder(train, 1), warm_only).shrinkage_.cold_start_multiplier > 0.5


def test_learning_anew_keeps_the_weights_and_the_multiplier_of_cold_starts(train, validation, fitted):
    model = restored(stored(fitted))
    other = train.with_columns(-pl.col("target_bp"))
    model.refit(other, validation.with_columns(-pl.col("target_bp")))
    assert model.weights_ == fitted.weights_
    assert model.shrinkage_.cold_start_multiplier == fitted.shrinkage_.cold_start_multiplier
    assert model.members_ != fitted.members_


def test_neither_who_works_nor_cores_change_one_byte(train, validation, fitted):
    """What is done elsewhere goes there and comes back as bytes, and is done in another order."""

    def elsewhere(function, tasks, *, desc, unit):
        results = [sent(sent(function)(sent(task))) for task in reversed(tasks)]
        return results[::-1]

    model = stacked(n_jobs=3).fit(train, validation, elsewhere).set_params(n_jobs=1)
    assert stored(model) == stored(fitted)


def sent(thing):
    """Return what comes out at the other end."""
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.slow
def test_fresh_processes_with_other_threads_and_hash_seeds_make_the_same_bytes(tmp_path, train, validation, fitted):
    train.write_parquet(tmp_path / "train")
    validation.write_parquet(tmp_path / "validation")
    code = (
        "import polars\n"
        "from tests.models.datasets import stored\n"
        "from richcheap.models.common.lightgbm import TreeParams\n"
        "from richcheap.models.advanced_ml_adjuster.base_learners import Sizes\n"
        "from richcheap.models.common.target_space import Anchor\n"
        "from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster\n"
        f"model = StackedAdjuster(**{clone(fitted).get_params()!r})\n"
        "model.fit(polars.read_parquet('train'), polars.read_parquet('validation'))\n"
        "from pathlib import Path; Path('model').write_bytes(stored(model))"
    )
    for count in ("1", "3"):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": count, "PYTHONHASHSEED": count}
        subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, check=True)
        assert (tmp_path / "model").read_bytes() == stored(fitted)


def test_what_is_stored_predicts_the_same_bits(validation, fitted):
    copy = restored(stored(fitted))
    np.testing.assert_array_equal(copy.predict(validation), fitted.predict(validation))


def test_a_prediction_depends_neither_on_the_other_rows_nor_on_cores(validation, fitted):
    whole = fitted.predict(validation)
    np.testing.assert_array_equal(fitted.predict(validation.head(7)), whole[:7])
    np.testing.assert_array_equal(fitted.predict(validation.reverse()), whole[::-1])
    assert fitted.predict(validation.clear()).shape == (0,)
    np.testing.assert_array_equal(restored(stored(fitted)).set_params(n_jobs=3).predict(validation), whole)


def test_too_few_dates_for_the_folds_are_refused(train, validation):
    few = train.filter(pl.col("date") <= train["date"].unique().sort()[3])
    with pytest.raises(DatasetError, match=r"^the training block cannot be divided .*: 4 dates are too few"):
        stacked(folds=3, fold_share=0.15, embargo_dates=2).fit(few, validation)
