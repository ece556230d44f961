import numpy as np
import pytest

from richcheap.relative_value.date_sums import DateSums
from tests.relative_value.planted import EVALUATE


def test_a_ratio_is_that_of_the_totals() -> None:
    day = np.array([0, 0, 1, 3, 4, 5])
    sums = DateSums(day, 6, 1, EVALUATE, 1)
    over, under = sums.add(np.array([1.0, 2.0, np.nan, 3.0, 0.0, 0.0])), sums.add(np.ones(6))
    assert sums.total(over) == 6.0
    assert sums.ratio(over, under).value == 1.0
    assert sums.ratio(over, under) == sums.ratio(over, under)


def test_few_dates_and_nothing_to_divide_by_have_no_interval() -> None:
    sums = DateSums(np.arange(4), 4, 1, EVALUATE, 1)
    over, nothing = sums.add(np.ones(4)), sums.add(np.zeros(4))
    assert sums.ratio(over, over).value == 1.0
    assert np.isnan([sums.ratio(over, over).low, sums.ratio(over, nothing).value, sums.ratio(over, nothing).low]).all()


def test_intervals_cover_the_true_mean_of_dependent_dates() -> None:
    """Outcomes of overlapping horizons: moving averages over ten dates, whose mean is nil."""
    covered, naive = 0, 0
    rng = np.random.default_rng(3)
    for seed in range(100):
        shocks = np.convolve(rng.normal(size=309), np.ones(10) / np.sqrt(10.0), "valid")
        for block, hits in ((20, "covered"), (1, "naive")):
            sums = DateSums(np.arange(300), 300, block, EVALUATE, seed)
            found = sums.ratio(sums.add(shocks), sums.add(np.ones(300)))
            inside = found.low <= 0.0 <= found.high
            covered += inside and hits == "covered"
            naive += inside and hits == "naive"
    assert covered >= 84
    assert naive < 65


def test_the_interval_lies_around_the_value() -> None:
    day = np.repeat(np.arange(40), 5)
    values = np.random.default_rng(1).normal(2.0, 1.0, 200)
    sums = DateSums(day, 40, 3, EVALUATE, 1)
    found = sums.ratio(sums.add(values), sums.add(np.ones(200)))
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(values.mean())


def test_a_difference_is_paired() -> None:
    """What both share cancels: the interval of the difference is far narrower than either's."""
    rng = np.random.default_rng(2)
    common, days = rng.normal(0.0, 5.0, 60), np.arange(60)
    sums = DateSums(days, 60, 3, EVALUATE, 1)
    ones = sums.add(np.ones(60))
    better, worse = sums.add(common + 1.0 + rng.normal(0.0, 0.1, 60)), sums.add(common)
    found, alone = sums.difference((better, ones), (worse, ones)), sums.ratio(better, ones)
    assert found.low < 1.0 < found.high
    assert found.high - found.low < 0.2 * (alone.high - alone.low)
