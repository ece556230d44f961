"""Prints around mid: sides, sizes, bid-ask, scatter and ticks."""

import copy
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.conventions import SIDE_SIGNS
from richcheap.numerics.elementwise import exponentials, powers
from richcheap.numerics.linear_algebra import product
from richcheap.simulation.params import TradingParams
from richcheap.simulation.states.stochastic import Floats, Integers

SIDES: Final = tuple(SIDE_SIGNS)
SIDE_SIGN: Final = np.array(list(SIDE_SIGNS.values()))
MILLION: Final = 1e6
RETAIL_SIZE, INSTITUTIONAL_SIZE = 25_000.0, 1_000_000.0
"""Medians, currency units."""
RETAIL_DISPERSION, INSTITUTIONAL_DISPERSION = 0.9, 1.1
"""Standard deviations of log size."""
SIZE_STEP, SMALLEST_SIZE, LARGEST_SIZE = 1_000.0, 1_000.0, 50_000_000.0
TREASURY_SIZE: Final = 5.0
"""Treasury trades, as a multiple."""
TICK, TREASURY_TICK = 0.001, 0.0078125
"""Of printed prices, points per 100: decimals of other bonds, a quarter of a 32nd of treasuries, as both are quoted."""
SKIPPED_AT_A_TIME: Final = 1 << 16


class SimulatedPrints(NamedTuple):
    """Prints, arrays of shape (observations,)."""

    side: Integers
    """Index into ``SIDES``."""
    volume: Floats
    """Face traded, currency units."""
    clean: Floats
    """Printed price, per 100."""
    half_spread: Floats
    """Half the bid-ask at this size, points per 100."""
    noise: Floats
    """Standard deviation of print minus mid, its side not known, points per 100."""


class PrintStreams(NamedTuple):
    """One stream's stretches for each thing that is drawn, so that it does not matter how many prints come at once."""

    side: np.random.Generator
    retail: np.random.Generator
    size: np.random.Generator
    scatter: np.random.Generator


def print_streams(rng: np.random.Generator, most: int) -> PrintStreams:
    """Divide a stream into stretches for at most so many prints."""
    rng = copy.deepcopy(rng)

    def stretch(skip: Callable[[int], object]) -> np.random.Generator:
        start = copy.deepcopy(rng)
        for done in range(0, most, SKIPPED_AT_A_TIME):
            skip(min(SKIPPED_AT_A_TIME, most - done))
        return start

    return PrintStreams(
        side=stretch(rng.random), retail=stretch(rng.random), size=stretch(rng.standard_normal), scatter=rng
    )


def print_trades(
    params: TradingParams, mid: Floats, dv01: Floats, log_frequency: Floats, bid_ask: Floats,
    treasury: NDArray[np.bool_], speculative: NDArray[np.bool_], streams: PrintStreams,
) -> SimulatedPrints:  # fmt: skip
    """Draw the next print of each observation.

    Parameters
    ----------
    mid, dv01
        Clean mid prices, points per 100, and their change for a basis point.
    log_frequency
        Log of how often the bond trades, beside the average.
    bid_ask
        The regime's multiple.
    streams
        They move on.
    """
    upper = np.cumsum(side_shares(params))
    upper[-1] = 1.0
    side = np.searchsorted(upper, streams.side.random(mid.size), side="right")

    retail = streams.retail.random(mid.size) < params.retail_share
    median = np.where(retail, RETAIL_SIZE, INSTITUTIONAL_SIZE) * np.where(treasury, TREASURY_SIZE, 1.0)
    dispersion = np.where(retail, RETAIL_DISPERSION, INSTITUTIONAL_DISPERSION)
    size = median * exponentials(dispersion * streams.size.standard_normal(mid.size))
    volume = np.clip(np.rint(size / SIZE_STEP) * SIZE_STEP, SMALLEST_SIZE, LARGEST_SIZE)

    typical = params.half_spread_bp
    basis_points = np.where(
        treasury, typical.treasury, np.where(speculative, typical.high_yield, typical.investment_grade)
    )
    rarity = exponentials(-params.illiquidity_exponent * log_frequency)
    smallness = powers(volume / MILLION, -params.size_exponent)
    floor = np.where(treasury, 0.0, params.half_spread_floor)
    half_spread = bid_ask * (basis_points * dv01 + floor) * rarity * smallness

    scatter = params.scatter_share * half_spread
    tick = tick_size(treasury)
    quoted = mid + SIDE_SIGN[side] * half_spread + scatter * streams.scatter.standard_normal(mid.size)
    clean = np.round(np.maximum(np.rint(quoted / tick), 1.0) * tick, 8)
    return SimulatedPrints(side, volume, clean, half_spread, print_noise(params, half_spread, tick))


def print_noise(params: TradingParams, half_spread: Floats, tick: Floats) -> Floats:
    """Return the standard deviation of print minus mid, its side not known; all in points per 100."""
    shares = side_shares(params)
    of_side = product(shares, SIDE_SIGN**2) - product(shares, SIDE_SIGN) ** 2
    scatter = params.scatter_share * half_spread
    return np.asarray(np.sqrt(half_spread**2 * of_side + scatter**2 + tick**2 / 12.0))


def side_shares(params: TradingParams) -> Floats:
    """Return the share of the prints on each of `SIDES`."""
    return np.array([params.sides.buy, params.sides.sell, params.sides.interdealer])


def tick_size(treasury: NDArray[np.bool_]) -> Floats:
    """Return the tick of printed prices, points per 100."""
    return np.where(treasury, TREASURY_TICK, TICK)
