"""Summaries of a bond's own past: hand-made values, and nothing of the present in them."""

import numpy as np

from stages.spreads.history import OwnHistory, own_history

BOND = np.array([0, 0, 0, 0, 1, 1], dtype=np.int32)
DAY = np.array([0, 10, 20, 40, 5, 6], dtype=np.int32)
RESIDUAL = np.array([4.0, 2.0, 8.0, 0.0, 1.0, 3.0])
PRICE = np.array([100.0, 100.0, 101.0, 99.0, 50.0, 50.0])


def summarise(residual: np.ndarray = RESIDUAL, price: np.ndarray = PRICE) -> OwnHistory:
    return own_history(BOND, DAY, residual, price, 10.0, 25)


def test_first_print_has_no_past() -> None:
    past = summarise()
    assert np.isnan(past.decayed_mean[[0, 4]]).all()
    assert past.prints[[0, 4]].tolist() == [0.0, 0.0]


def test_decayed_mean_halves_a_weight_with_each_half_life() -> None:
    past = summarise()
    assert past.decayed_mean[1] == 4.0
    assert past.decayed_mean[2] == (0.25 * 4.0 + 0.5 * 2.0) / 0.75
    weights = np.array([1 / 16, 1 / 8, 1 / 4])
    np.testing.assert_allclose(past.decayed_mean[3], weights @ [4.0, 2.0, 8.0] / weights.sum())


def test_deviation_is_the_decayed_root_mean_square_of_changes() -> None:
    past = summarise()
    assert np.isnan(past.deviation[1])
    assert past.deviation[2] == 2.0
    # The change of day 10 has decayed over 30 days, that of day 20 over 20.
    np.testing.assert_allclose(past.deviation[3], np.sqrt((0.125 * 4.0 + 0.25 * 36.0) / 0.375))


def test_a_gap_of_very_many_half_lives_leaves_the_mean_where_it_was() -> None:
    day = DAY.copy()
    day[3] = 20_000
    past = own_history(BOND, day, RESIDUAL, PRICE, 1.0, 25)
    weights = 0.5 ** np.array([20.0, 10.0, 0.0])
    np.testing.assert_allclose(past.decayed_mean[3], weights @ [4.0, 2.0, 8.0] / weights.sum())
    assert np.isfinite([past.deviation[3], past.unchanged_share[3]]).all()


def test_prints_are_counted_within_the_window_and_in_all() -> None:
    past = summarise()
    assert past.prints_in_window.tolist() == [0.0, 1.0, 2.0, 1.0, 0.0, 1.0]
    assert past.prints.tolist() == [0.0, 1.0, 2.0, 3.0, 0.0, 1.0]


def test_unchanged_share_counts_repeated_prices() -> None:
    past = summarise()
    assert past.unchanged_share[2] == 1.0
    np.testing.assert_allclose(past.unchanged_share[3], 0.125 / 0.375)


def test_a_print_never_enters_its_own_summary() -> None:
    before = summarise()
    for row in range(BOND.size):
        residual, price = RESIDUAL.copy(), PRICE.copy()
        residual[row] += 100.0
        price[row] += 1.5
        after = summarise(residual, price)
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(old[: row + 1], new[: row + 1])
