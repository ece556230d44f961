"""Relative value of requests is that of `relative_value`, where it has the same prints."""

import numpy as np
import polars as pl

from richcheap.pricing.market import States, advance
from richcheap.pricing.signals import own_history, with_signals
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.table import kept, signal_table
from tests.pricing.projects import BONDS, DAYS
from tests.pricing.test_market import COUNTS, ENGINE

PARAMS = SignalsParams(history_min_prints=5, min_peers=3, leave_out=("retail",), retail_volume=200_000.0)


def test_prints_have_the_scores_of_the_stage_and_others_are_measured_by_the_prints() -> None:
    rows = advance(ENGINE, States.none(), COUNTS, BONDS)[0].dataset
    table = signal_table(kept(rows, PARAMS), {"USD": 100.0}, PARAMS).filter(date=DAYS[-1])
    today = rows.filter(date=DAYS[-1]).with_columns(relative_value_bp="bond_spread_bp")
    history = own_history(rows.filter(pl.col("date") < DAYS[-1]), PARAMS)
    found = with_signals(today, today, history, PARAMS)
    both = found.join(table.select("bond_id", "peer_zscore", "own_zscore", "flag"), on="bond_id", suffix="_of_stage")
    assert 0 < both.height < today.height
    assert both["flag"].equals(both["flag_of_stage"], null_equal=True)
    for name in ("peer_zscore", "own_zscore"):
        found_scores, of_stage = (both[one].to_numpy() for one in (name, f"{name}_of_stage"))
        np.testing.assert_allclose(found_scores, of_stage, rtol=1e-12, err_msg=name)
    wide = with_signals(today[:1].with_columns(relative_value_bp=pl.lit(1e4)), today, history, PARAMS)
    assert wide["flag"].to_list() == ["cheap"]


def test_without_prints_of_the_date_there_are_no_peers() -> None:
    rows = advance(ENGINE, States.none(), COUNTS, BONDS)[0].dataset.with_columns(relative_value_bp="bond_spread_bp")
    found = with_signals(rows[-5:], rows.clear(), own_history(rows, PARAMS), PARAMS)
    assert found["peer_zscore"].null_count() == found["flag"].null_count() == 5
    assert found["own_zscore"].is_not_null().any()
