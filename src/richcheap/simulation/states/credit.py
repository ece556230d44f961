"""Rating spreads with a term structure that widen and narrow with the regime.

Shocks are to the *log* spread: spreads move in proportion to their level (A. Ben Dor et al., "DTS: Duration Times
Spread", Journal of Portfolio Management, 2007).
"""

from typing import Final, NamedTuple

import numpy as np

from richcheap.numerics.elementwise import exponentials, logarithms, powers
from richcheap.simulation.constants import RATINGS
from richcheap.simulation.states.params import CreditParams, RegimeStates, letters
from richcheap.simulation.states.stochastic import Floats, Integers, daily_decay, fat_tailed, mean_reverting

RATING_HALF_LIFE_DAYS: Final = 30.0
NOTCH_POSITION: Final = np.array([0.0, *((3 * k + sign) / 3 for k in range(1, 7) for sign in (-1, 0, 1))])
"""Place of each grade on the letter scale: AAA 0, AA+ 2/3, AA 1 ... CCC- 6 1/3."""
NOTCH_LETTER: Final = np.rint(NOTCH_POSITION).astype(np.int64)
"""Letter of each grade, an index into ``RATINGS``."""


class Credit(NamedTuple):
    """Rating spreads of each day and grade."""

    base_bp: Floats
    """Five-year spread in the normal regime, shape (19,)."""
    exponent: Floats
    """Exponent of the term structure, shape (19,)."""
    log_multiple: Floats
    """Log of the widening, shape (days, 19)."""

    def spread_bp(self, day: Integers, notch: Integers, years: Floats) -> Floats:
        """Return the spread of each triple of day, grade and years to maturity, bp."""
        term = powers(np.clip(years, 0.5, 30.0) / 5.0, self.exponent[notch])
        return np.asarray(self.base_bp[notch] * exponentials(self.log_multiple[day, notch]) * term)


def to_notches(by_letter: Floats) -> Floats:
    """Interpolate figures by letter, shape (..., 7), to the 19 grades; CCC- is extrapolated."""
    position = np.minimum(NOTCH_POSITION, len(RATINGS) - 1.0)
    left = np.minimum(position.astype(np.int64), len(RATINGS) - 2)
    share = NOTCH_POSITION - left
    return np.asarray(by_letter[..., left] * (1.0 - share) + by_letter[..., left + 1] * share)


def credit_path(params: CreditParams, states: RegimeStates, regimes: Integers, rng: np.random.Generator) -> Credit:
    """Simulate the spreads of each day and grade."""
    draws = fat_tailed(rng, states.column("tail_df")[regimes], 1 + len(RATINGS))
    volatility = states.column("volatility")[regimes][:, None]
    target = logarithms(states.column("spread"))[regimes][:, None]
    market = mean_reverting(
        target[0], target, daily_decay(params.half_life_days), draws[:, :1] * volatility * params.volatility
    )
    own_shocks = draws[:, 1:] * volatility * params.rating_volatility
    own = mean_reverting(
        np.zeros(len(RATINGS)), np.zeros_like(own_shocks), daily_decay(RATING_HALF_LIFE_DAYS), own_shocks
    )
    return Credit(
        base_bp=exponentials(to_notches(logarithms(letters(params.spread_bp)))),
        exponent=to_notches(letters(params.term_exponent)),
        log_multiple=market + to_notches(own),
    )
