"""Names and signs of factors by the shape of their loadings, so that a refit does not swap or flip them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from richcheap.numerics.leading_eigenvectors import orthonormalise
from richcheap.numerics.linear_algebra import product

Floats = NDArray[np.float64]

CURVE_SHAPES: tuple[str, ...] = ("level", "slope", "curvature")
SPREAD_SHAPES: tuple[str, ...] = ("credit", "quality")


def templates(size: int, shapes: int) -> Floats:
    """Return the shapes that names stand for: constant, rising, humped; unit length, shape (size, shapes).

    Orthonormal polynomials over the positions 0 ... size - 1, of degree 0, 1, 2. The rising one is positive at the end
    (long rates, low grades) and the humped one in the middle.

    Examples
    --------
    >>> np.round(templates(3, 3), 2).tolist()
    [[0.58, -0.71, -0.41], [0.58, 0.0, 0.82], [0.58, 0.71, -0.41]]
    """
    powers = np.vander(np.linspace(-1.0, 1.0, size), min(shapes, size), increasing=True).T.copy()
    orthonormalise(powers)
    powers[2:] *= -1.0
    return powers.T + 0.0


def name_by_shape(loadings: Floats, shapes: Sequence[str]) -> tuple[list[str], Floats]:
    """Name each factor after the shape it is nearest to, and say with which sign.

    Names are given so that the sum of absolute cosines between loadings and shapes is largest (the assignment
    problem); a factor left without a shape is called after the first one and its place, as ``level_4``, and its sign
    makes its largest loading positive.

    Parameters
    ----------
    loadings : ndarray, shape (size, n_factors)
    shapes : sequence of str
        Names of the first columns of `templates`.

    Returns
    -------
    names : list of str
    signs : ndarray, shape (n_factors,)
        1 or -1: what a factor's loadings are to be multiplied by.
    """
    size, factors = loadings.shape
    basis = templates(size, len(shapes))
    cosines = product(basis.T, loadings) / np.maximum(np.sqrt((loadings**2).sum(axis=0)), np.finfo(float).tiny)
    named = dict(zip(*reversed(linear_sum_assignment(-np.abs(cosines))), strict=True))
    names, signs = [], np.ones(factors)
    for factor in range(factors):
        shape = named.get(factor)
        largest = loadings[np.argmax(np.abs(loadings[:, factor])), factor]
        names.append(f"{shapes[0]}_{factor + 1}" if shape is None else shapes[shape])
        signs[factor] = -1.0 if (largest if shape is None else cosines[shape, factor]) < 0.0 else 1.0
    return names, signs
