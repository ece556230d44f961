"""Rating spreads: in order, with a term structure, wider in stress."""

import numpy as np
import pytest

from richcheap.simulation.constants import NOTCHES, RATINGS, REGIMES
from richcheap.simulation.rng import stream
from richcheap.simulation.states.credit import NOTCH_LETTER, Credit, credit_path
from richcheap.simulation.states.params import letters
from tests.simulation.settings import defaults

PARAMS = defaults()
STATES = PARAMS.regimes.states


def path_in(regime: str, periods: int = 4_000) -> Credit:
    return credit_path(PARAMS.credit, STATES, np.full(periods, REGIMES.index(regime)), stream(1, "credit"))


def at(credit: Credit, day: int, years: float) -> np.ndarray:
    grades = np.arange(len(NOTCHES))
    return credit.spread_bp(np.full_like(grades, day), grades, np.full(grades.size, years))


def test_each_grade_belongs_to_its_letter() -> None:
    assert [RATINGS[k] for k in NOTCH_LETTER] == [notch.rstrip("+-") for notch in NOTCHES]


def test_the_whole_letter_has_the_spread_of_params_and_grades_rise() -> None:
    base = path_in("normal", 60).base_bp
    whole = [NOTCHES.index(letter) for letter in RATINGS]
    assert base[whole] == pytest.approx(letters(PARAMS.credit.spread_bp))
    assert np.all(np.diff(base) > 0.0)


def test_good_credit_pays_more_for_longer_maturities_and_the_worst_for_shorter() -> None:
    credit = path_in("normal", 60)
    short, long = at(credit, 0, 2.0), at(credit, 0, 20.0)
    assert long[NOTCHES.index("A")] > 1.5 * short[NOTCHES.index("A")]
    assert long[NOTCHES.index("CCC")] < short[NOTCHES.index("CCC")]


def test_spreads_widen_with_the_regime_as_params_say() -> None:
    multiple = {name: float(np.exp(path_in(name).log_multiple).mean()) for name in REGIMES}
    for name in REGIMES:
        assert multiple[name] == pytest.approx(STATES.model_dump()[name]["spread"], rel=0.1)
    assert max(multiple, key=multiple.__getitem__) == "crisis"


def test_neighbouring_grades_stay_in_order_nearly_always() -> None:
    credit = path_in("high_volatility", 1_000)
    ordered = [np.all(np.diff(at(credit, day, 5.0)[::3]) > 0.0) for day in range(0, 1_000, 10)]
    assert np.mean(ordered) > 0.95


def test_days_up_to_a_date_do_not_depend_on_later_regimes() -> None:
    calm = np.zeros(300, dtype=np.int64)
    stressed = np.where(np.arange(300) < 200, 0, REGIMES.index("crisis"))
    before, after = (credit_path(PARAMS.credit, STATES, regimes, stream(1, "credit")) for regimes in (calm, stressed))
    assert np.array_equal(before.log_multiple[:200], after.log_multiple[:200])
