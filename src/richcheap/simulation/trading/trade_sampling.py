"""Which bonds trade on which day."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import exponentials, logarithms
from richcheap.simulation.constants import DAYS_A_YEAR, TREASURY
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.universe.bonds import Universe

BOOST_YEARS: Final = 0.5
"""The boost after issue falls by a factor e over this age."""
EARLIEST_DONE, LATEST_DONE = 0.75, 0.95
"""Share of a bond's days by which its fewest observations are due; drawn for each bond, so that they do not bunch."""


class TooFewObservationsError(ValueError):
    """The sizes do not let every bond have its fewest observations."""


class Picks(NamedTuple):
    """The bonds that trade on one day."""

    bond: Integers
    """Index into the universe, ascending."""
    log_frequency: Floats
    """Log of how often each trades, beside the average of its kind (treasuries, others)."""


def quotas(total: int, treasury_share: float, treasuries: int, others: int) -> tuple[int, int]:
    """Divide a day's observations between treasuries and others, of which so many can trade."""
    of_treasuries = min(round(total * treasury_share), treasuries)
    of_others = min(total - of_treasuries, others)
    return min(total - of_others, treasuries), of_others


def choose(keys: Floats, due: NDArray[np.bool_], slack: Integers, quota: int) -> Integers:
    """Return ``quota`` places: first those that are due, with the least slack, then those of the highest keys."""
    if quota >= keys.size:
        return np.arange(keys.size)
    first, others = np.flatnonzero(due), np.flatnonzero(~due)
    if first.size >= quota:
        return np.sort(first[np.lexsort((-keys[first], slack[first]))[:quota]])
    left = quota - first.size
    best = np.argpartition(-keys[others], left - 1)[:left]
    return np.sort(np.concatenate([first, others[best]]))


def picks_by_day(
    universe: Universe, days: Integers, observations: int, treasury_share: float, minimum: int, issue_boost: float,
    rng: np.random.Generator,
) -> Iterator[Picks]:  # fmt: skip
    """Yield the bonds that trade on each day, drawn without replacement in proportion to how often they trade.

    The highest of log frequency plus Gumbel noise are such a draw: P. Efraimidis and P. Spirakis, "Weighted random
    sampling with a reservoir", Information Processing Letters 97 (2006). A bond that is behind the pace at which it
    reaches ``minimum`` observations goes first.

    Raises
    ------
    TooFewObservationsError
        After the last day, when some bond has fewer than ``minimum``.
    """
    seen = np.zeros(universe.kind.size, dtype=np.int64)
    length = universe.last - universe.first + 1
    deadline = np.maximum(length * rng.uniform(EARLIEST_DONE, LATEST_DONE, length.size), 1.0)
    treasury = universe.kind == TREASURY
    for day in range(days.size):
        alive = np.flatnonzero((universe.first <= day) & (day <= universe.last))
        age = np.maximum(days[day] - universe.issue[alive], 0) / DAYS_A_YEAR
        log_frequency = universe.log_activity[alive] + issue_boost * exponentials(-age / BOOST_YEARS)
        keys = log_frequency + rng.gumbel(size=alive.size)
        elapsed = day - universe.first[alive] + 1
        due = seen[alive] < np.floor(minimum * np.minimum(elapsed / deadline[alive], 1.0))
        slack = length[alive] - elapsed - minimum + seen[alive]
        chosen, relative = [], []
        groups = [np.flatnonzero(treasury[alive]), np.flatnonzero(~treasury[alive])]
        for group, quota in zip(groups, quotas(observations, treasury_share, *map(len, groups)), strict=True):
            if quota:
                average = logarithms(np.mean(exponentials(log_frequency[group])))
                places = group[choose(keys[group], due[group], slack[group], quota)]
                chosen.append(places)
                relative.append(log_frequency[places] - average)
        places = np.concatenate(chosen)
        order = np.argsort(places)
        bond = alive[places[order]]
        seen[bond] += 1
        yield Picks(bond, np.concatenate(relative)[order])
    if seen.min() < minimum:
        short = int((seen < minimum).sum())
        raise TooFewObservationsError(
            f"every bond must have at least min_observations = {minimum} observations, but {short} of {seen.size} "
            f"bonds have fewer (the least is {seen.min()}); lower it, or raise observations_per_period or periods"
        )
