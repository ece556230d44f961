"""Does a variation of a model replace it? It is chosen on some dates, and confirmed on later ones."""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.drift.consensus import Consensus, consensus
from richcheap.drift.score import predictor_drift
from richcheap.drift.tracks import days, halves, track
from richcheap.evaluation.importance import linear_price
from richcheap.evaluation.params import DriftParams, TuneParams
from richcheap.evaluation.skill import BETTER, MIN_BLOCKS, PairedBootstrap, Skill, sums_by_date

Floats = NDArray[np.float64]

MIN_CHOOSING = 2
"""Dates that a choice needs at least: drift is a difference between two halves."""


class VariationScore(NamedTuple):
    """How a model scores on some dates.

    Attributes
    ----------
    mae : float
        Mean absolute price error, points per 100.
    drift : float
        Drift without thresholds (``leaning`` of `predictor_drift`), 0 to 1: a choice between candidates should not
        hang on which side of one they fall.
    objective : float
        The error as a multiple of the present model's, plus the weight times the drift.
    """

    mae: float
    drift: float
    objective: float


class ValidationSplit(NamedTuple):
    """Validation rows that choose, and those after them that confirm."""

    selection: pl.DataFrame
    confirmation: pl.DataFrame


def split_validation(validation: pl.DataFrame, share: float) -> ValidationSplit | None:
    """Return the rows of the first `share` of the dates and the others; None when either has too few dates."""
    dates = validation["date"].unique().sort()
    selection = round(share * dates.len())
    if not _enough(dates.len(), selection):
        return None
    first = pl.col("date") < dates[selection]
    return ValidationSplit(validation.filter(first), validation.filter(~first))


def min_dates(share: float) -> int:
    """Return how many dates `split_validation` needs.

    Examples
    --------
    >>> min_dates(0.5)
    9
    """
    return next(dates for dates in count(1) if _enough(dates, round(share * dates)))


def _enough(dates: int, selection: int) -> bool:
    return selection >= MIN_CHOOSING and dates - selection >= MIN_BLOCKS


class VariationScorer:
    """Compares predictions for one part of the validation block with those of the present model.

    Parameters
    ----------
    rows : DataFrame
        Rows of the dataset, sorted by date.
    present_bp : ndarray, shape (n_rows,)
        What the present model predicts, bp over the base spread.
    params : TuneParams
    drift : DriftParams
    """

    def __init__(self, rows: pl.DataFrame, present_bp: Floats, params: TuneParams, drift: DriftParams) -> None:
        self._rows = rows
        self._agreed: Consensus = consensus(rows)
        self._params = params
        self._drift = drift
        self._present = self._errors(present_bp)

    def score(self, prediction_bp: Floats, features: float) -> VariationScore:
        """Score predictions; `features` is the drift of the features that the model relies on."""
        before, after = halves(track(self._rows, linear_price(self._rows, prediction_bp), self._agreed))
        score = float(predictor_drift(before, after, features, self._drift)["unthresholded_score"])
        mae = float(self._errors(prediction_bp).mean())
        present = float(self._present.mean())
        relative = mae / present if present > 0.0 else np.inf
        return VariationScore(mae, score, relative + self._params.drift_weight * score)

    def gain(self, prediction_bp: Floats, seed: int) -> Skill:
        """Return the gain over the present model, with the interval of a paired block bootstrap."""
        errors = np.column_stack([self._errors(prediction_bp), self._present])
        bootstrap = PairedBootstrap(
            sums_by_date(days(self._rows), errors),
            self._params.bootstrap_block_dates,
            self._params.bootstrap_resamples,
            self._params.confidence,
            seed,
        )
        return bootstrap.skill(0, 1)

    def _errors(self, prediction_bp: Floats) -> Floats:
        observed = self._rows["clean_price"].to_numpy()
        size: Floats = np.abs(linear_price(self._rows, prediction_bp) - observed)
        return size


def best(scores: Sequence[VariationScore]) -> int:
    """Return the position of the candidate with the least objective, the first of equals.

    Examples
    --------
    >>> best([VariationScore(1.0, 0.0, objective) for objective in (0.9, 0.8, 0.8)])
    1
    """
    return int(np.argmin([one.objective for one in scores]))


def accept(candidate: VariationScore, present: VariationScore, gain: Skill, min_gain: float) -> bool:
    """Return whether a candidate replaces the present model, from the dates that did not choose it.

    Its error must be lower by `min_gain` at least and by more than luck, and its objective, which counts drift, must
    be lower too.
    """
    return gain.verdict == BETTER and gain.skill >= min_gain and candidate.objective < present.objective
