"""The oracle against brute force, against what it must not see, and against its own word."""

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from richcheap.oracle import optimal_filter
from richcheap.oracle.measurement import Information, Measurement, MeasurementModel, information
from richcheap.oracle.optimal_filter import FilterState, RegimePosterior, expected_prices, innovations
from richcheap.oracle.state_space import TAIL_SHARES, Process, process
from richcheap.simulation.constants import DAYS_A_YEAR, REGIMES
from richcheap.simulation.market import Simulated, simulate, widest_spread
from richcheap.simulation.states.params import RegimesParams, RegimeTransition
from richcheap.simulation.states.stochastic import Floats, Integers
from tests.simulation.settings import SMALL, default_market, defaults, resized, small_market

TINY: dict[str, Any] = {
    "bonds": 20,
    "issuers": 14,
    "periods": 60,
    "observations_per_period": 5,
    "min_observations": 1,
}


class Look(NamedTuple):
    """One look of the oracle at a date."""

    measurement: Measurement
    mean: Floats
    """Of the states before."""
    regimes: Integers
    """That the date may be in."""


class Path(NamedTuple):
    """What a path of regimes makes of all prints at once, before anything is seen."""

    seen: Floats
    """Printed minus expected spreads, shape (prints,)."""
    expected: Floats
    """Spreads, shape (prints,)."""
    noise: Floats
    """Of the printed spreads, variance, shape (prints,)."""
    around_mid: Floats
    """Shape (prints,)."""
    joint: Floats
    """Covariance of the printed spreads, shape (prints, prints)."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    """What the oracle has looked at."""
    recorded: list[Look] = []

    class Recorder(MeasurementModel):
        def measure(
            self, day: int, mean: Floats, covariance: Floats, regimes: Integers, probabilities: Floats
        ) -> Measurement:
            measurement = super().measure(day, mean, covariance, regimes, probabilities)
            recorded.append(Look(measurement, mean, regimes))
            return measurement

    monkeypatch.setattr(optimal_filter, "MeasurementModel", Recorder)
    return recorded


def state_moments(moves: Process, regimes: Sequence[int]) -> tuple[list[Floats], list[Floats]]:
    """Return mean and covariance of the states of each day before anything is seen."""
    mean, covariance = moves.start, np.diag(moves.variance)
    means, covariances = [], []
    for day, regime in enumerate(regimes):
        mean = moves.means[regime] + moves.decay * (mean - moves.means[regime])
        covariance = covariance * np.outer(moves.decay, moves.decay)
        moves.add_shocks(covariance, moves.scale_on(day)[regime])
        means.append(mean)
        covariances.append(covariance.copy())
    return means, covariances


def on_path(moves: Process, looks: Sequence[Look], regimes: Sequence[int]) -> Path:
    """Return all prints of the first days, on the lines that the oracle has seen them on, if these are the regimes."""
    means, covariances = state_moments(moves, regimes)
    places = [list(measure.regimes).index(regime) for measure, regime in zip(looks, regimes, strict=False)]
    measurements = [measure.measurement for measure, _ in zip(looks, regimes, strict=False)]
    expected = [
        measurement.expected + measurement.loadings @ (mean - measure.mean)
        for measure, measurement, mean in zip(looks, measurements, means, strict=False)
    ]
    noise, around_mid, printed = (
        np.concatenate(
            [getattr(measurement, name)[place] for measurement, place in zip(measurements, places, strict=True)]
        )
        for name in ("noise", "around_mid", "printed")
    )
    joint = np.diag(noise + np.concatenate([measurement.unexplained for measurement in measurements]))
    ends = np.cumsum([0, *(measurement.expected.size for measurement in measurements)])
    for later, earlier in product(range(len(measurements)), repeat=2):
        if earlier <= later:
            between = moves.decay[:, None] ** (later - earlier) * covariances[earlier]
            block = measurements[later].loadings @ between @ measurements[earlier].loadings.T
            rows, columns = (slice(ends[day], ends[day + 1]) for day in (later, earlier))
            joint[rows, columns] += block
            if earlier < later:
                joint[columns, rows] += block.T
    return Path(printed - np.concatenate(expected), np.concatenate(expected), noise, around_mid, joint)


def predicted(path: Path, row: int, given: Integers) -> tuple[float, float, float]:
    """Return mean and variance of a print's true spread given other prints, and the log of their density."""
    inner = path.joint[np.ix_(given, given)]
    weights = np.linalg.solve(inner, path.joint[given, row])
    variance = path.joint[row, row] - weights @ path.joint[given, row] - path.noise[row]
    distance = path.seen[given] @ np.linalg.solve(inner, path.seen[given])
    density = -0.5 * (np.linalg.slogdet(2.0 * np.pi * inner)[1] + distance)
    return path.expected[row] + weights @ path.seen[given], variance, density


def two_regimes(stay: float) -> RegimesParams:
    """The default regimes, of which only normal days and crises are ever seen; both last alike."""
    rows = np.eye(len(REGIMES))
    both = [REGIMES.index("normal"), REGIMES.index("crisis")]
    rows[np.ix_(both, both)] = [[stay, 1.0 - stay], [1.0 - stay, stay]]
    transition = RegimeTransition.model_validate(dict(zip(REGIMES, rows.tolist(), strict=True)))
    return defaults().regimes.model_copy(update={"transition": transition})


def first_days(seen: Information, days: int) -> Information:
    """The same market, of which only the first days have come."""
    there = seen.day < days
    columns = {name: getattr(seen, name)[there] for name in ("day", "bond", "notch", "clean", "side", "half_spread")}
    terms = seen.terms.rows(there)
    return seen._replace(days=days, terms=terms, **columns)


def test_it_is_the_conditional_mean_that_brute_force_finds(looks: list[Look]) -> None:
    params = resized(**TINY)
    market = simulate(params, 3)
    found = expected_prices(params, information(params, market), tail_shares=(1.0,), known_regimes=market.regimes)
    path = on_path(process(params, market.universe.kind.size), looks, market.regimes.tolist())
    for row in range(market.day.size):
        day = int(market.day[row])
        given = np.flatnonzero((market.day <= day) & (np.arange(market.day.size) != row))
        spread, variance, _ = predicted(path, row, given)
        measurement, place = looks[day].measurement, row - int(np.searchsorted(market.day, day))
        price = measurement.price(
            np.full(measurement.expected.size, spread), np.full(measurement.expected.size, variance)
        )[place]
        assert found.clean[row] == pytest.approx(price, abs=1e-9)


def test_regimes_are_inferred_as_from_all_their_paths(looks: list[Look]) -> None:
    days, chance_to_stay = 4, 0.9
    params = resized(**TINY, regimes=two_regimes(chance_to_stay))
    market = simulate(params, 3)
    seen = first_days(information(params, market), days)
    found = expected_prices(params, seen, tail_shares=(1.0,))
    moves = process(params, market.universe.kind.size)
    for day in range(days):
        paths = [(0, *later) for later in product((0, 5), repeat=day)]
        prior = np.array([np.prod(np.where(np.diff(path) == 0, chance_to_stay, 1 - chance_to_stay)) for path in paths])
        drawn = [on_path(moves, looks, path) for path in paths]
        rows = np.flatnonzero(seen.day <= day)
        measurement = looks[day].measurement
        # After two changes the paths have been merged: what they lead to is theirs but nearly.
        near = 1e-9 if day < 2 else 0.05
        for place, row in enumerate(np.flatnonzero(seen.day == day).tolist()):
            spread, variance, density = np.array([predicted(path, row, rows[rows != row]) for path in drawn]).T
            probability = prior * np.exp(density - density.max())
            probability /= probability.sum()
            mean = probability @ spread
            mid = probability @ (variance + (spread - mean) ** 2)
            price = measurement.price(
                np.full(measurement.expected.size, mean), np.full(measurement.expected.size, mid)
            )[place]
            around = probability @ np.array([path.around_mid[row] for path in drawn]) ** 2
            std = np.sqrt(mid * measurement.dv01[place] ** 2 + around)
            assert abs(found.clean[row] - price) < near * std
            assert found.std[row] == pytest.approx(std, rel=near)
        density = np.array([multivariate_normal(cov=path.joint).logpdf(path.seen) for path in drawn])
        probability = prior * np.exp(density - density.max())
        crisis = probability @ [path[-1] == 5 for path in paths] / probability.sum()
        assert found.regimes[day, 5] == pytest.approx(crisis, abs=near)


def test_regimes_are_merged_to_their_mean_and_covariance() -> None:
    params = resized(**TINY)
    market = simulate(params, 3)
    moves = process(params, market.universe.kind.size)
    state = FilterState(moves)
    prediction = state.predict(0, np.array([0.8, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0]))
    predict = state.covariance.copy()
    model = MeasurementModel(params, information(params, market))
    measurement = model.measure(0, prediction.mean, prediction.covariance, prediction.regimes, prediction.probabilities)
    posterior = RegimePosterior(probabilities=np.array([0.3, 0.7]), mixing=np.array([[1.0, 2.0, 0.5], [0.5, 1.0, 3.0]]))
    state.update(prediction, measurement, posterior)
    means, covariances = [], []
    for place in range(2):
        covariance = predict.copy()
        moves.add_shocks(covariance, prediction.scale[place] * posterior.mixing[place])
        noise = np.diag(measurement.noise[place] + measurement.unexplained)
        gain = (
            covariance
            @ measurement.loadings.T
            @ np.linalg.inv(measurement.loadings @ covariance @ measurement.loadings.T + noise)
        )
        means.append(prediction.means[place] + gain @ innovations(prediction, measurement)[place])
        covariances.append(covariance - gain @ measurement.loadings @ covariance)
    mean = posterior.probabilities @ means
    apart = np.array(means) - mean
    merged = (
        np.tensordot(posterior.probabilities, covariances, 1) + (posterior.probabilities[:, None] * apart).T @ apart
    )
    assert state.mean == pytest.approx(mean, abs=1e-9)
    assert state.covariance == pytest.approx(merged, abs=1e-9)
    assert np.abs(apart).max() > 0.05


def test_a_regime_that_is_certain_is_inferred() -> None:
    params = resized(**TINY, regimes=two_regimes(1.0))
    market = simulate(params, 3)
    inferred, known_regimes = (
        expected_prices(params, information(params, market), known_regimes=known_regimes)
        for known_regimes in (None, market.regimes)
    )
    assert inferred.clean == pytest.approx(known_regimes.clean, rel=1e-9)
    assert inferred.std == pytest.approx(known_regimes.std, rel=1e-9)
    assert inferred.regimes[:, 0] == pytest.approx(np.ones(TINY["periods"]), rel=1e-12)


def test_regimes_that_differ_are_told_apart() -> None:
    params = resized(**SMALL, regimes=two_regimes(0.95))
    market = simulate(params, 4)
    probabilities = expected_prices(params, information(params, market)).regimes
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(probabilities)), rel=1e-12)
    assert 0.3 < (market.regimes == 5).mean() < 0.7
    assert (probabilities[np.arange(len(probabilities)), market.regimes] > 0.9).mean() > 0.9


def test_a_print_is_seen_neither_by_itself_nor_before_it() -> None:
    params, market = resized(**SMALL), small_market()
    seen = information(params, market)
    row = int(np.searchsorted(market.day, 60)) + 7
    moved = seen.clean.copy()
    moved[row] += 1.5
    predict = expected_prices(params, seen).clean
    after = expected_prices(params, seen._replace(clean=moved)).clean
    assert after[row] == pytest.approx(predict[row], abs=1e-8)
    assert np.array_equal(after[market.day < 60], predict[market.day < 60])
    others = (market.day == 60) & (np.arange(after.size) != row)
    assert np.abs(after - predict)[others].max() > 1e-3
    assert np.abs(after - predict)[market.day > 60].max() > 1e-3


def test_it_is_given_nothing_hidden() -> None:
    market = small_market()
    hidden = market._replace(
        spreads=market.spreads._replace(total=market.spreads.total + 50.0),
        mids=market.mids._replace(clean=market.mids.clean + 1.0),
        market=market.market._replace(curve=market.market.curve._replace(rates=market.market.curve.rates + 0.01)),
    )
    params = resized(**SMALL)
    seen, other = (expected_prices(params, information(params, either)) for either in (market, hidden))
    assert np.array_equal(seen.clean, other.clean)


def test_prints_are_as_far_from_it_as_it_says_and_tails_help() -> None:
    market = default_market()
    seen = information(defaults(), market)
    expected, line = (expected_prices(defaults(), seen, shares) for shares in (TAIL_SHARES, (1.0,)))
    innovation = (market.prints.clean - expected.clean) / expected.std
    clipped_moments = market.bond[market.spreads.total == widest_spread(years_to_maturity(market))]
    free = ~np.isin(market.bond, clipped_moments)
    assert free.mean() > 0.9
    assert (innovation[free] ** 2).mean() == pytest.approx(1.0, abs=0.05)
    assert np.median(innovation**2) == pytest.approx(0.455, abs=0.04)  # that of a Gaussian
    assert innovation.mean() == pytest.approx(0.0, abs=0.05)
    misses = [float(((market.prints.clean - found.clean) ** 2).mean()) for found in (expected, line)]
    assert 0.9 < misses[0] / misses[1] < 1.0


def years_to_maturity(market: Simulated) -> Floats:
    return (market.universe.maturity[market.bond] - market.terms.settlement) / DAYS_A_YEAR
