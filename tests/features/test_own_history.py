"""Summaries of a bond's own past: hand-made values, and nothing of the present in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.features.own_history import HistorySummary, empty_history, lagged, summarise

BOND = np.array([0, 1, 1, 0, 0, 0], dtype=np.int32)
DAY = np.array([0, 5, 6, 10, 20, 40], dtype=np.int32)
RESIDUAL = np.array([4.0, 1.0, 3.0, 2.0, 8.0, 0.0])
PRICE = np.array([100.0, 50.0, 50.0, 100.0, 101.0, 99.0])
FIRST = [0, 1]


def summaries(
    residual: np.ndarray = RESIDUAL, price: np.ndarray = PRICE, day: np.ndarray = DAY, half_life: float = 10.0
) -> HistorySummary:
    return summarise(empty_history(2, 25), BOND, day, residual, price, half_life)


def test_first_print_has_no_past() -> None:
    state = summaries()
    assert np.isnan(state.decayed_mean[FIRST]).all()
    assert state.prints[FIRST].tolist() == [0.0, 0.0]


def test_decayed_mean_halves_a_weight_with_each_half_life() -> None:
    state = summaries()
    assert state.decayed_mean[2] == 1.0
    assert state.decayed_mean[3] == 4.0
    np.testing.assert_allclose(state.decayed_mean[4], (0.25 * 4.0 + 0.5 * 2.0) / 0.75, rtol=1e-15)
    weights = np.array([1 / 16, 1 / 8, 1 / 4])
    np.testing.assert_allclose(state.decayed_mean[5], weights @ [4.0, 2.0, 8.0] / weights.sum(), rtol=1e-15)


def test_deviation_is_the_decayed_root_mean_square_of_changes() -> None:
    state = summaries()
    assert np.isnan(state.std[[2, 3]]).all()
    assert state.std[4] == pytest.approx(2.0, rel=1e-15)
    # The change of day 10 has decayed over 30 days, that of day 20 over 20.
    np.testing.assert_allclose(state.std[5], np.sqrt((0.125 * 4.0 + 0.25 * 36.0) / 0.375), rtol=1e-15)


def test_a_gap_of_very_many_half_lives_leaves_the_mean_where_it_was() -> None:
    day = DAY.copy()
    day[5] = 20_000
    state = summaries(day=day, half_life=1.0)
    weights = 0.5 ** np.array([20.0, 10.0, 0.0])
    np.testing.assert_allclose(state.decayed_mean[5], weights @ [4.0, 2.0, 8.0] / weights.sum(), rtol=1e-12)
    assert np.isfinite([state.std[5], state.unchanged_share[5]]).all()


def test_prints_are_counted_within_the_window_and_in_all() -> None:
    state = summaries()
    assert state.prints_in_window.tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 1.0]
    assert state.prints.tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 3.0]


@settings(deadline=None)
@given(st.lists(st.integers(-60, 60), min_size=1, max_size=30, unique=True).map(sorted), st.integers(1, 40))
def test_the_window_holds_the_prints_of_its_days(days: list[int], window: int) -> None:
    day = np.array(days, dtype=np.int32)
    zeros = np.zeros(day.size)
    state = summarise(empty_history(1, window), np.zeros(day.size, dtype=np.int32), day, zeros, zeros, 10.0)
    expected = [sum(0 < late - early <= window for early in days) for late in days]
    assert state.prints_in_window.tolist() == expected


def test_unchanged_share_counts_repeated_prices() -> None:
    state = summaries()
    assert state.unchanged_share[4] == 1.0
    np.testing.assert_allclose(state.unchanged_share[5], 0.125 / 0.375, rtol=1e-15)


def test_unchanged_prints_are_those_since_the_price_last_moved() -> None:
    price = np.array([99.0, 99.0, 99.0, 98.5, 98.5, 99.0, 99.0])
    rows, bond = price.size, np.zeros(price.size, dtype=np.int32)
    day = np.arange(rows, dtype=np.int32)
    found = summarise(empty_history(1, 5), bond, day, np.zeros(rows), price, 10.0)
    assert found.unchanged_prints.tolist() == [0.0, 0.0, 1.0, 2.0, 0.0, 1.0, 0.0]


def test_a_print_never_enters_its_own_summary() -> None:
    before = summaries()
    for row in range(BOND.size):
        residual, price = RESIDUAL.copy(), PRICE.copy()
        residual[row] += 100.0
        price[row] += 1.5
        after = summaries(residual, price)
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(old[: row + 1], new[: row + 1])


@pytest.mark.parametrize("cut", range(BOND.size + 1))
def test_a_past_carried_from_batch_to_batch_is_that_of_all_rows_at_once(cut: int) -> None:
    whole = summaries()
    state = empty_history(2, 25)
    pieces = [
        summarise(state, BOND[rows], DAY[rows], RESIDUAL[rows], PRICE[rows], 10.0)
        for rows in (slice(0, cut), slice(cut, None))
    ]
    for name, values in whole._asdict().items():
        np.testing.assert_array_equal(np.concatenate([getattr(piece, name) for piece in pieces]), values)


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(0, 40))
def test_lagged_values_are_those_of_the_same_bonds_row_before(bonds: list[int], cut: int) -> None:
    bond = np.array(bonds, dtype=np.int32)
    values = np.column_stack([np.arange(bond.size, dtype=np.float64), 100.0 * bond + 7.0])
    last = np.full((5, 2), np.nan)
    found = np.vstack([lagged(bond[:cut], values[:cut], last), lagged(bond[cut:], values[cut:], last)])
    for row, number in enumerate(bonds):
        earlier = [k for k in range(row) if bonds[k] == number]
        expected = values[earlier[-1]] if earlier else np.full(2, np.nan)
        np.testing.assert_array_equal(found[row], expected)
