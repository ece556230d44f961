"""Peers: who they are, what is measured, and that the bond itself is never among them."""

import numpy as np
import pytest

from richcheap.panel.peer_groups import build_peer_groups
from richcheap.panel.print_history import PrintHistory
from richcheap.surface.peers import MATURITY_BANDWIDTH, CrossSection, PeerStatistics, PeerWindow, peer_statistics

# Four bonds: 0 and 1 of issuer 0, 2 and 3 of issuer 1; bond 3 is in another rating bucket.
MATURITY = np.array([4000, 5000, 4500, 9000], dtype=np.int32)
ISSUER = np.array([0, 0, 1, 1], dtype=np.int32)
BUCKET = np.array([4, 4, 4, 5], dtype=np.int32)
SEEN = np.eye(9, dtype=np.bool_)[BUCKET]
LOG_MATURITY = np.log(np.array([2.0, 3.0, 2.5, 6.0]))


def history() -> PrintHistory:
    """Two prints a bond: day 90 (residuals 10, 20, 30, 40) and day 95 (11, 22, 33, 44), levels 100 higher."""
    residual = np.array([10.0, 11.0, 20.0, 22.0, 30.0, 33.0, 40.0, 44.0])
    return PrintHistory(
        day=np.full(4, 95, dtype=np.int32),
        level_residual=residual[1::2] + 100.0,
        move_residual=residual[1::2].copy(),
        surface=np.full(4, np.nan),
        robust_weight=np.ones(4),
        bucket=BUCKET,
        variance=np.full(4, 4.0),
        prints=np.full(4, 2),
        ring_start=np.array([0, 2, 4, 6, 8]),
        ring_day=np.array([90, 95] * 4, dtype=np.int32),
        ring_residual=residual,
    )


def cross_section(own_last_day: int = 90) -> CrossSection:
    """Bond 0 prints on day 100; its row follows its peers' columns but not their prints."""
    return CrossSection(
        day=100,
        row_of_bond=np.array([0, -1, -1, -1], dtype=np.int32),
        bond=np.array([0], dtype=np.int32),
        issuer=np.array([0], dtype=np.int32),
        bucket=np.array([4], dtype=np.int32),
        own_last_day=np.array([own_last_day], dtype=np.int32),
        log_maturity=LOG_MATURITY,
        observed_yield=np.array([500.0]),
        nodes=1,
        pairs=np.array([[-1, -1]], dtype=np.int32),
        loadings=np.array([[1.0, 0.0, 0.0]]),
        move_without=np.array([[0.0, 0.0, 0.0]]),
        level_without=np.array([[0.0, 0.0, 0.0]]),
        variant=np.array([0]),
        factors=np.ones((1, 1)),
    )


def with_a_peer_today() -> CrossSection:
    """Bonds 0 and 1 print on day 100."""
    return cross_section()._replace(
        row_of_bond=np.array([0, 1, -1, -1], dtype=np.int32),
        bond=np.array([0, 1], dtype=np.int32),
        issuer=np.array([0, 0], dtype=np.int32),
        bucket=np.array([4, 4], dtype=np.int32),
        own_last_day=np.array([90, 90], dtype=np.int32),
        observed_yield=np.array([500.0, 70.0]),
        pairs=np.array([[1, -1], [1, -1]], dtype=np.int32),
        loadings=np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5]]),
        move_without=np.array([[30.0, 5.0, 10.0], [0.0, 0.0, 0.0]]),
        level_without=np.array([[50.0, 5.0, 10.0], [0.0, 0.0, 0.0]]),
        variant=np.array([0, 0]),
        factors=np.ones((1, 2)),
    )


def measure(
    day: CrossSection,
    history: PrintHistory,
    peers: int = 8,
    max_age_days: int = 30,
    window_days: int = 365,
    threads: int = 1,
) -> PeerStatistics:
    peer_groups = build_peer_groups(MATURITY, ISSUER, SEEN, 2)
    return peer_statistics(day, history, peer_groups, PeerWindow(peers, max_age_days, window_days), threads)


def weight(bond: int) -> float:
    gap = abs(LOG_MATURITY[bond] - LOG_MATURITY[0])
    return float(1.0 / ((1.0 + (gap / MATURITY_BANDWIDTH) ** 2) * 4.0))


def test_circles_hold_the_issuer_the_bucket_and_everyone() -> None:
    statistics = measure(cross_section(), history())
    near, far = weight(1), weight(2)
    assert statistics.move[0, 0] == 2.0  # bond 1 alone: 22 - 20
    assert statistics.move[0, 1] == pytest.approx((near * 2.0 + far * 3.0) / (near + far))
    all_weights = np.array([weight(1), weight(2), weight(3)])
    assert statistics.move[0, 2] == pytest.approx(all_weights @ [2.0, 3.0, 4.0] / all_weights.sum())
    assert statistics.level[0, 0] == 122.0


def test_effective_count_is_one_for_one_peer_and_less_than_the_number_for_unequal_weights() -> None:
    statistics = measure(cross_section(), history())
    assert statistics.move_count[0, 0] == pytest.approx(1.0)
    assert 2.0 < statistics.move_count[0, 2] < 3.0


def test_the_bond_itself_is_never_a_peer() -> None:
    past = history()
    before = measure(cross_section(), past)
    loud = cross_section()._replace(observed_yield=np.array([-9999.0]))
    after = measure(loud, past)
    for old, new in zip(before, after, strict=True):
        assert old.tobytes() == new.tobytes()


def test_a_peer_that_has_not_printed_since_gives_a_level_but_no_move() -> None:
    statistics = measure(cross_section(own_last_day=95), history())
    assert statistics.move_count.sum() == 0.0
    assert (statistics.level_count > 0.0).all()


def test_a_peer_whose_price_is_too_old_is_left_out() -> None:
    statistics = measure(cross_section(), history(), max_age_days=4)
    assert statistics.level_count.sum() == 0.0


def test_only_the_nearest_peers_are_taken() -> None:
    statistics = measure(cross_section(), history(), peers=1)
    assert statistics.move[0, 2] == 3.0  # bond 2 is the nearest in maturity


def test_a_peer_that_prints_today_is_measured_on_the_fit_without_the_bond() -> None:
    statistics = measure(with_a_peer_today(), history())
    assert statistics.move[0, 0] == (70.0 - 40.0) - 20.0
    assert statistics.level[0, 0] == 70.0 - 60.0


def test_a_peer_between_two_buckets_is_measured_on_the_levels_of_both() -> None:
    nodes_and_pairs = np.array([[1.0, 0.6, 0.3, 0.4, 0.2]] * 2)
    without = np.array([[30.0, 5.0, 10.0, -20.0, 40.0], [0.0] * 5])
    day = with_a_peer_today()._replace(
        pairs=np.array([[1, 3], [1, 3]], dtype=np.int32), loadings=nodes_and_pairs, level_without=without
    )
    assert measure(day, history()).level[0, 0] == pytest.approx(70.0 - float(nodes_and_pairs[1] @ without[0]))


def test_a_doubted_peer_weighs_less() -> None:
    downweighted = with_a_peer_today()._replace(factors=np.array([[1.0, 0.25]]))
    statistics = measure(downweighted, history())
    assert statistics.level[0, 0] == 70.0 - 60.0  # the only one of its issuer
    trusted = np.array([0.25 * weight(1), weight(2), weight(3)])
    assert statistics.level[0, 2] == pytest.approx(trusted @ [10.0, 133.0, 144.0] / trusted.sum())


def test_a_move_that_starts_before_the_window_is_not_measured() -> None:
    assert measure(cross_section(), history(), window_days=9).move_count.sum() == 0.0
    assert measure(cross_section(), history(), window_days=10).move_count.sum() > 0.0


def test_threads_change_no_bit() -> None:
    one, many = measure(with_a_peer_today(), history()), measure(with_a_peer_today(), history(), threads=2)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, many, strict=True))


def test_a_bond_without_issuer_has_no_issuer_peers() -> None:
    day = cross_section()._replace(issuer=np.array([-1], dtype=np.int32))
    assert measure(day, history()).level_count[0, 0] == 0.0


def test_a_bond_whose_issuer_has_changed_skips_no_peer_of_the_new_one() -> None:
    moved = cross_section()._replace(issuer=np.array([1], dtype=np.int32))
    statistics = measure(moved, history())
    near, far = weight(2), weight(3)
    assert statistics.level[0, 0] == pytest.approx((near * 133.0 + far * 144.0) / (near + far))
