"""On which days a bond may be called, and what it then pays."""

import numpy as np
import pytest

from richcheap.bonds.calls import Calls
from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import BondTerms
from richcheap.bonds.yield_to_worst import measures_to_worst
from richcheap.options.exercise import callable_bonds
from tests.options.bonds import SETTLEMENT, calls_of, one_bond, terms_of


def test_a_bond_without_calls_left_has_no_exercise() -> None:
    for entries in ((), ((3_000, 100.0),), ((3_100, 100.0),)):
        bond = one_bond(*entries)
        assert bond.day[-1] == 3_000
        assert bond.call_day.size == bond.call_amount.size == 0


def test_once_a_call_date_has_passed_the_bond_is_callable_on_coupon_dates_at_the_latest_price() -> None:
    for passed in (-500, 0):
        bond = one_bond((-900, 105.0), (passed, 101.0))
        assert bond.call_day.tolist() == bond.day[:-1].tolist()
        assert set(bond.call_amount) == {101.0}


def test_a_call_between_coupons_pays_the_interest_accrued() -> None:
    bond = one_bond((1_000, 102.0), coupon=0.06)
    accrued = accrued_interest(terms_of([3_000], 0.06)._replace(settlement=np.array([SETTLEMENT + 1_000])))
    assert bond.call_day[0] == 1_000
    assert bond.call_amount[0] == 102.0 + accrued[0] > 102.0
    assert bond.call_day[1:].tolist() == bond.day[(bond.day > 1_000) & (bond.day < 3_000)].tolist()
    assert set(bond.call_amount[1:]) == {102.0}


def test_each_entry_holds_until_the_next_one() -> None:
    coupons = one_bond().day
    bond = one_bond((int(coupons[3]), 103.0), (int(coupons[6]), 101.0))
    assert bond.call_amount[:4].tolist() == [103.0, 103.0, 103.0, 101.0]
    assert set(bond.call_amount[4:]) == {101.0}


@pytest.mark.parametrize(("days_before", "kept"), [(7, False), (8, True)])
def test_a_coupon_date_within_a_week_of_an_entry_is_no_exercise_of_its_own(days_before: int, kept: bool) -> None:
    coupon = int(one_bond().day[4])
    bond = one_bond((coupon - days_before, 100.0))
    assert (coupon in bond.call_day.tolist()) is kept


def test_a_bond_without_coupons_is_called_on_future_entries_alone() -> None:
    bond = one_bond((-100, 60.0), (500, 70.0), (900, 80.0), frequency=0, coupon=0.0)
    assert bond.call_day.tolist() == [500, 900]
    assert bond.call_amount.tolist() == [70.0, 80.0]


def falling_schedules() -> tuple[BondTerms, Calls]:
    maturities = np.arange(400, 6_000, 70)
    rng = np.random.default_rng(3)
    schedules = [[(int(day), 102.0), (int(day) + 300, 101.0)] for day in rng.integers(-300, 2_000, len(maturities))]
    return terms_of(maturities, rng.uniform(0.03, 0.08, len(maturities))), calls_of(*schedules)


def test_the_date_of_the_yield_to_worst_is_among_the_ends() -> None:
    terms, calls = falling_schedules()
    worst = measures_to_worst(terms, calls, 104.0).worst_date - SETTLEMENT
    assert (worst < terms.maturity - SETTLEMENT).sum() > 20
    for bond, day in zip(callable_bonds(terms, calls), worst, strict=True):
        assert day in {*bond.call_day, bond.day[-1]}


def test_no_bond_depends_on_the_others() -> None:
    terms, calls = falling_schedules()
    for i, among in enumerate(callable_bonds(terms, calls)):
        (alone,) = callable_bonds(terms.rows(slice(i, i + 1)), calls.rows(slice(i, i + 1)))
        for one, other in zip(alone, among, strict=True):
            np.testing.assert_array_equal(one, other)
