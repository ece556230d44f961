"""Intervals that follow the market: coverage, what they may know, and what is stored."""

import math
import pickle

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.evaluation.intervals.conformal import (
    MAX_STANDARDISED,
    AdaptiveIntervals,
    IntervalRows,
    IntervalSettings,
)
from richcheap.evaluation.intervals.quantile import conformal_quantile
from richcheap.numerics.linear_algebra import product

SETTINGS = IntervalSettings(
    coverage=0.9, half_life_dates=30.0, level_half_life_dates=3.0, min_rows=100, penalty=5.0, step=0.5, step_rows=20.0
)
CELLS = (3, 2)


def stream(dates: int, rows: int, seed: int, drift: float = 0.0) -> tuple[IntervalRows, np.ndarray]:
    """Errors whose deviation is the scale, times the cell's and the date's own that the scale does not know of.

    Cells differ by up to three times, the dates share a factor, and the market drifts `drift` times the logarithm 2.
    """
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(dates), rows)
    cell = np.column_stack([rng.choice(3, day.size, p=[0.6, 0.3, 0.1]), rng.integers(-1, 2, day.size)])
    scale, known = rng.uniform(0.1, 5.0, day.size), rng.normal(size=(day.size, 1))
    common = np.exp(0.2 * rng.normal(size=dates) + drift * math.log(2.0) * np.sin(np.arange(dates) / 15.0))
    factor = np.array([1.0, 0.6, 1.8])[cell[:, 0]] * common[day] * np.exp(0.3 * known[:, 0])
    return IntervalRows(day, scale, cell, known), rng.standard_t(5, day.size) * scale * factor


def cut(rows: IntervalRows, error: np.ndarray, date: int) -> tuple[tuple[IntervalRows, np.ndarray], ...]:
    """Divide a stream before a date."""
    start = int(np.searchsorted(rows.day, date))
    return (rows.take(slice(start)), error[:start]), (rows.take(slice(start, None)), error[start:])


def walked(rows: IntervalRows, error: np.ndarray, date: int, step: float = SETTINGS.step) -> np.ndarray:
    """Return the half-widths after a date, learned from what is before it."""
    known, new = cut(rows, error, date)
    return AdaptiveIntervals(SETTINGS._replace(step=step), CELLS).fit(*known).walk(*new)


@pytest.mark.parametrize("drift", [0.0, 1.5])
def test_coverage_holds_overall_and_in_every_cell_while_the_market_drifts(drift: float) -> None:
    rows, error = stream(120, 100, 0, drift)
    widths = walked(rows, error, 60)
    _, (new, missed) = cut(rows, error, 60)
    held = np.abs(missed) <= widths
    assert held.mean() == pytest.approx(0.9, abs=0.01)
    for axis in range(2):
        for code in range(-1, CELLS[axis]):
            member = new.cell[:, axis] == code
            if member.any():
                assert held[member].mean() == pytest.approx(0.9, abs=0.025), (axis, code)
    for member in (new.scale < 1.0, new.scale > 4.0, new.known[:, 0] > 1.0):
        assert held[member].mean() == pytest.approx(0.9, abs=0.035)


def test_one_quantile_for_all_would_fail_where_these_hold() -> None:
    rows, error = stream(120, 100, 0, 1.5)
    known, (new, missed) = cut(rows, error, 60)
    fixed = conformal_quantile(np.abs(known[1]) / known[0].scale, 0.9) * new.scale
    held = np.abs(missed) <= fixed
    assert abs(held.mean() - 0.9) > 0.02
    assert max(abs(held[new.cell[:, 0] == code].mean() - 0.9) for code in range(3)) > 0.05


def test_no_interval_depends_on_its_own_price_nor_on_later_ones_nor_on_those_of_its_date() -> None:
    rows, error = stream(40, 30, 1)
    before = walked(rows, error, 20)
    _, (new, _) = cut(rows, error, 20)
    for position in (0, 95, 299, 451):
        changed = error.copy()
        changed[20 * 30 + position] += 1000.0
        after = walked(rows, changed, 20)
        known = new.day <= new.day[position]
        np.testing.assert_array_equal(after[known], before[known])
        assert (after[~known] > before[~known]).any()


def test_dates_walked_one_by_one_give_the_same_bits_as_a_block_and_so_does_a_stored_state() -> None:
    rows, error = stream(40, 30, 2)
    known, (new, missed) = cut(rows, error, 20)
    whole = walked(rows, error, 20)
    intervals = AdaptiveIntervals(SETTINGS, CELLS).fit(*known)
    pieces = []
    for date in range(20, 40):
        chosen = slice((date - 20) * 30, (date - 19) * 30)
        intervals = pickle.loads(pickle.dumps(intervals))
        pieces.append(intervals.half_width(new.take(chosen)))
        np.testing.assert_array_equal(intervals.half_width(new.take(chosen)), pieces[-1])
        intervals.update(new.take(chosen), missed[chosen])
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_same_errors_same_state() -> None:
    rows, error = stream(30, 30, 3)
    states = []
    for _ in range(2):
        intervals = AdaptiveIntervals(SETTINGS, CELLS).fit(*cut(rows, error, 15)[0])
        intervals.walk(*cut(rows, error, 15)[1])
        states.append(joblib.hash(intervals))
    assert states[0] == states[1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_a_dates_rows_and_the_sign_of_errors_do_not_matter(seed: int) -> None:
    rows, error = stream(12, 40, 4)
    rng = np.random.default_rng(seed)
    order = np.concatenate([date * 40 + rng.permutation(40) for date in range(12)])
    shuffled = IntervalRows(rows.day, rows.scale[order], rows.cell[order], rows.known[order])
    signs = rng.choice([-1.0, 1.0], error.size)
    expected = walked(rows, error, 8)[order[8 * 40 :] - 8 * 40]
    np.testing.assert_allclose(walked(shuffled, (signs * error)[order], 8), expected, rtol=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.01, 100.0))
def test_widths_are_in_the_unit_of_the_errors(unit: float) -> None:
    rows, error = stream(16, 30, 5)
    rescaled = rows._replace(scale=unit * rows.scale)
    np.testing.assert_allclose(walked(rescaled, unit * error, 10), unit * walked(rows, error, 10), rtol=1e-6)


def test_exchangeable_dates_are_covered_by_the_level_alone() -> None:
    """Without cells, numbers or steps it is weighted conformal prediction: at least the coverage, and not much more."""
    covered = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        day = np.repeat(np.arange(12), 25)
        rows = IntervalRows(day, np.ones(300), np.empty((300, 0), np.int64), np.empty((300, 0)))
        error = rng.normal(size=300)
        (known, past), (new, missed) = cut(rows, error, 11)
        intervals = AdaptiveIntervals(SETTINGS._replace(step=0.0), ()).fit(known, past)
        covered.append((np.abs(missed) <= intervals.half_width(new)).mean())
    assert 0.895 < np.mean(covered) < 0.915


def test_a_cell_that_is_always_missed_widens_and_others_stay() -> None:
    rows, error = stream(40, 60, 6)
    rare = rows.cell[:, 0] == 2
    jumped = np.where(rare & (rows.day >= 20), 20.0 * error, error)
    _, (new, missed) = cut(rows, jumped, 20)
    late = new.day >= 32
    held = np.abs(missed) <= walked(rows, jumped, 20)
    assert held[late & (new.cell[:, 0] == 2)].mean() > 0.75
    assert held[late & (new.cell[:, 0] == 0)].mean() == pytest.approx(0.9, abs=0.06)
    still = np.abs(missed) <= walked(rows, jumped, 20, step=0.0)
    assert still[new.cell[:, 0] == 2].mean() < held[new.cell[:, 0] == 2].mean()


def test_a_cells_step_is_the_share_of_its_misses_above_the_allowed_one() -> None:
    day, cell = np.repeat(np.arange(21), 20), np.tile(np.repeat([[0], [1]], 10, axis=0), (21, 1))
    rows = IntervalRows(day, np.ones(420), cell, np.empty((420, 0)))
    error = np.where(day < 20, np.tile(np.arange(1.0, 21.0), 21), 1.0)
    error[-10:-5] = 1000.0  # on the last date half of cell 1 is missed, and nothing of cell 0
    (known, past), (new, missed) = cut(rows, error, 20)
    intervals = AdaptiveIntervals(SETTINGS, (2,)).fit(known, past)
    intervals.update(new, missed)
    expected = [0.5 * (5 - 2.0) / (20 + 20), 0.5 * (0 - 1.0) / (10 + 20), 0.5 * (5 - 1.0) / (10 + 20)]
    np.testing.assert_allclose(intervals.steps_, expected)


def test_logarithms_of_half_widths_are_products_with_indicators_of_cells_to_the_bit() -> None:
    rows, error = stream(40, 60, 9)
    (known, past), (new, missed) = cut(rows, error, 20)
    intervals = AdaptiveIntervals(SETTINGS, CELLS).fit(known, past)
    intervals.walk(new, missed)
    widths = intervals.widths()
    indicators = [rows.cell[:, [place]] == np.arange(count) for place, count in enumerate(CELLS)]
    standardised = np.clip((rows.known - widths.middle) / widths.unit, -MAX_STANDARDISED, MAX_STANDARDISED)
    loadings = np.hstack([np.ones((error.size, 1)), *indicators, standardised])
    stepped = product(loadings[:, : widths.steps.size], widths.steps)
    expected = product(loadings, widths.coefficients) + float(widths.level) + stepped
    np.testing.assert_array_equal(widths.exponents(rows), expected)


def test_too_few_errors_give_infinite_intervals() -> None:
    rows, error = stream(1, 8, 7)
    intervals = AdaptiveIntervals(SETTINGS, CELLS).fit(rows, error)
    assert np.isinf(intervals.half_width(rows)).all()


def test_what_is_older_than_the_memory_is_forgotten() -> None:
    rows, error = stream(40, 60, 8)
    shocked = np.where(rows.day < 20, 50.0 * error, error)
    states = []
    for known in (error, shocked):
        (first, past), (new, missed) = cut(rows, known, 1)
        intervals = AdaptiveIntervals(SETTINGS._replace(half_life_dates=2.0, step=0.0), CELLS).fit(first, past)
        intervals.walk(new, missed)
        states.append(intervals.half_width(new.take(slice(0, 60))))
    np.testing.assert_allclose(states[1], states[0], rtol=1e-3)


def test_intervals_go_on_from_their_snapshot_to_the_bit() -> None:
    rows, error = stream(60, 30, 2)
    first, rest = cut(rows, error, 20)
    middle, last = cut(*rest, 40)
    through = AdaptiveIntervals(SETTINGS, CELLS).fit(*first)
    through.walk(*middle)
    arrays = {name: array.copy() for name, array in through.snapshot().items()}
    resumed = AdaptiveIntervals(SETTINGS, CELLS).restore(arrays)
    np.testing.assert_array_equal(resumed.walk(*last), through.walk(*last))
    for name, array in through.snapshot().items():
        np.testing.assert_array_equal(resumed.snapshot()[name], array)
