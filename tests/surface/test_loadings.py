"""Loadings on nodes and rating terms."""

import numpy as np
import pytest

from richcheap.bonds.terms import Floating
from richcheap.panel.ratings import BUCKETS
from richcheap.surface.loadings import (
    LARGEST_PREMIUM,
    add_rating_loadings,
    node_correlation,
    option_loadings,
    premium_loadings,
    rating_columns,
    rating_terms,
    slope_loadings,
    surface_loadings,
)


def rating_loadings(bucket: str, neighbour: str, years: float) -> np.ndarray:
    """Return the loadings of one bond on the rating terms."""
    loadings = np.zeros((1, rating_terms()))
    own, other = (np.array([BUCKETS.index(name)], dtype=np.int32) for name in (bucket, neighbour))
    add_rating_loadings(loadings, own, other, slope_loadings(np.array([years])), rating_columns(0))
    return loadings.ravel()


def test_each_bucket_but_the_governments_has_two_columns_of_its_own() -> None:
    assert rating_columns(3).tolist() == [-1, 3, 5, 7, 9, 11, 13, 15, 17]
    assert 3 + rating_terms() == 17 + 2


def test_governments_load_on_no_rating_term() -> None:
    assert not rating_loadings("GOV", "GOV", 5.0).any()


def test_a_whole_letter_loads_on_the_level_and_slope_of_its_bucket_alone() -> None:
    loadings = rating_loadings("BBB", "BBB", 5.0)
    assert np.flatnonzero(loadings).tolist() == [6, 7]
    assert loadings[6] == 1.0
    assert loadings[7] == pytest.approx(1.0 - np.exp(-1.0) - 0.5)


@pytest.mark.parametrize(("years", "slope"), [(0.0, 0.5), (1e6, -0.5)])
def test_slope_runs_from_a_half_to_minus_a_half(years: float, slope: float) -> None:
    assert rating_loadings("AAA", "AAA", years)[1] == pytest.approx(slope, abs=1e-5)


@pytest.mark.parametrize("years", [0.5, 4.0, 25.0])
def test_a_grade_with_a_sign_lies_a_third_of_the_way_to_the_next_letter(years: float) -> None:
    whole, next_letter = rating_loadings("A", "A", years), rating_loadings("AA", "AA", years)
    np.testing.assert_allclose(rating_loadings("A", "AA", years), (2.0 * whole + next_letter) / 3.0)


def test_node_loadings_are_shares_that_add_to_one() -> None:
    exposure, code = np.array([[0.5, 1.5, 2.0], [0.0, 0.0, 7.0]]), np.array([0, 0], dtype=np.int32)
    loadings = surface_loadings(exposure, exposure.sum(axis=1), code, code, np.array([4.0, 9.0]))
    assert loadings.shape == (2, 3 + rating_terms())
    np.testing.assert_allclose(loadings[:, :3].sum(axis=1), 1.0)
    np.testing.assert_allclose(loadings[0, :3], [0.125, 0.375, 0.5])


def test_a_floating_rate_bond_hardly_loads_on_the_curve() -> None:
    code = np.array([4], dtype=np.int32)
    loadings = surface_loadings(np.array([[0.2, 0.0, 0.1]]), np.array([3.0]), code, code, np.array([3.2]))
    np.testing.assert_allclose(loadings[0, :3].sum(), 0.1)


def test_the_premium_is_the_coupon_over_the_curve_in_percentage_points_within_bounds() -> None:
    years = np.array([2.0, 9.0, 9.0, 9.0])
    kind = np.array([Floating.FIXED, Floating.FIXED, Floating.FIXED, Floating.MARGIN], dtype=np.int32)
    found = premium_loadings(np.array([0.05, 0.0, 0.15, 0.05]), np.full(4, 0.03), years, kind)
    np.testing.assert_allclose(found[:, 0], [2.0, -3.0, LARGEST_PREMIUM, 0.0])
    np.testing.assert_allclose(found[:, 1], found[:, 0] * slope_loadings(years))


def test_options_load_by_their_flags() -> None:
    found = option_loadings(np.array([True, False, False]), np.array([False, True, False]))
    np.testing.assert_array_equal(found, [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])


def test_near_nodes_move_together() -> None:
    correlation = node_correlation(np.array([1.0, 2.0, 30.0]), 2.0)
    np.testing.assert_array_equal(np.diag(correlation), 1.0)
    assert correlation[0, 1] > correlation[0, 2] > 0.0
    assert (np.linalg.eigvalsh(correlation) > 0.0).all()
