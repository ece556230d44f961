"""One date of the Kalman filter: every print predicted from all others.

With b_i a print's loading on the factors, c_i that on its issuer's own part q_j and V_i the variance of all that is its
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

from richcheap.kalman.prediction import ObservationEquation
from richcheap.numerics.cholesky import add_row, factorised, substitute
from richcheap.numerics.compiled import kernel
from richcheap.surface.normal_equations import LANES

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class NormalEquations(NamedTuple):
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
def normal_equations(
    observation: ObservationEquation, variance: Floats, precision: Floats, issuer_variance: Floats
) -> NormalEquations:
    """Build and factorise the normal equations from loadings and variances alone."""
    groups, size = observation.group.shape[0] - 1, precision.shape[0]
    matrix = precision.copy()
    spread = np.zeros(groups)
    cross = np.zeros((groups, size))
    for j in range(groups):
        square = 0.0
        for i in range(observation.group[j], observation.group[j + 1]):
            add_row(matrix, observation.loading[i], 1.0 / variance[i])
            scaled = observation.share[i] / variance[i]
            square += scaled * observation.share[i]
            for k in range(size):
                cross[j, k] += scaled * observation.loading[i, k]
        issuer = observation.issuer[observation.group[j]]
        before = issuer_variance[issuer] if issuer >= 0 else 0.0
        spread[j] = before / (1.0 + before * square)
        add_row(matrix, cross[j], -spread[j])
    return NormalEquations(factorised(matrix), spread, cross)


@kernel
def predict_without(
    observation: ObservationEquation,
    variance: Floats,
    normal: NormalEquations,
    served: NDArray[np.bool_],
    update: Floats,
    predictive_variance: Floats,
    means: Floats,
) -> None:
    """Fill for each row served how the others change its prediction, and the variance of its yield around that.

    The means of factors and issuer's own part cost a second substitution for each row. They are ``M^-1`` times the
    right-hand side of the others, and what the rank-one correction takes out: no part of them is found by subtraction.

    Parameters
    ----------
    observation : ObservationEquation
    variance : ndarray, shape (n_rows,)
        Of what is each print's own, with the noise at its weight.
    normal : NormalEquations
        Of those variances.
    served : ndarray of bool, shape (n_rows,)
    update, predictive_variance : ndarray, shape (n_rows,)
        Filled: bp, and bp squared.
    means : ndarray, shape (n_rows, n_factors + 1) or (0, n_factors + 1)
        Filled where it has rows: the means of the factors, and last of the issuer's own part, after all other prints.
    """
    size = observation.loading.shape[1]
    with_means = means.shape[0] > 0
    groups = observation.group.shape[0] - 1
    outside = moments_of_other_issuers(observation, variance, normal)
    column = np.zeros((size, LANES))
    held_rows = np.zeros(LANES, dtype=np.int64)
    held_groups = np.zeros(LANES, dtype=np.int64)
    moment = np.zeros((LANES, size))
    issuer_moment = np.zeros(LANES)
    held = 0
    for j in range(groups):
        first, last = observation.group[j], observation.group[j + 1]
        inside = moments_within_issuer(observation, variance, first, last)
        for i in range(first, last):
            if served[i]:
                beta = inside[i - first, size]
                for k in range(size):
                    shift = normal.cross[j, k] * normal.spread[j]
                    column[k, held] = observation.loading[i, k] - shift * observation.share[i]
                    moment[held, k] = outside[j, k] + inside[i - first, k] - shift * beta
                issuer_moment[held] = beta
                held_rows[held] = i
                held_groups[held] = j
                held += 1
            at_end = j == groups - 1 and i == last - 1
            if held == LANES or (at_end and held > 0):
                loadings = column.copy()
                substitute(normal.lower, column)
                for lane in range(held):
                    row, group = held_rows[lane], held_groups[lane]
                    tied = normal.spread[group] * observation.share[row]
                    leverage = tied * observation.share[row]
                    value = tied * issuer_moment[lane]
                    for k in range(size):
                        leverage += loadings[k, lane] * column[k, lane]
                        value += column[k, lane] * moment[lane, k]
                    left = 1.0 - leverage / variance[row]
                    update[row] = value / left
                    predictive_variance[row] = leverage / left + observation.own[row] + observation.noise[row]
                if with_means:
                    solved = moment.T.copy()
                    substitute(normal.lower, solved)
                    for lane in range(held):
                        row, group = held_rows[lane], held_groups[lane]
                        taken_out = update[row] / variance[row]
                        issuer_mean = issuer_moment[lane] + observation.share[row] * taken_out
                        for k in range(size):
                            means[row, k] = solved[k, lane] + column[k, lane] * taken_out
                            issuer_mean -= normal.cross[group, k] * means[row, k]
                        means[row, size] = normal.spread[group] * issuer_mean
                held = 0


@kernel
def moments_of_other_issuers(observation: ObservationEquation, variance: Floats, normal: NormalEquations) -> Floats:
    """Return for each issuer the right-hand side of all the others: those before plus those after."""
    groups, size = normal.cross.shape
    own = np.zeros((groups, size))
    for j in range(groups):
        beta = 0.0
        for i in range(observation.group[j], observation.group[j + 1]):
            scaled = observation.innovation[i] / variance[i]
            beta += scaled * observation.share[i]
            for k in range(size):
                own[j, k] += scaled * observation.loading[i, k]
        for k in range(size):
            own[j, k] -= normal.cross[j, k] * normal.spread[j] * beta
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
def moments_within_issuer(observation: ObservationEquation, variance: Floats, first: int, last: int) -> Floats:
    """Return for each print of an issuer the sums over its other prints: of ``b e / V``, and last of ``c e / V``."""
    size = observation.loading.shape[1]
    found = np.zeros((last - first, size + 1))
    total = np.zeros(size + 1)
    for i in range(first, last):
        found[i - first] = total
        scaled = observation.innovation[i] / variance[i]
        for k in range(size):
            total[k] += scaled * observation.loading[i, k]
        total[size] += scaled * observation.share[i]
    total[:] = 0.0
    for i in range(last - 1, first - 1, -1):
        found[i - first] += total
        scaled = observation.innovation[i] / variance[i]
        for k in range(size):
            total[k] += scaled * observation.loading[i, k]
        total[size] += scaled * observation.share[i]
    return found


@kernel
def innovation_variance(observation: ObservationEquation, covariance: Floats, issuer_variance: Floats) -> Floats:
    """Return the variance of each print around its prediction from the dates before."""
    rows, size = observation.loading.shape
    lower = factorised(covariance)
    found = observation.own + observation.noise
    for i in range(rows):
        for m in range(size):
            total = 0.0
            for k in range(m, size):
                total += lower[k, m] * observation.loading[i, k]
            found[i] += total * total
        if observation.issuer[i] >= 0:
            found[i] += observation.share[i] * observation.share[i] * issuer_variance[observation.issuer[i]]
    return found
