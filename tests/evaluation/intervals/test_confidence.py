"""Scores of confidence fall as errors rise, and hang on nothing but the width of the interval."""

import numpy as np

from richcheap.evaluation.intervals.confidence import ConfidenceScores, errors_by_score


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.normal(0.0, 1.0, rows))
    return 1.645 * scale, rng.normal(0.0, scale)


def test_errors_fall_from_score_to_score_on_rows_that_chose_nothing() -> None:
    scores = ConfidenceScores.calibrated(*drawn(4000, 1))
    width, error = drawn(40_000, 2)
    table = errors_by_score(scores.scores(width), width, error)
    assert [entry["score"] for entry in table] == list(range(10, 0, -1))
    assert np.all(np.diff([entry["mae"] for entry in table]) > 0.0)
    assert sum(entry["rows"] for entry in table) == 40_000
    assert all(abs(entry["coverage"] - 0.9) < 0.03 for entry in table)


def test_steps_whose_errors_are_out_of_order_share_the_lower_score() -> None:
    width = np.arange(1.0, 101.0)
    error = np.where((width > 20) & (width <= 30), 50.0, width)  # the third step errs more than the next two
    scores = ConfidenceScores.calibrated(width, error)
    table = errors_by_score(scores.scores(width), width, error)
    assert np.all(np.diff([entry["mae"] for entry in table]) >= 0.0)
    assert [entry["score"] for entry in table][:2] == [10, 9]
    assert 8 not in [entry["score"] for entry in table]


def test_infinite_intervals_have_the_lowest_score() -> None:
    width = np.array([1.0, 2.0, np.inf, np.inf, np.inf])
    scores = ConfidenceScores.calibrated(width, np.array([0.1, 0.2, 1.0, 2.0, 3.0]))
    found = scores.scores(width)
    assert found[2:].tolist() == [1, 1, 1]
    assert found[0] > found[1] > 1
