"""Leading directions against an eigendecomposition."""

import numpy as np

from richcheap.numerics.leading_eigenvectors import leading_eigenvectors


def test_strongest_directions_are_the_leading_eigenvectors() -> None:
    rng = np.random.default_rng(4)
    basis = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    values = np.array([100.0, 60.0, 30.0, *np.full(9, 0.01)])
    gram = np.ascontiguousarray((basis * values) @ basis.T)
    found = leading_eigenvectors(gram, 3)
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(found.T @ found, basis[:, :3] @ basis[:, :3].T, atol=1e-6)


def test_directions_beyond_the_rank_are_zero() -> None:
    gram = np.zeros((6, 6))
    gram[2, 2] = 4.0
    found = leading_eigenvectors(gram, 3)
    np.testing.assert_allclose(np.abs(found), np.eye(6)[[2, 0, 0]] * np.array([1.0, 0.0, 0.0])[:, None], atol=1e-12)
