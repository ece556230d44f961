"""Small made-up markets in the form that the convert stage writes, for tests of everything after it."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import terms_from_frame
from richcheap.curves.pricing import curve_dirty_price
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams, SplitParams
from richcheap.panel.universe import UNIVERSE_COLUMNS, build_universe
from richcheap.surface.valuation import MarketValuer, Valuation

NODES = np.array([0.25, 1.0, 3.0, 5.0, 10.0, 30.0])
RATINGS = ("NR", "NR", "NR", "AA", "A-", "BBB", "BB+", "CCC")
START = date(2024, 1, 1)

MARKET = MarketParams(
    curve_nodes_years=tuple(NODES.tolist()),
    risk_free_rate=0.03,
    min_government_bonds=4,
    level_prior_bp=10.0,
    refit_prior_bp=100.0,
    move_prior_bp=8.0,
    move_correlation_length=2.0,
    spread_noise_bp=3.0,
    price_noise_points=0.03,
    variance_growth_per_day=0.3,
    level_noise_bp=10.0,
    noise_memory_prints=20.0,
    peers=4,
    peer_shrinkage=3.0,
    peer_max_age_days=30,
    peer_window_days=365,
    outlier_threshold_std=8.0,
    max_set_aside_share=0.1,
)
KALMAN = KalmanParams(
    extra_nodes_years=(1.5, 4.0),
    memory_factors=4,
    window_days=400,
    premium_level_bp=1.0,
    premium_move_bp=0.05,
    option_level_bp=30.0,
    scale_floor_bp=100.0,
    widening_move_bp=1.0,
    node_move_bp=4.0,
    correlation_length=4.0,
    rating_move_bp=1.0,
    issuer_move_bp=1.0,
    bond_move_bp=1.0,
    issuer_half_life_days=250.0,
    bond_half_life_days=250.0,
    issuer_level_bp=20.0,
    bond_level_bp=10.0,
    spread_noise_bp=2.0,
    price_noise_points=0.03,
    reference_noise=1.0,
    huber_threshold_std=2.0,
    noise_memory_prints=20.0,
    outlier_threshold_std=8.0,
    fit_evaluations=0,
    fit_rows=1000,
)
FEATURES = FeaturesParams(decay_half_life_days=5.0, activity_window_days=20, volatility_window_dates=5)
SPLIT = SplitParams(train_share=0.6, validation_share=0.2, embargo_dates=1)


def true_rates(dates: int, rng: np.random.Generator) -> np.ndarray:
    """Return the zero rates at `NODES` that make the prices, shape (dates, nodes)."""
    level = 0.03 + np.cumsum(rng.normal(0.0, 4e-4, dates))
    slope = 0.01 + np.cumsum(rng.normal(0.0, 2e-4, dates))
    rates: np.ndarray = level[:, None] + slope[:, None] * np.log1p(NODES)[None, :] / 3.0
    return rates


def small_market(
    bonds: int = 24, dates: int = 24, chance: float = 0.6, currencies: int = 1, walk_bp: float = 2.0, seed: int = 1
) -> pl.DataFrame:
    """Return converted observations of bonds whose curve and spreads walk at random."""
    rng = np.random.default_rng(seed)
    business = [START + timedelta(days=k) for k in range(2 * dates) if (START + timedelta(days=k)).weekday() < 5]
    rates = true_rates(dates, rng)
    bond_spread = np.array([0.0 if k % 8 < 3 else 0.004 * (k % 8 - 2) for k in range(bonds)])
    valuer = np.cumsum(rng.normal(0.0, walk_bp / 1e4, (dates, bonds)), axis=0)
    when, which = np.nonzero(rng.random((dates, bonds)) < chance)
    years = 1 + (np.arange(bonds) * 7) % 25
    frame = pl.DataFrame(
        {
            "bond_id": [f"B{k:03d}" for k in which],
            "date": [business[t] for t in when],
            "settlement_date": [business[t] + timedelta(days=1) for t in when],
            "maturity_date": [date(2024 + int(years[k]), 1 + k % 12, 15) for k in which],
            "coupon_rate": [0.02 + 0.002 * (k % 10) for k in which],
            "quoted_margin": pl.Series([None] * when.size, dtype=pl.Float64),
            "frequency": pl.Series([2] * when.size, dtype=pl.Int32),
            "day_count": ["ACT/ACT ICMA" if k % 8 < 3 else "30/360" for k in which],
            "issue_date": pl.Series([None] * when.size, dtype=pl.Date),
            "first_coupon_date": pl.Series([None] * when.size, dtype=pl.Date),
            "bond_type": ["treasury" if k % 8 < 3 else "corporate" for k in which],
            "credit_rating": [RATINGS[k % 8] for k in which],
            "issuer": [None if k % 8 < 3 else f"issuer {k % 5}" for k in which],
            "currency": ["USD" if k % currencies == 0 else "EUR" for k in which],
            "callable": [k % 11 == 0 for k in which],
            "convertible": [k % 13 == 0 for k in which],
            "volume": rng.uniform(1e4, 1e6, when.size),
            "side": rng.choice(["buy", "sell", "interdealer"], when.size).tolist(),
            "price_kind": ["trade"] * when.size,
        }
    )
    terms = terms_from_frame(frame)
    spread = bond_spread[which] + valuer[when, which] + rng.normal(0.0, 1e-4, when.size)
    dirty = curve_dirty_price(terms, NODES, rates, when.astype(np.int32), spread)
    clean = np.round(dirty - accrued_interest(terms), 3)
    return with_prices(frame.with_row_index("source_row", offset=1), clean).sort("date", "bond_id")


def with_prices(frame: pl.DataFrame, clean: np.ndarray) -> pl.DataFrame:
    """Return the observations at other clean prices."""
    terms = terms_from_frame(frame)
    accrued = accrued_interest(terms)
    return frame.with_columns(
        pl.Series("clean_price", clean),
        pl.Series("accrued_interest", accrued),
        pl.Series("dirty_price", clean + accrued),
        pl.Series("years_to_maturity", (terms.maturity - terms.settlement) / 365.0),
        status=pl.lit("ok"),
    )


def valued(bonds: pl.DataFrame, curve: pl.DataFrame | None = None, params: MarketParams = MARKET) -> Valuation:
    """Value a whole market as one run of dates."""
    universes = build_universe([bonds.select(UNIVERSE_COLUMNS)])
    return MarketValuer(universes, no_curve() if curve is None else curve, params).value(bonds)


def no_curve() -> pl.DataFrame:
    """Return a table of published curves without a row."""
    return pl.DataFrame(
        schema={
            "currency": pl.String,
            "date": pl.Date,
            "tenor_years": pl.Float64,
            "rate": pl.Float64,
            "kind": pl.String,
        }
    )


def odd_market(dates: int = 9) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return observations and a published curve of a small market in which everything occurs.

    Two currencies, one with a published curve that starts late; a bond that is silent for longer than it is
    remembered, one that matures, one that changes its issuer and its rating; references, unknown sides and volumes; two
    wrong prices.
    """
    bonds = small_market(bonds=22, dates=dates, chance=0.75, currencies=2, seed=5)
    days = bonds["date"].unique().sort()
    late = pl.col("date") > days[dates // 2]
    number = pl.col("bond_id").str.slice(1).cast(pl.Int32)
    silent = (number == 9) & pl.col("date").is_between(days[1], days[dates - 2])
    bonds = bonds.filter(~silent).with_columns(
        issuer=pl.when(late & (number == 13)).then(pl.lit("issuer 0")).otherwise("issuer"),
        credit_rating=pl.when(late & (number == 12)).then(pl.lit("BBB-")).otherwise("credit_rating"),
        price_kind=pl.when(number % 5 == 2).then(pl.lit("reference")).otherwise("price_kind"),
        side=pl.when(number % 7 != 3).then("side"),
        volume=pl.when(number % 6 != 4).then("volume"),
    )
    clean = bonds["clean_price"].to_numpy().copy()
    clean[[bonds.height // 2, bonds.height - 3]] += [6.0, -9.0]
    published = [day for day in days[dates // 3 :] for _ in range(3)]
    curve = pl.DataFrame(
        {
            "currency": ["EUR"] * len(published),
            "date": published,
            "tenor_years": [1.0, 7.0, 30.0] * (len(published) // 3),
            "rate": [0.03 + 0.0007 * k for k in range(len(published))],
            "kind": ["zero_continuous"] * len(published),
        }
    )
    return with_prices(bonds, clean), curve
