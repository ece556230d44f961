"""The prior handed from date to date."""

import numpy as np

from richcheap.surface.loadings import node_correlation
from richcheap.surface.prior import DIFFUSE_BP, SurfacePrior

CORRELATION = node_correlation(np.array([1.0, 10.0]), 2.0)


def test_an_uninformed_prior_is_diffuse() -> None:
    precision = SurfacePrior(CORRELATION, np.zeros(2), 1).precision(8.0, np.array([5.0]))
    np.testing.assert_allclose(np.linalg.inv(precision)[:2, :2], CORRELATION * DIFFUSE_BP**2)
    np.testing.assert_allclose(precision[2, 2], DIFFUSE_BP**-2.0)


def test_an_informed_prior_has_the_deviations_asked_for() -> None:
    state = SurfacePrior(CORRELATION, np.zeros(2), 2)
    state.update(np.array([True, True, True, False]), np.array([1.0, 2.0, 3.0]))
    precision = state.precision(8.0, np.array([5.0, 5.0]))
    np.testing.assert_allclose(np.linalg.inv(precision)[:2, :2], CORRELATION * 64.0)
    np.testing.assert_allclose(np.diag(precision)[2:], [1 / 25.0, DIFFUSE_BP**-2.0])
    np.testing.assert_array_equal(state.mean, [1.0, 2.0, 3.0, 0.0])


def test_a_published_move_shifts_the_nodes_alone() -> None:
    state = SurfacePrior(CORRELATION, np.zeros(2), 1)
    state.update(np.ones(3, dtype=np.bool_), np.array([100.0, 200.0, 50.0]))
    state.shift_nodes(np.array([1.0, -1.0]))
    np.testing.assert_array_equal(state.mean, [101.0, 199.0, 50.0])


def test_nodes_open_where_they_are_told_to() -> None:
    np.testing.assert_array_equal(SurfacePrior(CORRELATION, np.array([300.0, 400.0]), 1).mean, [300.0, 400.0, 0.0])
