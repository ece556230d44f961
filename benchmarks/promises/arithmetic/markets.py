"""Markets of which little can be said: every stage ends with finite figures, or one line says why there are none."""

import json
import math
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import refusal, room
from richcheap.pipeline.errors import RichcheapError
from richcheap.pipeline.storage import paths
from tests import markets

DAY, FAR = date(2024, 1, 1), date(2060, 1, 1)
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "BRL", "MXN", "CAD", "ZAR"]
Market = pl.DataFrame


def closes(dates: int = 14, bonds: int = 6, step: int = 1, first: date = DAY, years: int = 2, **given: Any) -> Market:
    """Return closes of half governments, half companies; what is given stands in the place of a column."""
    rows = []
    for place in range(dates):
        for bond in range(bonds):
            day = first + timedelta(days=place * step)
            price = 99.0 - (0.4 * bond) % 30 + 0.05 * ((7 * place + 3 * bond) % 11)
            rows.append(
                {
                    "bond_id": f"B{bond:05d}",
                    "date": day,
                    "clean_price": round(price, 3),
                    "maturity_date": date(first.year + years + bond % 20, 1, 15),
                    "coupon_rate": 2.0 + 0.1 * (bond % 40),
                    "bond_type": "treasury" if bond % 2 == 0 else "corporate",
                    "credit_rating": "AA" if bond % 2 == 0 else ("A", "BBB")[bond // 2 % 2],
                    "issuer": f"I{bond % 3}",
                }
            )
    return pl.DataFrame(rows).with_columns(**{name: _column(value) for name, value in given.items()})


def _column(value: Any) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def _blank(market: Market, seed: int) -> Market:
    """Return the market without half of the values that it can do without."""
    rng = np.random.default_rng(seed)
    names = ("credit_rating", "issuer", "bond_type", "clean_price")
    kept = {name: pl.Series(rng.random(market.height) < 0.5) for name in names}
    return market.with_columns(pl.when(some).then(name).alias(name) for name, some in kept.items())


def _noisy(market: Market, seed: int, deviation: float) -> Market:
    noise = pl.Series(np.random.default_rng(seed).normal(0.0, deviation, market.height))
    return market.with_columns(pl.col("clean_price") + noise)


def _maturing(market: Market) -> Market:
    last = market["date"].max()
    assert isinstance(last, date)
    days = pl.col("bond_id").str.slice(1).cast(pl.Int32) % 5 - 2
    return market.with_columns(maturity_date=pl.lit(last) + pl.duration(days=days))


def drawn(seed: int) -> Mapping[str, Market]:
    """Return markets by what is odd about them."""
    plain, number, day = closes(), pl.int_range(pl.len()), pl.col("date").dt.day()
    price = pl.col("clean_price")
    many = closes(1000, 1, bond_id=number.cast(pl.String), date=DAY + pl.duration(days=number % 14))
    busy = closes(1, 1000, bond_id="BUSY", maturity_date=FAR, coupon_rate=3.0, bond_type="corporate")
    found = {
        "one bond at one date": closes(1, 1),
        "one bond": closes(40, 1),
        "two bonds": closes(30, 2),
        "one date": closes(1, 30),
        "two dates": closes(2, 12),
        "all prices equal": closes(clean_price=100.0),
        "no price ever changes": plain.with_columns(price.first().over("bond_id")),
        "prices at par of zero coupons": closes(clean_price=100.0, coupon_rate=0.0, frequency=0),
        "all bonds mature": _maturing(plain),
        "one issuer and rating": closes(issuer="One", credit_rating="A", bond_type="corporate"),
        "half is blank": _blank(closes(20, 10), seed),
        "every row twice": pl.concat([plain, plain]),
        "a thousand bonds with one print": many,
        "one bond of a thousand prints": pl.concat([closes(20, 5), closes(1000, 1, bond_id="LONG", maturity_date=FAR)]),
        "a thousand prints of a bond in a day": pl.concat([plain, busy]),
        "negative yields": closes(clean_price=price + 30.0, coupon_rate=0.5),
        "zero coupons": closes(coupon_rate=0.0, frequency=0, clean_price=60.0 + price / 10.0),
        "no governments": closes(bond_type="corporate"),
        "governments alone": closes(bond_type="treasury", credit_rating="AA", issuer="State"),
        "1900": closes(first=date(1900, 1, 2)),
        "1969 to 1970": closes(first=date(1969, 12, 25)),
        "2170": closes(first=date(2170, 1, 2)),
        "2199": closes(first=date(2199, 11, 2), years=20),
        "2260": closes(first=date(2260, 1, 2)),
        "a date a year": closes(dates=14, step=365, years=30),
        "prices swing from 20 to 180": closes(clean_price=20.0 + 160.0 * (day % 2)),
        "prices at random": _noisy(closes(20, 8), seed, 8.0),
        "prices of 1 to 2": closes(clean_price=1.0 + price / 100.0),
        "prices of 240": closes(clean_price=240.0 + price / 100.0, coupon_rate=15.0, years=30),
        "one maturity": closes(maturity_date=date(2030, 1, 15)),
        "maturities of a day": closes(maturity_date=pl.col("date") + pl.duration(days=4)),
        "a hundred years": closes(maturity_date=date(2123, 6, 30)),
        "monthly coupons of 30 %": closes(coupon_rate=30.0, frequency=12),
        "floaters": closes(bond_type="floating_rate", quoted_margin=0.5),
        "a currency for each bond": closes(bonds=8, currency=pl.Series(CURRENCIES * 14)),
        "defaulted": closes(credit_rating="D", clean_price=price / 4.0, bond_type="corporate"),
        "unrated": closes(credit_rating=None),
        "callable at once": closes(callable=True, call_date=DAY + timedelta(30), call_price=100.0),
        "half the dates have one print": plain.filter((day % 2 == 0) | (pl.col("bond_id") == "B00000")),
        "bonds that never meet": closes(24, 12).filter(day % 12 == pl.col("bond_id").str.slice(1).cast(pl.Int32)),
    }
    return MappingProxyType(found)


SHORT = ("one bond at one date", "two bonds", "all prices equal", "all bonds mature", "1900", "2170", "half is blank")


@contextmanager
def small_market(market: Market, changes: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a room with a market and its params."""
    before = sys.argv
    sys.argv = ["stage", markets.NAME]
    try:
        with room() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            markets.prepare(market, dict(changes))
            yield folder
    finally:
        sys.argv = before


def cases(options: Options) -> Iterator[Case]:
    """Yield every market, through all stages."""
    for name, market in drawn(options.seed).items():
        if not options.short or name in SHORT:
            yield case(name, market)


def case(name: str, market: Market, changes: Mapping[str, Any] = MappingProxyType({})) -> Case:
    """Run all stages on a market."""
    with small_market(market, {"data.max_rejected_share": 1.0, **changes}):
        try:
            markets.go()
        except RichcheapError as error:
            return refusal(name, str(error))
        except BaseException as error:  # noqa: BLE001  whatever comes is a traceback to a user
            return Case(name, Verdict.FAILED, f"{where(error)}: {type(error).__name__}: {str(error)[:300]}")
        wrong = _not_finite()
    return Case(name, Verdict.FAILED if wrong else Verdict.RIGHT, wrong)


def where(error: BaseException) -> str:
    """Return the last line of ours that an exception came through."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        place = f"{Path(file).name}:{step.tb_lineno}" if "richcheap" in file or "stages" in file else place
        step = step.tb_next
    return place


def _not_finite() -> str:
    """Say which figure is no finite number; nothing when all are."""
    for path in sorted(paths.METRICS.glob("*.json")):
        for place, value in _numbers(json.loads(path.read_text(encoding="utf-8"))):
            if not math.isfinite(value):
                return f"{path}: {place} is {value}"
    for folder in (paths.PREDICTIONS.parent, paths.LISTS):
        for path in sorted(folder.rglob("*.parquet")):
            for column in pl.read_parquet(path).select(pl.selectors.float()).iter_columns():
                ends = column.name.split("_")[-1] in {"low", "high"}  # infinite: too few errors are known
                odd = column.is_nan() if ends else column.is_infinite() | column.is_nan()
                if odd.any():
                    return f"{path}: {column.name} has {column.filter(odd)[0]}"
    return ""


def _numbers(value: Any, place: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield place, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(item, f"{place}.{key}")
