"""The oracle against brute force, against what it must not see, and against its own word."""

from typing import Any

import numpy as np
import pytest

from stages.simulation import attainable
from stages.simulation.attainable import expected_prices, leave_one_out
from stages.simulation.market import Simulated, simulate, widest_spread
from stages.simulation.names import DAYS_A_YEAR
from stages.simulation.process import TAIL_SHARES, Process, process
from stages.simulation.processes import Floats
from stages.simulation.sighting import Observer, Sight, known
from tests.simulation.settings import SMALL, default_market, defaults, resized, small_market

TINY: dict[str, Any] = {
    "bonds": 20,
    "issuers": 14,
    "periods": 60,
    "observations_per_period": 5,
    "minimum_observations": 1,
}


def state_covariances(moves: Process, days: int) -> tuple[list[Floats], list[Floats]]:
    """Return mean and covariance of the states of each day before anything is seen."""
    mean, covariance = moves.start, np.diag(moves.variance)
    means, covariances = [], []
    for day in range(days):
        mean = moves.mean(day) + moves.decay * (mean - moves.mean(day))
        covariance = covariance * np.outer(moves.decay, moves.decay)
        moves.add_shocks(covariance, day, np.ones(3))
        means.append(mean)
        covariances.append(covariance.copy())
    return means, covariances


def test_it_is_the_conditional_mean_that_brute_force_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    params = resized(**TINY)
    market = simulate(params, 3)
    looks: list[tuple[Sight, Floats]] = []

    class Recorder(Observer):
        def look(self, day: int, mean: Floats, covariance: Floats) -> Sight:
            looks.append((super().look(day, mean, covariance), mean))
            return looks[-1][0]

    monkeypatch.setattr(attainable, "Observer", Recorder)
    found = expected_prices(params, known(market), tail_shares=(1.0,))

    moves = process(params, market.regimes, market.universe.kind.size)
    means, covariances = state_covariances(moves, len(looks))
    # All prints at once, as deviations from what is expected before anything is seen, on the same lines.
    seen = np.concatenate(
        [s.printed - s.expected + s.loadings @ (mean - means[day]) for day, (s, mean) in enumerate(looks)]
    )
    loadings = np.vstack([sight.loadings for sight, _ in looks])
    joint = np.diag(np.concatenate([sight.noise + sight.unexplained for sight, _ in looks]))
    for later in range(len(looks)):
        for earlier in range(later + 1):
            between = moves.decay[:, None] ** (later - earlier) * covariances[earlier]
            block = loadings[market.day == later] @ between @ loadings[market.day == earlier].T
            joint[np.ix_(market.day == later, market.day == earlier)] += block
            if earlier != later:
                joint[np.ix_(market.day == earlier, market.day == later)] += block.T
    for row in range(seen.size):
        day = int(market.day[row])
        sight, mean = looks[day]
        given = np.flatnonzero((market.day <= day) & (np.arange(seen.size) != row))
        weights = np.linalg.solve(joint[np.ix_(given, given)], joint[given, row])
        place = row - int(np.searchsorted(market.day, day))
        spread = sight.expected + sight.loadings @ (means[day] - mean)
        spread[place] += weights @ seen[given]
        variance = joint[row, row] - weights @ joint[given, row] - sight.noise[place]
        price = sight.price(spread, np.full(spread.size, variance))[place]
        assert found.clean[row] == pytest.approx(price, abs=1e-9)


def test_left_out_surprises_are_foretold_by_all_cases_that_the_others_leave_likely() -> None:
    rng = np.random.default_rng(4)
    roots = rng.normal(size=(3, 6, 6))
    shocks = roots @ roots.transpose(0, 2, 1)
    steady, surprise = np.eye(6), 3.0 * rng.normal(size=6)
    values = rng.uniform(0.2, 4.0, size=(5, 3))
    chances = np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    found = leave_one_out(surprise, steady, shocks, values, chances)
    for row in range(6):
        others = np.delete(np.arange(6), row)
        cases = []
        for covariance in steady + np.tensordot(values, shocks, 1):
            inner = covariance[np.ix_(others, others)]
            weights = np.linalg.solve(inner, covariance[others, row])
            density = np.exp(-0.5 * surprise[others] @ np.linalg.solve(inner, surprise[others]))
            variance = covariance[row, row] - weights @ covariance[others, row]
            cases.append((density / np.sqrt(np.linalg.det(inner)), weights @ surprise[others], variance))
        likelihood, mean, variance = np.array(cases).T
        chance = chances * likelihood / (chances @ likelihood)
        middle = chance @ mean
        assert found.mean[row] == pytest.approx(middle, rel=1e-9)
        assert found.variance[row] == pytest.approx(chance @ (variance + (mean - middle) ** 2), rel=1e-9)


def test_a_print_is_seen_neither_by_itself_nor_before_it() -> None:
    params, market = resized(**SMALL), small_market()
    seen = known(market)
    row = int(np.searchsorted(market.day, 60)) + 7
    moved = seen.clean.copy()
    moved[row] += 1.5
    before = expected_prices(params, seen).clean
    after = expected_prices(params, seen._replace(clean=moved)).clean
    assert after[row] == pytest.approx(before[row], abs=1e-8)
    assert np.array_equal(after[market.day < 60], before[market.day < 60])
    others = (market.day == 60) & (np.arange(after.size) != row)
    assert np.abs(after - before)[others].max() > 1e-3
    assert np.abs(after - before)[market.day > 60].max() > 1e-3


def test_it_is_given_nothing_hidden() -> None:
    market = small_market()
    hidden = market._replace(
        spreads=market.spreads._replace(total=market.spreads.total + 50.0),
        mids=market.mids._replace(clean=market.mids.clean + 1.0),
        market=market.market._replace(curve=market.market.curve._replace(rates=market.market.curve.rates + 0.01)),
    )
    params = resized(**SMALL)
    assert np.array_equal(expected_prices(params, known(market)).clean, expected_prices(params, known(hidden)).clean)


def test_prints_are_as_far_from_it_as_it_says_and_tails_help() -> None:
    market = default_market()
    expected, line = (expected_prices(defaults(), known(market), shares) for shares in (TAIL_SHARES, (1.0,)))
    surprise = (market.prints.clean - expected.clean) / expected.deviation
    clipped = market.bond[market.spreads.total == widest_spread(years_to_maturity(market))]
    free = ~np.isin(market.bond, clipped)
    assert free.mean() > 0.9
    assert (surprise[free] ** 2).mean() == pytest.approx(1.0, abs=0.05)
    assert np.median(surprise**2) == pytest.approx(0.455, abs=0.04)  # that of a Gaussian
    assert surprise.mean() == pytest.approx(0.0, abs=0.05)
    misses = [float(((market.prints.clean - found.clean) ** 2).mean()) for found in (expected, line)]
    assert 0.9 < misses[0] / misses[1] < 1.0


def years_to_maturity(market: Simulated) -> Floats:
    return (market.universe.maturity[market.bond] - market.terms.settlement) / DAYS_A_YEAR
