"""Sums over flows against the formula term by term, and the steps of the solver against the order that they claim."""

import numpy as np
import pytest
from numpy.typing import NDArray

from richcheap.bonds.discounting import (
    GAPS,
    best_step,
    discounted_sums,
    discounted_value,
    plain_sums,
    shifted,
    solve_at_times,
    solve_rate,
    sums_at_times,
)
from richcheap.bonds.status import Status
from richcheap.bonds.units import BP, DAYS_PER_YEAR

Floats = NDArray[np.float64]

RATES = (-0.04, 0.0, 1e-9, 0.03, 0.6)
TIMES = np.array([0.31, 0.82, 1.29, 1.83, 2.34])
AMOUNTS = np.array([2.0, 2.5, 3.0, 2.25, 103.0])
UNIT, SHORTEST = 0.01, 48
GAP = np.array([0, 3, 0, 6, 2], dtype=np.int32)
"""Periods of 48 to 54 hundredths of a year; the first entry is not a period."""


def sums(x: float, times: Floats, amounts: Floats) -> list[float]:
    """Return S_0 to S_3 as they are written down."""
    return [float((times**k * amounts * np.exp(-x * times)).sum()) for k in range(4)]


def uneven_times(first: float) -> Floats:
    return first + UNIT * np.cumsum(np.append(0, SHORTEST + GAP[1:]))


def test_units_are_those_of_the_market() -> None:
    assert BP == 10_000
    assert DAYS_PER_YEAR == 365


@pytest.mark.parametrize("x", RATES)
def test_sums_of_flows_at_any_times(x: float) -> None:
    np.testing.assert_allclose(sums_at_times(x, 5, TIMES, AMOUNTS), sums(x, TIMES, AMOUNTS), rtol=1e-13)


def test_sums_at_a_rate_of_nought_need_no_exponential() -> None:
    np.testing.assert_allclose(plain_sums(5, TIMES, AMOUNTS), sums(0.0, TIMES, AMOUNTS), rtol=1e-14)
    np.testing.assert_allclose(plain_sums(3, TIMES, AMOUNTS), sums(0.0, TIMES[:3], AMOUNTS[:3]), rtol=1e-14)


@pytest.mark.parametrize("x", RATES)
def test_flows_that_come_later_have_the_sums_of_their_new_times(x: float) -> None:
    found = shifted(np.exp(-0.7 * x), 0.7, *sums(x, TIMES, AMOUNTS))
    np.testing.assert_allclose(found, sums(x, TIMES + 0.7, AMOUNTS), rtol=1e-13)


@pytest.mark.parametrize("x", RATES)
@pytest.mark.parametrize(("final", "tail"), [(0.0, 0.0), (7.0, 0.2)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_sums_of_uneven_periods_with_and_without_a_flow_after_the_last(
    x: float, final: float, tail: float, count: int
) -> None:
    times, amounts = uneven_times(0.17)[:count], AMOUNTS[:count]
    schedule = (count, 0.17, AMOUNTS, GAP)
    found = discounted_sums(x, *schedule, False, UNIT, SHORTEST, np.empty(GAPS), final, tail)
    expected = sums(x, np.append(times, times[-1] + tail), np.append(amounts, final))
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert discounted_value(x, *schedule, UNIT, SHORTEST, np.empty(GAPS), final, tail) == found[0]


@pytest.mark.parametrize("x", RATES)
@pytest.mark.parametrize(("final", "tail"), [(0.0, 0.0), (7.0, 0.2)])
@pytest.mark.parametrize("count", [1, 2, 3, 60])
def test_sums_of_level_periods_with_and_without_a_flow_after_the_last(
    x: float, final: float, tail: float, count: int
) -> None:
    amounts = np.append(np.full(count - 1, 2.5), 102.5)
    times = 0.17 + 0.5 * np.arange(count)
    gap = np.zeros(count, dtype=np.int32)
    found = discounted_sums(x, count, 0.17, amounts, gap, True, 0.5, 1, np.empty(GAPS), final, tail)
    expected = sums(x, np.append(times, times[-1] + tail), np.append(amounts, final))
    np.testing.assert_allclose(found, expected, rtol=3e-13)


@pytest.mark.parametrize("x", [-0.02, 0.03, 0.4])
def test_the_error_of_a_step_falls_with_its_fourth_power(x: float) -> None:
    s0, s1, s2, s3 = sums(x, TIMES, AMOUNTS)

    def missed(excess: float) -> float:
        step = best_step(excess, s1 / s0, s2 / s0, s3 / s0)
        return abs(float(np.log(sums(x + step, TIMES, AMOUNTS)[0] / s0)) + excess)

    for excess in (0.4, -0.4):
        assert missed(excess / 2) < missed(excess) / 12
        assert missed(excess) < 1e-3


def test_a_step_stays_between_half_and_twice_newtons() -> None:
    mean, square, cube = 2.0, 5.0, 15.0
    for excess in (60.0, -60.0):
        assert 0.5 <= best_step(excess, mean, square, cube) / (excess / mean) <= 2.0


@pytest.mark.parametrize("x", [-0.05, 0.0, 0.03, 0.5, 4.0])
@pytest.mark.parametrize("guess", [-0.3, 0.05, 2.0])
def test_a_rate_is_found_with_its_moments(x: float, guess: float) -> None:
    times = uneven_times(0.17)
    price, s1, s2, _ = sums(x, times, AMOUNTS)
    tolerance = 1e-3 / times[-1]
    solved = (
        solve_rate(price, guess, tolerance, 5, 0.17, AMOUNTS, GAP, False, UNIT, SHORTEST, np.empty(GAPS)),
        solve_at_times(price, guess, 5, times, AMOUNTS),
    )
    for status, rate, mean, square in solved:
        assert status == Status.OK
        assert rate == pytest.approx(x, abs=1e-11)
        assert mean == pytest.approx(s1 / price, rel=1e-8)
        assert square == pytest.approx(s2 / price, rel=1e-5)


def test_a_price_that_no_rate_gives_has_none() -> None:
    status, rate, mean, square = solve_at_times(-1.0, 0.05, 5, TIMES, AMOUNTS)
    assert status == Status.NO_SOLUTION
    assert np.isnan([rate, mean, square]).all()
