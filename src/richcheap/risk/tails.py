"""Value at risk and expected shortfall, both as losses (positive) in the unit of the profit and loss.

At confidence level c the tail has the probability p = 1 - c. Value at risk is the loss that is exceeded with
probability p; expected shortfall is the mean loss over the worst p of the distribution (Acerbi and Tasche 2002).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from richcheap.numerics.elementwise import exponentials, log1p_each, logarithms

Floats = NDArray[np.float64]

MIN_DEGREES, MAX_DEGREES = 2.5, 200.0
"""Degrees of freedom that are searched: the variance exists, and the far end cannot be distinguished from the
normal.
"""
ROUNDING = 1e-9


class Tail(NamedTuple):
    """Value at risk and expected shortfall, losses."""

    var: float
    es: float


def sample_tail(pnl: Floats, level: float) -> Tail:
    """Return the tail of equally likely outcomes.

    Parameters
    ----------
    pnl : ndarray, shape (n,)
        Profits and losses, at least one.
    level : float
        Confidence, such as 0.99.

    Returns
    -------
    Tail
        Value at risk is the loss of rank floor(n p) + 1; expected shortfall counts the last loss that the tail cuts
        with the share of it that lies inside. With fewer than 1 / p outcomes both are the worst of them.

    Examples
    --------
    >>> sample_tail(np.array([3.0, -1.0, -4.0, 2.0]), 0.5)
    Tail(var=-2.0, es=2.5)
    """
    ordered = np.sort(pnl)
    size = pnl.size * (1.0 - level)
    whole = min(int(np.floor(size + ROUNDING)), pnl.size - 1)
    cut = max(size - whole, 0.0)
    shortfall = (ordered[:whole].sum() + cut * ordered[whole]) / size
    return Tail(var=float(-ordered[whole]), es=float(-shortfall))


def student_tail(std: float, degrees_of_freedom: float, level: float) -> Tail:
    """Return the tail of a Student distribution with mean 0 and a given standard deviation.

    Parameters
    ----------
    std : float
        Standard deviation of the profit and loss.
    degrees_of_freedom : float
        Degrees of freedom, above 2; infinite for the normal distribution.
    level : float

    Notes
    -----
    With scale s and quantile q of the standard Student distribution, the shortfall is
    s f(q) / p * (freedom + q^2) / (freedom - 1) (McNeil, Frey and Embrechts 2015, example 2.15).
    """
    probability = 1.0 - level
    if np.isinf(degrees_of_freedom):
        quantile = stats.norm.ppf(probability)
        return Tail(float(-std * quantile), float(std * stats.norm.pdf(quantile) / probability))
    scale = std * np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
    quantile = stats.t.ppf(probability, degrees_of_freedom)
    density = stats.t.pdf(quantile, degrees_of_freedom)
    shortfall = scale * density / probability * (degrees_of_freedom + quantile**2) / (degrees_of_freedom - 1.0)
    return Tail(float(-scale * quantile), float(shortfall))


def fit_degrees_of_freedom(standardised: Floats) -> float:
    """Return the degrees of freedom of a multivariate Student distribution by maximum likelihood.

    Parameters
    ----------
    standardised : ndarray, shape (n,) or (n, k)
        Draws with mean 0, variance 1 and no correlation between the k columns, which share one mixing variable: their
        extremes come together.

    Returns
    -------
    float
        Between `MIN_DEGREES` and `MAX_DEGREES`.
    """
    table = standardised.reshape(len(standardised), -1)
    dimension = table.shape[1]
    squares = (table**2).sum(axis=1)

    def cost(log_freedom: float) -> float:
        degrees_of_freedom = exponentials(log_freedom)
        constant = special.gammaln((degrees_of_freedom + dimension) / 2.0) - special.gammaln(degrees_of_freedom / 2.0)
        constant -= dimension / 2.0 * logarithms((degrees_of_freedom - 2.0) * np.pi)
        kernel = (degrees_of_freedom + dimension) / 2.0 * log1p_each(squares / (degrees_of_freedom - 2.0))
        return float(kernel.mean() - constant)

    bounds = (logarithms(MIN_DEGREES), logarithms(MAX_DEGREES))
    return float(exponentials(optimize.minimize_scalar(cost, bounds=bounds, method="bounded").x))


def student_draws(random: np.random.Generator, degrees_of_freedom: float, size: int, dimension: int) -> Floats:
    """Draw from the uncorrelated multivariate Student distribution with unit variances, shape (size, dimension)."""
    normal = random.standard_normal((size, dimension))
    mixing = random.chisquare(degrees_of_freedom, size) / degrees_of_freedom
    draws: Floats = normal * np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom / mixing)[:, None]
    return draws
