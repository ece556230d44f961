"""Time the Kalman filter beside a textbook one: ``python -m benchmarks.kalman``.

On a small made-up market the filter and a dense one in NumPy (all bonds in one covariance; the leave-one-out formula
from the inverse of the innovations' covariance) predict the same prints; their predictions must agree before any time
is shown. The dense filter's cost grows with the square of the bonds and the cube of a date's prints, so a second table
shows how the filter's own speed holds on larger markets, without and with the parts of each prediction and the states
after each date (`richcheap.kalman.decomposition`). CPU time on one core.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from numpy.typing import NDArray

from benchmarks.sizes import parse
from richcheap.kalman.decomposition import parts_of, states_of
from richcheap.kalman.leave_one_out import normal_equations, predict_without
from richcheap.kalman.prediction import initialise_new, observation_equation, predict, reset_stale, transition
from richcheap.kalman.state_space import State
from richcheap.kalman.update import update_state
from richcheap.numerics.cholesky import inverse
from richcheap.panel.print_history import NEVER

Floats = NDArray[np.float64]

FACTORS, MEMORY = 21, 24
COMPARED = (100, 200, 0.5)
LARGER = ((100, 500, 0.9), (100, 1000, 0.9), (100, 1000, 0.15))
"""Dates, bonds and the chance of a bond to print on a date."""
AGREEMENT = 0.05
"""Mean difference of the two predictions, in deviations of a print: the memory is an approximation."""


class Market(NamedTuple):
    """Made-up prints: loads, quotes in bp, and who prints when."""

    load: Floats
    observed_yield: Floats
    printed: NDArray[np.bool_]
    move: Floats


def made_up(dates: int, bonds: int, chance: float, seed: int = 0) -> Market:
    """Return a market whose factors and bonds walk at random; each bond loads on two neighbouring factors."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0.0, FACTORS - 1.001, bonds)
    left = place.astype(np.int64)
    load = np.zeros((bonds, FACTORS))
    load[np.arange(bonds), left] = 1.0 - (place - left)
    load[np.arange(bonds), left + 1] = place - left
    distance = np.abs(np.subtract.outer(np.arange(FACTORS), np.arange(FACTORS))) / FACTORS
    move = 16.0 * np.exp(-distance)
    factors = np.cumsum(rng.multivariate_normal(np.zeros(FACTORS), move, dates), axis=0)
    own = np.cumsum(rng.normal(0.0, 0.5, (dates, bonds)), axis=0)
    observed_yield = factors @ load.T + own + rng.normal(0.0, 1.0, (dates, bonds))
    return Market(load, observed_yield, rng.random((dates, bonds)) < chance, move)


def compiled(market: Market, with_parts: bool = False) -> Floats:
    """Run the project's filter, on demand with the means that parts of predictions are made of."""
    dates, bonds = market.observed_yield.shape
    state = State.empty(np.zeros(FACTORS), 100.0 * market.move, MEMORY, bonds, 1)
    found = np.full((dates, bonds), np.nan)
    for date in range(dates):
        rows = np.flatnonzero(market.printed[date]).astype(np.int32)
        issuer, bucket = np.full(rows.size, -1, dtype=np.int32), np.zeros(rows.size, dtype=np.int32)
        if date:
            transition(state, market.move, 1.0, 0.0, 1e9, 0.5, 1e9, state.last_day != NEVER)
        fresh = reset_stale(state, rows, NEVER)
        expected = predict(state, rows, issuer, market.load[rows])
        initialise_new(state, rows, issuer, bucket, fresh, np.ones(rows.size), 5.0, 0.0)
        seen = observation_equation(
            state, rows, issuer, market.load[rows], market.observed_yield[date, rows] - expected, np.ones(rows.size)
        )
        own = seen.own + seen.noise
        solved = normal_equations(seen, own, inverse(state.covariance), state.issuer_variance)
        update, variance = np.empty(rows.size), np.empty(rows.size)
        means = np.empty((rows.size if with_parts else 0, state.covariance.shape[0] + 1))
        predict_without(seen, own, solved, np.ones(rows.size, dtype=np.bool_), update, variance, means)
        if with_parts:
            parts_of(state, market.load[rows], issuer, means, FACTORS, np.zeros(rows.size), expected + update)
        found[date, rows] = expected + update
        state.last_day[rows] = date
        update_state(state, seen, own, rows, state.last_day != NEVER)
        if with_parts:
            states_of(state, rows, issuer)
    return found


def dense(market: Market) -> Floats:
    """Run the textbook filter: one covariance of factors and bonds."""
    dates, bonds = market.observed_yield.shape
    size = FACTORS + bonds
    mean, covariance = np.zeros(size), np.zeros((size, size))
    covariance[:FACTORS, :FACTORS] = 100.0 * market.move
    own = np.arange(FACTORS, size)
    covariance[own, own] = 25.0
    seen = np.zeros(bonds, dtype=np.bool_)
    found = np.full((dates, bonds), np.nan)
    for date in range(dates):
        rows = np.flatnonzero(market.printed[date])
        if date:
            covariance[:FACTORS, :FACTORS] += market.move
            covariance[own[seen], own[seen]] += 0.25
        seen[rows] = True
        design = np.zeros((rows.size, size))
        design[:, :FACTORS] = market.load[rows]
        design[np.arange(rows.size), FACTORS + rows] = 1.0
        crossed = design @ covariance
        root = np.linalg.inv(np.linalg.cholesky(crossed @ design.T + np.eye(rows.size)))
        precision = root.T @ root
        weighed = precision @ (market.observed_yield[date, rows] - design @ mean)
        found[date, rows] = market.observed_yield[date, rows] - weighed / np.diag(precision)
        mean = mean + crossed.T @ weighed
        reduction = root @ crossed
        covariance = covariance - reduction.T @ reduction
    return found


def timed(run: Callable[[Market], Floats], market: Market) -> tuple[Floats, float]:
    """Return what a filter finds and the CPU seconds it took."""
    start = time.process_time()
    found = run(market)
    return found, time.process_time() - start


def main() -> None:
    """Compare, then print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(compared=COMPARED, larger=LARGER)
    arguments = parse(parser, compared=(40, 80, 0.5), larger=((10, 100, 0.9),))
    dates, bonds, chance = arguments.compared
    compiled(made_up(3, 20, 0.5), with_parts=True)  # compile
    market = made_up(dates, bonds, chance)
    rows = int(market.printed.sum())
    ours, seconds = timed(compiled, market)
    theirs, dense_seconds = timed(dense, market)
    printed = market.printed.copy()
    printed[:5] = False
    apart = float(np.abs(ours - theirs)[printed].mean())
    error = [float(np.abs(found - market.observed_yield)[printed].mean()) for found in (ours, theirs)]
    if apart > AGREEMENT * error[1]:
        raise SystemExit(
            f"error: the filters disagree by {apart:.3f} bp on average, where errors are {error[1]:.3f} bp"
        )
    print(f"{dates} dates, {bonds} bonds, {rows:,} prints; predictions differ by {apart:.4f} bp on average\n")
    print("| filter | rows a second | mean error, bp |\n| :--- | ---: | ---: |")
    print(f"| richcheap | {rows / seconds:,.0f} | {error[0]:.4f} |")
    print(f"| dense, NumPy | {rows / dense_seconds:,.0f} | {error[1]:.4f} |\n")
    print("| dates | bonds | prints | richcheap, rows a second | with parts |\n| ---: | ---: | ---: | ---: | ---: |")
    for dates, bonds, chance in arguments.larger:
        larger = made_up(dates, bonds, chance)
        count = int(larger.printed.sum())
        plain, parted = (timed(run, larger) for run in (compiled, partial(compiled, with_parts=True)))
        if plain[0].tobytes() != parted[0].tobytes():
            raise SystemExit("error: the parts change predictions")
        print(f"| {dates} | {bonds:,} | {count:,} | {count / plain[1]:,.0f} | {count / parted[1]:,.0f} |")


if __name__ == "__main__":
    main()
