"""What the tree of callable bonds costs, how exact it is, and what it gains: ``python -m benchmarks.oas``.

First, option-adjusted spreads of random callable bonds at several steps a year: CPU time for each, and the distance to
those of the finest tree. Then a market that is made up: prices come from a tree finer than the default, at an
option-adjusted spread that bonds of an issuer share but for what makes each rich or cheap. Each spread is measured by
how far it lies from the true one once its issuer's mean is taken off, and by the rank correlation with what is rich and
cheap. The option-adjusted one is given the true volatility, and wrong ones.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from time import process_time
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from benchmarks.promises.figures import markdown
from richcheap.bonds.calls import Calls
from richcheap.bonds.terms import NO_DATE, BondTerms, Floats
from richcheap.bonds.units import BP, DAYS_PER_YEAR
from richcheap.options.exercise import CallableBond, callable_bonds
from richcheap.options.params import OptionsParams
from richcheap.options.spreads import Curve, Discounted
from richcheap.options.tree import CallTree

SETTLEMENT = 19_800
CURVE = Curve(np.array([0.25, 1.0, 2.0, 5.0, 10.0, 30.0]), np.array([0.045, 0.042, 0.038, 0.037, 0.041, 0.043]))
MATURITIES = (3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
DEFAULT = OptionsParams()


class Sizes(NamedTuple):
    """Of a run: bonds and steps a year of the first table, the finest last; issuers and their bonds of the second."""

    bonds: int
    longest: float
    steps: tuple[int, ...]
    issuers: int
    of_issuer: int
    true_steps: int


FULL = Sizes(bonds=40, longest=20.0, steps=(2, 4, 6, 12, 24, 48), issuers=20, of_issuer=10, true_steps=24)
SMALL = Sizes(bonds=4, longest=5.0, steps=(2, 4, 12), issuers=2, of_issuer=4, true_steps=6)


def random_bonds(size: int, longest: float, seed: int) -> list[CallableBond]:
    """Return half-yearly 30/360 bonds: first callable within their life's first half, at half the coupon above par."""
    rng = np.random.default_rng(seed)
    years = rng.choice([one for one in MATURITIES if one <= longest], size) - rng.uniform(0.0, 1.0, size)
    coupon = np.round(rng.uniform(0.02, 0.09, size), 4)
    days = np.rint(DAYS_PER_YEAR * years)
    first = np.rint(days * rng.uniform(0.05, 0.5, size))
    entries = np.stack([first, first + np.rint(0.2 * days), first + np.rint(0.4 * days)], axis=1)
    premiums = 50.0 * coupon[:, None] * np.array([1.0, 0.5, 0.0])
    none = np.full(size, NO_DATE)
    terms = BondTerms(
        np.full(size, SETTLEMENT), SETTLEMENT + days, coupon, np.full(size, 2), np.zeros(size, np.int32), none, none
    )
    calls = Calls(
        np.arange(size, dtype=np.int32),
        np.arange(0, 3 * size + 1, 3, dtype=np.int32),
        (SETTLEMENT + entries.ravel()).astype(np.int32),
        100.0 + premiums.ravel(),
    )
    return callable_bonds(terms, calls)


def option_adjusted(bonds: list[CallableBond], prices: Floats, params: OptionsParams) -> Floats:
    """Return the option-adjusted spread of each bond, bp."""
    return BP * np.array(
        [
            CallTree(bond, CURVE, params).spread(price, Discounted(bond, CURVE).spreads(price)[1])
            for bond, price in zip(bonds, prices.tolist(), strict=True)
        ]
    )


def convergence(sizes: Sizes) -> str:
    """Return cost and error by steps a year as a Markdown table."""
    bonds = random_bonds(sizes.bonds, sizes.longest, seed=1)
    spread = np.random.default_rng(2).uniform(0.002, 0.04, len(bonds))
    fine = DEFAULT.model_copy(update={"tree_steps_per_year": sizes.steps[-1]})
    prices = np.array([CallTree(bond, CURVE, fine).price(s) for bond, s in zip(bonds, spread.tolist(), strict=True)])
    rows = []
    for steps in sizes.steps:
        params = fine.model_copy(update={"tree_steps_per_year": steps})
        start = process_time()
        found = option_adjusted(bonds, prices, params)
        cost = 1e3 * (process_time() - start) / len(bonds)
        error = np.abs(found - BP * spread)
        rows.append((steps, round(cost, 2), round(float(error.mean()), 3), round(float(error.max()), 3)))
    return markdown(("steps a year", "CPU ms a bond", "mean error, bp", "largest, bp"), rows)


def measures(bonds: list[CallableBond], prices: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield the spreads to compare, bp."""
    plain = np.array([Discounted(bond, CURVE).spreads(price) for bond, price in zip(bonds, prices, strict=True)])
    yield "to maturity", BP * plain[:, 0]
    yield "to worst", BP * plain[:, 1]
    volatility = DEFAULT.short_rate_volatility_bp
    for share in (1.0, 0.5, 1.5):
        params = DEFAULT.model_copy(update={"short_rate_volatility_bp": share * volatility})
        yield f"option-adjusted, {share:.0%} of the true volatility", option_adjusted(bonds, prices, params)


def gains(sizes: Sizes) -> str:
    """Return how well each spread tells rich from cheap as a Markdown table."""
    size = sizes.issuers * sizes.of_issuer
    bonds = random_bonds(size, 15.0, seed=3)
    rng = np.random.default_rng(4)
    issuer = np.repeat(np.arange(sizes.issuers), sizes.of_issuer)
    cheap = rng.normal(0.0, 10.0, size)
    true = rng.uniform(50.0, 300.0, sizes.issuers)[issuer] + cheap
    params = DEFAULT.model_copy(update={"tree_steps_per_year": sizes.true_steps})
    prices = np.array(
        [CallTree(bond, CURVE, params).price(s) for bond, s in zip(bonds, (true / BP).tolist(), strict=True)]
    )
    centred = centre(issuer)
    rows = []
    for name, found in measures(bonds, prices):
        error = centred(found - true)
        rank = spearmanr(centred(found), centred(cheap)).statistic
        rows.append((name, round(float(error.std()), 2), round(float(np.abs(error).max()), 1), round(float(rank), 3)))
    return markdown(("spread", "standard deviation of its error, bp", "largest, bp", "rank correlation"), rows)


def centre(group: np.typing.NDArray[np.int64]) -> Callable[[Floats], Floats]:
    """Return what takes its group's mean off each value."""
    counts = np.bincount(group)

    def centred(values: Floats) -> Floats:
        less: Floats = values - (np.bincount(group, values) / counts)[group]
        return less

    return centred


def main() -> None:
    """Print two Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a few bonds alone")
    sizes = SMALL if parser.parse_args().small else FULL
    sys.stdout.write(f"{convergence(sizes)}\n\n{gains(sizes)}\n")


if __name__ == "__main__":
    main()
