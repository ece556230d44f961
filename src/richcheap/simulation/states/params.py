"""Typed parts of section ``simulate`` about the states of the market: regimes, curve, credit, ratings."""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from richcheap.pipeline.config.sections import Section
from richcheap.simulation.constants import RATINGS


def _sums_to_one(row: list[float]) -> list[float]:
    if not math.isclose(math.fsum(row), 1.0, abs_tol=1e-9):
        raise ValueError(f"the row must sum to 1, it sums to {math.fsum(row):.10g}")
    return row


Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(ge=0.1, le=10.0)]
HalfLife = Annotated[float, Field(ge=1.0, le=10_000.0)]
Correlation = Annotated[float, Field(ge=-1.0, le=1.0)]
SpreadBp = Annotated[float, Field(ge=1.0, le=5_000.0)]
TermExponent = Annotated[float, Field(ge=-0.5, le=1.0)]
RegimeRow = Annotated[list[Probability], Field(min_length=7, max_length=7), AfterValidator(_sums_to_one)]
MigrationRow = Annotated[list[Probability], Field(min_length=8, max_length=8), AfterValidator(_sums_to_one)]


class RegimeTransition(Section):
    """Daily transition matrix, one row for each regime, columns in the same order."""

    normal: RegimeRow
    bull: RegimeRow
    bear: RegimeRow
    high_volatility: RegimeRow
    low_volatility: RegimeRow
    crisis: RegimeRow
    recovery: RegimeRow


class RegimeState(Section):
    """What one regime does to the market."""

    level: float = Field(ge=-5.0, le=15.0, description="mean level of the curve, percent")
    slope: float = Field(ge=-5.0, le=15.0, description="mean slope factor, percent, negative for a rising curve")
    curvature: float = Field(ge=-5.0, le=15.0, description="mean curvature factor, percent")
    volatility: Positive = Field(description="multiple of the curve's volatility")
    spread: float = Field(ge=0.2, le=10.0, description="mean of rating spreads, multiple")
    residual: Positive = Field(description="multiple of the residuals' volatility")
    tail_df: float = Field(ge=3.0, le=100.0, description="degrees of freedom of Student's t shocks")
    bid_ask: float = Field(ge=0.1, le=20.0, description="multiple of the bid-ask")
    downgrades: Positive = Field(description="multiple of downgrade rates, divisor of upgrade rates")


class RegimeStates(Section):
    """The seven regimes."""

    normal: RegimeState
    bull: RegimeState
    bear: RegimeState
    high_volatility: RegimeState
    low_volatility: RegimeState
    crisis: RegimeState
    recovery: RegimeState

    def column(self, name: str) -> np.ndarray:
        """Return the field ``name`` of every regime, in order."""
        return np.array([state[name] for state in self.model_dump().values()], dtype=np.float64)


class RegimesParams(Section):
    """Regimes and their Markov chain."""

    transition: RegimeTransition
    states: RegimeStates


class CurveParams(Section):
    """Dynamic Nelson-Siegel zero curve."""

    decay: float = Field(ge=0.05, le=3.0, description="lambda, 1/year")
    volatility_bp: list[Annotated[float, Field(ge=0.0, le=100.0)]] = Field(min_length=3, max_length=3)
    correlation: list[Correlation] = Field(min_length=3, max_length=3)
    half_life_days: list[HalfLife] = Field(min_length=3, max_length=3)
    local_bp: float = Field(ge=0.0, le=50.0, description="deviation at single tenors, bp")
    local_half_life_days: HalfLife

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
        if np.linalg.eigvalsh(self.correlation_matrix())[0] <= 1e-9:
            raise ValueError(f"correlation must give a positive definite matrix, got {self.correlation}")
        return self


class RatingSpreads(Section):
    """Five-year spreads by letter, bp."""

    AAA: SpreadBp
    AA: SpreadBp
    A: SpreadBp
    BBB: SpreadBp
    BB: SpreadBp
    B: SpreadBp
    CCC: SpreadBp

    @model_validator(mode="after")
    def _rise(self) -> Self:
        values = list(self.model_dump().values())
        if values != sorted(set(values)):
            raise ValueError(f"spreads must rise from AAA to CCC, got {values}")
        return self


class TermExponents(Section):
    """Exponents of the spreads' term structure, by letter."""

    AAA: TermExponent
    AA: TermExponent
    A: TermExponent
    BBB: TermExponent
    BB: TermExponent
    B: TermExponent
    CCC: TermExponent


class CreditParams(Section):
    """Rating spreads and how they move."""

    spread_bp: RatingSpreads
    term_exponent: TermExponents
    half_life_days: float = Field(ge=1.0, le=1_000.0, description="of the market-wide widening, business days")
    volatility: float = Field(ge=0.0, le=0.5, description="of the market-wide log spread, a day")
    rating_volatility: float = Field(ge=0.0, le=0.5, description="of each rating's log spread, a day")
    callable_bp: float = Field(ge=0.0, le=300.0, description="spread for a call, bp")
    convertible_bp: float = Field(ge=-500.0, le=0.0, description="spread for a conversion right, bp")


class ResidualParams(Section):
    """Issuer and bond residuals; stationary deviations in the normal regime."""

    issuer_share: Probability = Field(description="share of the rating's five-year spread")
    bond_share: Probability = Field(description="share of the rating's five-year spread")
    bond_floor_bp: float = Field(ge=0.0, le=50.0, description="bond residual besides the share, bp")
    issuer_half_life_days: float = Field(ge=1.0, le=1_000.0, description="business days")
    bond_half_life_days: float = Field(ge=1.0, le=1_000.0, description="business days")


class Migration(Section):
    """One-year rating migration, columns AAA to CCC and D."""

    AAA: MigrationRow
    AA: MigrationRow
    A: MigrationRow
    BBB: MigrationRow
    BB: MigrationRow
    B: MigrationRow
    CCC: MigrationRow

    @model_validator(mode="after")
    def _staying_is_likely(self) -> Self:
        for index, (name, row) in enumerate(self.model_dump().items()):
            if row[index] < 0.5:
                raise ValueError(f"row {name} must keep its rating with at least 0.5, got {row[index]:g}")
        return self


class RatingParams(Section):
    """Rating changes."""

    notch_changes: float = Field(ge=0.0, le=2.0, description="one-notch moves within a letter, a year")
    migration: Migration


def letters(section: Section) -> np.ndarray:
    """Return a section's figures by letter (AAA to CCC), shape (7,) or (7, columns)."""
    return np.array([getattr(section, name) for name in RATINGS], dtype=np.float64)
