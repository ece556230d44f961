"""Linear algebra of our own: what NumPy's finds, to the last digits, and the same bits however sums are laid out."""

import numpy as np
import pytest

from richcheap.numerics.linear_algebra import (
    cholesky,
    dot,
    inverses,
    log_determinant,
    product,
    singular_values,
    solve,
    solve_lower,
)

SHAPES = [
    ((7,), (7,)),
    ((7,), (7, 5)),
    ((5, 7), (7,)),
    ((5, 130), (130, 3)),
    ((2, 3, 5, 7), (7, 4)),
    ((2, 3, 5, 7), (7,)),
    ((2, 1, 5, 7), (3, 7, 4)),
    ((5, 7), (3, 7, 4)),
    ((5, 0), (0, 4)),
    ((0, 7), (7, 4)),
    ((5, 7), (7, 0)),
]


def positive_definite(rng, size, *stack):
    table = rng.normal(size=(*stack, size, 2 * size))
    return table @ np.swapaxes(table, -1, -2)


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_a_product_is_what_numpy_finds(left, right):
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=left), rng.normal(size=right)
    found = product(one, other)
    assert np.shape(found) == np.shape(one @ other)
    np.testing.assert_allclose(found, one @ other, rtol=1e-12, atol=1e-12)


def test_a_sum_is_taken_from_its_first_term_to_its_last_however_a_table_lies():
    rng = np.random.default_rng(2)
    left, right = rng.normal(size=(9, 301)), rng.normal(size=(301, 11))
    in_order = np.zeros((9, 11))
    for k in range(301):
        in_order += left[:, k, None] * right[k]
    for one in (left, np.asfortranarray(left)):
        for other in (right, np.asfortranarray(right)):
            np.testing.assert_array_equal(product(one, other), in_order)
    np.testing.assert_array_equal(product(left[3:4], right[:, ::2]), in_order[3:4, ::2])
    assert dot(left[0], right[:, 0]) == in_order[0, 0]


def test_shapes_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match=r"cannot multiply shapes \(2, 3\) and \(2, 3\)"):
        product(np.zeros((2, 3)), np.zeros((2, 3)))


def test_systems_are_solved_as_numpy_solves_them():
    rng = np.random.default_rng(3)
    matrices, right = positive_definite(rng, 6, 4), rng.normal(size=(4, 6, 2))
    lower = cholesky(matrices)
    np.testing.assert_allclose(lower, np.linalg.cholesky(matrices), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(solve(matrices, right), np.linalg.solve(matrices, right), rtol=1e-9)
    np.testing.assert_allclose(solve_lower(lower, right), np.linalg.solve(lower, right), rtol=1e-9)
    np.testing.assert_allclose(inverses(matrices), np.linalg.inv(matrices), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(log_determinant(lower), np.linalg.slogdet(matrices)[1], rtol=1e-12)


@pytest.mark.parametrize("shape", [(40, 6), (4, 6), (6, 6), (1, 3)])
def test_singular_values_are_what_numpy_finds(shape):
    table = np.random.default_rng(4).normal(size=shape) * np.geomspace(1.0, 1e-8, shape[1])
    values, vectors = singular_values(table)
    known = np.linalg.svd(table, compute_uv=False)
    np.testing.assert_allclose(values[: known.size], known, rtol=1e-9)
    np.testing.assert_allclose(values[known.size :], 0.0, atol=1e-15)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(shape[1]), atol=1e-12)
    np.testing.assert_allclose((table @ vectors.T) ** 2 @ np.ones(shape[1]), (table**2).sum(axis=1), rtol=1e-10)


def test_a_table_of_zeros_has_no_singular_value():
    values, vectors = singular_values(np.zeros((5, 3)))
    assert values.tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_array_equal(vectors, np.eye(3))
