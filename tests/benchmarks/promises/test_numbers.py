"""The suite of numbers on a few bonds of each kind, and that it sees a wrong digit."""

from datetime import date
from typing import Any

import pytest

from benchmarks.promises.arithmetic import bonds, markets
from benchmarks.promises.cases import Options, Verdict
from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest, dirty_from_yield

SHORT = Options(short=True, seed=3)
DRAWS = [
    *(bonds.ordinary, bonds.zeros, bonds.odd_first, bonds.odd_last, bonds.ex_dividend, bonds.month_ends),
    *(bonds.coupon_days, bonds.extreme_prices, bonds.extreme_yields, bonds.last_days, bonds.centuries),
]


@pytest.mark.parametrize("draw", DRAWS)
def test_figures_are_those_of_fifty_digits(draw: Any) -> None:
    cases = list(bonds.exact_cases(draw, 8, 8, SHORT))
    assert [case for case in cases if case.verdict is Verdict.FAILED] == []
    assert Verdict.RIGHT in {case.verdict for case in cases}


@pytest.mark.parametrize("draw", [bonds.ordinary, bonds.odd_last, bonds.month_ends])
def test_figures_are_quantlibs(draw: Any) -> None:
    assert {case.verdict for case in bonds.quantlib_cases(draw, 8, 8, SHORT)} == {Verdict.RIGHT}


def test_a_wrong_digit_and_a_wrong_day_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bonds, "dirty_from_yield", lambda *given: dirty_from_yield(*given) * (1.0 + 3e-12))
        assert {case.verdict for case in bonds.exact_cases(bonds.zeros, 4, 4, SHORT)} == {Verdict.FAILED}
    with monkeypatch.context() as patch:
        later = lambda terms: accrued_interest(terms._replace(settlement=terms.settlement + 1))  # noqa: E731
        patch.setattr(bonds, "accrued_interest", later)
        patch.setattr(bonds, "OF_FLOWS", [int(DayCount.ACT_365F)])
        verdicts = {case.verdict for case in bonds.exact_cases(bonds.coupon_days, 4, 4, SHORT)}
        assert verdicts == {Verdict.FAILED}


def test_a_market_ends_with_figures_or_with_a_line() -> None:
    assert markets.case("one bond", markets.closes(1, 1)).verdict is Verdict.RIGHT
    assert markets.case("all mature", markets.closes(first=date(2260, 1, 2))).verdict is Verdict.REFUSED
