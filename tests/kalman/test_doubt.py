"""A far print is held in doubt until the next one confirms it or takes it back."""

import numpy as np
import pytest

from richcheap.kalman.doubt import FROM_WIDTHS, remembered, weight, width_of
from tests.kalman.test_filter import filtered
from tests.surface.markets import small_market, valued, with_prices

YES, NO = np.array([True]), np.array([False])
NONE = np.zeros(1)


def test_the_weight_falls_with_the_distance_and_steeply_in_doubt() -> None:
    distance = np.array([0.0, 1.0, 2.0, 4.0, 10.0])
    known = np.array([True] * 5)
    np.testing.assert_allclose(weight(distance, 2.0, ~known), [1.0, 1.0, 1.0, 0.5, 0.2])
    np.testing.assert_allclose(weight(distance, 2.0, known), [1.0, 1.0, 1.0, 0.5, 0.2 / 2.0**8])


def test_a_wide_date_has_a_width_of_its_own() -> None:
    wide = np.array([10.0, -10.0, 10.0, -10.0, 10.0, -10.0])
    assert width_of(wide, np.ones(6)) == pytest.approx(14.826)
    assert width_of(wide[:5], np.ones(5)) == 1.0
    assert width_of(0.1 * wide, np.ones(6)) > 1.0
    assert width_of(0.01 * wide, np.ones(6)) == 1.0
    np.testing.assert_array_equal(remembered(wide, np.ones(6), 2.0, np.repeat(YES, 6), np.zeros(6)).factor, np.ones(6))


def test_a_far_print_is_kept_as_a_doubt() -> None:
    found = remembered(np.array([30.0]), np.ones(1), 2.0, YES, NONE)
    assert found.doubt.tolist() == [30.0]
    assert found.factor[0] < 1e-6
    assert found.opened.tolist() == [0.0]


def test_the_next_print_as_far_confirms_it_and_the_way_back_is_the_doubt() -> None:
    found = remembered(np.array([26.0]), np.ones(1), 2.0, YES, np.array([30.0]))
    assert (found.factor.tolist(), found.opened.tolist(), found.doubt.tolist()) == ([1.0], [676.0], [-26.0])


@pytest.mark.parametrize("error", [-30.0, 15.0, 45.0])
def test_another_far_print_confirms_nothing_and_is_the_new_doubt(error: float) -> None:
    found = remembered(np.array([error]), np.ones(1), 2.0, YES, np.array([30.0]))
    assert (found.opened.tolist(), found.doubt.tolist()) == ([0.0], [error])


def test_a_near_print_ends_the_doubt() -> None:
    found = remembered(np.array([FROM_WIDTHS]), np.ones(1), 2.0, YES, np.array([5.0]))
    assert (found.opened.tolist(), found.doubt.tolist()) == ([0.0], [0.0])


def test_of_a_bond_hardly_known_nothing_is_in_doubt() -> None:
    found = remembered(np.array([30.0]), np.ones(1), 2.0, NO, np.array([30.0]))
    assert found.doubt.tolist() == [0.0]
    assert found.factor[0] == pytest.approx(2.0 / 30.0)


def errors_after(change: list[float]) -> list[float]:
    """Return how far the predictions of a bond lie from those of an undisturbed market, after its prints are changed.

    The first of the changes (points) is of its tenth print.
    """
    bonds = small_market(chance=0.9)
    rows = np.flatnonzero((bonds["bond_id"] == "B012").to_numpy())[9:]
    clean = bonds["clean_price"].to_numpy().copy()
    clean[rows[: len(change)]] += change
    before, after = filtered(valued(bonds)), filtered(valued(with_prices(bonds, clean)))
    moved = (after["kalman_spread_bp"] - before["kalman_spread_bp"]).abs().to_numpy()
    return [float(moved[row]) for row in rows]


def test_a_wrong_print_hardly_moves_the_bond_and_a_new_level_is_taken_at_the_second() -> None:
    wrong, shifted = errors_after([8.0]), errors_after([8.0] * 12)
    assert wrong[0] == shifted[0] == 0.0  # a print never moves its own prediction
    assert max(wrong[1:]) < 5.0
    assert shifted[1] == wrong[1]
    assert min(shifted[2:6]) > 50.0


def test_an_error_made_twice_is_put_right_at_the_second_print_after() -> None:
    moved = errors_after([8.0, 8.0])
    assert moved[2] > 50.0
    assert max(moved[4:]) < 20.0


def test_a_bond_that_prints_wildly_hardly_moves_the_others_of_its_issuer() -> None:
    bonds = small_market(chance=0.9)
    own = (bonds["bond_id"] == "B012").to_numpy()
    wild = np.random.default_rng(5).uniform(-30.0, 30.0, bonds.height)
    late = (bonds["date"] > bonds["date"].unique().sort()[8]).to_numpy()
    clean = bonds["clean_price"].to_numpy() + np.where(own & late, wild, 0.0)
    before, after = filtered(valued(bonds)), filtered(valued(with_prices(bonds, clean)))
    moved = (after["kalman_spread_bp"] - before["kalman_spread_bp"]).abs().to_numpy()
    mates = ~own & (bonds["issuer"] == "issuer 2").fill_null(value=False).to_numpy()
    assert np.median(moved[mates & late]) < 1.0
    assert moved[~own].max() < 30.0
