"""Typed sections ``evaluate``, ``compare``, ``drift``, ``tune`` and ``importance`` of the params."""

from typing import Self

from pydantic import model_validator

from richcheap.pipeline.config.fields import Section, param

RESAMPLES = "Resamples of the block bootstrap"
BLOCK = "Length of a bootstrap block"


class EvaluateParams(Section):
    """How predictions are judged."""

    bootstrap_resamples: int = param(2000, RESAMPLES, ge=100, le=100_000)
    bootstrap_block_dates: int = param(5, BLOCK, unit="consecutive dates", ge=1, le=250)
    confidence: float = param(0.95, "Confidence of the bootstrap intervals of skill", unit="share", ge=0.5, le=0.999)
    interval_coverage: float = param(
        0.9, "Coverage that the prediction intervals aim at", unit="share", user=True, ge=0.5, le=0.999
    )
    interval_half_life_dates: float = param(
        30.0,
        "Half-life of the errors from which the width of each cell of maturity, staleness and rating is learned",
        unit="dates",
        ge=1.0,
        le=1000.0,
    )
    interval_level_half_life_dates: float = param(
        3.0, "Half-life of the errors that the level of all widths follows", unit="dates", ge=0.5, le=1000.0
    )
    interval_min_rows: int = param(
        100,
        "Fewest rows that the level is learned from: its half-life is longer where dates have few rows",
        unit="rows",
        ge=20,
        le=1_000_000,
    )
    interval_step: float = param(
        0.35, "Step of a cell's log width after a date all of whose rows the intervals missed; 0 = off", ge=0.0, le=5.0
    )
    interval_scale_trees: int = param(
        100, "Boosted trees that learn on the training block how large errors are", unit="trees", ge=1, le=10_000
    )
    interval_scale_rows: int = param(
        60_000,
        "Most training rows that they learn from, spread evenly over the block",
        unit="rows",
        ge=1000,
        le=10_000_000,
    )
    ridge_penalty: float = param(
        0.01, "Ridge baseline: penalty on its standardised coefficients, for each training row", ge=1e-9, le=1000.0
    )
    ridge_clip_share: float = param(
        0.005,
        "Ridge baseline: each tail of a feature and of the target that is winsorised at its training quantile",
        unit="share",
        ge=0.0,
        le=0.2,
    )


class CompareParams(Section):
    """When `richcheap compare REV` refuses a new result; no stage reads it."""

    max_worse_percent: float = param(
        1.0,
        "Rise of the champion's mean absolute error on the test block over that of REV which is still allowed",
        unit="percent",
        user=True,
        ge=0.0,
        le=1000.0,
    )


class DriftParams(Section):
    """Has the market moved away from what the models learned? Training against validation window; docs/drift.md."""

    bins: int = param(10, "Bins of the population stability index, quantiles of the training window", ge=2, le=100)
    rows: int = param(
        50_000,
        "Most rows of a window that features are compared on, evenly spread",
        unit="rows",
        ge=1000,
        le=100_000_000,
    )
    feature_reliance_rows: int = param(
        1500,
        "Most validation rows on which features are permuted to tell how much a model relies on them",
        unit="rows",
        ge=100,
        le=100_000_000,
    )
    block_dates: int = param(
        5, "Shortest block of dates that is permuted between the windows", unit="consecutive dates", ge=1, le=250
    )
    permutations: int = param(999, "Permutations that give a feature its p-value", ge=99, le=100_000)
    false_discovery_rate: float = param(
        0.05, "Share of false alarms among the alarms (Benjamini and Hochberg)", ge=0.001, le=0.5
    )
    psi_notable: float = param(
        0.1, "Stability index below which a feature has not drifted, however significant", ge=0.0, le=10.0
    )
    psi_full: float = param(0.5, "Stability index at which the drift of a feature is 1", ge=0.01, le=10.0)
    error_growth_full: float = param(
        0.3, "Growth of a model's error over the consensus' error that is scored 1", unit="share", ge=0.01, le=10.0
    )
    coverage_gap_full: float = param(
        0.2,
        "Gap between the coverage of the intervals and their target that is scored 1",
        unit="share",
        ge=0.01,
        le=1.0,
    )
    consensus_shift_full: float = param(
        1.0,
        "Shift of a model from the consensus that is scored 1",
        unit="multiples of the consensus' dispersion",
        ge=0.01,
        le=100.0,
    )
    coverage: float = param(0.9, "Coverage of the intervals that are watched", unit="share", ge=0.5, le=0.999)
    warn: float = param(0.25, "Score from which a model is to be watched", ge=0.0, le=1.0)
    retrain: float = param(0.5, "Score from which a model should be trained anew, not below warn", ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        if self.warn > self.retrain:
            raise ValueError(f"warn must be at most retrain, got {self.warn} and {self.retrain}")
        return self


class TuneParams(Section):
    """What is tried to make a trained model better, and when it is replaced; docs/tune.md."""

    trials: int = param(2, "Candidates tried for each model, the same ones first; 0 = none", user=True, ge=0, le=10_000)
    only_flagged: bool = param(
        False, "Tune only the models that the drift stage says to watch or to train anew", user=True
    )
    selection_share: float = param(
        0.5,
        "Share of the validation dates, the first ones, that choose among candidates; the others confirm the choice",
        ge=0.1,
        le=0.9,
    )
    drift_weight: float = param(
        0.1, "What a drift score of 1 costs in the choice", unit="multiple of the model's own error", ge=0.0, le=10.0
    )
    min_gain: float = param(
        0.002,
        "Gain on the held-out dates below which the model is not replaced",
        unit="share of its error",
        ge=0.0,
        le=0.5,
    )
    bootstrap_resamples: int = param(2000, f"{RESAMPLES} that the gain must stand", ge=100, le=100_000)
    bootstrap_block_dates: int = param(5, BLOCK, unit="consecutive dates", ge=1, le=250)
    confidence: float = param(0.95, "Confidence that the gain must have", unit="share", ge=0.5, le=0.999)


class ImportanceParams(Section):
    """What the best model owes to each group of features: they are permuted on the test block."""

    repeats: int = param(5, "Permutations of each group of features", ge=2, le=1000)
    rows: int = param(
        5000, "Most rows that are predicted for, on whole dates evenly spread", unit="rows", ge=100, le=100_000_000
    )
