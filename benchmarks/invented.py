"""Lists of bonds that nobody has traded, as large as one likes: for tests and benchmarks of the page."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from richcheap.reporting.trader.embedded import Lists

DAY = date(2024, 3, 1)
RATINGS = ("GOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC")
SECTORS = ("Energy", "Health Care", "Industrial", "Telecom", "Utilities")
CURRENCIES = ("EUR", "USD")
PARTS = ("curve", "rating", "coupon", "option", "issuer", "bond", "correction")
PEERS = 8


def lists(bonds: int, prints: int = 60) -> Lists:
    """Return so many bonds, each with so many prints; the same each time.

    The first bond has never printed, the second has no fair price, the third no interval.
    """
    rng = np.random.default_rng(11)
    table = _bonds(bonds, rng)
    return Lists(table, _peers(table), _cash_flows(table), _history(table, prints, rng), _curves())


def _bonds(bonds: int, rng: np.random.Generator) -> pl.DataFrame:
    rating = rng.integers(0, len(RATINGS), bonds)
    years = np.round(rng.uniform(0.3, 30.0, bonds), 3)
    spread, value = 20.0 + 40.0 * rating + years, rng.standard_t(3, bonds) * 12.0
    fair = 100.0 + rng.normal(0.0, 6.0, bonds)
    half_width = np.round(rng.uniform(0.05, 2.0, bonds), 4)
    dv01 = years * 0.009
    innovation = rng.normal(0.0, 0.6, bonds) * half_width
    score = value / 12.0
    shares = rng.dirichlet(np.ones(len(PARTS) - 1), bonds) * (spread - value)[:, None]
    parts = {
        "curve": shares[:, 0],
        "rating": shares[:, 1:].sum(axis=1) * 0.8,
        "coupon": shares[:, 1:].sum(axis=1) * 0.2,
    }
    parts |= dict.fromkeys(("option", "issuer", "correction"), np.zeros(bonds)) | {"bond": value}
    maturity = [DAY + timedelta(days=round(365 * year)) for year in years]
    issuer = [f"{SECTORS[number % 5]} {number // 6:04}" for number in range(bonds)]
    nothing = pl.lit(None, pl.Float64)
    known = {
        "line": np.arange(1, bonds + 1),
        "bond_id": [f"BOND{number:06}" for number in range(bonds)],
        "as_of": [DAY] * bonds,
        "status": ["priced"] * bonds,
        "reason": pl.Series([None] * bonds, dtype=pl.String),
        "fair_clean_price": fair,
        "low": fair - half_width,
        "high": fair + half_width,
        "yield": 0.03 + spread / 1e4,
        "spread_bp": spread,
        "dv01": dv01,
        "own_clean_price": fair - innovation,
        "innovation_bp": innovation / dv01,
        "innovation_share": innovation / half_width,
        "relative_value_bp": value,
        "relative_value_std_bp": rng.uniform(2.0, 9.0, bonds),
        "own_zscore": score,
        "peer_zscore": score,
        "flag": np.where(score > 1.5, "cheap", np.where(score < -1.5, "rich", "fair")),
        "confidence": rng.integers(1, 11, bonds),
        "confidence_reasons": [f"prints before: {number}; peers of its rating: 5" for number in range(bonds)],
        **{f"{name}_bp": parts[name] for name in PARTS},
        "reference_curve_price": fair + spread * dv01,
        **{f"{name}_points": -parts[name] * dv01 for name in PARTS},
        "bid_ask_bp": np.full(bonds, 1.0),
        "bid_ask_points": dv01,
        "champion": ["kalman"] * bonds,
        "information_until": [DAY] * bonds,
        "issuer": issuer,
        "currency": [CURRENCIES[number % 2] for number in range(bonds)],
        "rating": [RATINGS[code] for code in rating],
        "rating_bucket": [RATINGS[code] for code in rating],
        "sector": [name.rpartition(" ")[0] for name in issuer],
        "bond_type": ["corporate"] * bonds,
        "callable": rng.random(bonds) < 0.2,
        "coupon_rate": np.round(rng.uniform(0.0, 0.08, bonds), 5),
        "coupon_frequency": np.full(bonds, 2),
        "maturity_date": maturity,
        "years_to_maturity": years,
        "issue_date": [DAY - timedelta(days=500)] * bonds,
        "last_print": [DAY - timedelta(days=int(days)) for days in rng.integers(0, 45, bonds)],
        "last_clean_price": fair - innovation,
        "last_price_kind": ["trade"] * bonds,
        "last_side": [("buy", "sell")[number % 2] for number in range(bonds)],
        "last_size": np.round(rng.uniform(1e4, 5e6, bonds), 0),
    }
    number = pl.int_range(pl.len())
    never = ("relative_value_bp", "relative_value_std_bp", "flag", "last_print", "last_clean_price", "last_side")
    figures = tuple(f"{name}_{unit}" for name in PARTS for unit in ("bp", "points"))
    priced = (
        "fair_clean_price",
        "low",
        "high",
        "yield",
        "spread_bp",
        "dv01",
        "confidence",
        "relative_value_bp",
        "flag",
        *figures,
    )
    listed = pl.col("spread_bp")
    called: dict[str, pl.Expr] = {
        "oas_status": pl.lit("ok"),
        "oas_bp": listed - 35.0,
        "spread_to_worst_bp": listed - 20.0,
        "call_points": 35.0 * pl.col("dv01"),
        "own_oas_bp": listed - 30.0,
        "own_spread_to_worst_bp": listed - 15.0,
    }
    table = pl.DataFrame(known).with_columns(
        *(pl.when(number != 0).then(name).alias(name) for name in never if name not in priced),
        *(
            pl.when(number > 1 if name in never else number != 1).then(name).alias(name)
            for name in priced
            if name not in ("low", "high")
        ),
        *(pl.when(number > 2).then(name).otherwise(nothing).alias(name) for name in ("low", "high")),
        status=pl.when(number == 1).then(pl.lit("not_priced")).otherwise("status"),
        reason=pl.when(number == 1).then(pl.lit("its cash flows cannot be discounted")).otherwise("reason"),
    )
    return table.with_columns(pl.when("callable").then(value).alias(name) for name, value in called.items())


def _peers(bonds: pl.DataFrame) -> pl.DataFrame:
    names = bonds["bond_id"]
    count = min(PEERS, len(names) - 1)
    places = [(place, rank, (place + rank) % len(names)) for place in range(len(names)) for rank in range(1, count + 1)]
    return pl.DataFrame(
        {
            "bond_id": [names[place] for place, _, _ in places],
            "rank": [rank for _, rank, _ in places],
            "peer_id": [names[peer] for _, _, peer in places],
        }
    )


def _cash_flows(bonds: pl.DataFrame) -> pl.DataFrame:
    halves = pl.int_ranges(0, (pl.col("years_to_maturity") * 2).floor().cast(pl.Int64) + 1).alias("back")
    flows = bonds.select("bond_id", "maturity_date", "coupon_rate", halves).explode("back")
    return flows.select(
        "bond_id",
        date=pl.col("maturity_date").dt.offset_by(pl.format("-{}mo", 6 * pl.col("back"))),
        amount=50.0 * pl.col("coupon_rate") + pl.when(pl.col("back") == 0).then(100.0).otherwise(0.0),
        projected=pl.lit(value=False),
    ).sort("bond_id", "date")


def _history(bonds: pl.DataFrame, prints: int, rng: np.random.Generator) -> pl.DataFrame:
    held = bonds.filter(pl.col("last_print").is_not_null()).select(
        "bond_id", "last_print", start=pl.col("fair_clean_price").fill_null(100.0), known=pl.col("low").is_not_null()
    )
    rows = held.join(pl.DataFrame({"back": np.arange(prints)}), how="cross")
    noise = rng.normal(0.0, 0.4, (2, rows.height))
    judged = pl.col("back") < prints // 2
    fair = pl.col("start") + pl.Series(noise[0])
    return rows.select(
        "bond_id",
        date=pl.col("last_print") - pl.duration(days=2 * pl.col("back")),
        block=pl.when(judged).then(pl.lit("test")).otherwise(pl.lit("train")),
        clean_price=fair + pl.Series(noise[1]),
        price_kind=pl.lit("trade"),
        side=pl.lit("buy"),
        fair_clean_price=fair,
        low=pl.when(judged & pl.col("known")).then(fair - 0.7),
        high=pl.when(judged & pl.col("known")).then(fair + 0.7),
        fair_from=pl.when(judged).then(pl.lit("champion")).otherwise(pl.lit("filter")),
    ).sort("bond_id", "date")


def _curves() -> pl.DataFrame:
    tenors = pl.DataFrame({"tenor_years": [0.5, 1.0, 2.0, 5.0, 10.0, 30.0]})
    rate = 0.02 + 0.004 * pl.col("tenor_years").log1p()
    curves = pl.DataFrame({"date": [DAY] * len(CURRENCIES), "currency": CURRENCIES, "source": "fitted"})
    return curves.join(tenors, how="cross").with_columns(zero_rate=rate, zero_rate_at_close=rate + 0.0005)
