from datetime import date

import numpy as np
import pytest

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.discounting import GAPS, discounted_sums, level_sums
from richcheap.bonds.schedule import MAX_FLOWS, fill_flows
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE, days


@pytest.mark.parametrize("day_count", list(DayCount))
@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
def test_no_period_leaves_the_table_of_gaps(day_count: DayCount, frequency: int) -> None:
    amount, gap, day = np.empty(MAX_FLOWS), np.full(MAX_FLOWS, 2, np.int32), np.empty(MAX_FLOWS, np.int32)
    first = int(days(date(2027, 1, 1)))
    for maturity in range(first, first + 4 * 366):
        terms = (maturity - 8 * 366, maturity, 0.05, frequency, int(day_count), int(NO_DATE), int(NO_DATE))
        status, count, _, _, level, _ = fill_flows(*terms, int(NO_DATE), True, amount, gap, day)
        assert status == Status.OK
        assert np.all(np.diff(day[:count]) > 0)
        assert day[count - 1] == maturity
        if not level:
            assert gap[1:count].min() >= 0
            assert gap[1:count].max() < GAPS


def test_the_earliest_and_latest_dates_stay_inside_the_calendar() -> None:
    amount, gap, day = np.empty(MAX_FLOWS), np.empty(MAX_FLOWS, np.int32), np.empty(MAX_FLOWS, np.int32)
    start, end = int(days(date(1901, 1, 1))), int(days(date(2199, 12, 31)))
    status, count, _, _, _, _ = fill_flows(
        start, end, 0.05, 12, 3, start, int(NO_DATE), int(NO_DATE), True, amount, gap, day
    )
    assert (status, count) == (Status.OK, 299 * 12)
    assert np.all(np.isfinite(amount[:count]))


@pytest.mark.parametrize("x", [-0.2, -0.004, 0.003, 0.05, 0.9])
@pytest.mark.parametrize("unit", [1.0, 0.5, 1 / 12])
def test_closed_and_open_sums_of_level_coupons_agree(x: float, unit: float) -> None:
    count = 400
    amount = np.full(count, 100 * 0.05 * unit)
    amount[0] = 0.0
    amount[-1] += 100.0
    times = unit * np.arange(count)
    flows = amount * np.exp(-x * times)
    expected = tuple((times**k * flows).sum() for k in range(4))
    gap = np.zeros(count, np.int32)
    if abs(x) * unit * count > 0.3:
        assert level_sums(x, count - 1, unit, amount[1], amount[-1]) == pytest.approx(expected, rel=1e-12)
    for level in (True, False):
        sums = discounted_sums(x, count, 0.0, amount, gap, level, unit, 1, np.empty(GAPS))
        assert sums == pytest.approx(expected, rel=1e-12)
