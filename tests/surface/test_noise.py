"""The running estimate of a print's noise."""

import numpy as np
import pytest

from richcheap.surface.noise import LARGEST_SQUARED_INNOVATION, NoiseModel
from tests.surface.markets import MARKET

BOND = np.array([0, 1], dtype=np.int32)
BUCKET = np.array([0, 4], dtype=np.int32)


def test_a_tick_weighs_more_on_a_bond_with_little_price_risk() -> None:
    short, long = NoiseModel(2, MARKET).shape(np.array([0.001, 0.1]))
    assert short == pytest.approx(3.0**2 + 30.0**2)
    assert long == pytest.approx(3.0**2 + 0.3**2)


def test_variance_grows_with_the_days_since_the_last_print() -> None:
    np.testing.assert_allclose(NoiseModel(2, MARKET).growth(np.array([0.0, 10.0])), [1.0, 4.0])


def test_surprises_of_the_expected_size_leave_the_multiplier_near_one() -> None:
    noise = NoiseModel(2, MARKET)
    rng = np.random.default_rng(0)
    for _ in range(400):
        noise.update(BOND, BUCKET, rng.normal(0.0, 2.0, 2), 4.0 * noise.multiplier(BOND, BUCKET), np.zeros(2))
    np.testing.assert_allclose(noise.multiplier(BOND, BUCKET), 1.0, atol=0.5)


def test_a_noisy_bond_earns_a_larger_multiplier_than_a_quiet_one() -> None:
    noise = NoiseModel(2, MARKET)
    for _ in range(60):
        noise.update(BOND, BUCKET, np.array([1.0, 8.0]), 4.0 * noise.multiplier(BOND, BUCKET), np.zeros(2))
    quiet, loud = noise.multiplier(BOND, BUCKET)
    assert quiet == pytest.approx(0.25, rel=0.1)
    assert loud == pytest.approx(16.0, rel=0.1)


def test_the_fits_own_uncertainty_is_not_mistaken_for_a_quiet_bond() -> None:
    """Innovations of the size that print and fit together predict must leave the multiplier where it is."""
    noise = NoiseModel(2, MARKET)
    rng = np.random.default_rng(0)
    for _ in range(400):
        predicted = 1.0 * noise.multiplier(BOND, BUCKET) + 24.0
        noise.update(BOND, BUCKET, rng.normal(0.0, 5.0, 2), predicted, np.zeros(2))
    assert (noise.multiplier(BOND, BUCKET) > 0.2).all()


def test_a_new_bond_starts_from_its_bucket() -> None:
    noise = NoiseModel(3, MARKET)
    for _ in range(200):
        noise.update(BOND, BUCKET, np.array([1.0, 8.0]), 4.0 * noise.multiplier(BOND, BUCKET), np.zeros(2))
    new_bond = noise.multiplier(np.array([2], dtype=np.int32), np.array([4], dtype=np.int32))
    assert new_bond[0] == pytest.approx(16.0, rel=0.1)


def test_one_absurd_price_counts_as_a_capped_surprise() -> None:
    noise = NoiseModel(2, MARKET)
    noise.update(BOND, BUCKET, np.array([1e6, np.nan]), 4.0 * noise.multiplier(BOND, BUCKET), np.zeros(2))
    assert noise.multiplier(BOND, BUCKET)[0] == pytest.approx(1.0 + (LARGEST_SQUARED_INNOVATION - 1.0) / 3.0)


def test_a_bond_never_seen_before_teaches_its_bucket_nothing_about_surprises() -> None:
    noise = NoiseModel(2, MARKET)
    noise.update(BOND, BUCKET, np.array([np.nan, np.nan]), 4.0 * noise.multiplier(BOND, BUCKET), np.array([10.0, 10.0]))
    np.testing.assert_array_equal(noise.multiplier(BOND, BUCKET), [1.0, 1.0])
    np.testing.assert_array_equal(noise.level_variance(BUCKET), [100.0, 100.0])
