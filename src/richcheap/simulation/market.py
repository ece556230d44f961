"""The whole simulation: states of the market, bonds, who trades when, mid prices and prints."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from richcheap.bonds.terms import NO_DATE, BondTerms, Floating
from richcheap.simulation.constants import DAYS_A_YEAR, FLOATING_RATE, TREASURY
from richcheap.simulation.dates import business_days, settle
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.rng import stream
from richcheap.simulation.states.credit import NOTCH_LETTER, Credit, credit_path
from richcheap.simulation.states.ratings import rating_path
from richcheap.simulation.states.regimes import regime_path, transition_matrix
from richcheap.simulation.states.residuals import residuals_by_day
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.states.yields import curve_path
from richcheap.simulation.trading.pricing import Mids, current_coupon, price
from richcheap.simulation.trading.prints import PrintStreams, SimulatedPrints, print_streams, print_trades
from richcheap.simulation.trading.trade_sampling import picks_by_day
from richcheap.simulation.universe.bonds import Market, Universe, draw_universe, min_trading_days, notch_on
from richcheap.simulation.universe.issuers import Issuers, draw_issuers
from richcheap.simulation.universe.slots import LAST_INVESTMENT_GRADE, draw_slots

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


class Backdrop(NamedTuple):
    """What all observations share."""

    market: Market
    regimes: Integers
    """Regime of each day, an index into ``REGIMES``."""
    issuers: Issuers
    universe: Universe


class Trades(NamedTuple):
    """Which bonds trade on a run of days; arrays of observations, sorted by day, then bond."""

    day: Integers
    """Business day, an index."""
    bond: Integers
    """Index into the universe."""
    log_frequency: Floats
    """Log of how often the bond trades, beside the average of its kind."""
    issuer_residual: Floats
    bond_residual: Floats
    """Both in standard deviations of the normal regime."""


class Simulated(NamedTuple):
    """A simulated market, or a run of its days; arrays of observations are sorted by day, then bond."""

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
    prints: SimulatedPrints


def draw_backdrop(params: SimulateParams, seed: int) -> Backdrop:
    """Draw the regime, the curve, the spreads and the grades of each day, the issuers and all bonds."""
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
    rng = stream(seed, "universe")
    slots = draw_slots(params.bond_types, params.bonds, issuers, rng)
    min_days = min_trading_days(params.min_observations)
    return Backdrop(
        market, regimes, issuers, draw_universe(slots, market, min_days, params.trading.activity_dispersion, rng)
    )


def trades_by_day(params: SimulateParams, seed: int, backdrop: Backdrop, days: Iterable[int]) -> Iterator[Trades]:
    """Yield the trades of each of the days, from the first on."""
    universe = backdrop.universe
    picks = picks_by_day(
        universe, backdrop.market.days, params.observations_per_period, params.treasury_share,
        params.min_observations, params.trading.issue_boost, stream(seed, "selection"),
    )  # fmt: skip
    residuals = residuals_by_day(
        params.residuals, params.regimes.states, backdrop.regimes, params.issuers, universe.kind.size,
        stream(seed, "residuals"),
    )  # fmt: skip
    for day, picked, residual in zip(days, picks, residuals, strict=True):
        yield Trades(
            day=np.full(picked.bond.size, day),
            bond=picked.bond,
            log_frequency=picked.log_frequency,
            issuer_residual=residual.issuer[universe.issuer[picked.bond]],
            bond_residual=residual.bond[picked.bond],
        )


def spread_parts(
    params: SimulateParams, credit: Credit, universe: Universe, trades: Trades, notch: Integers, years: Floats
) -> Spreads:
    """Return the parts of the spreads of bonds of these grades and years to maturity."""
    bond = trades.bond
    governed = universe.kind[bond] == TREASURY
    level = np.where(governed, 0.0, credit.base_bp[notch])
    rating = np.where(governed, 0.0, credit.spread_bp(trades.day, notch, years))
    option = np.where(universe.callable[bond], params.credit.callable_bp, 0.0)
    option = option + np.where(universe.convertible[bond], params.credit.convertible_bp, 0.0)
    scale = params.residuals
    issuer = scale.issuer_share * level * trades.issuer_residual
    own = (scale.bond_share * level + scale.bond_floor_bp) * trades.bond_residual
    return Spreads(rating, option, issuer, own, total=np.minimum(rating + option + issuer + own, widest_spread(years)))


def widest_spread(years: Floats) -> Floats:
    """Return the spread that no bond of so many years to maturity exceeds, bp."""
    return np.asarray(WIDEST_SPREAD_BP * np.sqrt(np.minimum(5.0 / years, 1.0)))


def observed_terms(universe: Universe, market: Market, settlements: Integers, trades: Trades) -> BondTerms:
    """Return the terms of each observation with the current coupons of floating-rate bonds.

    Parameters
    ----------
    settlements
        Settlement of the trades of each business day, shape (days,).
    """
    bond, settlement = trades.bond, settlements[trades.day]
    floats = universe.kind[bond] == FLOATING_RATE
    coupon = universe.coupon[bond]
    rows = np.flatnonzero(floats)
    floaters = bond[rows]
    coupon[rows] = current_coupon(
        market.curve, settlements, settlement[rows], universe.issue[floaters], universe.maturity[floaters],
        universe.frequency[floaters], universe.margin[floaters],
    )  # fmt: skip
    return BondTerms(
        settlement=settlement.astype(np.int32),
        maturity=universe.maturity[bond].astype(np.int32),
        coupon_rate=coupon,
        frequency=universe.frequency[bond].astype(np.int32),
        day_count=universe.day_count[bond].astype(np.int32),
        issue=universe.issue[bond].astype(np.int32),
        first_coupon=universe.first_coupon[bond].astype(np.int32),
        floating=np.where(floats, int(Floating.MARGIN), int(Floating.FIXED)).astype(np.int32),
        margin=universe.margin[bond],
        ex_until=np.full(len(bond), NO_DATE, np.int32),
    )


def observe(params: SimulateParams, backdrop: Backdrop, trades: Trades, streams: PrintStreams) -> Simulated:
    """Price the bonds that trade and print them; the streams of prints move on."""
    market, regimes, issuers, universe = backdrop
    day, bond = trades.day, trades.bond
    notch = notch_on(market.ratings, day, universe.issuer[bond])
    terms = observed_terms(universe, market, settle(market.days, params.settlement_days), trades)
    years = (universe.maturity[bond] - terms.settlement) / DAYS_A_YEAR
    spreads = spread_parts(params, market.credit, universe, trades, notch, years)
    mids = price(terms, market.curve, day, spreads.total / 1e4)
    prints = print_trades(
        params.trading, mids.clean, mids.dv01, trades.log_frequency,
        params.regimes.states.column("bid_ask")[regimes[day]], universe.kind[bond] == TREASURY,
        NOTCH_LETTER[notch] > LAST_INVESTMENT_GRADE, streams,
    )  # fmt: skip
    return Simulated(market, regimes, issuers, universe, day, bond, notch, terms, spreads, mids, prints)


def simulate_runs(
    params: SimulateParams, seed: int, rows: int, progress: Callable[[Iterable[int]], Iterable[int]] = iter
) -> Iterator[Simulated]:
    """Simulate the market and yield it run of days by run of days, which does not affect the result.

    Parameters
    ----------
    rows
        Most observations of a run, unless a single day has more.
    progress
        Wraps the days that are worked through, as a progress bar does.

    Raises
    ------
    TooFewObservationsError
        After the last day, when the sizes do not let every bond have its fewest observations.
    """
    backdrop = draw_backdrop(params, seed)
    streams = print_streams(stream(seed, "prints"), params.periods * params.observations_per_period)
    trades = trades_by_day(params, seed, backdrop, progress(range(params.periods)))
    days = max(rows // params.observations_per_period, 1)
    while run := list(islice(trades, days)):
        joined = Trades._make(np.concatenate(parts) for parts in zip(*run, strict=True))
        yield observe(params, backdrop, joined, streams)


def simulate(params: SimulateParams, seed: int) -> Simulated:
    """Simulate the whole market at once; raise what `simulate_runs` raises."""
    (whole,) = simulate_runs(params, seed, params.periods * params.observations_per_period)
    return whole
