"""Typed section ``evaluate`` of params.yaml."""

from pydantic import Field

from stages.pipeline.params import Section


class EvaluateParams(Section):
    """How predictions are judged."""

    bootstrap_resamples: int = Field(ge=100, le=100_000, description="resamples of the block bootstrap")
    bootstrap_block_dates: int = Field(ge=1, le=250, description="length of a bootstrap block, consecutive dates")
    confidence: float = Field(ge=0.5, le=0.999, description="confidence of the intervals of skill, share")
    interval_coverage: float = Field(ge=0.5, le=0.999, description="coverage the prediction intervals aim at, share")
    interval_min_rows: int = Field(ge=20, le=1_000_000, description="validation rows a bucket's own width needs")
    interval_floor_points: float = Field(ge=1e-5, le=10.0, description="smallest scale of an error, points per 100")
    ridge_penalty: float = Field(ge=0.0, le=1000.0, description="ridge penalty for each training row")
    ridge_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail pulled in to its quantile")
