"""Penalised least squares in which every row gets the fit that never saw that row.

The matrix of the normal equations knows loadings and weights but no target, so that the fit without row i follows from
one factorisation and a rank-one correction (Sherman and Morrison 1950). Its right-hand side is the sum over the rows
before i plus the sum over the rows after i: subtracting row i from the whole would leave rounding errors that depend on
its target, and a price would move its own fair value in the last bits. Where the weights of other rows are reduced
because of their targets (`RobustWeights`), row i's own reduction never enters its own fit. The cost is linear in the
rows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.cholesky import factorised
from richcheap.numerics.threads import run_blocks
from richcheap.surface.normal_equations import (
    downweighted_matrix,
    fill_variance,
    moments_without,
    normal_matrix,
    solve_downweighted,
    solve_full,
    solve_without,
)
from richcheap.surface.outliers import RobustWeights, unit_weights

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
    loadings: Floats,
    target: Floats,
    weight: Floats,
    prior_mean: Floats,
    prior_precision: Floats,
    robust: RobustWeights | None = None,
    threads: int = 1,
) -> LeaveOneOut:
    """Fit ``target ~ loadings @ c`` under a Gaussian prior, with and without each row.

    Minimises ``sum_j weight_j factor_j (target_j - loadings_j @ c)^2 + (c - m)' P (c - m)``, the posterior mode of a
    linear model with prior mean m and precision P (Rasmussen and Williams 2006, section 2.1).

    Parameters
    ----------
    loadings : ndarray, shape (n_rows, n_terms)
        Terms that rows share seldom come last: the factorisation starts there and stays sparse.
    target, weight : ndarray, shape (n_rows,)
        A row of weight 0 takes no part in any fit, but gets its own ``without`` all the same. Weights do not depend on
        targets.
    prior_mean : ndarray, shape (n_terms,)
    prior_precision : ndarray, shape (n_terms, n_terms)
        Symmetric and positive definite.
    robust : RobustWeights, optional
        Which rows weigh less because of their targets; none where it is left out.
    threads : int
        Does not affect the result.

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
    robust = robust or unit_weights(rows)
    system = _System.of(loadings, target, weight, prior_mean, prior_precision)
    full = solve_full(*system, robust.factor)
    without = np.empty((rows, terms))
    variance = np.empty(rows)
    for variant, factor in enumerate(robust.factors):
        _fill_variant(system, factor, np.flatnonzero(robust.variant == variant), without, variance, threads)
    return LeaveOneOut(prior_mean + full[::-1], prior_mean + np.ascontiguousarray(without[:, ::-1]), variance)


class _System(NamedTuple):
    """Normal equations of the residuals from the prior, terms in reverse order."""

    matrix: Floats
    loadings: Floats
    residual: Floats
    weight: Floats

    @classmethod
    def of(
        cls, loadings: Floats, target: Floats, weight: Floats, prior_mean: Floats, prior_precision: Floats
    ) -> "_System":
        backwards = np.ascontiguousarray(loadings[:, ::-1])
        matrix = normal_matrix(backwards, weight, np.ascontiguousarray(prior_precision[::-1, ::-1]))
        residual = np.where(weight > 0.0, target - fitted(loadings, prior_mean), 0.0)
        return cls(matrix, backwards, residual, weight)


def _fill_variant(
    system: _System, factor: Floats, served: NDArray[np.int64], without: Floats, variance: Floats, threads: int
) -> None:
    """Fill the fits without each of the rows for which these factors hold."""
    matrix, loadings, residual, weight = system
    moment = moments_without(loadings, residual, weight * factor)
    downweighted = np.flatnonzero(factor < 1.0)
    is_downweighted = np.isin(served, downweighted)
    plain, own = served[~is_downweighted], served[is_downweighted]
    reduced = downweighted_matrix(matrix, loadings, weight, factor, downweighted, -1)
    lower = factorised(reduced)
    run_blocks(
        plain.size,
        threads,
        lambda block: solve_without(reduced, lower, loadings, weight, moment, plain[block], without, variance),
    )
    solve_downweighted(matrix, loadings, weight, factor, moment, downweighted, own, without, variance)


def solve(loadings: Floats, target: Floats, weight: Floats, prior_mean: Floats, prior_precision: Floats) -> Floats:
    """Return the coefficients of the fit of all rows, as `solve_leave_one_out` defines it."""
    system = _System.of(loadings, target, weight, prior_mean, prior_precision)
    found: Floats = prior_mean + solve_full(*system, np.ones(target.size))[::-1]
    return found


def prior_variance(loadings: Floats, prior_precision: Floats, threads: int = 1) -> Floats:
    """Return the variance of each row's fitted value before any target is seen, ``loadings_i' P^-1 loadings_i``."""
    lower = factorised(np.ascontiguousarray(prior_precision[::-1, ::-1]))
    backwards = np.ascontiguousarray(loadings[:, ::-1])
    variance = np.empty(loadings.shape[0])
    run_blocks(variance.size, threads, lambda rows: fill_variance(lower, backwards[rows], variance[rows]))
    return variance
