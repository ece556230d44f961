"""The directions in which a covariance is largest, by arithmetic of our own: a LAPACK rounds as processors do."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel

Floats = NDArray[np.float64]

ROUNDS: Final = 3
"""Rounds of the iteration that finds the directions."""
DEPENDENT: Final = 1e-10
"""Share of a squared length below which a direction depends on those before."""
SMALLEST: Final = 1e-30
"""A variance that counts as none."""


@kernel
def leading_eigenvectors(gram: Floats, count: int) -> Floats:
    """Return directions near the leading eigenvectors of a positive semidefinite matrix, orthonormal or zero.

    Subspace iteration (Golub and Van Loan 2013, section 8.2.4) from the columns that a pivoted elimination picks.
    """
    size = gram.shape[0]
    basis = np.zeros((count, size))
    left = gram.copy()
    for k in range(count):
        best = 0
        for m in range(size):
            if left[m, m] > left[best, best]:
                best = m
        pivot = left[best, best]
        if pivot <= SMALLEST:
            break
        for m in range(size):
            basis[k, m] = left[best, m]
        for a in range(size):
            share = basis[k, a] / pivot
            if share != 0.0:
                for b in range(size):
                    left[a, b] -= share * basis[k, b]
        left[best, best] = 0.0
    orthonormalise(basis)
    for _ in range(ROUNDS):
        turned = np.zeros((count, size))
        for k in range(count):
            for a in range(size):
                share = basis[k, a]
                if share != 0.0:
                    for b in range(size):
                        turned[k, b] += share * gram[a, b]
        orthonormalise(turned)
        basis = turned
    return basis


@kernel
def orthonormalise(basis: Floats) -> None:
    """Make rows orthonormal in place, each twice (Gram and Schmidt); one that depends on those before becomes zero."""
    count, size = basis.shape
    for k in range(count):
        before = 0.0
        for m in range(size):
            before += basis[k, m] * basis[k, m]
        for _ in range(2):
            for q in range(k):
                share = 0.0
                for m in range(size):
                    share += basis[q, m] * basis[k, m]
                for m in range(size):
                    basis[k, m] -= share * basis[q, m]
        norm = 0.0
        for m in range(size):
            norm += basis[k, m] * basis[k, m]
        scale = 1.0 / np.sqrt(norm) if norm > DEPENDENT * before and norm > SMALLEST else 0.0
        for m in range(size):
            basis[k, m] *= scale
