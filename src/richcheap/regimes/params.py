"""Typed section ``regime_detector`` of the params."""

from typing import Literal

from richcheap.pipeline.config.fields import Section, param


class RegimeParams(Section):
    """Which regime the market was in on each date, told from it and those before; docs/models/regime_detector.md."""

    max_states: int = param(5, "Most regimes tried", ge=1, le=7)
    dates_per_state: int = param(
        20, "Training dates that each regime tried must have room for", unit="dates", ge=5, le=1000
    )
    criterion: Literal["bic", "icl"] = param("bic", "Information criterion that chooses the number of regimes")
    starts: int = param(8, "Seeded starts of each fit", ge=1, le=200)
    self_transition_prior_dates: float = param(
        10.0, "Dates that each regime is supposed to have been followed by itself", unit="dates", ge=0.0, le=10_000.0
    )
    variance_prior_dates: float = param(
        5.0, "Dates that the market's own variance is worth in each regime", unit="dates", ge=0.1, le=10_000.0
    )
    volatility_half_life_dates: float = param(5.0, "Half-life of trailing volatility", unit="dates", ge=0.5, le=250.0)
