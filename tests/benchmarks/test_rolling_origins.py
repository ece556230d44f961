"""What has changed between two commits is told from the same rows: errors, coverage, cells that lose."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from benchmarks.origins import KEY
from benchmarks.rolling_origins import (
    CHANGE_COLUMNS,
    beside,
    cell_coverage,
    change_rows,
    changes,
    over_windows,
    worse_cells,
)


def rows(scale: float, covered_share: float = 0.9, bonds: int = 250) -> pl.DataFrame:
    """Return rows of two windows whose errors are the same but for their size."""
    frames = []
    for window in (1, 2):
        error = np.random.default_rng(window).exponential(1.0, bonds)
        frames.append(
            pl.DataFrame(
                {
                    "window": [f"window {window}"] * bonds,
                    "bond_id": [f"B{k}" for k in range(bonds)],
                    "date": [date(2024, window, 1) + timedelta(days=k % 20) for k in range(bonds)],
                    "clean_price": np.full(bonds, 100.0),
                    "days_since_last": np.ones(bonds),
                    "champion": scale * error,
                    "kalman": error,
                    "simple": 2.0 * error,
                    "covered": np.arange(bonds) < covered_share * bonds,
                    "has_history": np.arange(bonds) > 2,
                    "new_issue": np.arange(bonds) < 5,
                    "f_last_z_score": np.zeros(bonds),
                    "f_unchanged_prints": np.zeros(bonds),
                    "f_last_price": np.full(bonds, 99.0),
                    "cell_age": ["over 1y"] * bonds,
                    "cell_maturity": ["1-3y" if k % 2 else "3-5y" for k in range(bonds)],
                }
            )
        )
    return pl.concat(frames)


def test_a_change_is_told_for_the_same_rows() -> None:
    both = beside(rows(0.5), rows(1.0)[::-1])
    assert both.height == 500
    np.testing.assert_allclose(changes(both), [-50.0, -50.0])
    (whole, *_) = change_rows(both)
    found = dict(zip(("rows of which", "rows", "before", "now"), whole, strict=False))
    assert found["rows"] == 500
    assert found["now"] == round(0.5 * float(rows(1.0)["champion"].mean()), 4)  # type: ignore[arg-type]
    assert len(whole) == len(CHANGE_COLUMNS)


def test_rows_that_only_one_commit_has_are_left_out() -> None:
    assert beside(rows(1.0), rows(1.0).head(7)).select(KEY).equals(rows(1.0).head(7).select(KEY))


def test_cells_that_lose_and_cells_that_are_not_covered_are_named() -> None:
    both = beside(rows(1.1), rows(1.0))
    assert worse_cells(both).startswith("3 of 3 (0 fell by as much); age over 1y +10.0 % [+10.0, +10.0]")
    assert worse_cells(beside(rows(1.0), rows(1.0))) == "0 of 3 (0 fell by as much)"
    assert "0 of them more than 5 points off" in cell_coverage(rows(1.0))
    assert cell_coverage(rows(1.0, covered_share=0.5)).endswith("maturity 3-5y 50.4; maturity 1-3y 49.6")


def test_one_window_has_no_interval() -> None:
    assert over_windows([2.0]) == "+2.0"
    assert over_windows([1.0, 2.0, 3.0]) == "+2.0 [-0.5, +4.5], above 0 in 3 of 3"
