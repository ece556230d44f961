"""Changes and trends of daily figures."""

import numpy as np
import pytest

from richcheap.drift.hac_tests import change, daily_mean, trend


def persistent(dates: int, persistence: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    series = rng.normal(0.0, 1.0, dates)
    for t in range(1, dates):
        series[t] += persistence * series[t - 1]
    return series


def newey_west(y: np.ndarray, x: np.ndarray, lags: int) -> float:
    """Return the error of the slope by the formula of Newey and West (1987), with their small-sample factor."""
    design = np.column_stack([np.ones_like(x), x])
    bread = np.linalg.inv(design.T @ design)
    scores = design * (y - design @ bread @ design.T @ y)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        product = scores[lag:].T @ scores[:-lag]
        meat += (1.0 - lag / (lags + 1.0)) * (product + product.T)
    return float(np.sqrt((bread @ meat @ bread)[1, 1] * y.size / (y.size - 2)))


def test_change_is_the_difference_of_means_with_the_errors_of_newey_and_west():
    before, after = persistent(40, 0.5, 1), persistent(30, 0.5, 2)
    found = change(before, after)
    assert found.value == pytest.approx(after.mean() - before.mean())
    error = newey_west(np.concatenate([before, after]), np.repeat([0.0, 1.0], [40, 30]), 3)
    assert (found.high - found.low) / 2.0 == pytest.approx(1.99547 * error, rel=1e-4)  # t of 68 degrees of freedom


def test_a_planted_trend_is_found_and_dates_without_a_figure_are_left_out():
    series = 0.3 * np.arange(50.0) + persistent(50, 0.3, 3)
    series[[4, 20]] = np.nan
    found = trend(series)
    assert found.low < 0.3 < found.high
    assert found.p_value < 1e-6


def test_runs_of_bad_days_raise_fewer_alarms_than_with_independent_errors():
    alarms, naive = 0, 0
    for seed in range(200):
        before, after = persistent(60, 0.5, seed), persistent(60, 0.5, seed + 500)
        alarms += change(before, after).p_value < 0.05
        naive += abs(after.mean() - before.mean()) > 1.98 * np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 60)
    assert alarms < 0.6 * naive
    assert alarms / 200 < 0.15


@pytest.mark.parametrize(("before", "after"), [(2, 40), (40, 2), (0, 0)])
def test_a_few_dates_tell_nothing(before, after):
    assert np.isnan(change(np.ones(before), np.ones(after))).all()
    assert np.isnan(trend(np.ones(3))).all()


def test_a_figure_that_never_changes_has_no_change():
    assert change(np.ones(10), np.ones(10)) == (0.0, 0.0, 0.0, 1.0)


def test_a_step_without_noise_is_certain():
    assert change(np.zeros(10), np.ones(10)).p_value == 0.0


def test_a_date_without_known_values_has_no_mean():
    means = daily_mean(np.array([1.0, np.nan, 4.0]), np.array([1, 2, 3]))
    np.testing.assert_array_equal(means, [1.0, np.nan, 4.0])
