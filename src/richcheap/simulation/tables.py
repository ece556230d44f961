"""The simulated market as two tables: what traders saw, and the truth that only evaluation may read."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.conventions import DAY_COUNTS
from richcheap.bonds.terms import NO_DATE
from richcheap.simulation.constants import BOND_TYPES, FLOATING_RATE, NOTCHES, REGIMES, TREASURY
from richcheap.simulation.market import Simulated
from richcheap.simulation.states.stochastic import Integers
from richcheap.simulation.trading.prints import SIDES
from richcheap.simulation.universe.bonds import Universe
from richcheap.simulation.universe.calls import next_call, schedule_texts
from richcheap.simulation.universe.issuers import GOVERNMENT, Issuers
from richcheap.simulation.universe.slots import NO_ISSUER

CURRENCY: Final = "USD"
TREASURY_NAME: Final = "US Treasury"
FACE, TREASURY_FACE = 1_000.0, 100.0
SCHEMA: Final = {
    "bond_id": pl.String,
    "date": pl.Date,
    "clean_price": pl.Float64,
    "maturity_date": pl.Date,
    "coupon_rate": pl.Float64,
    "quoted_margin": pl.Float64,
    "frequency": pl.Int32,
    "day_count": pl.String,
    "issue_date": pl.Date,
    "first_coupon_date": pl.Date,
    "settlement_date": pl.Date,
    "bond_type": pl.String,
    "credit_rating": pl.String,
    "issuer": pl.String,
    "sector": pl.String,
    "currency": pl.String,
    "callable": pl.Boolean,
    "convertible": pl.Boolean,
    "call_date": pl.Date,
    "call_price": pl.Float64,
    "call_schedule": pl.String,
    "face_value": pl.Float64,
    "volume": pl.Float64,
    "side": pl.String,
}
"""Of what was seen: columns of the data contract, in its order."""
TRUTH_SCHEMA: Final = {
    "bond_id": pl.String,
    "date": pl.Date,
    "mid_clean_price": pl.Float64,
    "regime": pl.String,
    "noise_points": pl.Float64,
    "half_spread_points": pl.Float64,
    "spread_bp": pl.Float64,
    "rating_spread_bp": pl.Float64,
    "option_bp": pl.Float64,
    "issuer_residual_bp": pl.Float64,
    "bond_residual_bp": pl.Float64,
}
"""Of the truth."""


def dates(days: NDArray[np.integer]) -> pl.Series:
    """Return days since 1970-01-01 as dates, NO_DATE as null."""
    whole = pl.Series(days.astype(np.int32))
    return whole.set(whole == int(NO_DATE), None).cast(pl.Date)


def named(codes: Integers, names: tuple[str, ...] | list[str]) -> pl.Series:
    """Return the name of each code."""
    return pl.Series(names, dtype=pl.String).gather(pl.Series(codes))


def owners(issuers: Issuers, universe: Universe) -> tuple[list[str], list[str]]:
    """Return the issuer and the sector of each bond."""
    names, sectors = [], []
    for slot, generation in zip(universe.issuer.tolist(), universe.generation.tolist(), strict=True):
        treasury = slot == NO_ISSUER
        names.append(TREASURY_NAME if treasury else issuers.name(slot, generation))
        sectors.append(GOVERNMENT if treasury else issuers.sector[slot])
    return names, sectors


def bond_table(issuers: Issuers, universe: Universe) -> pl.DataFrame:
    """Return what never changes of each bond, in the order of the universe."""
    names, sectors = owners(issuers, universe)
    return pl.DataFrame(
        {
            "bond_id": [f"SIM{number:07d}" for number in range(universe.kind.size)],
            "maturity_date": dates(universe.maturity),
            "quoted_margin": pl.Series(np.where(universe.kind == FLOATING_RATE, universe.margin, np.nan)).fill_nan(
                None
            ),
            "frequency": universe.frequency.astype(np.int32),
            "day_count": named(universe.day_count, [spec.name for spec in DAY_COUNTS]),
            "issue_date": dates(universe.issue),
            "first_coupon_date": dates(universe.first_coupon),
            "bond_type": named(universe.kind, BOND_TYPES),
            "issuer": names,
            "sector": sectors,
            "callable": universe.callable,
            "convertible": universe.convertible,
            "call_schedule": pl.Series(schedule_texts(universe.call_date, universe.call_price), dtype=pl.String),
            "face_value": np.where(universe.kind == TREASURY, TREASURY_FACE, FACE),
        }
    )


def observations(market: Simulated, bonds: pl.DataFrame) -> pl.DataFrame:
    """Return the observations in the columns of the data contract, sorted by date and bond.

    Parameters
    ----------
    bonds
        Of all bonds, as `bond_table` gives it.
    """
    terms, bond, prints = market.terms, market.bond, market.prints
    call_date, call_price = next_call(
        market.universe.call_date[bond], market.universe.call_price[bond], terms.settlement
    )
    return bonds[bond].with_columns(
        date=dates(market.market.days[market.day]),
        clean_price=prints.clean,
        coupon_rate=terms.coupon_rate,
        settlement_date=dates(terms.settlement),
        credit_rating=named(market.notch, NOTCHES),
        currency=pl.lit(CURRENCY),
        call_date=dates(call_date),
        call_price=pl.Series(call_price).fill_nan(None),
        volume=prints.volume,
        side=named(prints.side, SIDES),
    ).select(*SCHEMA)  # fmt: skip


def truth(market: Simulated, bonds: pl.DataFrame) -> pl.DataFrame:
    """Return mid price, regime, noise and the parts of the spread of each observation, in the same order."""
    spreads = market.spreads
    return pl.DataFrame(
        {
            "bond_id": bonds["bond_id"].gather(pl.Series(market.bond)),
            "date": dates(market.market.days[market.day]),
            "mid_clean_price": market.mids.clean,
            "regime": named(market.regimes[market.day], REGIMES),
            "noise_points": market.prints.noise,
            "half_spread_points": market.prints.half_spread,
            "spread_bp": spreads.total,
            "rating_spread_bp": spreads.rating,
            "option_bp": spreads.option,
            "issuer_residual_bp": spreads.issuer,
            "bond_residual_bp": spreads.bond,
        }
    )
