"""Typed section ``simulate`` of the params."""

import datetime as dt
import math
from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from richcheap.pipeline.config.fields import Section, param
from richcheap.simulation.constants import BOND_TYPES
from richcheap.simulation.states.params import (
    CreditParams,
    CurveParams,
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
MAX_STATES = 100_000_000
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
    """Shares of the bonds alive, by type, sum 1. Treasuries are few and trade on most days, so that a curve can be
    fitted; corporate is investment grade at issue, high_yield below BBB; fixed_rate are agencies of AAA and AA.
    """

    treasury: Share = 0.04
    corporate: Share = 0.46
    high_yield: Share = 0.27
    fixed_rate: Share = 0.10
    zero_coupon: Share = 0.08
    floating_rate: Share = 0.05


class RatingShares(_Shares):
    """Shares of the issuers at the start, by letter, sum 1."""

    AAA: Share = 0.07
    AA: Share = 0.13
    A: Share = 0.25
    BBB: Share = 0.26
    BB: Share = 0.13
    B: Share = 0.10
    CCC: Share = 0.06


class SideShares(_Shares):
    """Shares of customer buys (near the ask), customer sells and prints near mid, sum 1."""

    buy: Share = 0.36
    sell: Share = 0.34
    interdealer: Share = 0.30


class HalfSpreads(Section):
    """Half the bid-ask of an average bond, one million traded."""

    treasury: HalfSpreadBp = 0.3
    investment_grade: HalfSpreadBp = 2.0
    high_yield: HalfSpreadBp = 5.0


class TradingParams(Section):
    """Which bonds trade, on which side and how far from mid."""

    activity_dispersion: float = param(0.8, "Standard deviation of log trading frequency across bonds", ge=0.0, le=3.0)
    issue_boost: float = param(
        1.0, "Log trading frequency added at issue, fading with age (half a year)", ge=0.0, le=3.0
    )
    half_spread_bp: HalfSpreads = param(HalfSpreads(), unit="bp of yield")
    half_spread_floor: float = param(
        0.02, "Half the bid-ask besides, treasuries apart", unit="points per 100", ge=0.0, le=1.0
    )
    illiquidity_exponent: float = param(0.35, "The half-spread varies as frequency ** -exponent", ge=0.0, le=2.0)
    size_exponent: float = param(0.15, "The half-spread varies as (volume / one million) ** -exponent", ge=0.0, le=1.0)
    scatter_share: float = param(
        0.3, "Scatter of prints around bid, mid and ask", unit="share of the half-spread", ge=0.0, le=2.0
    )
    sides: SideShares = SideShares()
    retail_share: float = param(0.4, "Share of small prints", ge=0.0, le=1.0)


class SimulateParams(Section):
    """The embedded default: a bond market with known truth. Every figure's source stands in docs/simulation.md."""

    bonds: int = param(
        400, "Bonds alive at any time; matured ones are replaced by new issues", user=True, ge=20, le=200_000
    )
    issuers: int = param(80, f"Issuers besides the treasury, issuers x periods at most {MAX_STATES}", ge=14, le=50_000)
    periods: int = param(400, "Dates in the window", unit="business days (weekdays)", user=True, ge=60, le=5_000)
    observations_per_period: int = param(
        50, "Observations on each date, at most one a bond", user=True, ge=5, le=100_000
    )
    min_observations: int = param(10, "Fewest observations of any bond", ge=1, le=50)
    start_date: Annotated[dt.date, BeforeValidator(_iso_date)] = param(
        dt.date(2022, 1, 3), f"First date, ISO, a weekday; {FIRST_DATE} to {LAST_DATE}, as is the last date"
    )
    settlement_days: int = param(1, "From trade to settlement", unit="business days", ge=0, le=5)
    treasury_share: float = param(0.22, "Share of observations that are treasuries", ge=0.05, le=0.6)
    bond_types: BondTypeShares = BondTypeShares()
    issuer_ratings: RatingShares = RatingShares()
    regimes: RegimesParams = RegimesParams()
    curve: CurveParams = CurveParams()
    credit: CreditParams = CreditParams()
    residuals: ResidualParams = ResidualParams()
    ratings: RatingParams = RatingParams()
    trading: TradingParams = TradingParams()

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
        if self.issuers * self.periods > MAX_STATES:
            raise ValueError(
                f"issuers x periods must be at most {MAX_STATES:,}, got {self.issuers:,} x {self.periods:,} = "
                f"{self.issuers * self.periods:,}"
            )
        if self.observations_per_period > 0.8 * self.bonds:
            raise ValueError(
                f"observations_per_period must be at most 0.8 x bonds = {0.8 * self.bonds:g}, "
                f"got {self.observations_per_period}"
            )
        reserved, available = self.bonds * self.min_observations, self.periods * self.observations_per_period
        if reserved > 0.4 * available:
            raise ValueError(
                f"bonds x min_observations must be at most 0.4 x periods x observations_per_period "
                f"= {0.4 * available:g}, got {reserved}"
            )
        return self


def type_shares(shares: BondTypeShares) -> np.ndarray:
    """Return the shares in the order of ``BOND_TYPES``, shape (6,)."""
    return np.array([getattr(shares, name) for name in BOND_TYPES], dtype=np.float64)
