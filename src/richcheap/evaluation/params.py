"""Typed sections ``evaluate``, ``compare``, ``drift``, ``tune`` and ``importance`` of params.yaml."""

from typing import Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.sections import Section


class EvaluateParams(Section):
    """How predictions are judged."""

    bootstrap_resamples: int = Field(ge=100, le=100_000, description="resamples of the block bootstrap")
    bootstrap_block_dates: int = Field(ge=1, le=250, description="length of a bootstrap block, consecutive dates")
    confidence: float = Field(ge=0.5, le=0.999, description="confidence of the intervals of skill, share")
    interval_coverage: float = Field(ge=0.5, le=0.999, description="coverage the prediction intervals aim at, share")
    interval_memory_dates: float = Field(ge=1.0, le=1000.0, description="half-life of what widths learn from, dates")
    interval_level_dates: float = Field(ge=0.5, le=1000.0, description="half-life of the level of widths, dates")
    interval_min_rows: int = Field(ge=20, le=1_000_000, description="fewest rows that the level is learned from")
    interval_penalty_rows: float = Field(ge=0.0, le=10_000.0, description="shrinkage of a cell's log width, rows")
    interval_step: float = Field(ge=0.0, le=5.0, description="step of a cell's log width when a date's rows all miss")
    interval_step_rows: float = Field(ge=0.0, le=10_000.0, description="rows of a cell and date that make half a step")
    interval_scale_trees: int = Field(ge=1, le=10_000, description="boosted trees of the learned error scale")
    interval_scale_rows: int = Field(ge=1000, le=10_000_000, description="most training rows of the error scale")
    interval_floor_points: float = Field(ge=1e-5, le=10.0, description="smallest scale of an error, points per 100")
    ridge_penalty: float = Field(ge=0.0, le=1000.0, description="ridge penalty for each training row")
    ridge_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail pulled in to its quantile")


class CompareParams(Section):
    """When a new result is refused."""

    max_worse_percent: float = Field(ge=0.0, le=1000.0, description="allowed rise of the champion's test MAE, percent")


class DriftParams(Section):
    """How two windows of time are compared, and what counts as drift (docs/drift.md)."""

    bins: int = Field(ge=2, le=100, description="quantile bins of the population stability index")
    rows: int = Field(ge=1000, le=100_000_000, description="most rows of a window that features are compared on")
    listening_rows: int = Field(ge=100, le=100_000_000, description="most rows that tell which features matter")
    block_dates: int = Field(ge=1, le=250, description="shortest block that is permuted, consecutive dates")
    permutations: int = Field(ge=99, le=100_000, description="permutations of blocks that give a feature's p-value")
    false_discoveries: float = Field(ge=0.001, le=0.5, description="share of false alarms among alarms")
    psi_notable: float = Field(ge=0.0, le=10.0, description="stability index below which a feature has not drifted")
    psi_full: float = Field(ge=0.01, le=10.0, description="stability index at which a feature's drift is 1")
    error_growth_full: float = Field(ge=0.01, le=10.0, description="growth of a model's relative error scored 1, share")
    coverage_gap_full: float = Field(ge=0.01, le=1.0, description="gap of coverage from its target scored 1, share")
    consensus_shift_full: float = Field(ge=0.01, le=100.0, description="shift from the consensus scored 1, dispersions")
    coverage: float = Field(ge=0.5, le=0.999, description="coverage of the intervals that are watched, share")
    warn: float = Field(ge=0.0, le=1.0, description="score from which a model is watched")
    retrain: float = Field(ge=0.0, le=1.0, description="score from which a model should be trained anew")

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        if self.warn > self.retrain:
            raise ValueError(f"warn must be at most retrain, got {self.warn} and {self.retrain}")
        return self


class TuneParams(Section):
    """How much is tried to make a trained model better, and what makes it worth replacing (docs/tune.md)."""

    trials: int = Field(ge=0, le=10_000, description="candidates tried for each model; 0 = none")
    only_flagged: bool = Field(description="tune only models that the drift stage says to watch or to train anew")
    choice_share: float = Field(ge=0.1, le=0.9, description="share of the validation dates that choose a candidate")
    drift_weight: float = Field(ge=0.0, le=10.0, description="what a drift score of 1 costs, in errors of the model")
    least_gain: float = Field(ge=0.0, le=0.5, description="gain on the dates kept back below which nothing changes")
    bootstrap_resamples: int = Field(ge=100, le=100_000, description="resamples of the block bootstrap")
    bootstrap_block_dates: int = Field(ge=1, le=250, description="length of a bootstrap block, consecutive dates")
    confidence: float = Field(ge=0.5, le=0.999, description="confidence that the gain must have, share")


class ImportanceParams(Section):
    """How features are permuted."""

    repeats: int = Field(ge=2, le=1000, description="permutations of each group of features")
    rows: int = Field(ge=100, le=100_000_000, description="most rows that are predicted for; whole dates are left out")
