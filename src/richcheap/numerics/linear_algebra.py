"""Products, factors and singular values of dense matrices by arithmetic of our own.

A BLAS has its own kernels for each make of processor, which add terms in other orders or fuse them: the last
bits of a product then depend on the machine. Here each sum is taken from its first term to its last, and loops run on
vectors across the columns of the result, which does not affect it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.cholesky import factorised, inverse, substitute, substitute_forwards
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementwise import logarithms

Floats = NDArray[np.float64]

BLOCK: Final = 64
"""Rows of the right factor that are worked through together: few enough for the processor's cache."""
SWEEPS: Final = 60
"""Most rounds of rotations; eight to twelve are needed, and rounding could keep a last one from being idle."""
ORTHOGONAL: Final = 1e-15
"""Cosine of two columns that counts as none."""


def product(left: NDArray[Any], right: NDArray[Any]) -> Floats:
    """Return ``left @ right``, of vectors, matrices or stacks of matrices.

    Examples
    --------
    >>> product(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0])).tolist()
    [21.0, 43.0]
    """
    first = np.asarray(left, np.float64)[None, :] if left.ndim == 1 else np.asarray(left, np.float64)
    second = np.ascontiguousarray(right[:, None] if right.ndim == 1 else right, np.float64)
    if first.shape[-1] != second.shape[-2]:
        raise ValueError(f"cannot multiply shapes {left.shape} and {right.shape}")
    if second.ndim == 2:
        found = np.zeros((*first.shape[:-1], second.shape[1]))
        if found.size:
            rows = first if first.ndim == 2 else first.reshape(-1, first.shape[-1])
            _add_product(rows, second, found.reshape(-1, second.shape[1]))
    else:
        stack = np.broadcast_shapes(first.shape[:-2], second.shape[:-2])
        found = np.zeros((*stack, first.shape[-2], second.shape[-1]))
        first = np.broadcast_to(first, (*stack, *first.shape[-2:]))
        second = np.broadcast_to(second, (*stack, *second.shape[-2:]))
        for place in np.ndindex(stack):
            _add_product(first[place], second[place], found[place])
    if right.ndim == 1:
        found = found[..., 0]
    return found[..., 0, :] if left.ndim == 1 and right.ndim > 1 else found[0] if left.ndim == 1 else found


def dot(left: Floats, right: Floats) -> float:
    """Return the inner product of two vectors."""
    return float(product(left, right))


def cholesky(matrices: Floats) -> Floats:
    """Return the Cholesky factor of each positive definite matrix, zeros above its diagonal; NaN where it is not."""
    found = np.empty(matrices.shape)
    for place in np.ndindex(matrices.shape[:-2]):
        found[place] = np.tril(factorised(np.ascontiguousarray(matrices[place])))
    return found


def inverses(matrices: Floats) -> Floats:
    """Return the inverse of each positive definite matrix."""
    found = np.empty(matrices.shape)
    for place in np.ndindex(matrices.shape[:-2]):
        found[place] = inverse(np.ascontiguousarray(matrices[place]))
    return found


def solve(matrices: Floats, right: Floats) -> Floats:
    """Solve ``matrix x = right`` for each positive definite matrix; `right` has a matrix for each."""
    found = np.array(right, np.float64, order="C")
    for place in np.ndindex(matrices.shape[:-2]):
        substitute(factorised(np.ascontiguousarray(matrices[place])), found[place])
    return found


def solve_lower(lower: Floats, right: Floats) -> Floats:
    """Solve ``lower x = right`` for each lower triangle; `right` has a matrix for each."""
    found = np.array(right, np.float64, order="C")
    for place in np.ndindex(lower.shape[:-2]):
        substitute_forwards(np.ascontiguousarray(lower[place]), found[place])
    return found


def log_determinant(lower: Floats) -> Floats:
    """Return the logarithm of the determinant of each matrix whose Cholesky factor this is."""
    return np.asarray(2.0 * logarithms(np.diagonal(lower, axis1=-2, axis2=-1)).sum(axis=-1))


def singular_values(table: Floats) -> tuple[Floats, Floats]:
    """Return the singular values of a table, largest first, and its right singular vectors, one in each row.

    One-sided Jacobi rotations (Golub and Van Loan 2013, section 8.6.3), which find small values as exactly as large.
    Of a positive semidefinite matrix they are its eigenvalues and eigenvectors.

    Parameters
    ----------
    table : ndarray, shape (n_rows, n_columns)

    Returns
    -------
    values : ndarray, shape (n_columns,)
        0 beyond the table's rank.
    vectors : ndarray, shape (n_columns, n_columns)

    Examples
    --------
    >>> singular_values(np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]))[0].tolist()
    [4.0, 3.0]
    """
    columns = np.array(table.T, np.float64, order="C")
    vectors = np.eye(len(columns))
    _rotate(columns, vectors)
    values = np.sqrt((columns**2).sum(axis=1))
    order = np.argsort(-values, kind="stable")
    return values[order], vectors[order]


@kernel
def _add_product(left: Floats, right: Floats, found: Floats) -> None:
    """Add ``left right`` to a matrix, which is the sum's first term."""
    rows, inner = left.shape
    columns = right.shape[1]
    for start in range(0, inner, BLOCK):
        stop = min(start + BLOCK, inner)
        by_four = start + (stop - start) // 4 * 4
        for i in range(rows):
            row = found[i]
            for k in range(start, by_four, 4):
                a, b, c, d = left[i, k], left[i, k + 1], left[i, k + 2], left[i, k + 3]
                first, second, third, fourth = right[k], right[k + 1], right[k + 2], right[k + 3]
                for j in range(columns):
                    row[j] = (((row[j] + a * first[j]) + b * second[j]) + c * third[j]) + d * fourth[j]
            for k in range(by_four, stop):
                a = left[i, k]
                first = right[k]
                for j in range(columns):
                    row[j] += a * first[j]


@kernel
def _rotate(columns: Floats, vectors: Floats) -> None:
    """Rotate pairs of columns, each a row here, until all are orthogonal, and the vectors with them."""
    count, size = columns.shape
    for _ in range(SWEEPS):
        idle = True
        for a in range(count - 1):
            for b in range(a + 1, count):
                one, other, between = 0.0, 0.0, 0.0
                for k in range(size):
                    one += columns[a, k] * columns[a, k]
                    other += columns[b, k] * columns[b, k]
                    between += columns[a, k] * columns[b, k]
                if abs(between) <= ORTHOGONAL * np.sqrt(one) * np.sqrt(other):
                    continue
                idle = False
                slope = (other - one) / (2.0 * between)
                tangent = 1.0 / (abs(slope) + np.sqrt(1.0 + slope * slope))
                if slope < 0.0:
                    tangent = -tangent
                cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
                sine = cosine * tangent
                for k in range(size):
                    x, y = columns[a, k], columns[b, k]
                    columns[a, k], columns[b, k] = cosine * x - sine * y, sine * x + cosine * y
                for k in range(count):
                    x, y = vectors[a, k], vectors[b, k]
                    vectors[a, k], vectors[b, k] = cosine * x - sine * y, sine * x + cosine * y
        if idle:
            return
