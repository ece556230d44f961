"""What is remembered of each bond: the latest print, and a ring of those before."""

import numpy as np
import pytest

from richcheap.panel.peer_groups import PeerGroups
from richcheap.panel.print_history import NEVER, PrintHistory, residual_at
from richcheap.panel.universe import Universe

DAYS = np.arange(0, 100, 10, dtype=np.int32)
NOTHING = np.empty(0, dtype=np.int32)


def universe(prints: list[int]) -> Universe:
    peer_groups = PeerGroups(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    maturity = np.full(len(prints), 9000, dtype=np.int32)
    counts = np.array(prints, dtype=np.int64)
    return Universe(None, None, {}, maturity, peer_groups, counts, DAYS)  # type: ignore[arg-type]


def filled(window_days: int, bond: int = 1) -> PrintHistory:
    """Remember a print of one bond on each of `DAYS`, with the day as its residual."""
    history = PrintHistory.empty(universe([3, 10]), window_days)
    for day in DAYS.tolist():
        value = np.array([float(day)])
        history.update(np.array([bond]), day, value + 1.0, value, value + 2.0, np.ones(1))
    return history


def test_the_latest_print_is_remembered_whole() -> None:
    history = filled(30)
    assert history.day.tolist() == [NEVER, 90]
    latest = (history.level_residual, history.move_residual, history.surface)
    assert [column[1] for column in latest] == [91.0, 90.0, 92.0]
    assert np.isnan(history.move_residual[0])


@pytest.mark.parametrize(
    ("day", "oldest", "found"),
    [(90, 60, 90.0), (89, 60, 80.0), (60, 60, 60.0), (69, 60, 60.0), (59, 60, np.nan), (45, 60, np.nan)],
)
def test_a_residual_is_that_of_the_latest_print_in_the_window(day: int, oldest: int, found: float) -> None:
    np.testing.assert_array_equal(residual_at(filled(30), 1, day, oldest), found)


def test_a_longer_ring_finds_the_same() -> None:
    short, long = filled(30), filled(3650)
    assert short.ring_day.size < long.ring_day.size
    for day in range(-5, 105):
        np.testing.assert_array_equal(residual_at(short, 1, day, 60), residual_at(long, 1, day, 60))


def test_a_bond_without_prints_has_no_residual() -> None:
    assert np.isnan(residual_at(filled(30), 0, 90, 0))


def test_a_doubted_print_starts_no_move() -> None:
    history = filled(30)
    history.update(np.array([1]), 95, *(np.array([500.0]),) * 3, np.array([0.1]))
    assert np.isnan(residual_at(history, 1, 99, 60))
    assert history.move_residual[1] == 500.0
    assert history.robust_weight[1] == 0.1
