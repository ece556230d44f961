"""Half-spreads: learned from prints whose side is known, and what a side tells then."""

import numpy as np

from richcheap.kalman.update import BidAsk

DATES, ROWS, HALF, SCATTER = 300, 20, 3.0, 1.0
BUCKET = np.repeat(np.array([1, 4], dtype=np.int32), ROWS // 2)
TRADED = np.where(BUCKET == 1, 1.0, 0.0)
"""Only the first bucket has a half-spread."""


def watched(known: bool = True, dates: int = DATES) -> BidAsk:
    """Return half-spreads learned from a market: customers buy at a lower quote than mid and sell at a higher one."""
    rng, sides = np.random.default_rng(5), BidAsk()
    noise = np.full(ROWS, 2.0 / 3.0 * HALF**2 + SCATTER**2)
    for _ in range(dates):
        side = rng.integers(-1, 2, ROWS).astype(np.float64)
        error = -side * HALF * TRADED + rng.normal(0.0, SCATTER, ROWS)
        sides.update(BUCKET, side if known else np.full(ROWS, np.nan), error, noise, noise)
    return sides


def test_the_half_spread_of_each_bucket_is_found() -> None:
    noise = np.full(3, 2.0 / 3.0 * HALF**2 + SCATTER**2)
    side = np.array([1.0, 0.0, -1.0])
    offset, left = watched().offset_and_noise(np.full(3, 1, dtype=np.int32), side, noise)
    np.testing.assert_allclose(offset, [-HALF, 0.0, HALF], rtol=0.05)
    np.testing.assert_allclose(left, SCATTER**2, rtol=0.5)
    offset, left = watched().offset_and_noise(np.full(3, 4, dtype=np.int32), side, noise)
    np.testing.assert_allclose(offset, 0.0, atol=0.1)
    np.testing.assert_allclose(left, noise, rtol=0.01)


def test_an_unknown_side_says_nothing_and_teaches_nothing() -> None:
    noise = np.full(ROWS, 2.0)
    unknown = np.full(ROWS, np.nan)
    offset, left = watched().offset_and_noise(BUCKET, unknown, noise)
    np.testing.assert_array_equal(offset, 0.0)
    np.testing.assert_array_equal(left, noise)
    offset, left = watched(known=False).offset_and_noise(BUCKET, np.ones(ROWS), noise)
    np.testing.assert_array_equal(offset, 0.0)
    np.testing.assert_array_equal(left, noise)


def test_one_wild_print_teaches_little() -> None:
    sides, wild = watched(dates=50), watched(dates=50)
    one, noise = np.ones(1), np.full(1, 2.0 / 3.0 * HALF**2 + SCATTER**2)
    bucket = np.ones(1, dtype=np.int32)
    wild.update(bucket, one, np.full(1, -1e4), noise, noise)
    np.testing.assert_allclose(
        wild.offset_and_noise(bucket, one, noise)[0], sides.offset_and_noise(bucket, one, noise)[0], rtol=0.05
    )
