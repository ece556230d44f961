"""Signals: what they are made of, and that nothing later moves them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.table import (
    CHEAP,
    FAIR,
    RICH,
    WRITTEN_COLUMNS,
    fitted_half_lives,
    kept,
    signal_table,
    with_gaps,
    with_truth,
)
from tests.conftest import ROOT
from tests.features.test_no_look_ahead import bits
from tests.relative_value.planted import PARAMS, planted, table

HALF_LIVES = {"USD": 8.0}


def test_the_gap_is_the_mid_spread_less_the_parts_that_peers_share() -> None:
    rows = planted(noise_bp=1e-9)
    found = with_gaps(rows, PARAMS)
    np.testing.assert_allclose(found["gap_bp"], rows["true_bond_bp"], atol=1e-6)
    assert (found["half_spread_bp"] == 0.5).all()


def test_an_unknown_half_spread_is_charged_as_params_say_and_moves_no_gap() -> None:
    rows = planted(noise_bp=1e-9, half_spread_bp=0.0)
    found = with_gaps(rows, PARAMS.model_copy(update={"half_spread_bp": 1.7}))
    assert (found["half_spread_bp"] == 1.7).all()
    assert found["mid_spread_bp"].equals(found["spread_bp"])


def test_reference_and_retail_prices_are_marked_and_may_be_left_out() -> None:
    rows = planted()
    assert kept(rows, PARAMS).height == rows.height
    assert set(kept(rows, PARAMS)["mark"]) == {"", "reference", "retail"}
    left = kept(rows, SignalsParams(leave_out=("reference", "retail")))
    assert set(left["mark"]) == {""}
    assert 0 < left.height < rows.height


def test_an_unknown_volume_is_not_retail() -> None:
    rows = planted().with_columns(volume=pl.lit(None, dtype=pl.Float64), price_kind=pl.lit("trade"))
    assert set(kept(rows, PARAMS)["mark"]) == {""}


def test_flags_follow_the_z_score_across_peers() -> None:
    found = table(kept(planted(), PARAMS))
    for flag, low, high in ((RICH, -np.inf, -1.5), (CHEAP, 1.5, np.inf)):
        assert found.filter(flag=flag)["peer_zscore"].is_between(low, high).all()
    assert found.filter(flag=FAIR)["peer_zscore"].abs().max() < 1.5  # type: ignore[operator]
    assert found["flag"].null_count() == found["peer_zscore"].null_count()


def test_convergence_earns_its_share_of_the_relative_value() -> None:
    found = signal_table(kept(planted(), PARAMS), HALF_LIVES, PARAMS)
    share = 1.0 - 0.5 ** (20 / 8.0)
    np.testing.assert_allclose(found["expected_gain_bp"], share * found["relative_value_bp"], rtol=1e-12)
    np.testing.assert_allclose(found["gain_over_cost"], found["expected_gain_bp"] / (2.0 * 0.5), rtol=1e-12)


@pytest.mark.parametrize("half_life", [3.0, 8.0, 30.0])
def test_the_half_life_of_a_planted_mispricing_is_found(half_life: float) -> None:
    found = fitted_half_lives(planted(half_life=half_life, dates=200), PARAMS)
    assert found["USD"] == pytest.approx(half_life, rel=0.25)


def test_a_currency_with_few_prints_has_the_half_life_of_all() -> None:
    few = planted(bonds=2, dates=10, seed=2).with_columns(currency=pl.lit("EUR"), bond_id="E" + pl.col("bond_id"))
    found = fitted_half_lives(pl.concat([planted(), few]).sort("date", "bond_id"), PARAMS)
    assert found["EUR"] == pytest.approx(found["USD"], rel=0.1)


@settings(max_examples=10, deadline=None)
@given(st.integers(10, 50), st.floats(0.5, 50.0))
def test_prices_after_a_date_move_no_signal_up_to_it(cut: int, move: float) -> None:
    rows = kept(planted(bonds=20, dates=60), PARAMS)
    last = rows["date"].unique().sort()[cut]
    later = (pl.col("date") > last).cast(pl.Float64)
    moved = rows.with_columns(pl.col("target_bp", "bond_spread_bp", "bid_ask_bp", "f_matrix_gap") + move * later)
    keep = pl.col("date") <= last
    before, after = (bits(signal_table(frame, HALF_LIVES, PARAMS).filter(keep)) for frame in (rows, moved))
    gone = bits(signal_table(rows.filter(keep), HALF_LIVES, PARAMS))
    assert before == after == gone


def test_a_price_moves_its_own_signal_and_those_after_it() -> None:
    rows = kept(planted(bonds=20, dates=60), PARAMS)
    own = (pl.int_range(pl.len()) == 300).cast(pl.Float64)
    moved = rows.with_columns(pl.col("target_bp", "bond_spread_bp") + 5.0 * own)
    before, after = (signal_table(frame, HALF_LIVES, PARAMS) for frame in (rows, moved))
    earlier = pl.col("date") < rows["date"][300]
    assert bits(before.filter(earlier)) == bits(after.filter(earlier))
    assert before["gap_bp"][300] != after["gap_bp"][300]
    assert before["own_zscore"].to_list()[301:] != after["own_zscore"].to_list()[301:]


def test_the_truth_stands_beside_rows_that_are_all_the_simulators_and_nowhere_else() -> None:
    rows = planted(bonds=5, dates=8).rename({"true_bond_bp": "bond_residual_bp"})
    truth, seen = rows.select("bond_id", "date", "bond_residual_bp"), rows.drop("bond_residual_bp")
    oracle = truth.rename({"bond_residual_bp": "optimal_filter_bond_bp"})
    assert with_truth(seen, truth, oracle)["true_bond_bp"].equals(truth["bond_residual_bp"])
    assert with_truth(seen, truth, oracle.head(0))["optimal_filter_bond_bp"].null_count() == rows.height
    assert with_truth(seen, truth.head(3), oracle).equals(seen)


def test_the_documentation_names_every_column_of_the_table() -> None:
    page = (ROOT / "docs" / "relative_value.md").read_text(encoding="utf-8")
    assert [column for column in WRITTEN_COLUMNS if f"`{column}`" not in page] == []
