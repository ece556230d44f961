"""Rating changes add up to the yearly migration matrix."""

import numpy as np
import pytest

from richcheap.simulation.constants import NOTCHES, RATINGS, REGIMES
from richcheap.simulation.rng import stream
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.states.ratings import (
    DEFAULTED,
    MIGRATION,
    daily_probabilities,
    letter_generator,
    notch_generator,
    rating_path,
)
from tests.simulation.settings import defaults

PARAMS = defaults()


def year_of(rates: np.ndarray) -> np.ndarray:
    """The matrix exponential, by halving and squaring."""
    return np.linalg.matrix_power(np.eye(len(rates)) + rates / 2**20, 2**20)


def test_a_year_of_the_generator_is_the_migration_matrix() -> None:
    rates = letter_generator(MIGRATION)
    assert rates.sum(axis=1) == pytest.approx(np.zeros(8), abs=1e-12)
    assert np.all(rates[~np.eye(8, dtype=bool)] >= 0.0)
    assert year_of(rates)[:7] == pytest.approx(MIGRATION, abs=3e-4)  # negative rates were set to zero


def test_a_matrix_that_cannot_be_diagonalised_has_a_generator() -> None:
    stuck = np.hstack([0.9 * np.eye(7) + 0.1 * np.eye(7, k=1), np.zeros((7, 1))])
    stuck[-1, -1] = 0.1
    assert year_of(letter_generator(stuck))[:7] == pytest.approx(stuck, abs=0.01)


def test_grades_move_between_letters_as_letters_do() -> None:
    rates = notch_generator(letter_generator(MIGRATION), PARAMS.ratings.notch_changes)
    year = year_of(rates)
    for start in ("A", "BB"):
        row = year[NOTCHES.index(start)]
        by_letter = np.bincount(NOTCH_LETTER, weights=row[:DEFAULTED])
        assert [*by_letter, row[DEFAULTED]] == pytest.approx(MIGRATION[RATINGS.index(start)], abs=5e-3)


def test_downgrades_are_more_likely_in_a_crisis_and_upgrades_less() -> None:
    rates = notch_generator(letter_generator(MIGRATION), PARAMS.ratings.notch_changes)
    probabilities = np.diff(daily_probabilities(rates, np.array([1.0, 2.5])), axis=2, prepend=0.0)
    grade = NOTCHES.index("BBB")
    worse, better = probabilities[:, grade, grade + 1 :].sum(axis=1), probabilities[:, grade, :grade].sum(axis=1)
    assert worse[1] == pytest.approx(2.5 * worse[0])
    assert better[1] == pytest.approx(better[0] / 2.5)


def test_a_defaulted_issuer_makes_room_for_a_new_one_of_its_slot() -> None:
    start = np.full(300, NOTCHES.index("CCC-"))
    path = rating_path(PARAMS.ratings, PARAMS.regimes.states, np.zeros(252, np.int64), start, stream(1, "ratings"))
    defaults_a_year = path.generation[-1].mean()
    assert defaults_a_year == pytest.approx(0.22, abs=0.07)
    day, slot = np.argwhere(np.diff(path.generation, axis=0) == 1)[0]
    assert NOTCHES[path.notch[day + 1, slot]] == "CCC-"
    assert path.notch.max() < DEFAULTED


def test_days_up_to_a_date_do_not_depend_on_later_regimes() -> None:
    start = np.repeat(np.arange(len(NOTCHES)), 50)
    regimes = np.zeros(200, np.int64)
    later = np.where(np.arange(200) < 100, 0, REGIMES.index("crisis"))
    before, after = (
        rating_path(PARAMS.ratings, PARAMS.regimes.states, path, start, stream(1, "ratings"))
        for path in (regimes, later)
    )
    assert np.array_equal(before.notch[:100], after.notch[:100])
    assert not np.array_equal(before.notch, after.notch)
