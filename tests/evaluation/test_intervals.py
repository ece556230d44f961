"""Scaled, maturity-wise conformal intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.intervals import ScaledIntervals, conformal_quantile, error_scale


@pytest.mark.parametrize(("count", "coverage", "expected"), [(9, 0.9, 9.0), (19, 0.9, 18.0), (99, 0.5, 50.0)])
def test_quantile_is_the_rank_that_covers_finite_samples(count: int, coverage: float, expected: float) -> None:
    assert conformal_quantile(np.arange(1.0, count + 1.0), coverage) == expected


def test_too_few_scores_give_an_infinite_interval() -> None:
    assert conformal_quantile(np.arange(8.0), 0.9) == math.inf


@given(st.integers(20, 200), st.floats(0.5, 0.95))
def test_quantile_covers_at_least_its_share_of_the_calibration_rows(count: int, coverage: float) -> None:
    scores = np.random.default_rng(count).exponential(size=count)
    assert (scores <= conformal_quantile(scores, coverage)).mean() >= coverage


def test_scale_is_risk_times_noise_with_a_tick_in_quadrature() -> None:
    np.testing.assert_allclose(error_scale(np.array([30.0, 0.0]), np.array([0.01, 0.1]), 0.4), [0.5, 0.4])


def heteroscedastic(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors whose deviation is the scale, but half as large again in cell 1."""
    rng = np.random.default_rng(seed)
    scale, cell = rng.uniform(0.1, 5.0, rows), rng.integers(0, 2, rows)
    return rng.normal(size=rows) * scale * np.where(cell == 1, 1.5, 1.0), scale, cell


def test_coverage_holds_in_every_cell_and_for_quiet_and_noisy_rows() -> None:
    error, scale, cell = heteroscedastic(4000, 0)
    intervals = ScaledIntervals(0.9, 200).fit(error, scale, cell, 2)
    new_error, new_scale, new_cell = heteroscedastic(8000, 1)
    held = np.abs(new_error) <= intervals.half_width(new_scale, new_cell)
    for code in range(2):
        assert held[new_cell == code].mean() == pytest.approx(0.9, abs=0.02)
    assert held[new_scale < 1.0].mean() == pytest.approx(0.9, abs=0.03)
    assert held[new_scale > 4.0].mean() == pytest.approx(0.9, abs=0.03)


def test_a_small_cell_takes_the_quantile_of_all_rows() -> None:
    error, scale, cell = heteroscedastic(400, 0)
    cell[:] = 0
    cell[:50] = 1
    intervals = ScaledIntervals(0.9, 100).fit(error, scale, cell, 3)
    pooled = conformal_quantile(np.abs(error) / scale, 0.9)
    assert intervals.quantiles_[1] == intervals.quantiles_[2] == pooled
    assert intervals.quantiles_[0] != pooled
