"""Kernels behind `leave_one_out`: matrices and right-hand sides that leave rows out, and their solutions."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.cholesky import add_row, factorised, substitute, substitute_forwards
from richcheap.numerics.compiled import kernel

Floats = NDArray[np.float64]

LANES: Final = 32
"""Rows solved side by side."""
MIN_LEFT: Final = 0.05
"""A row that holds more of its own fit than all but this is solved afresh: the correction would divide by little."""


@kernel
def fill_variance(lower: Floats, loadings: Floats, variance: Floats) -> None:
    """Fill ``loadings_i' (L L')^-1 loadings_i``."""
    rows, terms = loadings.shape
    columns = np.zeros((terms, LANES))
    for start in range(0, rows, LANES):
        held = min(LANES, rows - start)
        for b in range(held):
            for k in range(terms):
                columns[k, b] = loadings[start + b, k]
        substitute_forwards(lower, columns)
        for b in range(held):
            total = 0.0
            for k in range(terms):
                total += columns[k, b] * columns[k, b]
            variance[start + b] = total


@kernel
def normal_matrix(loadings: Floats, weight: Floats, precision: Floats) -> Floats:
    """Return the matrix of the normal equations at full weights (lower triangle)."""
    gram = precision.copy()
    for i in range(weight.shape[0]):
        add_row(gram, loadings[i], weight[i])
    return gram


@kernel
def downweighted_matrix(
    gram: Floats, loadings: Floats, weight: Floats, factor: Floats, downweighted: NDArray[np.int64], except_row: int
) -> Floats:
    """Return the matrix with the weights of outliers reduced, all but one of them."""
    reduced = gram.copy()
    for j in downweighted:
        if j != except_row:
            add_row(reduced, loadings[j], weight[j] * (factor[j] - 1.0))
    return reduced


@kernel
def moments_without(loadings: Floats, residual: Floats, weight: Floats) -> Floats:
    """Return the right-hand side of the fit without each row: the rows before it plus the rows after it."""
    rows, terms = loadings.shape
    moment = np.empty((rows, terms))
    before = np.zeros(terms)
    for i in range(rows):
        moment[i] = before
        scaled = weight[i] * residual[i]
        for k in range(terms):
            before[k] += scaled * loadings[i, k]
    after = np.zeros(terms)
    for i in range(rows - 1, -1, -1):
        scaled = weight[i] * residual[i]
        for k in range(terms):
            moment[i, k] += after[k]
            after[k] += scaled * loadings[i, k]
    return moment


@kernel
def solve_full(matrix: Floats, loadings: Floats, residual: Floats, weight: Floats, factor: Floats) -> Floats:
    """Return the solution of all rows."""
    reduced = downweighted_matrix(matrix, loadings, weight, factor, np.flatnonzero(factor < 1.0), -1)
    rows, terms = loadings.shape
    right = np.zeros((terms, 1))
    for i in range(rows):
        scaled = weight[i] * factor[i] * residual[i]
        for k in range(terms):
            right[k, 0] += scaled * loadings[i, k]
    substitute(factorised(reduced), right)
    return right[:, 0].copy()


@kernel
def solve_without(
    gram: Floats,
    lower: Floats,
    loadings: Floats,
    weight: Floats,
    moment: Floats,
    rows: NDArray[np.int64],
    without: Floats,
    variance: Floats,
) -> None:
    """Fill the fits without each of some rows; ``gram`` and its factor hold those rows at their full weight."""
    terms = loadings.shape[1]
    loading = np.zeros((terms, LANES))
    solution = np.zeros((terms, LANES))
    for start in range(0, rows.shape[0], LANES):
        held = min(LANES, rows.shape[0] - start)
        for b in range(held):
            i = rows[start + b]
            for k in range(terms):
                loading[k, b] = loadings[i, k]
                solution[k, b] = moment[i, k]
        substitute(lower, loading)
        substitute(lower, solution)
        for b in range(held):
            i = rows[start + b]
            leverage = 0.0
            value = 0.0
            for k in range(terms):
                leverage += loadings[i, k] * loading[k, b]
                value += loadings[i, k] * solution[k, b]
            left = 1.0 - weight[i] * leverage
            if left > MIN_LEFT:
                share = weight[i] * value / left
                for k in range(terms):
                    without[i, k] = solution[k, b] + share * loading[k, b]
                variance[i] = leverage / left
            else:
                variance[i] = solve_afresh(gram, loadings[i], weight[i], moment[i], without[i])


@kernel
def solve_afresh(gram: Floats, loading: Floats, weight: float, moment: Floats, without: Floats) -> float:
    """Take a row out of the matrix, factorise and solve; return the variance of the row's fitted value."""
    terms = loading.shape[0]
    smaller = gram.copy()
    add_row(smaller, loading, -weight)
    right = np.empty((terms, 2))
    right[:, 0] = moment
    right[:, 1] = loading
    substitute(factorised(smaller), right)
    total = 0.0
    for k in range(terms):
        without[k] = right[k, 0]
        total += loading[k] * right[k, 1]
    return total


@kernel
def solve_downweighted(
    gram: Floats,
    loadings: Floats,
    weight: Floats,
    factor: Floats,
    moment: Floats,
    downweighted: NDArray[np.int64],
    rows: NDArray[np.int64],
    without: Floats,
    variance: Floats,
) -> None:
    """Fill the fits without rows that are outliers themselves, at their full weight."""
    for position in range(rows.shape[0]):
        reduced = downweighted_matrix(gram, loadings, weight, factor, downweighted, rows[position])
        solve_without(
            reduced, factorised(reduced), loadings, weight, moment, rows[position : position + 1], without, variance
        )
