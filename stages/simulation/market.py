"""The whole simulation: states of the market, bonds, who trades when, mid prices and prints."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.terms import BondTerms
from stages.simulation.credit import NOTCH_LETTER, Credit, credit_path
from stages.simulation.dates import business_days, settle
from stages.simulation.issuers import Issuers, draw_issuers
from stages.simulation.names import DAYS_A_YEAR, FLOATING_RATE, TREASURY
from stages.simulation.params import SimulateParams
from stages.simulation.pricing import Mids, current_coupon, price
from stages.simulation.prints import Prints, print_trades
from stages.simulation.processes import Floats, Integers
from stages.simulation.ratings import rating_path
from stages.simulation.regimes import regime_path, transition_matrix
from stages.simulation.residuals import residuals_by_day
from stages.simulation.selection import picks_by_day
from stages.simulation.slots import LAST_INVESTMENT_GRADE, draw_slots
from stages.simulation.streams import stream
from stages.simulation.universe import Market, Universe, draw_universe, fewest_trading_days, notch_on
from stages.simulation.yields import curve_path

WIDEST_SPREAD_BP: Final = 3_000.0
"""Up to five years, falling with the root of maturity: a distressed bond trades on what it recovers."""


class Spreads(NamedTuple):
    """Spreads over the curve of each observation, bp."""

    rating: Floats
    option: Floats
    issuer: Floats
    bond: Floats
    total: Floats
    """The sum, bounded as `WIDEST_SPREAD_BP` says."""


class Simulated(NamedTuple):
    """A simulated market; arrays of observations are sorted by day, then bond."""

    market: Market
    regimes: Integers
    """Regime of each day, an index into ``REGIMES``."""
    issuers: Issuers
    universe: Universe
    day: Integers
    """Business day of each observation, an index."""
    bond: Integers
    """Bond of each observation, an index into the universe."""
    notch: Integers
    terms: BondTerms
    spreads: Spreads
    mids: Mids
    prints: Prints


def draw_market(params: SimulateParams, seed: int) -> tuple[Market, Integers, Issuers]:
    """Draw what all bonds share: the regime, the curve, the spreads and the grades of each day, and the issuers."""
    states = params.regimes.states
    days = business_days(params.start_date, params.periods)
    regimes = regime_path(transition_matrix(params.regimes.transition), params.periods, stream(seed, "regimes"))
    issuers = draw_issuers(params.issuer_ratings, params.issuers, stream(seed, "issuers"))
    market = Market(
        days,
        curve_path(params.curve, states, regimes, stream(seed, "curve")),
        credit_path(params.credit, states, regimes, stream(seed, "credit")),
        rating_path(params.ratings, states, regimes, issuers.notch, stream(seed, "ratings")),
    )
    return market, regimes, issuers


def spread_parts(
    params: SimulateParams, credit: Credit, universe: Universe, day: Integers, bond: Integers, notch: Integers,
    years: Floats, residuals: NDArray[np.float64],
) -> Spreads:  # fmt: skip
    """Return the parts of the spreads.

    Parameters
    ----------
    residuals
        Standardised issuer and bond residual of each observation, shape (2, observations).
    """
    governed = universe.kind[bond] == TREASURY
    level = np.where(governed, 0.0, credit.base_bp[notch])
    rating = np.where(governed, 0.0, credit.spread_bp(day, notch, years))
    option = np.where(universe.callable[bond], params.credit.callable_bp, 0.0)
    option = option + np.where(universe.convertible[bond], params.credit.convertible_bp, 0.0)
    scale = params.residuals
    issuer = scale.issuer_share * level * residuals[0]
    own = (scale.bond_share * level + scale.bond_floor_bp) * residuals[1]
    widest = WIDEST_SPREAD_BP * np.sqrt(np.minimum(5.0 / years, 1.0))
    return Spreads(rating, option, issuer, own, total=np.minimum(rating + option + issuer + own, widest))


def simulate(params: SimulateParams, seed: int, watch: Callable[[Iterable[int]], Iterable[int]] = iter) -> Simulated:
    """Simulate the market.

    Parameters
    ----------
    watch
        Wraps the days that are worked through, as a progress bar does.

    Raises
    ------
    TooFewObservationsError
        When the sizes do not let every bond have its fewest observations.
    """
    market, regimes, issuers = draw_market(params, seed)
    states, trading = params.regimes.states, params.trading
    rng = stream(seed, "universe")
    slots = draw_slots(params.bond_types, params.bonds, issuers, rng)
    fewest = fewest_trading_days(params.minimum_observations)
    universe = draw_universe(slots, market, fewest, trading.activity_dispersion, rng)

    picks = picks_by_day(
        universe, market.days, params.observations_per_period, params.treasury_share, params.minimum_observations,
        trading.issue_boost, stream(seed, "selection"),
    )  # fmt: skip
    residuals = residuals_by_day(
        params.residuals, states, regimes, params.issuers, universe.kind.size, stream(seed, "residuals")
    )
    bonds, frequencies, parts = [], [], []
    for _, picked, residual in zip(watch(range(params.periods)), picks, residuals, strict=True):
        bonds.append(picked.bond)
        frequencies.append(picked.log_frequency)
        parts.append(np.stack([residual.issuer[universe.issuer[picked.bond]], residual.bond[picked.bond]]))
    bond = np.concatenate(bonds)
    day = np.repeat(np.arange(params.periods), [picked.size for picked in bonds])

    settlement = settle(market.days, params.settlement_days)[day]
    notch = notch_on(market.ratings, day, universe.issuer[bond])
    years = (universe.maturity[bond] - settlement) / DAYS_A_YEAR
    spreads = spread_parts(params, market.credit, universe, day, bond, notch, years, np.concatenate(parts, axis=1))
    terms, floating, margin = observed_terms(universe, market, day, bond, settlement)
    mids = price(terms, market.curve, day, spreads.total / 1e4, floating, margin)
    prints = print_trades(
        trading, mids.clean, mids.price_risk, np.concatenate(frequencies), states.column("bid_ask")[regimes[day]],
        universe.kind[bond] == TREASURY, NOTCH_LETTER[notch] > LAST_INVESTMENT_GRADE, stream(seed, "prints"),
    )  # fmt: skip
    return Simulated(market, regimes, issuers, universe, day, bond, notch, terms, spreads, mids, prints)


def observed_terms(
    universe: Universe, market: Market, day: Integers, bond: Integers, settlement: Integers
) -> tuple[BondTerms, NDArray[np.bool_], Floats]:
    """Return the terms of each observation with current coupons, which bonds float, and their margins."""
    floating = universe.kind[bond] == FLOATING_RATE
    coupon = universe.coupon[bond]
    margin = np.where(floating, coupon, 0.0)
    rows = np.flatnonzero(floating)
    floaters = bond[rows]
    coupon[rows] = current_coupon(
        market.curve, market.days, day[rows], settlement[rows], universe.maturity[floaters],
        universe.frequency[floaters], margin[rows],
    )  # fmt: skip
    terms = BondTerms(
        settlement=settlement.astype(np.int32),
        maturity=universe.maturity[bond].astype(np.int32),
        coupon_rate=coupon,
        frequency=universe.frequency[bond].astype(np.int32),
        day_count=universe.day_count[bond].astype(np.int32),
        issue=universe.issue[bond].astype(np.int32),
        first_coupon=universe.first_coupon[bond].astype(np.int32),
    )
    return terms, floating, margin
