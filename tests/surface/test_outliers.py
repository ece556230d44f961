"""Doubted prints: who they are, and that no print decides about the others when it is left out itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from richcheap.surface.outliers import MIN_PRINTS, NORMAL_WIDTH, STEPS, medians_without, robust_weights

LIMIT = 8.0


def innovation_count(rows: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, rows), (np.arange(rows) % 3).astype(np.int32)


@given(arrays(np.float64, st.integers(2, 30), elements=st.integers(-5, 5).map(float)))
def test_medians_without_each_are_the_medians_of_the_others(values: np.ndarray) -> None:
    expected = [np.median(np.delete(values, row)) for row in range(values.size)]
    np.testing.assert_array_equal(medians_without(values), expected)


def test_an_ordinary_day_is_trusted_whole() -> None:
    robust = robust_weights(*innovation_count(), LIMIT)
    assert (robust.factor == 1.0).all()
    assert robust.factors.shape == (1, 60)


def test_the_pull_of_a_wrong_price_fades() -> None:
    innovation, group = innovation_count()
    innovation[7] = -400.0
    robust = robust_weights(innovation, group, LIMIT)
    assert (np.flatnonzero(robust.factor < 1.0) == [7]).all()
    assert abs(innovation[7]) * robust.factor[7] < 1.0


def test_a_bucket_that_moves_as_one_is_believed() -> None:
    innovation, group = innovation_count()
    innovation[group == 1] += 50.0
    assert (robust_weights(innovation, group, LIMIT).factor == 1.0).all()


def test_a_bond_that_stays_behind_is_doubted_as_one_that_runs_ahead() -> None:
    innovation, group = innovation_count()
    innovation[group == 1] += 50.0
    innovation[1] = 0.0
    assert (np.flatnonzero(robust_weights(innovation, group, LIMIT).factor < 1.0) == [1]).all()


def test_a_wild_day_widens_what_is_believed() -> None:
    innovation, group = innovation_count()
    assert (robust_weights(20.0 * innovation, group, LIMIT).factor == 1.0).all()


def test_a_bucket_of_few_is_judged_by_all() -> None:
    innovation, group = innovation_count()
    group[:MIN_PRINTS] = 9
    group[MIN_PRINTS : MIN_PRINTS + 2] = 10
    innovation[MIN_PRINTS] = 500.0
    assert robust_weights(innovation, group, LIMIT).factor[MIN_PRINTS] < 1.0


def test_too_few_prints_are_trusted() -> None:
    assert (robust_weights(np.array([0.0, 900.0]), np.zeros(2, dtype=np.int32), LIMIT).factor == 1.0).all()


def test_no_print_decides_about_the_others_when_it_is_left_out() -> None:
    innovation, group = innovation_count(rows=41)
    innovation[[3, 11, 12]] = [90.0, -60.0, 7.9]
    group[:4] = 7
    before = robust_weights(innovation, group, LIMIT)
    assert (before.factors < 1.0).any()
    for row in range(innovation.size):
        for moved in (-1000.0, -3.0, 0.3, 8.5, 1000.0):
            changed = innovation.copy()
            changed[row] += moved
            after = robust_weights(changed, group, LIMIT)
            mine, yours = (np.delete(robust.factors[robust.variant[row]], row) for robust in (before, after))
            assert mine.tobytes() == yours.tobytes()


def plainly(innovation: np.ndarray, group: np.ndarray, limit: float, left_out: int = -1) -> np.ndarray:
    """Return the factors by their definition; the row left out is in no median."""
    factors = np.ones(innovation.size)
    others = np.arange(innovation.size) != left_out
    for row in range(innovation.size):
        own = group == group[row]
        values = innovation[others & own] if own.sum() >= MIN_PRINTS else innovation[others]
        middle = np.median(values)
        width = max(np.rint(STEPS * NORMAL_WIDTH * np.median(np.abs(values - middle))) / STEPS, 1.0)
        distance = abs(innovation[row] - np.rint(STEPS * middle) / STEPS) / width
        factors[row] = (((limit / max(distance, limit)) ** 2) ** 2) ** 2
    return factors


@pytest.mark.parametrize("seed", range(4))
def test_factors_are_those_of_the_definition_with_each_row_really_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [MIN_PRINTS, MIN_PRINTS - 1, MIN_PRINTS + 1, 3, 2 * MIN_PRINTS]
    group = np.repeat(np.arange(5, dtype=np.int32), sizes)
    innovation = 2.0 * rng.standard_t(2, group.size) + 40.0 * (group % 2)
    robust = robust_weights(innovation, group, 3.0)
    assert (robust.factor < 1.0).any()
    np.testing.assert_array_equal(robust.factor, plainly(innovation, group, 3.0))
    for row in range(group.size):
        np.testing.assert_array_equal(robust.factors[robust.variant[row]], plainly(innovation, group, 3.0, row))
