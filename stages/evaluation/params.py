"""Typed section ``evaluate`` of params.yaml."""

from pydantic import Field

from stages.pipeline.params import Section


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
