"""Typed section ``simulate`` of params.yaml."""

import datetime as dt
import math
from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from richcheap.pipeline.config.sections import Section
from richcheap.simulation.constants import BOND_TYPES
from richcheap.simulation.states.params import (
    CreditParams,
    CurveParams,
    Probability,
    RatingParams,
    RegimesParams,
    ResidualParams,
)


def _iso_date(value: object) -> object:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"must be a date as YYYY-MM-DD, got {value!r}") from None
    return value


FIRST_DATE, LAST_DATE = dt.date(1940, 1, 1), dt.date(2160, 1, 1)
"""Dates of a window: its bonds are issued and mature up to 30 years beside it; dates are known from 1901 to 2199."""
MOST_STATES = 100_000_000
"""Issuers times dates, whose ratings are held in memory: 16 bytes each."""

Share = Annotated[float, Field(gt=0.0, lt=1.0)]
HalfSpreadBp = Annotated[float, Field(ge=0.0, le=100.0)]


class _Shares(Section):
    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = math.fsum(self.model_dump().values())
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"the shares must sum to 1, they sum to {total:.10g}")
        return self


class BondTypeShares(_Shares):
    """Shares of the bonds alive, by type."""

    treasury: Share
    corporate: Share
    high_yield: Share
    fixed_rate: Share
    zero_coupon: Share
    floating_rate: Share


class RatingShares(_Shares):
    """Shares of the issuers at the start, by letter."""

    AAA: Share
    AA: Share
    A: Share
    BBB: Share
    BB: Share
    B: Share
    CCC: Share


class SideShares(_Shares):
    """Shares of customer buys, customer sells and interdealer prints."""

    buy: Share
    sell: Share
    interdealer: Share


class HalfSpreads(Section):
    """Half the bid-ask of an average bond at one million traded, bp of yield."""

    treasury: HalfSpreadBp
    investment_grade: HalfSpreadBp
    high_yield: HalfSpreadBp


class TradingParams(Section):
    """Which bonds trade, on which side and how far from mid."""

    activity_dispersion: float = Field(ge=0.0, le=3.0, description="of log frequency, standard deviation")
    issue_boost: float = Field(ge=0.0, le=3.0, description="log frequency added at issue")
    half_spread_bp: HalfSpreads
    half_spread_floor: float = Field(ge=0.0, le=1.0, description="points per 100")
    illiquidity_exponent: float = Field(ge=0.0, le=2.0)
    size_exponent: float = Field(ge=0.0, le=1.0)
    scatter_share: float = Field(ge=0.0, le=2.0, description="share of the half-spread")
    sides: SideShares
    retail_share: Probability
    tick: float = Field(ge=1e-5, le=0.5, description="points per 100")
    treasury_tick: float = Field(ge=1e-5, le=0.5, description="points per 100")


class SimulateParams(Section):
    """The embedded default market."""

    bonds: int = Field(ge=20, le=200_000, description="bonds alive at any time")
    issuers: int = Field(ge=14, le=50_000, description="issuers besides the treasury")
    periods: int = Field(ge=60, le=5_000, description="business days")
    observations_per_period: int = Field(ge=5, le=100_000, description="observations on each date")
    minimum_observations: int = Field(ge=1, le=50, description="fewest observations of any bond")
    start_date: Annotated[dt.date, BeforeValidator(_iso_date)]
    settlement_days: int = Field(ge=0, le=5, description="business days")
    treasury_share: float = Field(ge=0.05, le=0.6, description="share of observations")
    bond_types: BondTypeShares
    issuer_ratings: RatingShares
    regimes: RegimesParams
    curve: CurveParams
    credit: CreditParams
    residuals: ResidualParams
    ratings: RatingParams
    trading: TradingParams

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if not FIRST_DATE <= self.start_date <= LAST_DATE:
            raise ValueError(f"start_date must be {FIRST_DATE} to {LAST_DATE}, got {self.start_date}")
        if self.start_date.weekday() >= 5:
            raise ValueError(f"start_date must be a weekday, got {self.start_date} ({self.start_date:%A})")
        last = np.busday_offset(np.datetime64(self.start_date, "D"), self.periods - 1).astype(dt.date)
        if last > LAST_DATE:
            raise ValueError(
                f"start_date and periods must end by {LAST_DATE}, got {last}: {self.periods} from {self.start_date}"
            )
        if self.issuers * self.periods > MOST_STATES:
            raise ValueError(
                f"issuers x periods must be at most {MOST_STATES:,}, got {self.issuers:,} x {self.periods:,} = "
                f"{self.issuers * self.periods:,}"
            )
        if self.observations_per_period > 0.8 * self.bonds:
            raise ValueError(
                f"observations_per_period must be at most 0.8 x bonds = {0.8 * self.bonds:g}, "
                f"got {self.observations_per_period}"
            )
        reserved, available = self.bonds * self.minimum_observations, self.periods * self.observations_per_period
        if reserved > 0.4 * available:
            raise ValueError(
                f"bonds x minimum_observations must be at most 0.4 x periods x observations_per_period "
                f"= {0.4 * available:g}, got {reserved}"
            )
        return self


def type_shares(shares: BondTypeShares) -> np.ndarray:
    """Return the shares in the order of ``BOND_TYPES``, shape (6,)."""
    return np.array([getattr(shares, name) for name in BOND_TYPES], dtype=np.float64)
