"""Skill of every predictor against every baseline, and whether a gain is more than luck."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from arch.bootstrap import CircularBlockBootstrap
from numpy.typing import NDArray

from richcheap.evaluation.params import EvaluateParams

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

MIN_BLOCKS = 5
BETTER, WORSE, UNCLEAR = "better", "worse", "not distinguishable"


class Skill(NamedTuple):
    """Gain over a reference, ``1 - MAE / MAE of the reference``, with its interval.

    Attributes
    ----------
    skill, low, high : float
    verdict : str
        ``better`` or ``worse`` when the interval excludes zero, else ``not distinguishable``.
    p_value : float
        Two-sided: twice the share of the resampled gains on the other side of zero, each resample and the sample
        itself counted (Davison and Hinkley 1997, section 4.2), so never zero; NaN without an interval.
    """

    skill: float
    low: float
    high: float
    verdict: str
    p_value: float = np.nan


def sums_by_date(day: Ints, absolute_errors: Floats) -> Floats:
    """Sum each predictor's absolute errors over every date.

    Parameters
    ----------
    day : ndarray of int, shape (n_rows,)
        Sorted.
    absolute_errors : ndarray, shape (n_rows, n_predictors)

    Returns
    -------
    ndarray, shape (n_dates, n_predictors)
    """
    starts = np.flatnonzero(np.concatenate([[True], day[1:] != day[:-1]]))
    return np.add.reduceat(absolute_errors, starts, axis=0)


def resampled_sums(by_date: Floats, block_dates: int, resamples: int, seed: int) -> Floats:
    """Return the sums over the dates of resamples of blocks of consecutive dates, shape (resamples, n_columns).

    Parameters
    ----------
    by_date : ndarray, shape (n_dates, n_columns)
    block_dates : int
        Length of a block; at most a fifth of the dates is used, since a circle of few blocks always draws the
        same sample and would report certainty.
    resamples : int
    seed : int
        The draws depend on it, the number of dates and the length of a block alone.
    """
    length = max(1, min(block_dates, by_date.shape[0] // MIN_BLOCKS))
    bootstrap = CircularBlockBootstrap(length, by_date, seed=seed)
    sums: Floats = bootstrap.apply(lambda sample: sample.sum(axis=0), resamples)
    return sums


class PairedBootstrap:
    """Resample blocks of consecutive dates, the same ones for every predictor.

    Errors of one date share a market move and errors of near dates share stale prices, so dates are drawn in
    blocks; wrapping the sample into a circle gives each date the same weight (Politis and Romano 1992). The
    draws are common to all predictors, so that a comparison is paired.

    Parameters
    ----------
    by_date : ndarray, shape (n_dates, n_predictors)
        Sums of absolute errors (`sums_by_date`).
    block_dates : int
        Length of a block (`resampled_sums`).
    resamples : int
    confidence : float
        Share of the resampled gains inside the interval.
    seed : int
    """

    def __init__(self, by_date: Floats, block_dates: int, resamples: int, confidence: float, seed: int) -> None:
        self._total = by_date.sum(axis=0)
        self._tails = [50.0 * (1.0 - confidence), 50.0 * (1.0 + confidence)]
        self._enough = by_date.shape[0] >= MIN_BLOCKS
        self._resampled = resampled_sums(by_date, block_dates, resamples, seed)

    def skill(self, predictor: int, reference: int) -> Skill:
        """Compare two columns of the sums; the percentile interval of the gain.

        The interval is NaN, and the verdict open, on fewer than `MIN_BLOCKS` dates; so is the gain itself over a
        faultless reference.
        """
        if self._total[reference] == 0.0:
            return Skill(np.nan, np.nan, np.nan, UNCLEAR)
        gain = 1.0 - float(self._total[predictor] / self._total[reference])
        if not self._enough:
            return Skill(gain, np.nan, np.nan, UNCLEAR)
        gains = 1.0 - self._resampled[:, predictor] / self._resampled[:, reference]
        low, high = (float(value) for value in np.percentile(gains, self._tails))
        verdict = BETTER if low > 0.0 else WORSE if high < 0.0 else UNCLEAR
        fewer = min(int((gains <= 0.0).sum()), int((gains >= 0.0).sum()))
        return Skill(gain, low, high, verdict, min(1.0, 2.0 * (fewer + 1) / (gains.size + 1)))


def holm(p_values: Floats) -> Floats:
    """Return p values that are valid together, for as many tests as are given (Holm 1979).

    The k-th smallest of m is multiplied by m - k + 1, and none is smaller than the one before it; NaN stays NaN and
    counts as no test.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    adjusted = np.full(p_values.size, np.nan)
    order = np.argsort(p_values, kind="stable")[: int(np.isfinite(p_values).sum())]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return adjusted


def skills(
    dates: pl.Series,
    observed: Floats,
    prices: Mapping[str, Floats],
    best: Mapping[str, str],
    baselines: Sequence[str],
    params: EvaluateParams,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Compare every predictor with every baseline, on the same resamples of blocks of dates.

    Parameters
    ----------
    dates : Series
        Of each row, sorted.
    observed : ndarray, shape (n_rows,)
    prices : mapping of str to ndarray
        Predicted prices, the baselines among them.
    best : mapping of str to str
        Baselines that are compared with by name, ``against_NAME`` (`richcheap.evaluation.baselines.references`).
    baselines : sequence of str
    params : EvaluateParams
    seed : int

    Returns
    -------
    dict
        For each predictor ``against_NAME`` of `best`, and ``against``: the `Skill` against every other baseline, with
        a p value that allows for there being so many of them (`holm`).
    """
    names = list(prices)
    errors = np.column_stack([np.abs(prices[name] - observed) for name in names])
    bootstrap = PairedBootstrap(
        sums_by_date(dates.to_physical().to_numpy(), errors),
        params.bootstrap_block_dates,
        params.bootstrap_resamples,
        params.confidence,
        seed,
    )
    compared = {}
    for position, name in enumerate(names):
        found = {other: bootstrap.skill(position, names.index(other)) for other in baselines}
        others = [other for other in baselines if other != name]
        together = holm(np.array([found[other].p_value for other in others]))
        compared[name] = {
            **{f"against_{key}": found[other]._asdict() for key, other in best.items()},
            "against": {
                other: {**found[other]._asdict(), "p_value_holm": float(adjusted)}
                for other, adjusted in zip(others, together, strict=True)
            },
        }
    return compared


def few_dates_note(dates: int) -> str | None:
    """Say why skills have no interval; None when they have one."""
    if dates >= MIN_BLOCKS:
        return None
    return f"an interval of skill, and so a verdict, needs at least {MIN_BLOCKS} test dates, has {dates}"
