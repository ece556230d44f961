"""The simulated market as two tables: what traders saw, and the truth that only evaluation may read."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.bonds.conventions import DAY_COUNTS
from stages.bonds.terms import NO_DATE
from stages.simulation.issuers import GOVERNMENT
from stages.simulation.market import Simulated
from stages.simulation.names import BOND_TYPES, NOTCHES, REGIMES, TREASURY
from stages.simulation.prints import SIDES
from stages.simulation.processes import Integers
from stages.simulation.slots import NO_ISSUER

CURRENCY: Final = "USD"
TREASURY_NAME: Final = "US Treasury"
FACE, TREASURY_FACE = 1_000.0, 100.0


def dates(days: NDArray[np.integer]) -> pl.Series:
    """Return days since 1970-01-01 as dates, NO_DATE as null."""
    whole = pl.Series(days.astype(np.int32))
    return whole.set(whole == int(NO_DATE), None).cast(pl.Date)


def named(codes: Integers, names: tuple[str, ...] | list[str]) -> pl.Series:
    """Return the name of each code."""
    return pl.Series(names, dtype=pl.String).gather(pl.Series(codes))


def keys(market: Simulated) -> dict[str, pl.Series]:
    """Return bond_id and date of each observation."""
    identifiers = [f"SIM{number:07d}" for number in range(market.universe.kind.size)]
    return {"bond_id": named(market.bond, identifiers), "date": dates(market.market.days[market.day])}


def owners(market: Simulated) -> tuple[list[str], list[str]]:
    """Return the issuer and the sector of each bond."""
    issuers, sectors = [], []
    for slot, generation in zip(market.universe.issuer.tolist(), market.universe.generation.tolist(), strict=True):
        treasury = slot == NO_ISSUER
        issuers.append(TREASURY_NAME if treasury else market.issuers.name(slot, generation))
        sectors.append(GOVERNMENT if treasury else market.issuers.sector[slot])
    return issuers, sectors


def observations(market: Simulated) -> pl.DataFrame:
    """Return the observations in the columns of the data contract, sorted by date and bond."""
    universe, terms, bond, prints = market.universe, market.terms, market.bond, market.prints
    issuer, sector = owners(market)
    return pl.DataFrame(
        {
            **keys(market),
            "clean_price": prints.clean,
            "maturity_date": dates(terms.maturity),
            "coupon_rate": terms.coupon_rate,
            "frequency": terms.frequency,
            "day_count": named(universe.day_count[bond], [spec.name for spec in DAY_COUNTS]),
            "issue_date": dates(terms.issue),
            "first_coupon_date": dates(terms.first_coupon),
            "settlement_date": dates(terms.settlement),
            "bond_type": named(universe.kind[bond], BOND_TYPES),
            "credit_rating": named(market.notch, NOTCHES),
            "issuer": named(bond, issuer),
            "sector": named(bond, sector),
            "currency": pl.repeat(CURRENCY, bond.size, eager=True),
            "callable": universe.callable[bond],
            "convertible": universe.convertible[bond],
            "call_date": dates(universe.call_date[bond]),
            "call_price": pl.Series(universe.call_price[bond]).fill_nan(None),
            "face_value": np.where(universe.kind[bond] == TREASURY, TREASURY_FACE, FACE),
            "volume": prints.volume,
            "side": named(prints.side, SIDES),
        }
    )


def truth(market: Simulated) -> pl.DataFrame:
    """Return mid price, regime, noise and the parts of the spread of each observation, in the same order."""
    spreads = market.spreads
    return pl.DataFrame(
        {
            **keys(market),
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
