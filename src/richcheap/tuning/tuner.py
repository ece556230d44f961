"""Vary a trained model: choose on the first dates of the validation block, confirm on the others."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.drift.score import STEADY, UNKNOWN, feature_drift, feature_reliance_drift
from richcheap.evaluation.params import DriftParams, TuneParams
from richcheap.evaluation.skill import Skill
from richcheap.features.catalogue import features_of
from richcheap.models.common.base import Model
from richcheap.pipeline.execution.map_tasks import MapTasks
from richcheap.tuning.acceptance import (
    ValidationSplit,
    VariationScore,
    VariationScorer,
    accept,
    best,
    min_dates,
    split_validation,
)
from richcheap.tuning.variations import UNCHANGED, Variation, VariationTrainer, last_dates, variations

Floats = NDArray[np.float64]

REPLACED = "replaced"


class Trained(NamedTuple):
    """A trained model and what it was trained on.

    Attributes
    ----------
    model : Model
    stored : bytes
        The model as it is stored.
    train, validation : DataFrame
        Blocks of the dataset.
    predicted_bp : ndarray
        Its predictions for the validation block.
    reliance : mapping of str to float
        Share of each group of features in its importance.
    """

    model: Model
    stored: bytes
    train: pl.DataFrame
    validation: pl.DataFrame
    predicted_bp: Floats
    reliance: Mapping[str, float]


class Tuned(NamedTuple):
    """What tuning found: the figures for metrics/tune, and the model's replacement, if there is one."""

    result: dict[str, Any]
    replacement: Model | None = None


def reason_to_keep(params: TuneParams, status: str) -> str:
    """Return why a model of some drift status is not even varied; nothing when it is."""
    if params.trials == 0:
        return "kept: no trials were asked for"
    if params.only_flagged and status == STEADY:
        return "kept: it has not drifted"
    if params.only_flagged and status == UNKNOWN:
        return "kept: the validation block has too few dates to tell whether it has drifted"
    return ""


def tune(trained: Trained, params: TuneParams, drift: DriftParams, seed: int, run: MapTasks) -> Tuned:
    """Try variations of a model; offer the best of them in its place when the held-out dates confirm it."""
    split = split_validation(trained.validation, params.selection_share)
    if split is None:
        return Tuned({"verdict": _too_few_dates(trained.validation, params.selection_share)})
    trainer = VariationTrainer(trained.stored, trained.train, split.selection, trained.validation)
    asked = variations(trained.model, params.trials, seed)
    made = list(zip(asked, run(trainer, asked, desc="variations", unit="candidate"), strict=True))
    tried = [(one, predicted) for one, predicted in made if np.isfinite(predicted).all()]
    if not tried:
        return Tuned({"verdict": "kept: no variation could learn from its window of the training block"})
    drifts = WindowDrift(trained.train, split, trained.reliance, drift, seed)
    selection, confirmation = (_Part(number, split, trained.predicted_bp, params, drifts) for number in (0, 1))

    before = selection.score(UNCHANGED, trained.predicted_bp)
    scores = [selection.score(*one) for one in tried]
    chosen, predicted = tried[best(scores)]
    kept_back = [confirmation.score(UNCHANGED, trained.predicted_bp), confirmation.score(chosen, predicted)]
    gain = confirmation.gain(predicted, seed)
    after = scores[best(scores)]
    replacement = None
    if after.objective >= before.objective:
        verdict = "kept: no variation is better on the dates that choose"
    elif not accept(kept_back[1], kept_back[0], gain, params.min_gain):
        verdict = "kept: the held-out dates do not confirm the gain"
    else:
        verdict, replacement = REPLACED, trainer.train_variation(chosen, run)
    result = {
        "verdict": verdict,
        "candidates": [one.describe() | score._asdict() for (one, _), score in zip(tried, scores, strict=True)],
        "chosen": chosen.describe(),
        "selection": {"before": before._asdict(), "after": after._asdict()},
        "confirmation": {"before": kept_back[0]._asdict(), "after": kept_back[1]._asdict()},
        "gain": gain._asdict(),
    }
    return Tuned(result, replacement)


def _too_few_dates(validation: pl.DataFrame, selection_share: float) -> str:
    """Say how many dates the validation block has, and how many tuning needs."""
    return (
        "kept: the validation block has too few dates to choose on some and confirm on others: needs at least "
        f"{min_dates(selection_share)} dates, has {validation['date'].n_unique()} (split.validation_share)"
    )


class WindowDrift:
    """Measures how far features have drifted from the window that a variation learned from, each window once."""

    def __init__(
        self,
        train: pl.DataFrame,
        split: ValidationSplit,
        reliance: Mapping[str, float],
        params: DriftParams,
        seed: int,
    ) -> None:
        self.params = params
        self._train, self._split, self._reliance, self._seed = train, split, reliance, seed
        self._measured: dict[tuple[int, float], float] = {}

    def of_features(self, part: int, window_share: float) -> float:
        """Return the drift, 0 to 1, of the features relied on, from a window of training dates to a part."""
        key = part, window_share
        if key not in self._measured:
            rows = self._split[part]
            window = last_dates(self._train, window_share)
            drift = feature_drift(window, rows, features_of(rows), self.params, self._seed)
            self._measured[key] = feature_reliance_drift(drift, self._reliance)
        return self._measured[key]


class _Part:
    """One part of the validation block, and how predictions for the block score on it."""

    def __init__(
        self, number: int, split: ValidationSplit, present_bp: Floats, params: TuneParams, drifts: WindowDrift
    ) -> None:
        sizes = [rows.height for rows in split]
        self._rows = slice(0, sizes[0]) if number == 0 else slice(sizes[0], sum(sizes))
        self._scorer = VariationScorer(split[number], present_bp[self._rows], params, drifts.params)
        self._number, self._drifts = number, drifts

    def score(self, variation: Variation, predicted_bp: Floats) -> VariationScore:
        drift = self._drifts.of_features(self._number, variation.window_share)
        return self._scorer.score(predicted_bp[self._rows], drift)

    def gain(self, predicted_bp: Floats, seed: int) -> Skill:
        return self._scorer.gain(predicted_bp[self._rows], seed)
