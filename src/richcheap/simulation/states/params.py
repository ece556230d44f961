"""Typed parts of section ``simulate`` about the states of the market: regimes, curve, credit, ratings."""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from richcheap.pipeline.config.fields import Section, param
from richcheap.simulation.constants import RATINGS


def _sums_to_one(row: list[float]) -> list[float]:
    if not math.isclose(math.fsum(row), 1.0, abs_tol=1e-9):
        raise ValueError(f"the row must sum to 1, it sums to {math.fsum(row):.10g}")
    return row


Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(ge=0.1, le=10.0)]
HalfLife = Annotated[float, Field(ge=1.0, le=10_000.0)]
VolatilityBp = Annotated[float, Field(ge=0.0, le=100.0)]
Correlation = Annotated[float, Field(ge=-1.0, le=1.0)]
SpreadBp = Annotated[float, Field(ge=1.0, le=5_000.0)]
TermExponent = Annotated[float, Field(ge=-0.5, le=1.0)]
RegimeRow = Annotated[list[Probability], Field(min_length=7, max_length=7), AfterValidator(_sums_to_one)]
SMALLEST_DETERMINANT = 1e-9
"""Of a matrix of correlations that counts as positive definite."""
SHARE_OF_SPREAD = "share of the rating's five-year spread"


class RegimeTransition(Section):
    """Chance of each regime on the next business day, from the row's regime; columns in the order of rows, sum 1."""

    normal: RegimeRow = param([0.960, 0.012, 0.009, 0.008, 0.010, 0.001, 0.000])
    bull: RegimeRow = param([0.015, 0.968, 0.004, 0.004, 0.009, 0.000, 0.000])
    bear: RegimeRow = param([0.013, 0.003, 0.960, 0.016, 0.003, 0.005, 0.000])
    high_volatility: RegimeRow = param([0.015, 0.004, 0.010, 0.939, 0.004, 0.028, 0.000])
    low_volatility: RegimeRow = param([0.015, 0.008, 0.004, 0.004, 0.969, 0.000, 0.000])
    crisis: RegimeRow = param([0.000, 0.000, 0.004, 0.011, 0.000, 0.945, 0.040])
    recovery: RegimeRow = param([0.016, 0.014, 0.002, 0.004, 0.002, 0.002, 0.960])


class RegimeState(Section):
    """What one regime does to the market."""

    level: float = param(..., "Mean level of the curve", unit="percent", ge=-5.0, le=15.0)
    slope: float = param(..., "Mean slope factor, negative for a rising curve", unit="percent", ge=-5.0, le=15.0)
    curvature: float = param(..., "Mean curvature factor", unit="percent", ge=-5.0, le=15.0)
    volatility: Positive = param(..., "Volatility of the curve", unit="multiple of curve.volatility_bp")
    spread: float = param(..., "Mean of rating spreads", unit="multiple of credit.spread_bp", ge=0.2, le=10.0)
    residual: Positive = param(..., "Volatility of issuer and bond residuals", unit="multiple")
    tail_df: float = param(..., "Degrees of freedom of Student's t shocks; fewer: fatter tails", ge=3.0, le=100.0)
    bid_ask: float = param(..., "Bid-ask", unit="multiple", ge=0.1, le=20.0)
    downgrades: Positive = param(..., "Multiple of the downgrade rate, divisor of the upgrade rate")


def _state(*figures: float) -> RegimeState:
    return RegimeState(**dict(zip(RegimeState.model_fields, figures, strict=True)))


class RegimeStates(Section):
    """What each regime does to the market."""

    normal: RegimeState = _state(4.0, -1.5, -1.0, 1.0, 1.00, 1.0, 10.0, 1.0, 1.0)
    bull: RegimeState = _state(3.2, -1.2, -1.0, 0.9, 0.85, 0.9, 12.0, 0.9, 0.7)
    bear: RegimeState = _state(5.0, -1.0, -0.5, 1.2, 1.25, 1.1, 8.0, 1.1, 1.2)
    high_volatility: RegimeState = _state(4.2, -1.6, -1.0, 1.8, 1.50, 1.4, 5.0, 1.5, 1.3)
    low_volatility: RegimeState = _state(3.9, -1.4, -1.0, 0.6, 0.85, 0.7, 15.0, 0.8, 0.8)
    crisis: RegimeState = _state(2.8, -2.5, -2.0, 2.2, 3.50, 2.0, 4.0, 2.5, 2.5)
    recovery: RegimeState = _state(3.4, -2.5, -1.5, 1.2, 1.70, 1.2, 6.0, 1.4, 1.2)

    def column(self, name: str) -> np.ndarray:
        """Return the field ``name`` of every regime, in order."""
        return np.array([state[name] for state in self.model_dump().values()], dtype=np.float64)


class RegimesParams(Section):
    """Regimes and their Markov chain."""

    transition: RegimeTransition = RegimeTransition()
    states: RegimeStates = RegimeStates()


class CurveParams(Section):
    """Zero rates, continuously compounded: dynamic Nelson-Siegel."""

    decay: float = param(0.7308, "Lambda, 0.0609 a month in Diebold and Li", unit="1/year", ge=0.05, le=3.0)
    volatility_bp: list[VolatilityBp] = param(
        [5.0, 7.0, 12.0], "Standard deviation of level, slope, curvature", unit="bp a day", min_length=3, max_length=3
    )
    correlation: list[Correlation] = param(
        [-0.5, -0.1, 0.1],
        "Of level and slope, level and curvature, slope and curvature; positive definite",
        min_length=3,
        max_length=3,
    )
    half_life_days: list[HalfLife] = param(
        [250.0, 120.0, 60.0], "Of level, slope, curvature", unit="business days", min_length=3, max_length=3
    )
    local_bp: float = param(
        2.0, "Standard deviation of deviations from Nelson-Siegel at single tenors", unit="bp", ge=0.0, le=50.0
    )
    local_half_life_days: HalfLife = param(20.0, "Half-life of those deviations", unit="business days")

    def correlation_matrix(self) -> np.ndarray:
        """Return the 3 x 3 correlation of level, slope and curvature shocks."""
        level_slope, level_curvature, slope_curvature = self.correlation
        return np.array(
            [
                [1.0, level_slope, level_curvature],
                [level_slope, 1.0, slope_curvature],
                [level_curvature, slope_curvature, 1.0],
            ]
        )

    @model_validator(mode="after")
    def _positive_definite(self) -> Self:
        one, other, third = self.correlation
        if (
            1.0 - one**2 <= 0.0
            or 1.0 + 2.0 * one * other * third - one**2 - other**2 - third**2 <= SMALLEST_DETERMINANT
        ):
            raise ValueError(f"correlation must give a positive definite matrix, got {self.correlation}")
        return self


class RatingSpreads(Section):
    """Five-year spread in the normal regime, rising."""

    AAA: SpreadBp = 60.0
    AA: SpreadBp = 80.0
    A: SpreadBp = 110.0
    BBB: SpreadBp = 180.0
    BB: SpreadBp = 340.0
    B: SpreadBp = 510.0
    CCC: SpreadBp = 1050.0

    @model_validator(mode="after")
    def _rise(self) -> Self:
        values = list(self.model_dump().values())
        if values != sorted(set(values)):
            raise ValueError(f"spreads must rise from AAA to CCC, got {values}")
        return self


class TermExponents(Section):
    """Exponent of the spread's term structure: spread ~ (years / 5) ** exponent."""

    AAA: TermExponent = 0.35
    AA: TermExponent = 0.33
    A: TermExponent = 0.30
    BBB: TermExponent = 0.27
    BB: TermExponent = 0.12
    B: TermExponent = 0.0
    CCC: TermExponent = -0.12


class CreditParams(Section):
    """Rating spreads and how they move."""

    spread_bp: RatingSpreads = param(RatingSpreads(), unit="bp")
    term_exponent: TermExponents = TermExponents()
    half_life_days: float = param(
        15.0, "Half-life of the market-wide widening", unit="business days", ge=1.0, le=1_000.0
    )
    volatility: float = param(0.02, "Volatility of the market-wide log spread", unit="a day", ge=0.0, le=0.5)
    rating_volatility: float = param(0.008, "Volatility of each rating's own log spread", unit="a day", ge=0.0, le=0.5)
    callable_bp: float = param(20.0, "Spread added for a call", unit="bp", ge=0.0, le=300.0)
    convertible_bp: float = param(-80.0, "Spread added for a conversion right", unit="bp", ge=-500.0, le=0.0)


class ResidualParams(Section):
    """Issuer and bond residuals: stationary standard deviations in the normal regime."""

    issuer_share: Probability = param(0.12, "Issuer residual", unit=SHARE_OF_SPREAD)
    bond_share: Probability = param(0.06, "Bond residual", unit=SHARE_OF_SPREAD)
    bond_floor_bp: float = param(2.0, "Bond residual besides the share, treasuries too", unit="bp", ge=0.0, le=50.0)
    issuer_half_life_days: float = param(
        40.0, "Half-life of the issuer residual", unit="business days", ge=1.0, le=1_000.0
    )
    bond_half_life_days: float = param(12.0, "Half-life of the bond residual", unit="business days", ge=1.0, le=1_000.0)


class RatingParams(Section):
    """Rating changes."""

    notch_changes: float = param(0.12, "Moves of one notch within a letter", unit="a year", ge=0.0, le=2.0)


def letters(section: Section) -> np.ndarray:
    """Return a section's figures by letter (AAA to CCC), shape (7,)."""
    return np.array([getattr(section, name) for name in RATINGS], dtype=np.float64)
