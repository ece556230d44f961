"""Typed section ``regime_detector`` of params.yaml."""

from typing import Literal

from pydantic import Field

from richcheap.pipeline.config.sections import Section


class RegimeParams(Section):
    """How regimes of dates are found."""

    max_states: int = Field(ge=1, le=7, description="most regimes tried")
    dates_per_state: int = Field(ge=5, le=1000, description="training dates that each regime tried must have room for")
    criterion: Literal["bic", "icl"] = Field(description="information criterion that chooses the number of regimes")
    starts: int = Field(ge=1, le=200, description="seeded starts of each fit")
    iterations: int = Field(ge=1, le=10_000, description="most steps of expectation maximisation")
    tolerance: float = Field(ge=0.0, le=0.1, description="gain of the log posterior for each date at which to stop")
    stay_prior_dates: float = Field(
        ge=0.0, le=10_000.0, description="dates that each regime is supposed to have been followed by itself"
    )
    variance_prior_dates: float = Field(
        ge=0.1, le=10_000.0, description="dates that the market's own variance is worth in each regime"
    )
    volatility_half_life_dates: float = Field(ge=0.5, le=250.0, description="half-life of trailing volatility, dates")
