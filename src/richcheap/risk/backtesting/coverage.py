"""Whether losses exceed the value at risk as often as they should, and without clustering.

The likelihood ratios of Kupiec (1995) and Christoffersen (1998), and the exact binomial test, which needs no large
sample. On few dates none of them can tell a good model from a bad one: `power` says so.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Flags = NDArray[np.bool_]

SIGNIFICANCE = 0.05
BAD_RATE = 2.0
"""A test is asked whether it would notice exceedances this many times as frequent as they should be."""
ENOUGH_POWER = 0.5


class Ratio(NamedTuple):
    """A likelihood ratio and its asymptotic p-value; both NaN where they are not defined."""

    statistic: float
    p_value: float


class Coverage(NamedTuple):
    """Exceedances against their expected number.

    Attributes
    ----------
    dates, exceedances : int
    expected : float
    rate, low, high : float
        Share of the dates with an exceedance, and its exact interval at confidence 95 % (Clopper and Pearson 1934).
    binomial : float
        Exact two-sided p-value.
    kupiec, independence, conditional : Ratio
        Unconditional coverage, independence of one date from the next, and both together.
    power : float
        Chance that the exact test rejects at 5 % when exceedances are `BAD_RATE` times as frequent as they should be.
    """

    dates: int
    exceedances: int
    expected: float
    rate: float
    low: float
    high: float
    binomial: float
    kupiec: Ratio
    independence: Ratio
    conditional: Ratio
    power: float

    @property
    def verdict(self) -> str:
        """By the exact test at 5 %: ``too many``, ``too few``, ``consistent``; ``no power`` if it can hardly fail."""
        if self.binomial < SIGNIFICANCE:
            return "too many" if self.exceedances > self.expected else "too few"
        return "consistent" if self.power >= ENOUGH_POWER else "no power"


def coverage(exceeded: Flags, level: float) -> Coverage:
    """Test a series of dates on which the loss exceeded the value at risk, or did not.

    Parameters
    ----------
    exceeded : ndarray of bool, shape (n_dates,)
        In the order of the dates.
    level : float
        Confidence of the value at risk.
    """
    dates, count, probability = exceeded.size, int(exceeded.sum()), 1.0 - level
    exact = stats.binomtest(count, dates, probability)
    interval = exact.proportion_ci(1.0 - SIGNIFICANCE, method="exact")
    unconditional, apart = kupiec(dates, count, level), independence(exceeded)
    joint = unconditional.statistic + apart.statistic
    return Coverage(
        dates=dates,
        exceedances=count,
        expected=dates * probability,
        rate=count / dates,
        low=float(interval.low),
        high=float(interval.high),
        binomial=float(exact.pvalue),
        kupiec=unconditional,
        independence=apart,
        conditional=Ratio(joint, float(stats.chi2.sf(joint, 2))),
        power=power(dates, level),
    )


def kupiec(dates: int, exceedances: int, level: float) -> Ratio:
    """Return the likelihood ratio of the observed against the expected rate of exceedances, one degree of freedom.

    Examples
    --------
    The trading book of J.P. Morgan in 1998, 20 exceedances in 252 days at 95 % (Jorion 2006, section 6.2):

    >>> round(kupiec(252, 20, 0.95).statistic, 2)
    3.91
    """
    expected = _log_likelihood(dates - exceedances, exceedances, 1.0 - level)
    observed = _log_likelihood(dates - exceedances, exceedances, exceedances / dates)
    statistic = max(2.0 * (observed - expected), 0.0)
    return Ratio(statistic, float(stats.chi2.sf(statistic, 1)))


def independence(exceeded: Flags) -> Ratio:
    """Return the likelihood ratio of a first-order Markov chain against independence, one degree of freedom.

    NaN where it is not defined: with fewer than two dates, or when no date but the last has an exceedance (nothing is
    known of the days after one).
    """
    before, after = exceeded[:-1], exceeded[1:]
    if not before.any():
        return Ratio(np.nan, np.nan)
    counts = [[int((~before & ~after).sum()), int((~before & after).sum())],
              [int((before & ~after).sum()), int((before & after).sum())]]  # fmt: skip
    apart = sum(_log_likelihood(calm, hit, hit / (calm + hit)) for calm, hit in counts if calm + hit)
    calm, hit = (sum(row[place] for row in counts) for place in range(2))
    statistic = max(2.0 * (apart - _log_likelihood(calm, hit, hit / (calm + hit))), 0.0)
    return Ratio(statistic, float(stats.chi2.sf(statistic, 1)))


@cache
def power(dates: int, level: float, times: float = BAD_RATE) -> float:
    """Return the chance that the exact test at 5 % rejects when exceedances are ``times`` as frequent as expected."""
    probability = 1.0 - level
    counts = np.arange(dates + 1)
    chance = stats.binom.pmf(counts, dates, probability)
    # The exact p-value of a count is the chance of all counts that are no likelier, as scipy.stats.binomtest has it.
    order = np.argsort(chance, kind="stable")
    ends = np.searchsorted(chance[order], chance * (1.0 + 1e-7), side="right")
    rejected = np.cumsum(chance[order])[ends - 1] < SIGNIFICANCE
    return float(stats.binom.pmf(counts, dates, min(times * probability, 1.0))[rejected].sum())


def _log_likelihood(misses: int, hits: int, probability: float) -> float:
    return float(special.xlog1py(misses, -probability) + special.xlogy(hits, probability))
