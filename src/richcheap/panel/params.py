"""Typed sections ``market``, ``features`` and ``split`` of params.yaml."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.sections import Section

Years = Annotated[float, Field(gt=0.0, le=100.0)]


class MarketParams(Section):
    """How curves and the spread surface are fitted, date by date."""

    curve_nodes_years: tuple[Years, ...] = Field(
        min_length=3, max_length=30, description="maturities of the zero-rate nodes, years, ascending"
    )
    risk_free_rate: float = Field(ge=-0.05, le=0.5, description="flat zero rate, decimal, continuous")
    min_government_bonds: int = Field(ge=3, le=1000, description="governments needed to fit a date's curve")
    level_prior_bp: float = Field(ge=0.1, le=1000.0, description="prior deviation of a level's daily change, bp")
    refit_prior_bp: float = Field(ge=1.0, le=10_000.0, description="prior deviation of a refitted node, bp")
    move_prior_bp: float = Field(ge=0.1, le=1000.0, description="prior deviation of a node's daily move, bp")
    move_correlation_length: float = Field(ge=0.1, le=10.0, description="correlation length in log-maturity")
    spread_noise_bp: float = Field(ge=0.01, le=1000.0, description="spread noise of a print, bp")
    price_noise_points: float = Field(ge=1e-4, le=10.0, description="price noise of a print, points per 100")
    variance_growth_per_day: float = Field(ge=0.0, le=10.0, description="growth of variance per business day")
    level_noise_bp: float = Field(ge=0.1, le=1000.0, description="spread of levels around the surface, bp")
    noise_memory_prints: float = Field(ge=1.0, le=1000.0, description="memory of a bond's own noise, prints")
    peers: int = Field(ge=1, le=64, description="nearest bonds by maturity at each peer level")
    peer_shrinkage: float = Field(ge=0.0, le=1000.0, description="pseudo-count of the wider peer group")
    peer_max_age_days: int = Field(ge=1, le=3650, description="oldest price of a peer's level, calendar days")
    peer_window_days: int = Field(ge=1, le=3650, description="oldest start of a peer's move, calendar days")
    doubt_deviations: float = Field(ge=3.0, le=1e6, description="deviations at which a print is doubted")
    max_set_aside_share: float = Field(ge=0.0, le=1.0, description="share of rows that may have no usable spread")

    @model_validator(mode="after")
    def _nodes_ascend(self) -> Self:
        nodes = self.curve_nodes_years
        if any(late <= early for early, late in pairwise(nodes)):
            raise ValueError(f"curve_nodes_years must ascend, got {list(nodes)}")
        return self


class KalmanParams(Section):
    """The Kalman filter: what is fitted starts from these values, or keeps them where nothing is fitted."""

    extra_nodes_years: tuple[Years, ...] = Field(max_length=30, description="nodes besides the market's, years")
    memory_factors: int = Field(ge=0, le=100, description="factors that keep what bonds know of earlier curves")
    window_days: int = Field(ge=1, le=3650, description="oldest price remembered, calendar days")
    opening_bp: float = Field(ge=1.0, le=10_000.0, description="deviation of the first date's nodes, bp")
    rating_level_bp: float = Field(ge=1.0, le=10_000.0, description="deviation of a new bucket's level, bp")
    rating_slope_bp: float = Field(ge=1.0, le=10_000.0, description="deviation of a new bucket's slope, bp")
    premium_level_bp: float = Field(ge=1e-6, le=100.0, description="prior deviation of the premium, bp per point")
    option_level_bp: float = Field(ge=1e-6, le=10_000.0, description="prior deviation of what options add, bp")
    premium_move_bp: float = Field(ge=1e-6, le=100.0, description="deviation of its daily move, bp per point")
    scale_floor_bp: float = Field(ge=1.0, le=1e6, description="spread beyond which shocks grow with it, bp")
    node_move_bp: float = Field(ge=0.01, le=1000.0, description="deviation of a node's daily move, bp")
    correlation_length: float = Field(ge=0.1, le=100.0, description="correlation length in log-maturity")
    rating_move_bp: float = Field(ge=0.001, le=1000.0, description="deviation of a rating's daily move, bp")
    issuer_move_bp: float = Field(ge=0.001, le=1000.0, description="deviation of an issuer's daily move, bp")
    bond_move_bp: float = Field(ge=0.001, le=1000.0, description="deviation of a bond's daily move, bp")
    widening_move_bp: float = Field(ge=1e-6, le=1000.0, description="daily move of all ratings in proportion, bp")
    issuer_half_life_days: float = Field(ge=1.0, le=1e6, description="half-life of an issuer's effect, business days")
    bond_half_life_days: float = Field(ge=1.0, le=1e6, description="half-life of a residual, business days")
    issuer_level_bp: float = Field(ge=0.01, le=10_000.0, description="spread of issuers, bp")
    bond_level_bp: float = Field(ge=0.01, le=10_000.0, description="spread of bonds never seen, bp")
    spread_noise_bp: float = Field(ge=0.01, le=1000.0, description="spread noise of a print, bp")
    price_noise_points: float = Field(ge=1e-4, le=10.0, description="price noise of a print, points per 100")
    reference_noise: float = Field(ge=0.01, le=100.0, description="noise of a reference price, multiple of a trade's")
    huber_deviations: float = Field(ge=0.3, le=100.0, description="deviations from which a print counts less")
    noise_memory_prints: float = Field(ge=1.0, le=1000.0, description="memory of a bond's own noise, prints")
    doubt_deviations: float = Field(ge=3.0, le=1e6, description="deviations at which a print is doubted")
    fit_evaluations: int = Field(ge=0, le=10_000, description="runs of the filter spent on the fit")
    fit_rows: int = Field(ge=100, le=100_000_000, description="training rows of a run of the fit at most")


class FeaturesParams(Section):
    """How a bond's own history is summarised."""

    decay_half_life_days: float = Field(ge=0.5, le=500.0, description="half-life of residuals, business days")
    activity_window_days: int = Field(ge=1, le=3650, description="window of the print count, calendar days")
    volatility_window_dates: int = Field(ge=2, le=1000, description="trailing dates of curve volatility")


class SplitParams(Section):
    """How dates are divided into blocks."""

    train_share: float = Field(ge=0.1, le=0.9, description="share of the dates in the training block")
    validation_share: float = Field(ge=0.05, le=0.5, description="share of the dates in the validation block")
    embargo_dates: int = Field(ge=0, le=100, description="dates dropped between two blocks")

    @model_validator(mode="after")
    def _a_test_block_is_left(self) -> Self:
        left = 1.0 - self.train_share - self.validation_share
        if left < 0.05 - 1e-9:  # shares that add up to 0.95 may miss it by their last bit
            raise ValueError(
                f"train_share + validation_share must leave at least 0.05 for the test block, got {left:.2f}"
            )
        return self
