"""Issuer and bond residuals: what a bond's spread has beside the curve of its rating."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from richcheap.simulation.states.params import RegimeStates, ResidualParams
from richcheap.simulation.states.stochastic import Floats, Integers, daily_decay, fat_tailed


class Residuals(NamedTuple):
    """Residuals of one day in standard deviations of the normal regime."""

    issuer: Floats
    bond: Floats


def residuals_by_day(
    params: ResidualParams,
    states: RegimeStates,
    regimes: Integers,
    issuers: int,
    bonds: int,
    rng: np.random.Generator,
) -> Iterator[Residuals]:
    """Yield the residuals of each day: Ornstein-Uhlenbeck processes, discretised exactly, stationary at the start.

    Memory does not grow with the number of days. A regime scales the shocks; all shocks of one day share the mixing
    variable of their Student's t.
    """
    sizes = [issuers, bonds]
    half_lives = np.repeat([params.issuer_half_life_days, params.bond_half_life_days], sizes)
    decay = daily_decay(half_lives)
    std = np.sqrt(1.0 - decay**2)
    tails, scale = states.column("tail_df")[regimes], states.column("residual")[regimes]
    state = rng.standard_normal(issuers + bonds)
    for day in range(regimes.size):
        if day:
            shocks = fat_tailed(rng, tails[day : day + 1], state.size)[0]
            state = decay * state + std * scale[day] * shocks
        yield Residuals(state[:issuers], state[issuers:])
