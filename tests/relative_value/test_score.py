"""Scores on planted mispricings: what reverts is found and pays, noise does not, and costs are paid."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.score import LOSES, PAYS, TOO_FEW, deciles, extreme, score_block, score_quarters
from richcheap.relative_value.table import fitted_half_lives, kept, signal_table
from tests.relative_value.planted import EVALUATE, PARAMS, planted, table


def of(result: dict[str, Any], horizon: str, kind: str, cell: str) -> dict[str, Any]:
    """Return the figures of a cell."""
    found: dict[str, Any]
    (found,) = (figures for figures in result["horizons"][horizon][kind] if figures["cell"] == cell)
    return found


def scored(**changes: Any) -> dict[str, Any]:
    return score_block(table(kept(planted(**changes), PARAMS)), EVALUATE, 1)


@pytest.fixture(scope="module")
def reverting() -> dict[str, Any]:
    return scored(dates=200)


def test_a_planted_mispricing_is_found_and_pays(reverting: dict[str, Any]) -> None:
    found = of(reverting, "20", "signals", "relative_value")
    assert found["verdict"] == PAYS
    assert found["earned_bp"]["low"] > 2.0
    assert found["hit_rate"]["low"] > 0.6
    assert found["rank_correlation"]["low"] > 0.2
    assert reverting["truth"]["relative_value"]["rank_correlation"]["value"] > 0.9
    assert reverting["truth"]["truth"]["found"]["value"] == 1.0


def test_more_of_the_gap_closes_as_time_goes_on(reverting: dict[str, Any]) -> None:
    closed = [of(reverting, name, "signals", "relative_value")["closed"]["value"] for name in ("next", "5", "20", "60")]
    assert closed == sorted(closed)
    assert closed[2] == pytest.approx(1.0 - 0.5 ** (21 / 8.0), abs=0.12)


def test_deciles_are_in_order_and_their_rows_add_up(reverting: dict[str, Any]) -> None:
    found = reverting["horizons"]["5"]
    assert [cell["cell"] for cell in found["deciles"]] == [str(code) for code in range(1, 11)]
    earned = [found["deciles"][place]["earned_bp"]["value"] for place in (0, 2, 4)]
    assert earned == sorted(earned, reverse=True)
    flags = sum(of(reverting, "5", "flags", name)["rows"] for name in ("rich", "fair", "cheap"))
    assert 0 < flags <= sum(cell["rows"] for cell in found["deciles"])


def test_quarters_share_out_the_calls_and_outcomes_may_come_later() -> None:
    rows = table(kept(planted(dates=120), PARAMS))
    whole, quarters = score_block(rows, EVALUATE, 1), score_quarters(rows, EVALUATE, 1)
    assert [entry["quarter"] for entry in quarters] == ["2024 Q1", "2024 Q2"]
    assert [quarters[0]["last_date"], quarters[1]["first_date"]] == ["2024-03-29", "2024-04-01"]
    for horizon, kind, place in (("20", "flags", 0), ("5", "deciles", 9), ("5", "flags", 2)):
        parts = [entry["horizons"][horizon][kind][place] for entry in quarters]
        total = whole["horizons"][horizon][kind][place]
        assert sum(part["rows"] for part in parts) == total["rows"]
        right = sum(part["rows"] * part["hit_rate"]["value"] for part in parts)
        assert right == pytest.approx(total["rows"] * total["hit_rate"]["value"])


def test_the_only_quarter_is_the_whole_span_with_its_intervals() -> None:
    rows = table(kept(planted(dates=50), PARAMS))
    (quarter,), whole = score_quarters(rows, EVALUATE, 1), score_block(rows, EVALUATE, 1)["horizons"]["5"]
    assert quarter["horizons"]["5"]["deciles"][0] == whole["deciles"][0]
    assert whole["deciles"][0]["hit_rate"]["low"] < whole["deciles"][0]["hit_rate"]["high"]
    assert quarter["horizons"]["20"]["deciles"][0]["verdict"] == TOO_FEW


def test_cuts_add_up_to_the_extreme_deciles(reverting: dict[str, Any]) -> None:
    found = reverting["horizons"]["20"]
    whole = found["deciles"][0]["rows"] + found["deciles"][-1]["rows"]
    assert list(found["cuts"]) == ["rating_bucket", "maturity", "staleness", "size", "price_kind"]
    for cells in found["cuts"].values():
        assert sum(cell["rows"] for cell in cells) == whole


def test_noise_does_not_pay() -> None:
    """The residual of a bond is gone by its next print: only the signal's own print shows it."""
    found = scored(half_life=0.05, noise_bp=8.0, std_bp=0.5, dates=200)
    for signal in ("gap", "relative_value", "regression"):
        figures = of(found, "20", "signals", signal)
        assert figures["verdict"] != PAYS
        assert abs(figures["earned_bp"]["value"]) < 1.0
    assert of(found, "next", "signals", "gap")["closed"]["value"] == pytest.approx(1.0, abs=0.1)


def test_a_mispricing_smaller_than_its_cost_is_shown_as_losing() -> None:
    found = of(scored(std_bp=1.0, noise_bp=0.5, half_spread_bp=4.0), "20", "signals", "relative_value")
    assert found["earned_bp"]["low"] > 0.0
    assert found["verdict"] == LOSES


def test_a_signal_turned_round_loses_what_it_earned(reverting: dict[str, Any]) -> None:
    rows = table(kept(planted(dates=200), PARAMS))
    turned = score_block(rows.with_columns(-pl.col("relative_value_bp", "gap_bp")), EVALUATE, 1)
    before, after = (
        of(result, "20", "signals", "relative_value")["matrix_earned_bp"]["value"] for result in (reverting, turned)
    )
    assert after == pytest.approx(-before, rel=0.1)


def test_relative_value_is_compared_with_each_other_signal_on_the_same_prints(reverting: dict[str, Any]) -> None:
    cells = reverting["horizons"]["20"]["signals"]
    own = of(reverting, "20", "signals", "relative_value")["net_bp"]["value"]
    for cell in cells[1:]:
        ahead = cell["relative_value_ahead_bp"]
        assert ahead["value"] == pytest.approx(own - cell["net_bp"]["value"])
        assert ahead["low"] <= ahead["value"] <= ahead["high"]
    assert of(reverting, "20", "signals", "spread_zscore")["relative_value_ahead_bp"]["low"] > 0.0
    assert of(reverting, "20", "signals", "truth")["relative_value_ahead_bp"]["value"] < 0.5


@settings(max_examples=8, deadline=None)
@given(st.floats(0.1, 5.0), st.integers(0, 5))
def test_a_higher_half_spread_lowers_what_is_left_by_twice_as_much(more: float, seed: int) -> None:
    rows = table(kept(planted(bonds=20, dates=80, seed=seed), PARAMS))
    dearer = rows.with_columns(pl.col("half_spread_bp") + more)
    cheap, dear = (of(score_block(frame, EVALUATE, 1), "5", "deciles", "10") for frame in (rows, dearer))
    assert dear["earned_bp"] == cheap["earned_bp"]
    assert dear["net_bp"]["value"] == pytest.approx(cheap["net_bp"]["value"] - 2.0 * more)
    assert dear["net_hit_rate"] <= cheap["net_hit_rate"]


def test_a_short_span_is_shown_and_cut_after_five_dates() -> None:
    rows = table(kept(planted(dates=60), PARAMS))
    days = rows["date"].unique().sort()
    found = score_block(rows.filter(pl.col("date") > days[-13]), EVALUATE, 1)
    assert found["shown_horizon"] == "5"
    assert found["horizons"]["5"]["cuts"]["rating_bucket"]
    assert not found["horizons"]["20"]["cuts"]


def test_a_span_of_less_than_five_horizons_has_figures_without_interval_and_verdict() -> None:
    found = of(scored(dates=90), "20", "signals", "relative_value")
    assert found["earned_bp"]["value"] > 0.0
    assert np.isnan(found["earned_bp"]["low"])
    assert found["verdict"] == TOO_FEW


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 100))
def test_the_interval_of_what_is_earned_holds_its_value(seed: int) -> None:
    found = of(scored(bonds=30, dates=60, seed=seed), "5", "signals", "relative_value")["earned_bp"]
    assert found["low"] <= found["value"] <= found["high"]


def test_the_same_rows_give_the_same_scores_and_another_seed_other_intervals() -> None:
    rows = table(kept(planted(bonds=20, dates=80), PARAMS))
    first, again, other = (score_block(rows, EVALUATE, seed) for seed in (1, 1, 2))
    assert repr(first) == repr(again) != repr(other)


def test_a_short_span_has_no_outcome_and_no_interval() -> None:
    rows = table(kept(planted(dates=60), PARAMS))
    last = rows.filter(pl.col("date") >= rows["date"].unique().sort()[-3])
    found = of(score_block(last, EVALUATE, 1), "60", "signals", "relative_value")
    assert found["rows"] == 0
    assert found["verdict"] == TOO_FEW
    assert np.isnan(found["earned_bp"]["value"])


def test_deciles_are_of_the_date_and_those_without_a_signal_have_none() -> None:
    rows = pl.DataFrame({"date": [1] * 10 + [2] * 3, "currency": "USD", "x": [*map(float, range(10)), 5.0, None, 1.0]})
    assert deciles(rows, "x").tolist() == [*range(1, 11), 8, 0, 3]
    assert extreme(deciles(rows, "x")).sum() == 2


def test_a_market_whose_prices_are_all_left_out_has_scores_without_figures() -> None:
    params = SignalsParams(leave_out=("reference", "retail"))
    rows = kept(planted(dates=20).with_columns(price_kind=pl.lit("reference")), params)
    found = score_block(signal_table(rows, fitted_half_lives(rows, params), params), EVALUATE, 1)
    assert (found["rows"], found["dates"], found["first_date"]) == (0, 0, None)
    assert of(found, "20", "deciles", "10")["rows"] == 0
