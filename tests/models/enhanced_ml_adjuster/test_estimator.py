"""The boosted model: what it learns, what it is refused, and that its bytes depend on nothing else."""

import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

from richcheap.features.catalogue import feature_names
from richcheap.models.common.base import DatasetError
from richcheap.models.common.lightgbm import (
    DEFAULT_TREES,
    BoostedTreesTrainer,
    BoostingSchedule,
    TreesFold,
    random_tree_params,
    tree_seeds,
)
from richcheap.models.common.target_space import Anchor, sample
from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster
from tests.conftest import ROOT
from tests.models.datasets import restored, stored
from tests.models.enhanced_ml_adjuster.small import small as boosted

COLUMNS = feature_names("enhanced")


@pytest.fixture(scope="module")
def fitted(train, validation):
    """Return a model that has learned the signal."""
    return boosted().fit(train, validation)


def test_the_validation_block_chooses_nothing_but_the_multiplier(train, validation, fitted):
    smaller = validation.with_columns(pl.col("target_bp") * 0.3)
    model = boosted().fit(train, smaller)
    assert 0.0 < model.multiplier_ < 0.5
    assert (model.best_, model.rounds_, model.trials_) == (fitted.best_, fitted.rounds_, fitted.trials_)
    assert model.models_ == fitted.models_


def test_the_best_trial_and_its_length_are_used(train, fitted):
    tried = [trial for trial in fitted.trials_ if trial.folds == 2]
    best = min(tried, key=lambda trial: min(trial.losses))
    assert fitted.best_ == best.candidate
    assert fitted.rounds_ == 20 * (1 + best.losses.index(min(best.losses)))
    assert [model.count("Tree=") for model in fitted.models_] == [fitted.rounds_] * 2


def test_a_candidate_is_judged_on_dates_after_those_it_has_learned_from(train, validation, fitted):
    """Spoiling the last dates of the training block spoils the first fold tried, and what no fold trains on."""
    days = train["date"].unique().sort()
    window = fitted.splitter(days.len()).windows(days)[-1]
    late = pl.col("date") >= window.first_test
    spoilt = train.with_columns(target_bp=pl.when(late).then(-pl.col("target_bp")).otherwise("target_bp"))
    first = boosted(folds=1).fit(train, validation).trials_
    second = boosted(folds=1).fit(spoilt, validation).trials_
    assert all(min(trial.losses) < 0.6 for trial in first)
    assert all(min(trial.losses) > 1.0 for trial in second)
    embargoed = (pl.col("date") < window.first_test) & (pl.col("date") > window.last_train)
    assert train.filter(embargoed).height > 0
    wild = train.with_columns(target_bp=pl.when(embargoed).then(1e6).otherwise("target_bp"))
    assert boosted(folds=1).fit(wild, validation).trials_ == first


def test_an_evaluation_sees_no_more_rows_than_allowed_and_the_final_models_see_all(train, validation):
    asked = []

    def run(function, tasks, *, desc, unit):
        asked.append(function)
        return map(function, tasks)

    boosted(trials=1, search_rows=100).fit(train, validation, run)
    assert [fold.train.target_bp.size for fold in asked[:2]] == [100, 100]
    assert all(fold.test.target_bp.size <= 100 for fold in asked[:2])
    assert asked[2].train.target_bp.size == train.height


def test_one_wild_price_moves_the_prediction_little(train, validation, fitted):
    wild = train["target_bp"].to_numpy().copy()
    wild[5] = 1e9
    model = boosted(trials=1).fit(train.with_columns(target_bp=wild), validation)
    tame = boosted(trials=1).fit(train, validation)
    assert np.median(np.abs(model.predict(validation) - tame.predict(validation))) < 1.0


def test_the_unit_of_price_risk_changes_no_prediction(train, validation, fitted):
    scale = pl.col("dv01") * 1024.0
    model = boosted().fit(train.with_columns(scale), validation.with_columns(scale))
    np.testing.assert_array_equal(model.predict(validation), fitted.predict(validation))


def test_features_may_be_missing_in_part_or_altogether(train, validation):
    holes = [
        pl.lit(None, dtype=pl.Float64).alias("f_rating"),
        pl.when(pl.col("f_peer_move") < 0.0).then("f_peer_move").alias("f_peer_move"),
    ]
    model = boosted(trials=1).fit(train.with_columns(holes), validation.with_columns(holes))
    assert np.isfinite(model.predict(validation.with_columns(holes))).all()
    assert np.isfinite(model.predict(validation)).all()


def test_neither_who_works_nor_in_which_order_nor_cores_change_one_byte(train, validation, fitted):
    def backwards(function, tasks, *, desc, unit):
        results = [function(task) for task in reversed(tasks)]
        return results[::-1]

    model = boosted(n_jobs=3).fit(train, validation, backwards).set_params(n_jobs=1)
    assert stored(model) == stored(fitted)


@pytest.mark.slow
def test_fresh_processes_with_other_threads_and_hash_seeds_make_the_same_bytes(tmp_path, train, validation, fitted):
    train.write_parquet(tmp_path / "train")
    validation.write_parquet(tmp_path / "validation")
    code = (
        "import polars\n"
        "from tests.models.datasets import stored\n"
        "from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster\n"
        "from richcheap.models.common.target_space import Anchor\n"
        f"model = BoostedAdjuster(**{clone(fitted).get_params()!r})\n"
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
    assert stored(copy) == stored(fitted)


def test_another_seed_is_another_model(train, validation, fitted):
    model = boosted(seed=4).fit(train, validation)
    assert (model.predict(validation) != fitted.predict(validation)).any()


def test_a_prediction_depends_neither_on_the_other_rows_nor_on_cores(validation, fitted):
    whole = fitted.predict(validation)
    np.testing.assert_array_equal(fitted.predict(validation.head(7)), whole[:7])
    np.testing.assert_array_equal(fitted.predict(validation.reverse()), whole[::-1])
    assert fitted.predict(validation.clear()).shape == (0,)
    np.testing.assert_array_equal(restored(stored(fitted)).set_params(n_jobs=3).predict(validation), whole)


def test_a_model_starts_from_its_anchor_and_falls_back_to_it(train, validation):
    """What the base spread misses by a known distance is the anchor's, and is there when nothing is learned."""
    truth = pl.col("target_bp").alias("f_gap")
    anchored = {"anchor": Anchor("f_gap", "f_noise"), "trials": 1}
    learned, kept = train.with_columns(truth), validation.with_columns(truth)
    model = boosted(**anchored).fit(learned, kept)
    np.testing.assert_allclose(model.predict(kept), validation["target_bp"], atol=1e-9)
    further = pl.col("target_bp") + 2.0 * pl.col("f_noise")
    model = boosted(**anchored).fit(learned.with_columns(further), kept.with_columns(further))
    np.testing.assert_allclose(model.predict(kept), kept.select(further).to_series(), atol=0.5)


def test_work_is_announced(train, validation):
    said = []

    def run(function, tasks, *, desc, unit):
        said.append((desc, unit, len(tasks)))
        return map(function, tasks)

    boosted(keep_share=0.5).fit(train, validation, run)
    assert said == [
        ("search, fold 1 of 2", "trial", 3),
        ("search, fold 2 of 2", "trial", 2),
        ("final models", "model", 2),
    ]


def test_too_few_dates_for_the_folds_are_refused(train, validation):
    few = train.filter(pl.col("date") <= train["date"].unique().sort()[3])
    with pytest.raises(DatasetError, match=r"^the training block cannot be divided .*: 4 dates are too few"):
        boosted(folds=3, embargo_dates=2).fit(few, validation)


def test_a_larger_budget_tries_the_same_candidates_and_more():
    assert random_tree_params(9, 5)[:4] == random_tree_params(4, 5)
    assert random_tree_params(1, 5) == [DEFAULT_TREES]
    assert random_tree_params(9, 6)[1:] != random_tree_params(9, 5)[1:]
    assert len(set(random_tree_params(50, 5))) > 45


@pytest.mark.parametrize(
    ("rounds", "step", "expected"), [(60, 20, [20, 40, 60]), (50, 20, [20, 40, 50]), (10, 10, [10])]
)
def test_the_loss_is_looked_at_each_step_and_at_the_end(rounds, step, expected):
    assert BoostingSchedule(0.1, rounds, step).lengths() == expected


def test_the_loss_at_each_length_is_that_of_a_model_of_that_length(train, validation):
    fold = TreesFold(sample(train, COLUMNS), sample(validation, COLUMNS), 0.005, BoostingSchedule(0.1, 30, 10), seed=7)
    losses = fold(DEFAULT_TREES)
    still = fold.test.price_error(np.zeros(validation.height))
    for losses_at, rounds in zip(losses, (10, 20, 30), strict=True):
        growing = BoostedTreesTrainer(fold.train, 0.005, fold.schedule, DEFAULT_TREES, rounds)
        model = BoostedAdjuster(features=COLUMNS)
        model.models_, model.multiplier_ = [growing(7)], 1.0
        error = (model.predict(validation) - fold.test.target_bp) * fold.test.dv01
        assert losses_at == pytest.approx(np.abs(error).mean() / still, rel=1e-12)


def test_a_fold_whose_prices_all_equal_their_base_has_a_finite_loss(train, validation):
    still = validation.with_columns(target_bp=pl.lit(0.0))
    fold = TreesFold(sample(train, COLUMNS), sample(still, COLUMNS), 0.005, BoostingSchedule(0.1, 10, 10), seed=7)
    assert np.isfinite(fold(DEFAULT_TREES)).all()


def test_seeds_fit_into_what_lightgbm_takes():
    seeds = tree_seeds(2**32 - 1, 100)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert len(set(seeds)) == 100
