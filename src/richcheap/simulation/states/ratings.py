"""Rating changes and defaults of issuers as a continuous-time Markov chain.

The generator is the matrix logarithm of the one-year migration matrix with negative rates set to zero:
R. Israel, J. Rosenthal and J. Wei, "Finding generators for Markov chains via empirical transition matrices",
Mathematical Finance 11 (2001).
"""

from typing import NamedTuple

import numpy as np

from richcheap.numerics.linear_algebra import product
from richcheap.simulation.constants import BUSINESS_DAYS_A_YEAR, NOTCHES, RATINGS
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.states.params import RatingParams, RegimeStates
from richcheap.simulation.states.stochastic import Floats, Integers

DEFAULTED = len(NOTCHES)
"""Index of default, after the 19 grades."""
MIGRATION = np.array(
    [
        [0.9366, 0.0583, 0.0040, 0.0008, 0.0003, 0.0000, 0.0000, 0.0000],
        [0.0066, 0.9173, 0.0694, 0.0049, 0.0006, 0.0009, 0.0002, 0.0001],
        [0.0007, 0.0225, 0.9175, 0.0519, 0.0049, 0.0020, 0.0001, 0.0004],
        [0.0003, 0.0025, 0.0483, 0.8926, 0.0444, 0.0081, 0.0016, 0.0022],
        [0.0003, 0.0007, 0.0044, 0.0667, 0.8329, 0.0747, 0.0105, 0.0098],
        [0.0000, 0.0010, 0.0033, 0.0046, 0.0577, 0.8417, 0.0387, 0.0530],
        [0.0016, 0.0000, 0.0031, 0.0093, 0.0200, 0.1074, 0.6392, 0.2194],
    ]
)
"""Chance of each letter a year later; rows AAA to CCC, columns AAA to CCC and default; docs/simulation.md cites it."""
SERIES_TERMS = 400
"""Of the logarithm's series, which converges when every rating is more likely kept than lost."""


class RatingPath(NamedTuple):
    """Grades of each day and issuer slot."""

    notch: Integers
    """Index into ``NOTCHES``, shape (days, slots)."""
    generation: Integers
    """Defaults in the slot so far: each makes room for a new issuer, shape (days, slots)."""


def letter_generator(migration: Floats) -> Floats:
    """Return yearly intensities between letters.

    Parameters
    ----------
    migration
        One-year matrix without the row of default, shape (7, 8).

    Returns
    -------
    Generator, rows sum to zero, shape (8, 8).
    """
    size = migration.shape[1]
    change = np.vstack([migration, np.eye(size)[-1]]) - np.eye(size)
    generator, power = np.zeros_like(change), np.eye(size)
    for order in range(1, SERIES_TERMS + 1):
        power = product(-power, change)
        generator -= power / order
    rates = np.maximum(generator, 0.0)
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return np.asarray(rates)


def notch_generator(letter_rates: Floats, notch_changes: float) -> Floats:
    """Spread intensities between letters over the 19 grades and default, shape (20, 20).

    An upgrade arrives at the lowest grade of the new letter, a downgrade at the highest; within a letter a bond
    moves by one notch.
    """
    rates = np.zeros((DEFAULTED + 1, DEFAULTED + 1))
    for notch in range(DEFAULTED):
        letter = int(NOTCH_LETTER[notch])
        for target in range(len(RATINGS)):
            grades = np.flatnonzero(target == NOTCH_LETTER)
            if target != letter:
                rates[notch, grades[-1] if target < letter else grades[0]] += letter_rates[letter, target]
        rates[notch, DEFAULTED] = letter_rates[letter, -1]
        for neighbour in (notch - 1, notch + 1):
            if 0 <= neighbour < DEFAULTED and NOTCH_LETTER[neighbour] == letter:
                rates[notch, neighbour] += notch_changes / 2.0
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


def daily_probabilities(rates: Floats, downgrades: Floats) -> Floats:
    """Return cumulative daily probabilities for each regime, shape (regimes, 20, 20).

    ``downgrades`` multiplies the rates of moves down and divides those of moves up.
    """
    down = np.triu(np.ones_like(rates), 1)
    up = np.tril(np.ones_like(rates), -1)
    scaled = rates * (downgrades[:, None, None] * down + up / downgrades[:, None, None])
    probabilities = scaled / BUSINESS_DAYS_A_YEAR
    diagonal = np.arange(rates.shape[0])
    probabilities[:, diagonal, diagonal] = 1.0 - probabilities.sum(axis=2)
    cumulative = np.cumsum(probabilities, axis=2)
    cumulative[:, :, -1] = 1.0
    return np.asarray(cumulative)


def rating_path(
    params: RatingParams, states: RegimeStates, regimes: Integers, start: Integers, rng: np.random.Generator
) -> RatingPath:
    """Simulate the grade of each issuer slot; after a default a new issuer starts at the slot's first grade."""
    rates = notch_generator(letter_generator(MIGRATION), params.notch_changes)
    cumulative = daily_probabilities(rates, states.column("downgrades"))
    notch = np.empty((regimes.size, start.size), dtype=np.int64)
    generation = np.zeros_like(notch)
    notch[0] = start
    for day in range(1, regimes.size):
        draws = rng.random(start.size)
        moved = (cumulative[regimes[day], notch[day - 1]] <= draws[:, None]).sum(axis=1)
        defaulted = moved == DEFAULTED
        notch[day] = np.where(defaulted, start, moved)
        generation[day] = generation[day - 1] + defaulted
    return RatingPath(notch, generation)
