"""What became of a gap, on three bonds by hand."""

from datetime import date

import numpy as np
import polars as pl

from richcheap.relative_value.outcomes import NONE, Market, outcome_after

ROWS = pl.DataFrame(
    {
        "date": [date(2024, 1, day) for day in (1, 1, 2, 3, 3, 4, 8, 9)],
        "bond_id": ["A", "B", "A", "A", "B", "C", "A", "B"],
        "gap_bp": [8.0, -6.0, 6.0, 5.0, -4.0, 1.0, 1.0, -1.0],
        "matrix_gap_bp": [18.0, 4.0, 16.0, 15.0, 6.0, 11.0, 11.0, 9.0],
        "half_spread_bp": [0.5, 1.0, 0.5, 0.5, 1.0, 0.5, 0.75, 1.0],
    }
)


def test_the_next_print_is_the_bonds_own() -> None:
    assert Market.of(ROWS).next_prints().tolist() == [2, 4, 3, 6, 7, NONE, NONE, NONE]


def test_the_later_print_is_at_least_so_many_dates_on_and_after_the_next_one() -> None:
    market = Market.of(ROWS)
    assert market.prints_after(2).tolist() == [3, 7, 6, NONE, NONE, NONE, NONE, NONE]
    assert market.prints_after(3).tolist() == [6, 7, 6, NONE, NONE, NONE, NONE, NONE]
    assert market.prints_after(99).tolist() == [NONE] * 8


def test_a_position_earns_what_the_gap_narrows_after_the_next_print_and_pays_twice() -> None:
    found = outcome_after(ROWS, Market.of(ROWS), 3)
    np.testing.assert_array_equal(found.gap[:2], [8.0, -6.0])
    np.testing.assert_array_equal(found.later[:3], [1.0, -1.0, 1.0])
    np.testing.assert_array_equal(found.closed[:3], [5.0, -3.0, 4.0])
    np.testing.assert_array_equal(found.matrix_closed[:3], [5.0, -3.0, 4.0])
    np.testing.assert_array_equal(found.cost[:3], [1.25, 2.0, 1.25])
    assert np.isnan(found.later[3:]).all()


def test_at_the_next_print_nothing_is_earned_yet() -> None:
    found = outcome_after(ROWS, Market.of(ROWS), None)
    np.testing.assert_array_equal(found.later[:5], [6.0, -4.0, 5.0, 1.0, -1.0])
    assert np.isnan(found.closed).all()
