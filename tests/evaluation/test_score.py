"""Judging predictors on the rows of a small market."""

import math
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.score import (
    OptionalInputs,
    ScoredBlock,
    prediction_table,
    score_predictors,
    yield_errors,
)
from richcheap.evaluation.simulated_truth import SimulatedTruth
from richcheap.evaluation.skill import few_dates_note
from richcheap.features.repricing import yields
from richcheap.panel.split import cut, split_dates
from tests.features.datasets import dataset
from tests.surface.markets import SPLIT, small_market

PARAMS = EvaluateParams(
    bootstrap_resamples=100,
    bootstrap_block_dates=1,
    confidence=0.95,
    interval_coverage=0.9,
    interval_half_life_dates=30.0,
    interval_level_half_life_dates=3.0,
    interval_min_rows=20,
    interval_step=0.5,
    interval_scale_trees=5,
    interval_scale_rows=1000,
    ridge_penalty=0.01,
    ridge_clip_share=0.01,
)


@cache
def rows() -> dict[str, pl.DataFrame]:
    found = dataset(small_market(dates=40))
    dates = found["date"].unique().sort()
    return cut(found, dates, split_dates(dates.len(), SPLIT))


def block(name: str, errors: dict[str, float]) -> ScoredBlock:
    """Return a block whose predictors miss every price by so many points."""
    found = rows()[name]
    return ScoredBlock(found, {key: found["clean_price"].to_numpy() + error for key, error in errors.items()})


def scored(
    validation_errors: dict[str, float],
    test_errors: dict[str, float],
    truth: SimulatedTruth | None = None,
    optional_inputs: OptionalInputs = OptionalInputs(),  # noqa: B008  immutable
) -> dict[str, Any]:
    """VariationScorer predictors that miss by so many points, with intervals of 0.25 points to each side."""
    validation, test = block("validation", validation_errors), block("test", test_errors)
    baselines = [name for name in test_errors if name.startswith(("last", "kalman", "peers"))]
    widths = {name: np.full(test.rows.height, 0.25) for name in test_errors}
    return score_predictors(validation, test, widths, yield_errors(test), baselines, truth, PARAMS, 1, optional_inputs)


def test_the_best_of_each_kind_is_the_best_on_the_validation_block() -> None:
    result = scored(
        {"last": 0.3, "last_adjusted": 0.2, "first": 0.1, "second": 0.4},
        {"last": 0.1, "last_adjusted": 0.2, "first": 0.5, "second": 0.1},
    )
    assert result["best_baseline"] == "last_adjusted"
    assert result["best_model"] == "first"


def test_the_best_simple_baseline_is_neither_a_filter_nor_a_model() -> None:
    result = scored(
        {"last": 0.4, "last_adjusted": 0.3, "peers": 0.2, "kalman": 0.1, "model": 0.05},
        {"last": 0.1, "last_adjusted": 0.3, "peers": 0.2, "kalman": 0.1, "model": 0.05},
    )
    assert result["best_simple_baseline"] == "peers"
    assert result["best_baseline"] == "kalman"
    skill = result["skill"]["model"]
    assert skill["against_best_simple_baseline"]["skill"] == pytest.approx(0.75)
    assert skill["against_best_baseline"] == skill["against_kalman"]
    assert skill["against_kalman"]["skill"] == pytest.approx(0.5)
    assert set(skill) == {"against", "against_best_baseline", "against_best_simple_baseline", "against_kalman"}


def test_the_test_block_has_no_say_in_which_simple_baseline_is_best() -> None:
    known = {"last": 0.3, "last_adjusted": 0.2, "peers": 0.4, "model": 0.1}
    results = [scored(known, {**known, "peers": late, "last": 1.0 - late}) for late in (0.01, 0.9)]
    assert [result["best_simple_baseline"] for result in results] == ["last_adjusted"] * 2
    assert {name: entry["validation_mae"] for name, entry in results[0]["predictors"].items()} == pytest.approx(known)


def test_too_few_test_dates_for_an_interval_are_noted() -> None:
    errors = {"last": 0.3, "last_adjusted": 0.2, "model": 0.1}
    result = scored(errors, errors)
    dates = result["dates"]
    assert (result["skill_note"] is None) == (dates >= 5)
    assert few_dates_note(1) == "an interval of skill, and so a verdict, needs at least 5 test dates, has 1"
    assert few_dates_note(5) is None


def test_every_predictor_is_compared_with_every_other_baseline() -> None:
    errors = {"last": 0.4, "last_adjusted": 0.3, "model": 0.1}
    skill = scored(errors, errors)["skill"]
    assert {name: list(entry["against"]) for name, entry in skill.items()} == {
        "last": ["last_adjusted"],
        "last_adjusted": ["last"],
        "model": ["last", "last_adjusted"],
    }
    assert skill["model"]["against"]["last"]["skill"] == pytest.approx(0.75)
    # nothing varies, so both are as certain as 100 resamples can say, and two tests double that
    assert skill["model"]["against"]["last"]["p_value"] == pytest.approx(2 / 101)
    assert skill["model"]["against"]["last"]["p_value_holm"] == pytest.approx(4 / 101)


def test_shares_are_those_of_what_the_oracle_knows() -> None:
    test = rows()["test"]
    observed = test["clean_price"].to_numpy()
    regime = pl.Series(["calm"] * test.height)
    truth = SimulatedTruth(observed + 0.05, regime, optimal_filter=observed - 0.2, noise_free=observed + 0.1)
    errors = {"last": 0.4, "last_adjusted": 0.1, "model": 0.2}
    result = scored(errors, errors, truth)
    seen = test.filter(pl.col("days_since_last").is_not_null())
    moved = float(((seen["clean_price"] - seen["baseline_last"]).to_numpy() ** 2).sum()) / seen.height
    oracle, model = result["oracle"], result["predictors"]["model"]
    assert {name: entry["r2_move"] for name, entry in oracle.items()} == pytest.approx(
        {"mid": 1.0 - 0.0025 / moved, "optimal_filter": 1.0 - 0.04 / moved, "noise_free": 1.0 - 0.01 / moved}
    )
    assert oracle["optimal_filter"]["mae"] == pytest.approx(0.2)
    assert model["optimal_filter_share_of_move"] == pytest.approx(1.0)
    assert model["noise_free_share_of_move"] == pytest.approx((1.0 - 0.04 / moved) / (1.0 - 0.01 / moved))
    assert model["mid_share_of_adjustment"] == model["r2_adjustment"] / oracle["mid"]["r2_adjustment"]


def test_there_is_no_share_of_what_was_not_worked_out() -> None:
    test = rows()["test"]
    truth = SimulatedTruth(test["clean_price"].to_numpy(), pl.Series(["calm"] * test.height))
    errors = {"last": 0.4, "last_adjusted": 0.1, "model": 0.2}
    result = scored(errors, errors, truth)
    assert result["oracle"]["optimal_filter"] is None
    assert result["predictors"]["model"]["optimal_filter_share_of_move"] is None
    assert result["predictors"]["model"]["mid_share_of_adjustment"] is not None


def test_intervals_are_scored() -> None:
    errors = {"last": 0.4, "last_adjusted": 0.1}
    predictors = scored(errors, errors)["predictors"]
    assert predictors["last_adjusted"]["interval_score"] == pytest.approx(0.5)
    assert predictors["last"]["interval_score"] == pytest.approx(0.5 + 20.0 * 0.15)


def test_seeds_of_a_model_are_shown_with_their_deviation() -> None:
    errors = {"last": 0.4, "last_adjusted": 0.1, "model": 0.2}
    observed = rows()["test"]["clean_price"].to_numpy()
    members = np.column_stack([observed + 0.1, observed - 0.3])
    predictors = scored(errors, errors, optional_inputs=OptionalInputs(members={"model": members}))["predictors"]
    assert predictors["last"]["seeds"] is None
    assert predictors["model"]["seeds"] == pytest.approx({"count": 2, "mae": 0.2, "mae_std": 0.1 * math.sqrt(2.0)})
    one = scored(errors, errors, optional_inputs=OptionalInputs(members={"model": members[:, :1]}))["predictors"][
        "model"
    ]["seeds"]
    assert one["mae_std"] is None


def test_detected_regimes_are_a_slice_beside_the_true_ones() -> None:
    test = rows()["test"]
    dates = test["date"].unique().sort()
    wild = [False, *[True] * (dates.len() - 2)]
    named = pl.DataFrame({"date": dates[1:], "regime": np.array(wild, np.int8), "name": np.where(wild, "wild", "calm")})
    truth = SimulatedTruth(test["clean_price"].to_numpy(), pl.Series(["normal"] * test.height))
    errors = {"last": 0.4, "last_adjusted": 0.1}
    slices = scored(errors, errors, truth, OptionalInputs(regimes=named))["slices"]
    assert [cell["cell"] for cell in slices["regime"]] == ["normal"]
    counts = {cell["cell"]: (cell["rows"], cell["dates"]) for cell in slices["detected_regime"]}
    assert counts["calm"] == (test.filter(pl.col("date") == dates[1]).height, 1)
    assert counts["wild"] == (test.filter(pl.col("date") > dates[1]).height, dates.len() - 2)
    assert "detected_regime" not in scored(errors, errors)["slices"]


def test_the_slice_of_the_only_currency_has_the_figures_of_the_whole() -> None:
    found = scored({"last": 0.4, "last_adjusted": 0.1}, {"last": 0.4, "last_adjusted": 0.1})
    (cell,) = found["slices"]["currency"]
    for name, figures in cell["predictors"].items():
        assert figures == {key: found["predictors"][name][key] for key in figures}
        assert {"mae", "yield_mae_bp", "yield_median_bp", "coverage", "interval_width"} <= set(figures)


def test_predictions_are_stored_with_their_intervals() -> None:
    test = block("test", {"last": 0.5})
    table = prediction_table(test, {"last": np.arange(test.rows.height, dtype=np.float64)})
    np.testing.assert_array_equal(table["last"], test.prices["last"])
    np.testing.assert_allclose((table["last_high"] - table["last_low"]) / 2.0, np.arange(table.height))


def test_without_models_no_model_is_the_best() -> None:
    errors = {"last": 0.3, "last_adjusted": 0.2}
    assert scored(errors, errors)["best_model"] is None


def test_yield_errors_are_zero_at_the_observed_price_and_negative_above_it() -> None:
    errors = yield_errors(block("test", {"observed": 0.0, "above": 0.1}))
    np.testing.assert_array_equal(errors["observed"], 0.0)
    assert (errors["above"] < 0.0).all()
    test = rows()["test"]
    clean = test["clean_price"].to_numpy()
    np.testing.assert_array_equal(errors["above"], 1e4 * (yields(test, clean + 0.1) - yields(test, clean)))


def test_prices_are_judged_as_quotes_where_ticks_are_known() -> None:
    errors = {"last": 0.3, "last_adjusted": 0.2, "model": 0.1}
    rows = block("test", errors).rows.height
    assert scored(errors, errors)["tick_rounded"] is None
    found = scored(errors, errors, optional_inputs=OptionalInputs(ticks=np.zeros(rows)))["tick_rounded"]
    assert found["rows_with_tick"] == 0
    assert found["predictors"]["model"]["mae"] == pytest.approx(0.1)
