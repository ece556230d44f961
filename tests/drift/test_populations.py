"""Comparing columns of two windows: SciPy and published figures as referees, and the size of the test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy, ks_2samp

from richcheap.drift.populations import PSEUDO_ROWS, DatedValues, block_length, compare, discoveries, stability_index
from richcheap.evaluation.params import DriftParams
from tests.drift.drifting import DRIFT

BENJAMINI_HOCHBERG_1995 = (
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
)
"""Fifteen hypotheses on thrombolysis, section 4.1 of Benjamini and Hochberg (1995)."""


def panel(dates: int, bonds: int, seed: int, persistence: float = 0.0, shift: float = 0.0) -> DatedValues:
    """Return a column with an effect of the bond and one of the date, which may persist; later dates may be shifted."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0, 1.0, dates)
    for t in range(1, dates):
        common[t] = persistence * common[t - 1] + np.sqrt(1.0 - persistence**2) * common[t]
    values = rng.normal(0.0, 1.0, (dates, bonds)) + rng.normal(0.0, 1.0, bonds) + common[:, None] + shift
    return DatedValues(values.ravel(), np.repeat(np.arange(dates), bonds))


def divided(whole: DatedValues, dates: int) -> tuple[DatedValues, DatedValues]:
    early = whole.day < dates
    return DatedValues(whole.values[early], whole.day[early]), DatedValues(whole.values[~early], whole.day[~early])


counts = st.lists(st.integers(0, 1000), min_size=2, max_size=12)


@given(counts, st.randoms())
def test_stability_index_is_the_symmetric_divergence_of_scipy(drawn, random):
    expected = np.array([*drawn, 0, 7], float)
    found = np.array([*(random.randint(0, 1000) for _ in drawn), 0, 3], float)
    occupied = expected + found > 0  # a bin that nothing is in says nothing
    e, f = expected[occupied] + PSEUDO_ROWS, found[occupied] + PSEUDO_ROWS
    index = float(stability_index(expected, found))
    assert index == pytest.approx(entropy(e, f) + entropy(f, e), rel=1e-9, abs=1e-12)
    assert index == pytest.approx(float(stability_index(found, expected)))


atoms = st.one_of(st.integers(-3, 3).map(float), st.floats(-4.0, 4.0, width=32), st.just(float("nan")))
rows = st.lists(atoms, min_size=1, max_size=50)


@given(rows, rows)
def test_the_index_is_the_same_upside_down(before, after):
    def index(sign):
        columns = [DatedValues(sign * np.array(values), np.arange(len(values)) // 5) for values in (before, after)]
        return compare(columns[0], columns[1], DRIFT.model_copy(update={"permutations": 99}), [1]).psi

    assert index(1.0) == pytest.approx(index(-1.0), rel=1e-9, abs=1e-9)


def moved(reference, current):
    columns = [DatedValues(np.asarray(values, float), np.arange(len(values)) // 20) for values in (reference, current)]
    return compare(columns[0], columns[1], DRIFT, [1])


def test_a_flag_that_falls_has_moved_as_far_as_one_that_rises():
    zeros, ones = np.zeros(1200), np.ones(600)
    up, down = moved(zeros, ones), moved(1.0 + zeros, ones - 1.0)
    # Shares (1200.5, 0.5) against (0.5, 600.5), half a row added to each.
    e, f = np.array([1200.5, 0.5]) / 1201.0, np.array([0.5, 600.5]) / 601.0
    assert up.psi == down.psi == pytest.approx(float(((f - e) * np.log(f / e)).sum()), rel=1e-12)
    assert up.ks == down.ks == 1.0
    assert up.p_value == down.p_value


@pytest.mark.parametrize("to", [-3.0, -0.001, 0.001, 3.0])
@pytest.mark.parametrize("lowest", [True, False])
def test_what_leaves_a_value_that_many_share_is_seen_wherever_it_goes(to, lowest):
    spread = np.random.default_rng(1).normal(0.0, 1.0, 1200)
    reference = np.where(np.arange(1200) % 5 < 2, 0.0, np.abs(spread) if lowest else spread)
    current = np.where(np.arange(600) % 5 == 0, to, reference[:600])  # half of the rows at 0
    assert moved(reference, reference[:600]).psi < 0.02
    assert moved(reference, current).psi > 0.1


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_lies_beyond_all_that_was_known_counts(sign):
    reference = np.random.default_rng(1).normal(0.0, 1.0, 1200)
    beyond = np.where(np.arange(600) % 12 == 0, sign * 9.0, reference[:600])
    inside = np.where(np.arange(600) % 12 == 0, sign * np.abs(reference).max() * 0.9, reference[:600])
    assert moved(reference, beyond).psi > moved(reference, inside).psi + 0.1


def test_an_empty_bin_is_a_large_but_finite_index():
    index = float(stability_index(np.array([500.0, 500.0]), np.array([1000.0, 0.0])))
    assert 3.0 < index < 10.0


def test_distance_is_that_of_scipy_with_missing_values_below_all_others():
    rng = np.random.default_rng(0)
    old, new = rng.normal(0.0, 1.0, 400), rng.normal(0.3, 1.2, 200)
    old[::7] = np.nan
    found = compare(DatedValues(old, np.arange(400) // 10), DatedValues(new, 40 + np.arange(200) // 10), DRIFT, [1])
    filled = np.where(np.isnan(old), -1e9, old)
    referee = ks_2samp(filled, new, method="asymp")
    assert found.ks == pytest.approx(referee.statistic)
    assert found.rows_p_value == pytest.approx(referee.pvalue)


def test_the_published_example_has_four_discoveries():
    found = discoveries({str(k): p for k, p in enumerate(BENJAMINI_HOCHBERG_1995)}, 0.05)
    assert [stands for _, stands in found.values()] == [True] * 4 + [False] * 11
    assert found["3"][0] == pytest.approx(15 * 0.0095 / 4)


def test_a_test_without_a_p_value_neither_stands_nor_counts():
    found = discoveries({"a": 0.04, "b": np.nan}, 0.05)
    assert found["a"] == (0.04, True)
    assert np.isnan(found["b"][0])
    assert not found["b"][1]


@pytest.mark.parametrize("persistence", [0.0, 0.8])
def test_a_steady_market_seldom_raises_an_alarm_though_rows_hang_together(persistence):
    alarms, naive = 0, 0
    for seed in range(40):
        found = compare(*divided(panel(200, 20, seed, persistence), 150), DRIFT, [seed])
        alarms += found.p_value <= 0.05
        naive += found.rows_p_value <= 0.05
    # 2 of 40 are expected, more where dates persist; the test of rows errs in a quarter of cases or more.
    assert alarms <= 6
    assert naive >= 10


def test_a_shift_larger_than_the_dates_swings_is_found():
    old, new = panel(150, 20, 1), panel(50, 20, 1, shift=2.0)
    found = compare(old, new, DRIFT, [1])
    assert found.p_value <= 0.02  # blocks of 17 dates: three against nine can be dealt in 220 ways
    assert found.psi > found.psi_noise
    assert found.psi > 0.5


def test_a_constant_column_has_not_drifted():
    old, new = DatedValues(np.ones(100), np.arange(100)), DatedValues(np.ones(40), np.arange(40))
    found = compare(old, new, DRIFT, [1])
    assert (found.p_value, found.ks) == (1.0, 0.0)
    assert found.psi == pytest.approx(0.0, abs=1e-9)


def test_a_column_that_is_missing_throughout_has_not_drifted():
    old, new = DatedValues(np.full(100, np.nan), np.arange(100)), DatedValues(np.full(40, np.nan), np.arange(40))
    assert compare(old, new, DRIFT, [1]).p_value == 1.0


def test_values_that_go_missing_are_drift():
    old, new = panel(100, 20, 1), panel(50, 20, 2)
    new.values[: new.values.size // 2] = np.nan
    assert compare(old, new, DRIFT, [1]).psi > 0.25


def test_the_more_a_column_persists_the_longer_the_blocks_up_to_the_window():
    lengths = [block_length(*divided(panel(300, 5, 3, p), 240), 5) for p in (0.0, 0.9, 0.995)]
    assert lengths[0] == 5
    assert lengths[0] < lengths[1] <= lengths[2] <= 60


def test_with_a_handful_of_dates_nothing_can_be_told():
    old, new = divided(panel(30, 50, 1, persistence=0.9), 25)
    assert compare(old, new, DRIFT, [1]).p_value > 0.1


def test_same_seed_same_p_value():
    old, new = divided(panel(100, 10, 1), 70)
    assert compare(old, new, DRIFT, [4, 2]) == compare(old, new, DRIFT, [4, 2])


def test_a_window_without_rows_is_refused():
    with pytest.raises(ValueError, match="two windows that have rows, got one without"):
        compare(DatedValues(np.empty(0), np.empty(0, int)), DatedValues(np.ones(3), np.arange(3)), DRIFT, [1])


def test_a_warning_after_the_alarm_is_refused():
    with pytest.raises(ValueError, match=r"warn must be at most retrain, got 0.6 and 0.5"):
        DriftParams(**(DRIFT.model_dump() | {"warn": 0.6}))
