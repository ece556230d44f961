from datetime import date
from typing import Any

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.calendar import MONTH_START, count_days, day_in_month, month_of
from richcheap.bonds.conventions import FIRST_DAY, LAST_DAY, DayCount
from richcheap.bonds.terms import days
from tests.bonds.referee import ql_date


def test_every_month_has_its_first_and_last_day() -> None:
    for month in range(12, 12 * 300):
        assert month_of(int(MONTH_START[month])) == month
        assert month_of(int(MONTH_START[month + 1]) - 1) == month
    assert days(date(1901, 1, 1)) == FIRST_DAY
    assert days(date(2199, 12, 31)) == LAST_DAY


def test_a_day_is_clamped_to_its_month() -> None:
    february = 12 * 120 + 1
    assert day_in_month(february, 31, False) == days(date(2020, 2, 29))
    assert day_in_month(february, 28, True) == days(date(2020, 2, 29))
    assert day_in_month(february, 28, False) == days(date(2020, 2, 28))


@pytest.mark.parametrize(
    ("month_end", "theirs"), [(True, ql.Thirty360(ql.Thirty360.USA)), (False, ql.Thirty360(ql.Thirty360.BondBasis))]
)
def test_days_under_30_360_are_quantlibs(month_end: bool, theirs: Any) -> None:
    rng = np.random.default_rng(1)
    ends = MONTH_START[rng.integers(1000, 1400, (2000, 2))] - rng.integers(-2, 4, (2000, 2))
    for start, end in np.sort(ends, axis=1).tolist():
        ours = count_days(int(DayCount.THIRTY_360), start, end, month_end)
        assert ours == theirs.dayCount(ql_date(start), ql_date(end))
