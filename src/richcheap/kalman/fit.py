"""Fit the filter's hyper-parameters to training prints, and run it over a whole market, currency by currency."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.kalman.decomposition import COLUMNS
from richcheap.kalman.filter import KalmanFilter, Prediction
from richcheap.kalman.state_space import HyperParameters, Measurements, ReferenceCurves, measure_prints
from richcheap.panel.counts import Names
from richcheap.panel.params import KalmanParams
from richcheap.panel.snapshot import Snapshot, nested, part_of

Floats = NDArray[np.float64]

WARM_UP_SHARE = 0.2
"""Share of the dates, the first ones, on which a run of the filter is not scored: its start is not what matters."""
FIRST_STEP = 2.0
"""Factor by which the search first moves a hyper-parameter; its square root, and so on, in later rounds."""
MIN_GAIN = 1e-4
"""Share of the loss that a step must gain to be taken."""
PRIOR_WEIGHT = 3e-4
"""Share of the loss that a hyper-parameter costs at twice or half its value in params; four times that at a quarter."""

ROWS_OF_A_DATE = 50
"""What a date counts for at least. Moving the factors to the next date takes as long as some 150 prints, so that
the fit of a thin market over many years would take many times as long as others."""


class TrainingPrints(NamedTuple):
    """Training prints of one currency that the fit runs on."""

    names: Names
    prints: Measurements


class Fitted(NamedTuple):
    """What the fit found.

    Attributes
    ----------
    hyperparameters : HyperParameters
    loss_before, loss : float
        Mean absolute error of the prices predicted with the values of params and with those found, points per 100.
    evaluations : int
    """

    hyperparameters: HyperParameters
    loss_before: float
    loss: float
    evaluations: int

    def exact(self) -> dict[str, Any]:
        """Return all of it as text that loses no bit, for `from_exact`."""
        fitted = {name: value.hex() for name, value in self.hyperparameters._asdict().items()}
        losses = {"loss_before": self.loss_before.hex(), "loss": self.loss.hex()}
        return {"hyperparameters": fitted, **losses, "evaluations": self.evaluations}

    @classmethod
    def from_exact(cls, exact: Mapping[str, Any]) -> Self:
        """Return what `exact` was made of."""
        fitted = {name: float.fromhex(value) for name, value in exact["hyperparameters"].items()}
        before, loss = (float.fromhex(exact[name]) for name in ("loss_before", "loss"))
        return cls(HyperParameters(**fitted), before, loss, exact["evaluations"])

    def figures(self) -> dict[str, object]:
        """Return the figures of metrics/kalman.json."""
        return {
            "hyper_parameters": self.hyperparameters._asdict(),
            "training_mae_points": {"params": self.loss_before, "fitted": self.loss},
            "evaluations": self.evaluations,
        }


def initial_hyperparameters(params: KalmanParams) -> HyperParameters:
    """Return the hyper-parameters that params give."""
    return HyperParameters(
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
        huber=params.huber_threshold_std,
        widening_move=params.widening_move_bp,
    )


def unfitted(params: KalmanParams) -> Fitted:
    """Return what params give where there are no training prints to fit to."""
    return Fitted(initial_hyperparameters(params), math.nan, math.nan, 0)


def loss_of(
    hyperparameters: HyperParameters, samples: Sequence[TrainingPrints], curves: ReferenceCurves, params: KalmanParams
) -> float:
    """Return the mean absolute error of predicted prices, points per 100, over all dates but the first."""
    total, count = 0.0, 0
    for names, prints in samples:
        predicted = KalmanFilter(names, curves, hyperparameters, params, downweight_outliers=False).predict(prints)
        start = prints.date_start[warm_up_dates(prints.date_start.size - 1)]
        error = predicted.spread + prints.reference_yield - prints.observed_yield
        points = (np.abs(error) * prints.dv01)[start:]
        total += float(points.sum())
        count += points.size
    return total / count


def warm_up_dates(dates: int) -> int:
    """Return on how many of the first dates a run of the filter is not scored: one at least, but never on all."""
    return min(max(int(WARM_UP_SHARE * dates), 1), dates - 1)


def fit_hyperparameters(
    objective: Callable[[HyperParameters], float], initial: HyperParameters, evaluations: int
) -> Fitted:
    """Search the hyper-parameters, one after another, by steps of a factor up or down.

    A pattern search (Hooke and Jeeves 1961) in logarithms: steps are powers of two and their roots, so that the
    result does not hang on the last bits of the loss, as a simplex or a gradient would. A hyper-parameter whose steps
    change next to nothing is left alone in later rounds: runs are spent where they matter. A log-normal prior raises
    the loss by `PRIOR_WEIGHT` times the squared distance from `initial` in powers of two: where training prints say
    little, as of how far apart issuers are that have all long been seen, the search does not wander off.

    Parameters
    ----------
    objective : callable
        Returns the loss of hyper-parameters, as `loss_of` does; no validation or test row may be in it.
    initial : HyperParameters
        Where the search starts.
    evaluations : int
        How many runs of the filter it may spend besides the first.

    Returns
    -------
    Fitted
    """
    best = initial
    loss_before = lowest = objective(best)
    least = lowest
    left, step = evaluations, FIRST_STEP
    names = list(HyperParameters._fields)
    while left > 0 and names:
        sensitive = []
        for name in names:
            for factor in (step, 1.0 / step):
                gained = False
                while left > 0:
                    candidate = best._replace(**{name: getattr(best, name) * factor})
                    loss = objective(candidate)
                    left -= 1
                    if abs(loss - lowest) > lowest * MIN_GAIN and name not in sensitive:
                        sensitive.append(name)
                    penalised = loss * (1.0 + PRIOR_WEIGHT * _distance(candidate, initial) ** 2)
                    if not penalised < least * (1.0 - MIN_GAIN):
                        break
                    best, lowest, least, gained = candidate, loss, penalised, True
                if gained:
                    break
        names, step = sensitive, step**0.5
    return Fitted(best, loss_before, lowest, evaluations - left)


def _distance(hyperparameters: HyperParameters, initial: HyperParameters) -> float:
    return math.dist([math.log2(value) for value in hyperparameters], [math.log2(value) for value in initial])


def training_samples(
    prints: pl.DataFrame, names: Mapping[str, Names], curves: ReferenceCurves, threads: int = 1
) -> list[TrainingPrints]:
    """Divide prints by currency for the fit; a currency without any is left out."""
    frames = {currency: prints.filter(pl.col("currency") == currency) for currency in names}
    return [
        TrainingPrints(names[currency], measure_prints(frame, names[currency], curves, threads))
        for currency, frame in frames.items()
        if frame.height
    ]


def last_training_dates(dates: pl.DataFrame, rows: int) -> tuple[date, date]:
    """Return the first and last of the latest dates that hold at most so many rows together, or the last date alone.

    A date counts as `ROWS_OF_A_DATE` rows at least.

    Parameters
    ----------
    dates : DataFrame
        ``date`` and ``rows`` of the training block, sorted.
    rows : int
    """
    held = dates["rows"].clip(ROWS_OF_A_DATE).reverse().cum_sum().to_numpy()
    count = max(int((held <= rows).sum()), 1)
    return dates["date"][-count], dates["date"][-1]


class MarketFilter:
    """Filters a market run by run; no print's own price enters its prediction.

    Parameters
    ----------
    names : dict of str to Names
    curves : ReferenceCurves
    hyperparameters : HyperParameters
    params : KalmanParams
    threads : int
        Does not affect the result.
    """

    def __init__(
        self,
        names: Mapping[str, Names],
        curves: ReferenceCurves,
        hyperparameters: HyperParameters,
        params: KalmanParams,
        threads: int = 1,
    ) -> None:
        self._names, self._curves, self._threads = names, curves, threads
        self._filters = {
            currency: KalmanFilter(own, curves, hyperparameters, params) for currency, own in names.items()
        }

    def value(self, prints: pl.DataFrame) -> pl.DataFrame:
        """Predict the prints of the next run of dates.

        Parameters
        ----------
        prints : DataFrame
            `PRINT_COLUMNS` of whole dates, later than those before, sorted by (date, bond_id).

        Returns
        -------
        DataFrame
            ``bond_id``, ``date``, ``kalman_spread_bp`` over the reference curve, ``kalman_std_bp``, the predicted
            standard deviation of the print around it, and the `COLUMNS` of `richcheap.kalman.decomposition`: the same
            rows in the same order.
        """

        def predicted(currency: str, rows: NDArray[np.int64]) -> Prediction:
            own = measure_prints(prints[rows], self._names[currency], self._curves, self._threads)
            return self._filters[currency].predict(own, with_details=True)

        return self._by_currency(prints, predicted)

    def ask(self, prints: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
        """Predict bonds that are asked for on the next date, after which this filter cannot go on.

        Parameters
        ----------
        prints : DataFrame
            Those of that date, as for `value`; none of a bond that is asked for. There may be none.
        asked : DataFrame
            The same columns, prices and spreads null where there are none.

        Returns
        -------
        DataFrame
            What `value` returns of prints; the states after the date are with the bond's own price, if it has any.
        """

        def predicted(currency: str, rows: NDArray[np.int64]) -> Prediction:
            names, own = self._names[currency], prints.filter(pl.col("currency") == currency)
            given = measure_prints(own, names, self._curves, self._threads) if own.height else None
            wanted = measure_prints(asked[rows], names, self._curves, self._threads)
            return self._filters[currency].ask(given, wanted)

        return self._by_currency(asked, predicted)

    def _by_currency(
        self, frame: pl.DataFrame, predicted: Callable[[str, NDArray[np.int64]], Prediction]
    ) -> pl.DataFrame:
        spread, std, details = np.empty(frame.height), np.empty(frame.height), np.empty((frame.height, len(COLUMNS)))
        for currency in self._filters:
            rows = np.flatnonzero((frame["currency"] == currency).to_numpy())
            if rows.size:
                found = predicted(currency, rows)
                spread[rows] = found.spread
                std[rows] = found.std
                details[rows] = found.details
        return frame.select(
            "bond_id",
            "date",
            kalman_spread_bp=pl.Series(spread),
            kalman_std_bp=pl.Series(std),
            **{name: pl.Series(np.ascontiguousarray(column)) for name, column in zip(COLUMNS, details.T, strict=True)},
        )

    def snapshot(self) -> Snapshot:
        """Return what the runs so far leave for the next one, see `richcheap.panel.snapshot`."""
        found: Snapshot = {}
        for currency, kalman in self._filters.items():
            found |= nested(currency, kalman.snapshot())
        return found

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the runs of a snapshot ended, be it empty; its bonds and issuers must be among the names."""
        for currency, kalman in self._filters.items():
            kalman.restore(part_of(snapshot, currency))
