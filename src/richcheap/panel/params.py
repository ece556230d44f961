"""Typed sections ``market``, ``kalman``, ``features`` and ``split`` of the params."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.fields import Section, param

Years = Annotated[float, Field(gt=0.0, le=100.0)]
NOISE_MEMORY = "Memory of a bond's own noise estimate"
DOUBT = (
    "Predicted standard deviations from the middle of its bucket's innovations beyond which a print weighs less for "
    "others"
)
PREMIUM_UNIT = "bp of yield per percentage point of coupon"


class MarketParams(Section):
    """Curves and spreads, date by date."""

    curve_nodes_years: tuple[Years, ...] = param(
        (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0),
        "Maturities of the zero-rate nodes of every curve, ascending",
        unit="years",
        min_length=3,
        max_length=30,
    )
    risk_free_rate: float = param(
        0.03,
        "Flat zero rate used where no curve is given and none can be fitted",
        unit="decimal, continuous",
        ge=-0.05,
        le=0.5,
    )
    min_government_bonds: int = param(
        6, "Government bonds a date needs for its curve to be fitted; fewer keep the curve before", ge=3, le=1000
    )
    level_prior_bp: float = param(
        10.0,
        "Prior standard deviation of the matrix price's surface over one business day",
        unit="bp",
        ge=0.1,
        le=1000.0,
    )
    refit_prior_bp: float = param(
        100.0,
        "The same of the benchmark curve, which is refitted almost from scratch",
        unit="bp",
        ge=1.0,
        le=10_000.0,
    )
    move_prior_bp: float = param(
        4.0, "Prior standard deviation of a node's move over one business day", unit="bp", ge=0.1, le=1000.0
    )
    move_correlation_length: float = param(
        4.0, "Distance over which moves of two nodes stay alike", unit="log-maturity", ge=0.1, le=10.0
    )
    spread_noise_bp: float = param(
        3.0, "Spread noise of a print, before a bond's own history says more", unit="bp", ge=0.01, le=1000.0
    )
    price_noise_points: float = param(
        0.03,
        "Price noise of a print (tick, bid-ask), which matters most for short bonds",
        unit="points per 100",
        ge=1e-4,
        le=10.0,
    )
    variance_growth_per_day: float = param(
        0.3,
        "Growth of the residual's variance for each business day without a print",
        unit="share of one day's",
        ge=0.0,
        le=10.0,
    )
    level_noise_bp: float = param(10.0, "Spread of residual levels around the surface", unit="bp", ge=0.1, le=1000.0)
    noise_memory_prints: float = param(20.0, NOISE_MEMORY, unit="prints", ge=1.0, le=1000.0)
    peers: int = param(8, "Nearest bonds by maturity taken as peers at each level (issuer, rating, all)", ge=1, le=64)
    peer_shrinkage: float = param(
        3.0, "Prints that a peer group needs before it outweighs the wider one", unit="pseudo-count", ge=0.0, le=1000.0
    )
    peer_max_age_days: int = param(30, "Oldest price that a peer's level may have", unit="calendar days", ge=1, le=3650)
    peer_window_days: int = param(
        730,
        "Oldest price that a peer's move may start from; what is older is forgotten",
        unit="calendar days",
        ge=1,
        le=3650,
    )
    outlier_threshold_std: float = param(8.0, DOUBT, ge=3.0, le=1e6)
    max_set_aside_share: float = param(
        0.1,
        "Share of the rows that may be set aside, without figures or a spread within 20,000 bp, before the stage fails",
        ge=0.0,
        le=1.0,
    )

    @model_validator(mode="after")
    def _nodes_ascend(self) -> Self:
        nodes = self.curve_nodes_years
        if any(late <= early for early, late in pairwise(nodes)):
            raise ValueError(f"curve_nodes_years must ascend, got {list(nodes)}")
        return self


class KalmanParams(Section):
    """The Kalman filter of the market. What is fitted on training dates starts from the values given."""

    extra_nodes_years: tuple[Years, ...] = param(
        (0.1, 0.75, 1.5, 2.5, 4.0, 6.0, 8.5, 12.5, 17.5, 25.0, 40.0, 50.0),
        "Maturities of curve nodes besides those of market.curve_nodes_years",
        unit="years",
        max_length=30,
    )
    memory_factors: int = param(
        24,
        "Factors that keep what bonds know together of earlier curves: more are nearer to the exact filter, and slower",
        ge=0,
        le=100,
    )
    window_days: int = param(730, "Oldest price that a bond is remembered by", unit="calendar days", ge=1, le=3650)
    premium_level_bp: float = param(
        1.0,
        "Prior standard deviation of the coupon premium, level and slope",
        unit=PREMIUM_UNIT,
        ge=1e-6,
        le=100.0,
    )
    option_level_bp: float = param(
        30.0,
        "Prior standard deviation of what a call, and a right to convert, add to spreads",
        unit="bp",
        ge=1e-6,
        le=10_000.0,
    )
    premium_move_bp: float = param(
        0.05,
        "Standard deviation of the premium's move over one business day, fitted (what options add moves as large a "
        "share of its prior)",
        unit=PREMIUM_UNIT,
        ge=1e-6,
        le=100.0,
    )
    issue_price_points: float = param(
        1.0,
        "Standard deviation of a new bond's price around par before its market has shown any; grows with its spread",
        unit="points per 100",
        ge=0.01,
        le=1000.0,
    )
    scale_floor_bp: float = param(
        40.0,
        "Spread beyond which shocks of ratings, issuers and bonds grow in proportion to it",
        unit="bp",
        ge=1.0,
        le=1e6,
    )
    node_move_bp: float = param(
        4.0, "Standard deviation of a node's move over one business day, fitted", unit="bp", ge=0.01, le=1000.0
    )
    correlation_length: float = param(
        6.0, "Distance over which moves of two nodes stay alike, fitted", unit="log-maturity", ge=0.1, le=100.0
    )
    rating_move_bp: float = param(
        1.0,
        "Standard deviation of the move of a rating bucket's level and slope over one business day, fitted",
        unit="bp",
        ge=0.001,
        le=1000.0,
    )
    issuer_move_bp: float = param(1.0, "The same of an issuer, fitted", unit="bp", ge=0.001, le=1000.0)
    bond_move_bp: float = param(0.8, "The same of a bond, fitted", unit="bp", ge=0.001, le=1000.0)
    widening_move_bp: float = param(
        0.2,
        "Standard deviation of a daily move of all rating spreads in proportion, fitted",
        unit="bp at spreads up to the floor",
        ge=1e-6,
        le=1000.0,
    )
    issuer_half_life_days: float = param(
        250.0, "Time in which half of an issuer's effect is gone, fitted", unit="business days", ge=1.0, le=1e6
    )
    bond_half_life_days: float = param(
        250.0, "Time in which half of a bond's residual is gone, fitted", unit="business days", ge=1.0, le=1e6
    )
    issuer_level_bp: float = param(
        60.0, "Standard deviation of issuers around their ratings, fitted", unit="bp", ge=0.01, le=10_000.0
    )
    bond_level_bp: float = param(
        12.0, "Standard deviation of bonds never seen around their issuers, fitted", unit="bp", ge=0.01, le=10_000.0
    )
    spread_noise_bp: float = param(0.7, "Spread noise of a print, fitted", unit="bp", ge=0.01, le=1000.0)
    price_noise_points: float = param(0.04, "Price noise of a print, fitted", unit="points per 100", ge=1e-4, le=10.0)
    reference_noise: float = param(
        1.0, "Noise of a reference price, fitted", unit="multiple of a trade's", ge=0.01, le=100.0
    )
    huber_threshold_std: float = param(
        3.0,
        "Predicted standard deviations from which a print counts less for what is remembered, fitted",
        ge=0.3,
        le=100.0,
    )
    noise_memory_prints: float = param(20.0, NOISE_MEMORY, unit="prints", ge=1.0, le=1000.0)
    outlier_threshold_std: float = param(4.0, DOUBT, ge=3.0, le=1e6)
    fit_evaluations: int = param(
        120,
        "Runs of the filter spent on the fit of its variances; 0 = keep the values given",
        user=True,
        ge=0,
        le=10_000,
    )
    fit_rows: int = param(
        50_000,
        "Training prints that each run of the fit reads, the latest; a date counts as 50 at least",
        unit="rows",
        ge=100,
        le=100_000_000,
    )


class FeaturesParams(Section):
    """How a bond's own history is summarised."""

    decay_half_life_days: float = param(
        10.0, "Half-life of the decayed mean of a bond's own residuals", unit="business days", ge=0.5, le=500.0
    )
    activity_window_days: int = param(
        30, "Window over which a bond's prints are counted", unit="calendar days", ge=1, le=3650
    )
    volatility_window_dates: int = param(
        20, "Trailing dates over which curve volatility is measured", unit="dates", ge=3, le=1000
    )


class SplitParams(Section):
    """How dates are divided into blocks."""

    train_share: float = param(0.7, "Share of the dates in the training block", user=True, ge=0.1, le=0.9)
    validation_share: float = param(
        0.15, "Share of the dates in the validation block; the rest is the test block", user=True, ge=0.05, le=0.5
    )
    embargo_dates: int = param(1, "Dates dropped between two blocks", user=True, ge=0, le=100)
    train_end: date | None = param(
        None, "Last date of the training block, null = by shares; `richcheap anchor` sets all three", user=True
    )
    validation_end: date | None = param(None, "Last date of the validation block", user=True)
    test_end: date | None = param(None, "Last date of the test block; later ones are the live block", user=True)

    @model_validator(mode="after")
    def _all_ends_or_none(self) -> Self:
        ends = (self.train_end, self.validation_end, self.test_end)
        given = [end for end in ends if end is not None]
        if given and (len(given) < len(ends) or any(late <= early for early, late in pairwise(given))):
            shown = ", ".join(str(end or "null") for end in ends)
            raise ValueError(
                f"train_end, validation_end and test_end must be three ascending dates, or null, got {shown}"
            )
        return self

    @model_validator(mode="after")
    def _a_test_block_is_left(self) -> Self:
        left = 1.0 - self.train_share - self.validation_share
        if left < 0.05 - 1e-9:  # shares that add up to 0.95 may miss it by their last bit
            raise ValueError(
                f"train_share + validation_share must leave at least 0.05 for the test block, got {left:.2f}"
            )
        return self
