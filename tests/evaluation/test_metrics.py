"""Metrics against values worked out by hand."""

import numpy as np
import pytest

from richcheap.evaluation.metrics import (
    NEVER_SEEN_DAYS,
    Actuals,
    interval_metrics,
    markdown_table,
    move_r_squared,
    price_metrics,
    r_squared,
    yield_metrics,
    yield_rows,
)
from tests.conftest import ROOT

ROWS = Actuals(
    observed=np.array([100.0, 102.0, 98.0, 100.0]),
    fair=np.array([100.0, 100.0, 100.0, 100.0]),
    last=np.array([99.0, 100.0, 97.0, 50.0]),
    staleness_days=np.array([0.0, 1.0, 3.0, np.nan]),
    years=np.array([0.2, 0.25, 5.0, 30.0]),
)
PREDICTED = np.array([100.25, 101.0, 98.0, 98.0])


def test_errors_in_points() -> None:
    metrics = price_metrics(ROWS, PREDICTED)
    assert metrics["mae"] == pytest.approx(3.25 / 4)
    assert metrics["rmse"] == pytest.approx(np.sqrt((0.0625 + 1.0 + 4.0) / 4))
    assert metrics["median_absolute_error"] == pytest.approx(0.625)
    assert metrics["bias"] == pytest.approx((0.25 - 1.0 - 2.0) / 4)


def test_hit_rates_count_errors_up_to_the_bound() -> None:
    metrics = price_metrics(ROWS, PREDICTED)
    assert [metrics[f"hit_rate_{bound}"] for bound in ("0.25", "0.5", "1")] == [0.5, 0.5, 0.75]


def test_weighted_error_grows_with_staleness_and_counts_a_bond_never_seen_as_a_year() -> None:
    weights = 1.0 + np.log1p([0.0, 1.0, 3.0, NEVER_SEEN_DAYS])
    expected = weights @ [0.25, 1.0, 0.0, 2.0] / weights.sum()
    assert price_metrics(ROWS, PREDICTED)["wmae"] == pytest.approx(expected)


def test_r_squared_is_that_of_the_adjustment() -> None:
    assert price_metrics(ROWS, PREDICTED)["r2_adjustment"] == pytest.approx(1.0 - 5.0625 / 8.0)
    assert price_metrics(ROWS, ROWS.observed)["r2_adjustment"] == 1.0


def test_r_squared_of_the_mean_is_zero_and_of_a_constant_unknown() -> None:
    actual = np.array([1.0, 2.0, 3.0])
    assert r_squared(actual, np.full(3, 2.0)) == 0.0
    assert np.isnan(r_squared(np.ones(3), np.ones(3)))


def test_yield_metrics_leave_out_the_last_three_months() -> None:
    assert yield_rows(ROWS).tolist() == [False, True, True, True]
    metrics = yield_metrics(ROWS, np.array([1e6, -3.0, 1.0, 5.0]))
    assert metrics == {"yield_mae_bp": 3.0, "yield_median_bp": 3.0}


def test_a_prediction_without_a_yield_makes_the_metric_unknown() -> None:
    assert np.isnan(yield_metrics(ROWS, np.array([0.0, np.nan, 1.0, 5.0]))["yield_mae_bp"])


def test_a_block_of_short_bonds_has_no_yield_metrics() -> None:
    short = ROWS._replace(years=np.full(4, 0.1))
    assert np.isnan(yield_metrics(short, np.zeros(4))["yield_mae_bp"])


def test_r_squared_of_the_move_counts_rows_with_a_last_price() -> None:
    # moves 1, 2 and 1 point; missed by 0.25, 1 and 0
    assert price_metrics(ROWS, PREDICTED)["r2_move"] == pytest.approx(1.0 - 1.0625 / 6.0)
    assert move_r_squared(ROWS, ROWS.last) == 0.0
    assert move_r_squared(ROWS, ROWS.observed) == 1.0


def test_a_block_without_history_or_without_moves_has_no_r_squared_of_the_move() -> None:
    assert np.isnan(move_r_squared(ROWS._replace(staleness_days=np.full(4, np.nan)), PREDICTED))
    assert np.isnan(move_r_squared(ROWS._replace(last=ROWS.observed), PREDICTED))


def test_interval_score_is_least_for_the_true_quantiles() -> None:
    rng = np.random.default_rng(0)
    observed, predicted = rng.normal(size=20_000), np.zeros(20_000)
    true = 1.6448536269514722  # the 95 % quantile of the normal distribution
    scores = [
        interval_metrics(observed, predicted, np.full(20_000, factor * true), 0.9)["interval_score"]
        for factor in (0.7, 1.0, 1.3)
    ]
    assert scores[1] == min(scores)
    assert scores[1] == pytest.approx(2.0 * 0.10313564037537139 / 0.05, rel=0.02)  # 2 density(true) / 0.05


def test_the_page_shows_the_table_of_metrics_as_it_is() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert markdown_table() in page, f"docs/metrics.md: its table of metrics must be\n{markdown_table()}"
