"""Typed section ``factor_model`` of params.yaml."""

from pydantic import Field

from richcheap.pipeline.config.sections import Section


class FactorParams(Section):
    """How factors are found and how bonds are loaded on them."""

    curve_factors: int = Field(ge=1, le=10, description="factors of the curve's changes")
    spread_factors: int = Field(ge=1, le=8, description="factors of the rating buckets' spread changes")
    fewest_dates: int = Field(ge=5, le=1000, description="training changes without which there are no factors")
    bucket_coverage: float = Field(
        ge=0.05, le=1.0, description="share of training dates on which a rating bucket must have prints"
    )
    move_prior_bp: float = Field(ge=0.1, le=1000.0, description="prior deviation of a fitted curve node's move, bp")
    move_noise_bp: float = Field(ge=0.01, le=100.0, description="deviation of a government's move around it, bp")
    move_correlation_length: float = Field(ge=0.1, le=10.0, description="correlation length in log-maturity")
    noise_price_risk: float = Field(
        ge=1e-5, le=1.0, description="price risk (points per bp) at which price noise is as wide as spread noise"
    )
    exposure_prior_dates: float = Field(
        ge=1.0, le=1e6, description="dates that a bond's analytic exposure is worth against its own changes"
    )
    residual_prior_changes: float = Field(
        ge=1.0, le=1e6, description="changes that a bucket's residual risk is worth against the bond's own"
    )
    clip_deviations: float = Field(ge=2.0, le=100.0, description="predicted deviations at which a change is cut off")
