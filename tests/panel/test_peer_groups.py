"""Combining the peer groups."""

import numpy as np
import pytest

from richcheap.panel.peer_groups import PEER_GROUPS, shrink


def test_shrinking_goes_from_the_widest_circle_to_the_narrowest() -> None:
    values = np.array([[8.0, 4.0, 2.0]])
    assert PEER_GROUPS == ("issuer", "rating", "all")
    wide = 1.0 * 2.0 / (1.0 + 3.0)
    middle = (1.0 * 4.0 + 3.0 * wide) / 4.0
    narrow = (1.0 * 8.0 + 3.0 * middle) / 4.0
    assert shrink(values, np.ones((1, 3)), 3.0)[0] == pytest.approx(narrow)


def test_shrinking_without_peers_or_pseudo_count_gives_zero() -> None:
    assert shrink(np.zeros((1, 3)), np.zeros((1, 3)), 0.0)[0] == 0.0
