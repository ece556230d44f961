"""The textbook Kalman filter (Durbin and Koopman 2012, section 4.3): one dense covariance of all there is."""

from typing import NamedTuple

import numpy as np


class Panel(NamedTuple):
    """Prints of a made-up market: on each date some bonds, each with its load on the factors and a size of shocks."""

    dates: list[np.ndarray]
    loading: np.ndarray
    issuer: np.ndarray
    observed_yield: np.ndarray
    noise: np.ndarray
    scale: np.ndarray
    issuer_scale: np.ndarray


class Model(NamedTuple):
    """Variances of factors, issuers and bonds, and the share of issuers' effects and of residuals that a day leaves."""

    factors: np.ndarray
    move: np.ndarray
    issuer_level: float
    issuer_move: float
    issuer_kept: float
    bond_level: float
    bond_move: float
    kept: float


class DenseDate(NamedTuple):
    """A date of the dense filter; states are factors, issuers, then bonds.

    Attributes
    ----------
    value, variance : ndarray, shape (n_rows,)
        Of each print, without it.
    means : ndarray, shape (n_rows, n_states)
        Of all states, without the print.
    after, covariance : ndarray, shape (n_states,), (n_states, n_states)
        Once all prints of the date are taken in.
    """

    value: np.ndarray
    variance: np.ndarray
    means: np.ndarray
    after: np.ndarray
    covariance: np.ndarray


def made_up(dates: int = 9, bonds: int = 8, factors: int = 3, seed: int = 3) -> Panel:
    """Return a panel whose bonds print at random; issuer numbers ascend within a date, -1 is unknown."""
    rng = np.random.default_rng(seed)
    issuer = np.array([-1, -1, 0, 0, 0, 1, 1, 2, 2, 2, 2][:bonds], dtype=np.int32)
    issuer_scale = rng.uniform(0.5, 2.0, size=issuer.max() + 1)
    scale = np.where(issuer >= 0, issuer_scale[issuer], rng.uniform(0.5, 2.0, size=bonds))
    rows = [np.sort(rng.choice(bonds, rng.integers(3, bonds), replace=False)) for _ in range(dates)]
    return Panel(
        dates=rows,
        loading=rng.normal(size=(bonds, factors)),
        issuer=issuer,
        observed_yield=100.0 + rng.normal(scale=5.0, size=(dates, bonds)),
        noise=rng.uniform(0.3, 2.0, size=(dates, bonds)),
        scale=scale,
        issuer_scale=issuer_scale,
    )


def dense_filter(panel: Panel, model: Model, days: float = 1.0) -> list[DenseDate]:
    """Return each date's predictions and states, every row's found by really leaving it out."""
    bonds, factors = panel.loading.shape
    issuers = int(panel.issuer.max()) + 1
    size = factors + issuers + bonds
    observation_equation = np.zeros((bonds, size))
    observation_equation[:, :factors] = panel.loading
    observation_equation[np.arange(bonds), factors + issuers + np.arange(bonds)] = 1.0
    known = np.flatnonzero(panel.issuer >= 0)
    observation_equation[known, factors + panel.issuer[known]] = 1.0
    transition = np.eye(size)
    own = np.arange(factors + issuers, size)
    transition[own, own] = model.kept
    at_issuers = np.arange(factors, factors + issuers)
    transition[at_issuers, at_issuers] = model.issuer_kept
    mean, covariance = np.zeros(size), np.zeros((size, size))
    covariance[:factors, :factors] = model.factors
    seen, known_issuer = np.zeros(bonds, dtype=bool), np.zeros(issuers, dtype=bool)
    found = []
    for date, rows in enumerate(panel.dates):
        if date:
            mean, covariance = transition @ mean, transition @ covariance @ transition.T
            covariance[:factors, :factors] += days * model.move
            moved = at_issuers[known_issuer]
            covariance[moved, moved] += days * (model.issuer_move * panel.issuer_scale[known_issuer]) ** 2
            covariance[own[seen], own[seen]] += days * (model.bond_move * panel.scale[seen]) ** 2
        new = rows[~seen[rows]]
        covariance[own[new], own[new]] = (model.bond_level * panel.scale[new]) ** 2
        issuers_here = np.unique(panel.issuer[rows][panel.issuer[rows] >= 0])
        first = issuers_here[~known_issuer[issuers_here]]
        covariance[at_issuers[first], at_issuers[first]] = (model.issuer_level * panel.issuer_scale[first]) ** 2
        known_issuer[first] = True
        seen[rows] = True
        observed_yield, noise = panel.observed_yield[date, rows], panel.noise[date, rows]

        def update(
            kept: np.ndarray,
            design: np.ndarray = observation_equation[rows],
            observed_yield: np.ndarray = observed_yield,
            noise: np.ndarray = noise,
            mean: np.ndarray = mean,
            covariance: np.ndarray = covariance,
        ) -> tuple[np.ndarray, np.ndarray]:
            chosen = design[kept]
            innovation_covariance = chosen @ covariance @ chosen.T + np.diag(noise[kept])
            gain = np.linalg.solve(innovation_covariance, chosen @ covariance).T
            return mean + gain @ (observed_yield[kept] - chosen @ mean), covariance - gain @ chosen @ covariance

        values, variances, means = [], [], []
        for row in range(rows.size):
            without_mean, without = update(np.arange(rows.size) != row)
            means.append(without_mean)
            values.append(observation_equation[rows[row]] @ without_mean)
            variances.append(observation_equation[rows[row]] @ without @ observation_equation[rows[row]] + noise[row])
        mean, covariance = update(np.ones(rows.size, dtype=bool))
        found.append(DenseDate(np.array(values), np.array(variances), np.array(means), mean, covariance))
    return found
