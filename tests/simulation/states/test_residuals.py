"""Residuals revert at their half-lives and swing wider in stress."""

import numpy as np
import pytest

from richcheap.simulation.constants import REGIMES
from richcheap.simulation.rng import stream
from richcheap.simulation.states.residuals import residuals_by_day
from richcheap.simulation.states.stochastic import daily_decay
from tests.simulation.settings import defaults

PARAMS = defaults()


def paths(regime: str, days: int = 400) -> tuple[np.ndarray, np.ndarray]:
    regimes = np.full(days, REGIMES.index(regime))
    states = PARAMS.regimes.states
    made = list(residuals_by_day(PARAMS.residuals, states, regimes, 300, 500, stream(1, "residuals")))
    return np.stack([each.issuer for each in made]), np.stack([each.bond for each in made])


def autocorrelation(path: np.ndarray) -> float:
    return float((path[1:] * path[:-1]).mean() / (path**2).mean())


def test_the_autocorrelation_is_the_one_of_the_half_life() -> None:
    issuer, bond = paths("normal")
    assert autocorrelation(issuer) == pytest.approx(
        float(daily_decay(PARAMS.residuals.issuer_half_life_days)), abs=0.01
    )
    assert autocorrelation(bond) == pytest.approx(float(daily_decay(PARAMS.residuals.bond_half_life_days)), abs=0.01)


def test_residuals_are_stationary_from_the_first_day() -> None:
    issuer, bond = paths("normal")
    assert issuer[0].std() == pytest.approx(1.0, abs=0.15)
    assert bond[0].std() == pytest.approx(1.0, abs=0.1)
    assert bond.std() == pytest.approx(1.0, abs=0.05)


def test_residuals_swing_wider_in_a_crisis() -> None:
    assert paths("crisis")[1][100:].std() > 1.5 * paths("normal")[1][100:].std()
