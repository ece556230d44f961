"""Parts of predictions and states after a date: against the textbook filter, and who may move what."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.kalman.decomposition import BID_ASK, COLUMNS, PARTS, parts_of, states_of
from richcheap.kalman.filter import KalmanFilter
from richcheap.kalman.fit import initial_hyperparameters
from richcheap.kalman.leave_one_out import normal_equations, predict_without
from richcheap.kalman.state_space import ReferenceCurves, measure_prints
from richcheap.kalman.update import update_state
from richcheap.numerics.cholesky import inverse
from richcheap.panel.counts import MarketCounts
from richcheap.panel.print_history import NEVER
from tests.features.datasets import with_kalman
from tests.kalman.referee import Panel, dense_filter, made_up
from tests.kalman.test_prediction_transition import MODEL, moved_on, observation, opened
from tests.surface.markets import KALMAN, small_market, valued, with_prices

NODES, FACTORS = 2, 8
"""Two nodes, two terms of the premium, two of options, level and slope of a rating."""
COLUMNS_OF = {"curve": [0, 1], "rating": [6, 7], "coupon": [2, 3], "option": [4, 5]}


def random_model(seed: int):
    roots = np.random.default_rng(seed).normal(size=(2, FACTORS, FACTORS))
    large, small = (root @ root.T + np.eye(FACTORS) for root in roots)
    return MODEL._replace(factors=50.0 * large, move=0.5 * small)


def kernels(panel: Panel, model) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each date's `PARTS` and `STATES` as the filter's kernels find them, with memory enough."""
    state, found = opened(panel, model, 60), []
    for date, rows in enumerate(panel.dates):
        bond = rows.astype(np.int32)
        issuer = panel.issuer[rows]
        if date:
            moved_on(state, model, state.last_day != NEVER)
        seen = observation(state, panel, model, date, panel.observed_yield[date])
        own = seen.own + seen.noise
        normal = normal_equations(seen, own, inverse(state.covariance), state.issuer_variance)
        update, variance = np.empty(own.size), np.empty(own.size)
        means = np.empty((own.size, state.covariance.shape[0] + 1))
        predict_without(seen, own, normal, np.ones(own.size, dtype=np.bool_), update, variance, means)
        value = panel.observed_yield[date, rows] - seen.innovation + update
        reference = np.full(rows.size, 90.0)
        parts = parts_of(state, panel.loading[rows], issuer, means, NODES, reference, value - reference)
        state.last_day[rows] = date
        update_state(state, seen, own, bond, state.last_day != NEVER)
        found.append((parts, states_of(state, bond, issuer)))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_each_part_and_each_state_is_that_of_the_textbook_filter_with_the_row_left_out(seed: int) -> None:
    panel, model = made_up(bonds=11, factors=FACTORS, seed=seed), random_model(seed)
    issuers = int(panel.issuer.max()) + 1
    for date, (parts, states) in enumerate(kernels(panel, model)):
        dense, rows = dense_filter(panel, model)[date], panel.dates[date]
        issuer, own = panel.issuer[rows], FACTORS + issuers + rows
        expected = {
            name: (panel.loading[rows][:, chosen] * dense.means[:, chosen]).sum(axis=1)
            for name, chosen in COLUMNS_OF.items()
        }
        expected["curve"] -= 90.0
        expected["issuer"] = np.where(issuer >= 0, dense.means[np.arange(rows.size), FACTORS + issuer], 0.0)
        expected["bond"] = dense.means[np.arange(rows.size), own]
        for position, (name, values) in enumerate(expected.items()):
            np.testing.assert_allclose(parts[:, position], values, rtol=1e-7, atol=1e-7, err_msg=name)
        np.testing.assert_allclose(states[:, 0], dense.after[own], rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(states[:, 1], np.sqrt(dense.covariance[own, own]), rtol=1e-7)
        after = np.where(issuer >= 0, dense.after[FACTORS + issuer], 0.0)
        np.testing.assert_allclose(states[:, 2], after, rtol=1e-7, atol=1e-7)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), currencies=st.integers(1, 2), chance=st.floats(0.2, 0.9))
def test_parts_add_up_and_say_nothing_where_there_is_nothing(seed: int, currencies: int, chance: float) -> None:
    found = with_kalman(valued(small_market(seed=seed, currencies=currencies, chance=chance, dates=14)))
    assert found.select(pl.col(COLUMNS).is_finite().all()).row(0) == (True,) * len(COLUMNS)
    np.testing.assert_allclose(
        found.select(pl.sum_horizontal(PARTS)).to_series(), found["kalman_spread_bp"], rtol=0, atol=1e-9
    )
    assert (found.filter(pl.col("bond_type") == "treasury")["kalman_rating_bp"] == 0.0).all()
    assert (found.filter(~pl.col("callable") & ~pl.col("convertible"))["kalman_option_bp"] == 0.0).all()
    assert (
        (found.filter(pl.col("issuer").is_null()).select("kalman_issuer_bp", "issuer_spread_bp") == 0.0)
        .to_numpy()
        .all()
    )
    first = found.unique("bond_id", keep="first", maintain_order=True)
    np.testing.assert_allclose(first["kalman_bond_bp"], 0.0, atol=1e-9)  # nothing is known of a bond never seen
    assert (found["bond_spread_std_bp"] > 0.0).all()
    assert (found[BID_ASK] >= 0.0).all()
    assert (found.filter(pl.col("date") == found["date"][0])[BID_ASK] == 0.0).all()


def test_details_change_no_bit_of_a_prediction() -> None:
    market = valued(small_market(bonds=48))
    names = MarketCounts.none().plus(market.prints).names()["USD"]
    curves = ReferenceCurves.from_frame(market.curves, KALMAN.extra_nodes_years)
    prints = measure_prints(market.prints, names, curves)
    plain, detailed = (
        KalmanFilter(names, curves, initial_hyperparameters(KALMAN), KALMAN).predict(prints, with_details)
        for with_details in (False, True)
    )
    assert plain.spread.tobytes() == detailed.spread.tobytes()
    assert plain.std.tobytes() == detailed.std.tobytes()
    assert plain.details.shape == (prints.day.size, 0)


def exact(frame: pl.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    return frame.select(columns).to_numpy().view(np.int64)


def test_a_price_moves_no_part_of_its_own_and_nothing_before_it_but_the_state_after() -> None:
    """Wild prices too: an outlier is set apart by its own price, and must not see it all the same."""
    bonds = small_market(bonds=32)
    market = valued(bonds)
    before = with_kalman(market)
    ahead = (*PARTS, BID_ASK)
    for row in np.random.default_rng(2).choice(bonds.height, 8, replace=False):
        for points in (0.7, 25.0):
            clean = bonds["clean_price"].to_numpy().copy()
            clean[row] += points
            prices = valued(with_prices(bonds, clean)).prints["dirty_price", "z_spread_bp"]
            moved = market._replace(prints=market.prints.with_columns(prices))
            after = with_kalman(moved)
            assert (exact(after, ahead)[row] == exact(before, ahead)[row]).all()
            earlier = (before["date"] < before["date"][int(row)]).to_numpy()
            assert (exact(after, COLUMNS)[earlier] == exact(before, COLUMNS)[earlier]).all()
            assert after["bond_spread_bp"][int(row)] != before["bond_spread_bp"][int(row)]


def test_prices_after_a_date_move_no_state_up_to_it() -> None:
    bonds = small_market()
    market = valued(bonds)
    cut = bonds["date"].unique().sort()[12]
    later = pl.col("date") > cut
    moved = market.prints.with_columns(pl.when(later).then(pl.col("z_spread_bp") + 40.0).otherwise("z_spread_bp"))
    kept = [with_kalman(market._replace(prints=prints)).filter(~later) for prints in (market.prints, moved)]
    assert (exact(kept[0], COLUMNS) == exact(kept[1], COLUMNS)).all()
    gone = with_kalman(market._replace(prints=market.prints.filter(~later)))
    assert (exact(kept[0], COLUMNS) == exact(gone, COLUMNS)).all()


def test_what_a_bond_has_long_been_dear_by_is_seen_in_its_own_spread_before_all() -> None:
    market = valued(small_market(bonds=48, dates=40, walk_bp=0.5))
    dear = pl.col("bond_id") == "B020"
    prints = market.prints.with_columns(pl.col("z_spread_bp") - pl.when(dear).then(25.0).otherwise(0.0))
    before, after = (with_kalman(market._replace(prints=rows)).filter(dear) for rows in (market.prints, prints))
    late = after.height // 2
    gone = (after[PARTS] - before[PARTS])[late:].mean()
    assert -25.0 < gone["kalman_bond_bp"][0] < -12.0
    assert abs(gone["kalman_issuer_bp"][0]) < 0.5 * abs(gone["kalman_bond_bp"][0])
    assert abs(gone["kalman_curve_bp"][0]) + abs(gone["kalman_coupon_bp"][0]) < 5.0
    assert -25.0 < (after["bond_spread_bp"] - before["bond_spread_bp"])[-1] < -12.0
