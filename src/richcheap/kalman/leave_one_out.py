"""One date of the Kalman filter: what every print was worth without itself.

With b_i a print's load on the factors, c_i that on its issuer's own part q_j and V_i the variance of all that is its
own (residual and noise), the innovations follow ``e_i = b_i g + c_i q_j + v_i``. Their covariance S is of low rank but
for its diagonal, so that all is found from matrices no larger than the factors (Woodbury): M = P^-1 + sum b b' / V,
less what the issuers' own effects take. A print's prediction from all others is ``y_i - [S^-1 e]_i / [S^-1]_ii``
(Sundararajan and Keerthi 2001, for Gaussian processes). It is not computed so: subtracting from y_i would leave y_i in
the last bits. Its sums run over the rows before i and the rows after i, and a rank-one correction takes row i out of M,
which no price enters.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.kalman.prediction import Observed
from richcheap.numerics.cholesky import add_row, factorised, substitute
from richcheap.numerics.compiled import kernel
from richcheap.surface.normal_equations import LANES

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Solved(NamedTuple):
    """A date's normal equations.

    Attributes
    ----------
    lower : ndarray, shape (n_factors, n_factors)
        Cholesky factor of M.
    spread : ndarray, shape (n_groups,)
        Variance of each issuer's own part given the factors, after all prints.
    cross : ndarray, shape (n_groups, n_factors)
        Sum of ``c b / V`` over an issuer's prints.
    """

    lower: Floats
    spread: Floats
    cross: Floats


@kernel
def assemble(observed: Observed, variance: Floats, precision: Floats, issuer_variance: Floats) -> Solved:
    """Build and factorise the normal equations from loads and variances alone."""
    groups, size = observed.group.shape[0] - 1, precision.shape[0]
    matrix = precision.copy()
    spread = np.zeros(groups)
    cross = np.zeros((groups, size))
    for j in range(groups):
        square = 0.0
        for i in range(observed.group[j], observed.group[j + 1]):
            add_row(matrix, observed.load[i], 1.0 / variance[i])
            scaled = observed.share[i] / variance[i]
            square += scaled * observed.share[i]
            for k in range(size):
                cross[j, k] += scaled * observed.load[i, k]
        issuer = observed.issuer[observed.group[j]]
        before = issuer_variance[issuer] if issuer >= 0 else 0.0
        spread[j] = before / (1.0 + before * square)
        add_row(matrix, cross[j], -spread[j])
    return Solved(factorised(matrix), spread, cross)


@kernel
def predict_without(
    observed: Observed, variance: Floats, solved: Solved, served: NDArray[np.bool_], update: Floats, deviation2: Floats
) -> None:
    """Fill for each row served what the others change of its prediction, and the variance of its quote around that.

    Parameters
    ----------
    observed : Observed
    variance : ndarray, shape (n_rows,)
        Of what is each print's own, with the noise at the trust it has.
    solved : Solved
        Of those variances.
    served : ndarray of bool, shape (n_rows,)
    update, deviation2 : ndarray, shape (n_rows,)
        Filled: bp, and bp squared.
    """
    size = observed.load.shape[1]
    groups = observed.group.shape[0] - 1
    outside = others(observed, variance, solved)
    column = np.zeros((size, LANES))
    held_rows = np.zeros(LANES, dtype=np.int64)
    held_groups = np.zeros(LANES, dtype=np.int64)
    moment = np.zeros((LANES, size))
    issuer_moment = np.zeros(LANES)
    held = 0
    for j in range(groups):
        first, last = observed.group[j], observed.group[j + 1]
        inside = within(observed, variance, first, last)
        for i in range(first, last):
            if served[i]:
                beta = inside[i - first, size]
                for k in range(size):
                    shift = solved.cross[j, k] * solved.spread[j]
                    column[k, held] = observed.load[i, k] - shift * observed.share[i]
                    moment[held, k] = outside[j, k] + inside[i - first, k] - shift * beta
                issuer_moment[held] = beta
                held_rows[held] = i
                held_groups[held] = j
                held += 1
            at_end = j == groups - 1 and i == last - 1
            if held == LANES or (at_end and held > 0):
                loads = column.copy()
                substitute(solved.lower, column)
                for lane in range(held):
                    row, group = held_rows[lane], held_groups[lane]
                    tied = solved.spread[group] * observed.share[row]
                    leverage = tied * observed.share[row]
                    value = tied * issuer_moment[lane]
                    for k in range(size):
                        leverage += loads[k, lane] * column[k, lane]
                        value += column[k, lane] * moment[lane, k]
                    left = 1.0 - leverage / variance[row]
                    update[row] = value / left
                    deviation2[row] = leverage / left + observed.own[row] + observed.noise[row]
                held = 0


@kernel
def others(observed: Observed, variance: Floats, solved: Solved) -> Floats:
    """Return for each issuer the right-hand side of all the others: those before plus those after."""
    groups, size = solved.cross.shape
    own = np.zeros((groups, size))
    for j in range(groups):
        beta = 0.0
        for i in range(observed.group[j], observed.group[j + 1]):
            scaled = observed.innovation[i] / variance[i]
            beta += scaled * observed.share[i]
            for k in range(size):
                own[j, k] += scaled * observed.load[i, k]
        for k in range(size):
            own[j, k] -= solved.cross[j, k] * solved.spread[j] * beta
    found = np.zeros((groups, size))
    total = np.zeros(size)
    for j in range(groups):
        found[j] += total
        total += own[j]
    total[:] = 0.0
    for j in range(groups - 1, -1, -1):
        found[j] += total
        total += own[j]
    return found


@kernel
def within(observed: Observed, variance: Floats, first: int, last: int) -> Floats:
    """Return for each print of an issuer the sums over its other prints: of ``b e / V``, and last of ``c e / V``."""
    size = observed.load.shape[1]
    found = np.zeros((last - first, size + 1))
    total = np.zeros(size + 1)
    for i in range(first, last):
        found[i - first] = total
        scaled = observed.innovation[i] / variance[i]
        for k in range(size):
            total[k] += scaled * observed.load[i, k]
        total[size] += scaled * observed.share[i]
    total[:] = 0.0
    for i in range(last - 1, first - 1, -1):
        found[i - first] += total
        scaled = observed.innovation[i] / variance[i]
        for k in range(size):
            total[k] += scaled * observed.load[i, k]
        total[size] += scaled * observed.share[i]
    return found


@kernel
def prior_variance(observed: Observed, covariance: Floats, issuer_variance: Floats) -> Floats:
    """Return the variance of each print around its prediction from the dates before."""
    rows, size = observed.load.shape
    lower = factorised(covariance)
    found = observed.own + observed.noise
    for i in range(rows):
        for m in range(size):
            total = 0.0
            for k in range(m, size):
                total += lower[k, m] * observed.load[i, k]
            found[i] += total * total
        if observed.issuer[i] >= 0:
            found[i] += observed.share[i] * observed.share[i] * issuer_variance[observed.issuer[i]]
    return found
