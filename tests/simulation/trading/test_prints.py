"""Prints: buys above mid and sells below, wider where less liquid, smaller or stressed."""

import numpy as np
import pytest

from richcheap.simulation.trading.prints import (
    SIDES,
    SKIPPED_AT_A_TIME,
    TICK,
    SimulatedPrints,
    print_streams,
    print_trades,
)
from tests.simulation.settings import defaults

TRADING = defaults().trading
COUNT = 40_000


def prints(
    log_frequency: float = 0.0,
    bid_ask: float = 1.0,
    treasury: bool = False,
    speculative: bool = False,
    risk: float = 0.05,
) -> SimulatedPrints:
    full = np.full(COUNT, 100.0)
    return print_trades(
        TRADING, full, np.full(COUNT, risk), np.full(COUNT, log_frequency), np.full(COUNT, bid_ask),
        np.full(COUNT, treasury), np.full(COUNT, speculative), print_streams(np.random.default_rng(1), COUNT),
    )  # fmt: skip


def test_sides_come_in_the_shares_of_params() -> None:
    shares = np.bincount(prints().side, minlength=3) / COUNT
    assert shares == pytest.approx([TRADING.sides.buy, TRADING.sides.sell, TRADING.sides.interdealer], abs=0.01)


def test_customers_buy_above_mid_and_sell_below_by_half_the_bid_ask() -> None:
    made = prints()
    for code, sign in enumerate((1.0, -1.0, 0.0)):
        here = made.side == code
        offset = (made.clean[here] - 100.0) / made.half_spread[here]
        assert offset.mean() == pytest.approx(sign, abs=0.01), SIDES[code]
        assert offset.std() == pytest.approx(TRADING.scatter_share, abs=0.02)


def test_the_noise_is_the_standard_deviation_of_print_minus_mid() -> None:
    for made in (prints(), prints(treasury=True), prints(speculative=True, bid_ask=2.5)):
        scaled = (made.clean - 100.0) / made.noise
        assert scaled.std() == pytest.approx(1.0, abs=0.02)


def test_the_bid_ask_is_wider_for_rare_bonds_small_prints_speculative_grades_and_in_stress() -> None:
    usual = prints()
    assert np.median(prints(log_frequency=-2.0).half_spread) > 1.5 * np.median(usual.half_spread)
    assert np.median(prints(bid_ask=2.5).half_spread) == pytest.approx(2.5 * np.median(usual.half_spread))
    assert np.median(prints(speculative=True).half_spread) > 1.5 * np.median(usual.half_spread)
    assert np.median(prints(treasury=True).half_spread) < 0.2 * np.median(usual.half_spread)
    small = usual.volume < 50_000
    assert usual.half_spread[small].mean() > 1.3 * usual.half_spread[~small].mean()


def test_prints_lie_on_ticks_and_sizes_on_thousands() -> None:
    made, treasuries = prints(), prints(treasury=True)
    assert made.clean == pytest.approx(np.rint(made.clean / TICK) * TICK, abs=1e-9)
    assert np.all(treasuries.clean * 128 == np.rint(treasuries.clean * 128))
    assert np.all(made.volume % 1_000 == 0)
    assert made.volume.min() >= 1_000


def test_a_worthless_bond_still_prints_at_a_tick() -> None:
    tiny = print_trades(
        TRADING, np.full(100, 1e-6), np.full(100, 0.05), np.zeros(100), np.ones(100), np.zeros(100, bool),
        np.ones(100, bool), print_streams(np.random.default_rng(1), 100),
    )  # fmt: skip
    assert tiny.clean.min() == pytest.approx(TICK)


def test_the_stretches_of_the_stream_are_what_it_gives_when_all_is_drawn_at_once() -> None:
    most = SKIPPED_AT_A_TIME + 1_000
    rng = np.random.default_rng(3)
    together = (rng.random(most), rng.random(most), rng.standard_normal(most), rng.standard_normal(most))
    start = np.random.default_rng(3)
    streams = print_streams(start, most)
    piece = most // 3
    for name, whole in zip(streams._fields, together, strict=True):
        of = getattr(streams, name)
        draw = of.random if name in {"side", "retail"} else of.standard_normal
        assert np.array_equal(np.concatenate([draw(piece), draw(most - piece)]), whole)
    assert np.array_equal(start.random(5), together[0][:5])  # the caller's has not moved
