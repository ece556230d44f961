"""The prints of one currency as linked arrays."""

from itertools import pairwise

import numpy as np

from stages.spreads.panel import build_panel
from tests.spreads.markets import small_market


def test_previous_is_the_bonds_own_print_before() -> None:
    frame = small_market()
    panel = build_panel(frame)
    keys = frame.select("bond_id", "date").rows()
    for row, previous in enumerate(panel.previous.tolist()):
        own = [k for k in range(row) if keys[k][0] == keys[row][0]]
        assert previous == (own[-1] if own else -1)


def test_slots_run_through_each_bond_in_time_order() -> None:
    frame = small_market()
    panel = build_panel(frame)
    order = np.argsort(panel.slot)
    assert panel.slot[order].tolist() == list(range(frame.height))
    assert (np.diff(panel.bond[order]) >= 0).all()
    same = np.diff(panel.bond[order]) == 0
    assert (np.diff(panel.day[order])[same] > 0).all()
    np.testing.assert_array_equal(panel.slot[order[panel.first_slot]], panel.first_slot)


def test_each_date_is_one_run_of_rows() -> None:
    frame = small_market()
    starts = build_panel(frame).date_start
    assert starts.size - 1 == frame["date"].n_unique()
    assert starts[-1] == frame.height
    for start, stop in pairwise(starts.tolist()):
        assert frame["date"][start:stop].n_unique() == 1
