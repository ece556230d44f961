"""Permutation importance: what is dealt, what stays, and who is found important."""

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.importance import (
    GROUPS,
    feature_reliance,
    groups_of,
    importance,
    linear_price,
    permute_dates,
    permute_within,
    shared_by_dates,
    spread_dates,
)
from richcheap.evaluation.params import ImportanceParams
from richcheap.features.catalogue import FEATURES
from richcheap.features.repricing import Repricer
from tests.drift.drifting import block
from tests.models.ml_adjuster.small import small as forest
from tests.surface.markets import small_market, valued

PARAMS = ImportanceParams(repeats=4, rows=5000)


def found(predict, rows, features, seed=1):
    result = importance(predict, rows, linear_price, features, PARAMS, seed)
    return {entry["group"]: entry for entry in result["groups"]}


def test_every_feature_of_the_dataset_has_one_group():
    grouped = [feature for group in GROUPS.values() for feature in group]
    assert len(grouped) == len(set(grouped))
    missing = {feature.name for feature in FEATURES} - set(grouped)
    assert not missing, f"put into a group of src/richcheap/evaluation/importance.py: {', '.join(sorted(missing))}"


def test_rows_stay_on_their_date_and_all_are_dealt():
    day = np.repeat(np.arange(5), [30, 25, 40, 20, 33])
    order = permute_within(day, np.random.default_rng(1))
    assert sorted(order) == list(range(day.size))
    np.testing.assert_array_equal(day[order], day)
    assert (order != np.arange(day.size)).mean() > 0.8


def test_dates_of_few_rows_are_dealt_together():
    day = np.arange(40)
    order = permute_within(day, np.random.default_rng(1))
    assert (order[:20] < 20).all()
    assert (order != np.arange(40)).any()


def test_whole_dates_swap_what_their_bonds_share():
    day = np.repeat([3, 5, 9], [2, 3, 2])
    order = permute_dates(day, np.random.default_rng(2))
    taken = day[order]
    for date in (3, 5, 9):
        assert np.unique(taken[day == date]).size == 1
    assert sorted({int(taken[day == date][0]) for date in (3, 5, 9)}) == [3, 5, 9]


def test_the_curve_is_shared_by_a_date_and_the_coupon_is_not():
    rows = block("validation")
    assert shared_by_dates(rows, ["f_curve_level", "f_curve_slope"])
    assert not shared_by_dates(rows, ["f_curve_level", "f_coupon"])


def test_what_a_predictor_does_not_read_matters_nothing_and_what_it_reads_does():
    rows = block("validation")
    groups = found(lambda table: table["f_noise"].to_numpy(), rows, ["f_noise", "f_coupon"])
    assert groups["terms"]["importance"] == groups["terms"]["std"] == 0.0
    right = rows.with_columns(target_bp=pl.col("f_noise"))
    right = right.with_columns(clean_price=linear_price(right, right["target_bp"].to_numpy()))
    groups = found(lambda table: table["f_noise"].to_numpy(), right, ["f_noise", "f_coupon"])
    assert groups["noise"]["importance"] > 10.0 * groups["noise"]["std"] > 0.0


def test_a_feature_that_all_bonds_of_a_date_share_can_matter():
    rows = block("validation")
    level = rows["f_curve_level"].to_numpy()
    rows = rows.with_columns(clean_price=linear_price(rows, level))
    groups = found(lambda table: table["f_curve_level"].to_numpy(), rows, ["f_curve_level"])
    assert groups["curve"]["importance"] > 0.0


def test_the_planted_signal_is_what_a_trained_model_owes_most_to():
    train, rows = block("train"), block("validation", seed=2)
    model = forest().fit(train, rows)
    result = importance(model.predict, rows, linear_price, model.features, PARAMS, 1)
    assert {entry["group"] for entry in result["groups"][:2]} == {"own history", "terms"}
    shares = feature_reliance(result)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["own history"] + shares["terms"] > 0.9


def test_nothing_important_is_listened_to_alike():
    nothing = importance(
        lambda table: np.zeros(table.height), block("validation"), linear_price, ["f_noise", "f_age"], PARAMS, 1
    )
    assert feature_reliance(nothing) == {"noise": 0.5, "terms": 0.5}


def test_same_seed_same_importance():
    rows = block("validation")
    results = [found(lambda table: table["f_noise"].to_numpy(), rows, ["f_noise"], seed) for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


def test_whole_dates_are_left_out_when_there_are_too_many_rows():
    rows = block("train")
    kept = spread_dates(rows, rows.height // 4)
    assert 0.1 * rows.height < kept.height <= 0.3 * rows.height
    for day in kept["date"].unique():
        assert kept.filter(pl.col("date") == day).equals(rows.filter(pl.col("date") == day))
    assert spread_dates(rows, rows.height).equals(rows)


def test_first_order_prices_come_close_to_discounting_the_cash_flows():
    rows = block("validation")
    repricer = Repricer.from_frame(valued(small_market(bonds=40, dates=60)).curves)
    prediction = np.random.default_rng(1).normal(0.0, 10.0, rows.height)
    exact = repricer.predicted_prices(rows, prediction[:, None])[:, 0]
    moved = np.abs(exact - rows["baseline_last_adjusted"].to_numpy())
    error = np.abs(linear_price(rows, prediction) - exact)
    assert error.mean() < 0.01 * moved.mean()
    assert error.max() < 0.03 * moved.max()


def test_groups_keep_the_order_of_their_table():
    assert list(groups_of(["f_noise", "f_coupon", "f_peer_move"])) == ["peers", "terms", "noise"]
