"""Find the Kalman filter's hyper-parameters: those that predict training prints, each without itself, best."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.spreads.kalman import Kalman
from stages.spreads.kalman_prints import Curves, Names, Prints
from stages.spreads.kalman_state import Settings
from stages.spreads.params import KalmanParams

Floats = NDArray[np.float64]

WARM_UP_SHARE = 0.2
"""Share of the dates, the first ones, on which a run of the filter is not judged: its start is not what matters."""
FIRST_STEP = 2.0
"""Factor by which the search first moves a hyper-parameter; its square root, and so on, in later rounds."""
LEAST_GAIN = 1e-4
"""Share of the loss that a step must gain to be taken."""
PULL = 3e-4
"""Share of the loss that a hyper-parameter costs at twice or half its value in params; four times that at a quarter."""


class Sample(NamedTuple):
    """Training prints of one currency that the fit runs on."""

    names: Names
    prints: Prints


class Fitted(NamedTuple):
    """What the fit found.

    Attributes
    ----------
    settings : Settings
    loss_before, loss : float
        Mean absolute error of the prices predicted with the values of params and with those found, points per 100.
    evaluations : int
    """

    settings: Settings
    loss_before: float
    loss: float
    evaluations: int


def settings_of(params: KalmanParams) -> Settings:
    """Return the hyper-parameters that params give."""
    return Settings(
        node_move=params.node_move_bp,
        correlation_length=params.correlation_length,
        rating_move=params.rating_move_bp,
        issuer_move=params.issuer_move_bp,
        bond_move=params.bond_move_bp,
        issuer_half_life=params.issuer_half_life_days,
        bond_half_life=params.bond_half_life_days,
        issuer_level=params.issuer_level_bp,
        bond_level=params.bond_level_bp,
        premium_move=params.premium_move_bp,
        spread_noise=params.spread_noise_bp,
        price_noise=params.price_noise_points,
        reference_noise=params.reference_noise,
        huber=params.huber_deviations,
        widening_move=params.widening_move_bp,
    )


def loss_of(settings: Settings, samples: Sequence[Sample], curves: Curves, params: KalmanParams) -> float:
    """Return the mean absolute error of predicted prices, points per 100, over all dates but the first."""
    total, count = 0.0, 0
    for names, prints in samples:
        predicted = Kalman(names, curves, settings, params, doubts=False).predict(prints)
        start = prints.date_start[int(WARM_UP_SHARE * (prints.date_start.size - 1))]
        error = predicted.spread + prints.at_reference - prints.quote
        points = (np.abs(error) * prints.points_per_bp)[start:]
        total += float(points.sum())
        count += points.size
    return total / count


def fit(loss_of_settings: Callable[[Settings], float], opening: Settings, evaluations: int) -> Fitted:
    """Search the hyper-parameters, one after another, by steps of a factor up or down.

    A pattern search (Hooke and Jeeves 1961) in logarithms: steps are powers of two and their roots, so that the
    result does not hang on the last bits of the loss, as a simplex or a gradient would. A hyper-parameter whose steps
    change next to nothing is left alone in later rounds: runs are spent where they tell. The loss is raised by `PULL`
    times the squared distance from `opening` in powers of two, as a log-normal prior would: where training prints say
    little, as of how far apart issuers are that have all long been seen, the search does not wander off.

    Parameters
    ----------
    loss_of_settings : callable
        Returns the loss of hyper-parameters, as `loss_of` does; no validation or test row may be in it.
    opening : Settings
        Where the search starts.
    evaluations : int
        How many runs of the filter it may spend besides the first.

    Returns
    -------
    Fitted
    """
    best = opening
    loss_before = lowest = loss_of_settings(best)
    least = lowest
    left, step = evaluations, FIRST_STEP
    names = list(Settings._fields)
    while left > 0 and names:
        felt = []
        for name in names:
            for factor in (step, 1.0 / step):
                gained = False
                while left > 0:
                    candidate = best._replace(**{name: getattr(best, name) * factor})
                    loss = loss_of_settings(candidate)
                    left -= 1
                    if abs(loss - lowest) > lowest * LEAST_GAIN and name not in felt:
                        felt.append(name)
                    raised = loss * (1.0 + PULL * _distance(candidate, opening) ** 2)
                    if not raised < least * (1.0 - LEAST_GAIN):
                        break
                    best, lowest, least, gained = candidate, loss, raised, True
                if gained:
                    break
        names, step = felt, step**0.5
    return Fitted(best, loss_before, lowest, evaluations - left)


def _distance(settings: Settings, opening: Settings) -> float:
    return math.dist([math.log2(value) for value in settings], [math.log2(value) for value in opening])
