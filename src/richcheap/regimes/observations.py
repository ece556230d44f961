"""What each date says of the market: changes, trailing volatility and levels, in units of the training dates."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.numerics.elementwise import logarithms

Floats = NDArray[np.float64]

CREDIT_CHANGE = "credit_change"
CURVE_VOLATILITY = "curve_volatility"
CREDIT_VOLATILITY = "credit_volatility"
SPREAD_LEVEL = "spread_level"
QUIETEST = 0.1
"""Volatility, as a share of that of the training dates, below which all counts as one: its logarithm has no bottom."""


class Observations(NamedTuple):
    """All dates of a market; row t holds nothing that was not known at the close of date t.

    Attributes
    ----------
    dates : Series of Date
    changes : ndarray, shape (n_dates, n_changes)
        Scores of the curve's factors, then the mean spread change of the rating buckets (each in its own standard
        deviations): mean square 1 over the training dates.
    features : ndarray, shape (n_dates, n_features)
        Standardised over the training dates: trailing log volatility of curve and of spreads, log level of spreads.
    change_names, feature_names : list of str
    """

    dates: pl.Series
    changes: Floats
    features: Floats
    change_names: list[str]
    feature_names: list[str]

    @property
    def spread_level(self) -> Floats:
        """The standardised log level of spreads, shape (n_dates, 0 or 1)."""
        return self.features[:, [place for place, name in enumerate(self.feature_names) if name == SPREAD_LEVEL]]


def build_observations(
    table: pl.DataFrame, curve_factors: list[str], training: slice, half_life_dates: float
) -> Observations:
    """Describe each date.

    Parameters
    ----------
    table : DataFrame
        As of `richcheap.factors.table.market_table`: factor scores, ``spread_BUCKET`` (changes), ``matrix_BUCKET``.
    curve_factors : list of str
        Which of its columns are scores of the curve's factors.
    training : slice
        The training dates; no scale or centre follows from others.
    half_life_dates : float
        Of the trailing mean squares.
    """
    names, columns = list(curve_factors), [table[name].to_numpy() for name in curve_factors]
    features: dict[str, Floats] = {}
    if curve_factors:
        features[CURVE_VOLATILITY] = _log_volatility(np.column_stack(columns), training, half_life_dates)
    spreads = table.select(pl.col("^spread_.*$")).to_numpy()
    moving = spreads[:, (spreads[training] != 0.0).any(axis=0)]
    if moving.shape[1]:
        scaled = moving / _root_mean_square(moving[training])
        credit = scaled.mean(axis=1)
        names.append(CREDIT_CHANGE)
        columns.append(credit / max(float(_root_mean_square(credit[training])), np.finfo(np.float64).tiny))
        features[CREDIT_VOLATILITY] = _log_volatility(scaled, training, half_life_dates)
        features[SPREAD_LEVEL] = log_spread_level(table.select(pl.col("^matrix_.*$")), training)
    changes = np.column_stack(columns) if columns else np.zeros((table.height, 0))
    matrix = np.column_stack(list(features.values())) if features else np.zeros((table.height, 0))
    return Observations(table["date"], changes, standardised(matrix, training), names, list(features))


def trailing_mean_square(changes: Floats, half_life_dates: float, usual: float) -> Floats:
    """Return the mean square of the changes up to each date, decayed by their age; before the first it is as usual.

    Examples
    --------
    >>> trailing_mean_square(np.array([[2.0], [0.0]]), 1.0, 1.0).tolist()
    [2.5, 1.25]
    """
    decay = 0.5 ** (1.0 / half_life_dates)
    trailing = usual
    found = np.empty(changes.shape[0])
    for date, square in enumerate(np.mean(changes**2, axis=1).tolist()):
        trailing = decay * trailing + (1.0 - decay) * square
        found[date] = trailing
    return found


def log_spread_level(levels: pl.DataFrame, training: slice) -> Floats:
    """Return how wide spreads are: the mean, over buckets, of the log of their level over its training median.

    A bucket that does not print keeps its last level; one that has never printed yet does not count. Levels below one
    basis point count as one.
    """
    columns = levels.select(pl.all().forward_fill().clip(lower_bound=1.0)).to_numpy()
    logs = logarithms(columns)
    centred = logs - np.nanmedian(logs[training], axis=0)
    known = np.isfinite(centred)
    level: Floats = np.where(known, centred, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return level


def standardised(columns: Floats, training: slice) -> Floats:
    """Return columns less their training mean, over their training standard deviation (1 where that is 0).

    Without training dates nothing is known of any, and all are 0.
    """
    if not columns[training].size:
        return np.zeros(columns.shape)
    std = columns[training].std(axis=0)
    scaled: Floats = (columns - columns[training].mean(axis=0)) / np.where(std > 0.0, std, 1.0)
    return scaled


def _log_volatility(changes: Floats, training: slice, half_life_dates: float) -> Floats:
    usual = max(float(np.mean(changes[training] ** 2)), np.finfo(np.float64).tiny)
    trailing = trailing_mean_square(changes, half_life_dates, usual) / usual
    volatility: Floats = 0.5 * logarithms(np.maximum(trailing, QUIETEST**2))
    return volatility


def _root_mean_square(changes: Floats) -> Floats:
    return np.asarray(np.sqrt(np.mean(changes**2, axis=0)))
