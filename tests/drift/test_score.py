"""Drift of features and predictors: found where it was planted, absent where nothing changes."""

import math

import numpy as np
import polars as pl
import pytest

from richcheap.drift.consensus import consensus
from richcheap.drift.score import PARTS, feature_drift, feature_reliance_drift, methods_drift, predictor_drift
from richcheap.drift.tracks import days, halves, track
from tests.drift.drifting import DRIFT, block, steady


def good(rows, deviation=0.2, seed=7):
    """Return prices that miss the observed ones by a normal error."""
    return rows["clean_price"].to_numpy() + np.random.default_rng(seed).normal(0.0, deviation, rows.height)


def drift_of(before, after, *prices, features=0.0):
    tracks = [track(rows, price) for rows, price in zip((before, after), prices, strict=True)]
    return predictor_drift(tracks[0], tracks[1], features, DRIFT)


@pytest.fixture(scope="module")
def windows():
    """Return two windows of a market in which nothing changes."""
    return steady(seed=1), steady(seed=2)


def test_a_predictor_that_errs_as_before_has_not_drifted(windows):
    found = drift_of(*windows, *[good(rows, seed=k) for k, rows in enumerate(windows)])
    assert found["score"] == 0.0
    assert (found["status"], found["retrain"], found["largest"]) == ("steady", False, None)
    assert found["coverage"]["empirical"] == pytest.approx(0.9, abs=0.03)


def test_steady_predictors_seldom_raise_an_alarm():
    alarms = 0
    for seed in range(30):
        pair = [steady(dates=40, bonds=10, seed=2 * seed + k) for k in (0, 1)]
        alarms += drift_of(*pair, *[good(rows, seed=seed + 99 * k) for k, rows in enumerate(pair)])["score"] > 0.0
    assert alarms <= 5  # three tests at a false discovery rate of 5 %: 2 of 30 are expected


def test_errors_that_grow_while_the_consensus_errs_as_before_are_drift(windows):
    found = drift_of(*windows, good(windows[0]), good(windows[1], 0.3))
    assert found["residuals"]["growth"] == pytest.approx(0.5, abs=0.1)
    assert found["residuals"]["score"] == 1.0
    assert found["retrain"]
    assert found["residuals"]["mae"]["after"] > found["residuals"]["mae"]["before"]


def test_errors_that_grow_with_those_of_the_consensus_are_no_drift_of_the_model():
    calm, wild = steady(seed=1), steady(seed=2)
    wide = 2.0 * (wild.select(pl.exclude("date", "bond_id")) - wild["clean_price"])
    louder = wild.with_columns(
        (wild["clean_price"] + wide[name]).alias(name) for name in wide.columns if name.startswith(("base", "fair"))
    )
    found = drift_of(calm, louder, good(calm), good(louder, 0.4))
    assert found["residuals"]["score"] == 0.0
    assert found["coverage"]["score"] > 0.5  # but intervals that fitted before are too narrow now


def test_errors_that_shrink_are_no_fault(windows):
    found = drift_of(*windows, good(windows[0], 0.4), good(windows[1], 0.2))
    assert found["residuals"]["growth"] < 0.0
    assert found["residuals"]["score"] == 0.0


def test_a_shift_from_the_consensus_is_told_in_basis_points(windows):
    apart = consensus(windows[0]).dispersion_bp
    found = drift_of(*windows, good(windows[0]), good(windows[1]) - 0.1)  # two bp at 0.05 points each
    assert found["consensus"]["shift_bp"]["value"] == pytest.approx(2.0, abs=0.5)
    assert found["consensus"]["score"] == pytest.approx(2.0 / np.median(apart), rel=0.25)


def test_a_creeping_deviation_has_a_trend(windows):
    creep = 0.01 * (days(windows[1]) - days(windows[1])[0])
    found = drift_of(*windows, good(windows[0]), good(windows[1]) - creep)
    assert found["consensus"]["trend_bp_a_date"]["value"] > 0.0
    assert found["consensus"]["trend_bp_a_date"]["low"] > 0.0


def test_the_score_joins_the_parts_so_that_one_is_enough(windows):
    found = drift_of(*windows, good(windows[0]), good(windows[1], 0.23) - 0.05, features=0.4)
    assert found["score"] == pytest.approx(1.0 - math.prod(1.0 - found[part]["score"] for part in PARTS))
    assert found["score"] >= 0.4
    assert found["status"] in {"watch", "retrain"}


@pytest.mark.parametrize(("features", "status"), [(0.24, "steady"), (0.25, "watch"), (0.5, "retrain")])
def test_thresholds_belong_to_what_they_start(windows, features, status):
    found = drift_of(*windows, *[good(rows, seed=k) for k, rows in enumerate(windows)], features=features)
    assert found["status"] == status
    assert found["retrain"] == (status == "retrain")


def test_short_bonds_say_nothing_of_spreads(windows):
    short = [rows.with_columns(years_to_maturity=pl.lit(0.1)) for rows in windows]
    found = drift_of(*short, good(short[0]), good(short[1]) - 5.0)
    assert found["consensus"]["score"] == 0.0
    assert math.isnan(found["consensus"]["shift_bp"]["value"])


def test_a_few_dates_raise_no_alarm(windows):
    few = [rows.filter(pl.col("date") < rows["date"].unique().sort()[2]) for rows in windows]
    assert drift_of(*few, good(few[0]), good(few[1], 3.0))["score"] == 0.0


def first_dates(rows, count):
    return rows.filter(pl.col("date") < rows["date"].unique().sort()[count])


@pytest.mark.parametrize(("dates", "before", "after"), [(1, 0, 1), (2, 1, 1), (9, 4, 5)])
def test_what_too_few_dates_cannot_tell_is_no_figure_and_is_noted(windows, dates, before, after):
    rows = first_dates(windows[0], dates)
    found = predictor_drift(*halves(track(rows, good(rows))), 0.0, DRIFT)
    assert [found[part]["score"] for part in PARTS] == [0.0, 0.0, 0.0, 0.0]
    assert found["note"] == (
        f"residuals, coverage, consensus: needs at least 5 dates in each window, has {before} before and {after} after"
    )
    assert (found["score"], found["status"], found["retrain"], found["largest"]) == (0.0, "unknown", False, None)
    assert math.isnan(found["residuals"]["growth"])
    assert found["residuals"]["mae"]["after"] > 0.0
    if not before:
        assert math.isnan(found["residuals"]["mae"]["before"])
        assert math.isnan(found["coverage"]["empirical"])


def test_features_are_told_apart_however_few_dates_there_are(windows):
    rows = first_dates(windows[0], 1)
    found = predictor_drift(*halves(track(rows, good(rows))), 0.6, DRIFT)
    assert (found["score"], found["status"], found["largest"]) == (0.6, "retrain", "features")


def test_with_dates_enough_nothing_is_noted(windows):
    found = drift_of(*windows, *[good(rows, seed=k) for k, rows in enumerate(windows)])
    assert found["note"] is None


def test_every_method_of_the_consensus_is_followed_too(windows):
    found = methods_drift(windows[0], windows[1], DRIFT)
    assert set(found) == {"matrix", "last_adjusted", "ewma", "peers", "kalman"}
    assert not any(figures["retrain"] for figures in found.values())


def test_a_feature_that_moved_is_found_and_the_others_are_not():
    rng = np.random.default_rng(1)
    train, validation = (
        steady(seed=k).with_columns(f_noise=pl.Series(rng.normal(0.0, 1.0, 1500)), f_coupon=pl.Series(rng.random(1500)))
        for k in (1, 2)
    )
    moved = validation.with_columns(pl.col("f_noise") + 1.0)
    found = feature_drift(train, moved, ["f_coupon", "f_noise"], DRIFT, 1)
    assert [(entry["feature"], entry["group"], entry["drifted"]) for entry in found.table] == [
        ("f_noise", "noise", True),
        ("f_coupon", "terms", False),
    ]
    assert found.sizes == {"f_coupon": 0.0, "f_noise": 1.0}
    quiet = feature_drift(train, validation, ["f_coupon", "f_noise"], DRIFT, 1)
    assert not any(entry["drifted"] for entry in quiet.table)


def test_drift_counts_as_far_as_a_model_listens():
    train, validation = block("train"), block("validation")
    moved = validation.with_columns(f_noise=pl.col("f_noise") * 50.0)
    found = feature_drift(train, moved, ["f_noise", "f_coupon"], DRIFT, 1)
    assert feature_reliance_drift(found, {"noise": 0.0, "terms": 1.0}) == found.sizes["f_coupon"]
    assert feature_reliance_drift(found, {"noise": 0.3, "terms": 0.7}) == pytest.approx(
        0.3 * found.sizes["f_noise"] + 0.7 * found.sizes["f_coupon"]
    )
    assert feature_reliance_drift(found, {"kalman": 1.0}) == 0.0
