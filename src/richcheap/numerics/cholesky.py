"""Small dense systems by Cholesky's method, in kernels of our own: a BLAS rounds as its processor pleases."""

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel

Floats = NDArray[np.float64]


@kernel
def add_row(gram: Floats, row: Floats, weight: float) -> None:
    """Add ``weight row row'`` to a matrix, lower triangle; zeros cost nothing."""
    for k in range(row.shape[0]):
        scaled = weight * row[k]
        if scaled != 0.0:
            for m in range(k + 1):
                gram[k, m] += scaled * row[m]


@kernel
def factorised(gram: Floats) -> Floats:
    """Return the Cholesky factor L of a positive definite matrix, both in the lower triangle."""
    lower = gram.copy()
    terms = lower.shape[0]
    for k in range(terms):
        for m in range(k):
            total = lower[k, m]
            for q in range(m):
                total -= lower[k, q] * lower[m, q]
            lower[k, m] = total / lower[m, m]
        total = lower[k, k]
        for q in range(k):
            total -= lower[k, q] * lower[k, q]
        lower[k, k] = np.sqrt(total)
    return lower


@kernel
def substitute_forwards(lower: Floats, right: Floats) -> None:
    """Solve ``L z = right`` in place for each column, columns side by side; zeros of L cost nothing."""
    terms, lanes = right.shape
    for k in range(terms):
        row = right[k]
        for q in range(k):
            share = lower[k, q]
            if share != 0.0:
                other = right[q]
                for b in range(lanes):
                    row[b] -= share * other[b]
        scale = lower[k, k]
        for b in range(lanes):
            row[b] /= scale


@kernel
def substitute(lower: Floats, right: Floats) -> None:
    """Solve ``L L' z = right`` in place for each column."""
    substitute_forwards(lower, right)
    terms, lanes = right.shape
    for k in range(terms - 1, -1, -1):
        row = right[k]
        for q in range(k + 1, terms):
            share = lower[q, k]
            if share != 0.0:
                other = right[q]
                for b in range(lanes):
                    row[b] -= share * other[b]
        scale = lower[k, k]
        for b in range(lanes):
            row[b] /= scale


@kernel
def inverse(matrix: Floats) -> Floats:
    """Invert a positive definite matrix."""
    result = np.eye(matrix.shape[0])
    substitute(factorised(matrix), result)
    return result
