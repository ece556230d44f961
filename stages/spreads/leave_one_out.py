"""Penalised least squares in which every row gets the fit that never saw that row.

The fit without row i is solved from the sums over the rows before i plus the sums over the rows after i,
not by subtracting i from the whole: a subtraction leaves rounding errors that depend on row i, so that a
price would still move its own fair value in the last bits. The cost stays linear in the number of rows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel

Floats = NDArray[np.float64]


class LeaveOneOut(NamedTuple):
    """Fits of one cross-section.

    Attributes
    ----------
    full : ndarray, shape (n_terms,)
        Coefficients from all rows.
    without : ndarray, shape (n_rows, n_terms)
        Row i holds the coefficients from all rows but i.
    variance : ndarray, shape (n_rows,)
        Variance of row i's fitted value under ``without[i]``, in units of the target squared.
    """

    full: Floats
    without: Floats
    variance: Floats


def fitted(loadings: Floats, coefficients: Floats) -> Floats:
    """Return each row's fitted value; ``coefficients`` may be one vector or one for each row.

    Summed row by row rather than by a matrix product, whose rounding can depend on the number of threads.
    """
    values: Floats = (loadings * coefficients).sum(axis=1)
    return values


def solve_leave_one_out(
    loadings: Floats, target: Floats, weight: Floats, prior_mean: Floats, prior_precision: Floats
) -> LeaveOneOut:
    """Fit ``target ~ loadings @ c`` under a Gaussian prior, with and without each row.

    Minimises ``sum_j weight_j (target_j - loadings_j @ c)^2 + (c - m)' P (c - m)``, the posterior mode of a
    linear model with prior mean m and precision P (Rasmussen and Williams 2006, section 2.1).

    Parameters
    ----------
    loadings : ndarray, shape (n_rows, n_terms)
    target, weight : ndarray, shape (n_rows,)
        A row of weight 0 takes no part in any fit, but gets its own ``without`` all the same.
    prior_mean : ndarray, shape (n_terms,)
    prior_precision : ndarray, shape (n_terms, n_terms)
        Symmetric and positive definite.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    ValueError
        Shapes do not agree, or a value is not finite.
    """
    rows, terms = loadings.shape
    if target.shape != (rows,) or weight.shape != (rows,) or prior_precision.shape != (terms, terms):
        raise ValueError(
            f"shapes must agree: loadings {loadings.shape}, target {target.shape}, weight {weight.shape}, "
            f"prior_precision {prior_precision.shape}"
        )
    if not (np.isfinite(target[weight > 0.0]).all() and np.isfinite(loadings).all()):
        raise ValueError("target and loadings must be finite wherever the weight is positive")
    deviation = np.where(weight > 0.0, target - fitted(loadings, prior_mean), 0.0)
    full, without, variance = _solve(
        np.ascontiguousarray(loadings), deviation, weight, np.ascontiguousarray(prior_precision)
    )
    return LeaveOneOut(prior_mean + full, prior_mean + without, variance)


@kernel
def _add_row(gram: Floats, moment: Floats, row: Floats, value: float, weight: float) -> None:
    terms = row.shape[0]
    for k in range(terms):
        scaled = weight * row[k]
        if scaled != 0.0:
            moment[k] += scaled * value
            for m in range(k + 1):
                gram[k, m] += scaled * row[m]


@kernel
def _cholesky_solve(gram: Floats, moment: Floats, row: Floats, solution: Floats) -> float:
    """Solve ``gram @ solution = moment`` (lower triangle, destroyed); return ``row' gram^-1 row``."""
    terms = moment.shape[0]
    half = np.empty(terms)
    spread = np.empty(terms)
    variance = 0.0
    for k in range(terms):
        for m in range(k):
            total = gram[k, m]
            for q in range(m):
                total -= gram[k, q] * gram[m, q]
            gram[k, m] = total / gram[m, m]
        total = gram[k, k]
        for q in range(k):
            total -= gram[k, q] * gram[k, q]
        gram[k, k] = np.sqrt(total)
        total = moment[k]
        other = row[k]
        for q in range(k):
            total -= gram[k, q] * half[q]
            other -= gram[k, q] * spread[q]
        half[k] = total / gram[k, k]
        spread[k] = other / gram[k, k]
        variance += spread[k] * spread[k]
    for k in range(terms - 1, -1, -1):
        total = half[k]
        for q in range(k + 1, terms):
            total -= gram[q, k] * solution[q]
        solution[k] = total / gram[k, k]
    return variance


@kernel
def _solve(loadings: Floats, deviation: Floats, weight: Floats, precision: Floats) -> tuple[Floats, Floats, Floats]:
    rows, terms = loadings.shape
    gram_before = np.empty((rows, terms, terms))
    moment_before = np.empty((rows, terms))
    gram = precision.copy()
    moment = np.zeros(terms)
    for i in range(rows):
        gram_before[i] = gram
        moment_before[i] = moment
        _add_row(gram, moment, loadings[i], deviation[i], weight[i])
    full = np.empty(terms)
    _cholesky_solve(gram, moment, np.zeros(terms), full)

    without = np.empty((rows, terms))
    variance = np.empty(rows)
    gram_after = np.zeros((terms, terms))
    moment_after = np.zeros(terms)
    for i in range(rows - 1, -1, -1):
        variance[i] = _cholesky_solve(
            gram_before[i] + gram_after, moment_before[i] + moment_after, loadings[i], without[i]
        )
        _add_row(gram_after, moment_after, loadings[i], deviation[i], weight[i])
    return full, without, variance
