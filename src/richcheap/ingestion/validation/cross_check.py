"""Compare what follows from a file's observations with what the file itself says of them."""

import math
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.bonds.conventions import DAY_COUNTS

OURS = {
    "accrued_interest": "accrued_interest",
    "dirty_price": "dirty_price",
    "clean_price": "clean_price",
    "yield": "yield_to_maturity",
    "modified_duration": "modified_duration",
    "spread": "spread_over_its_benchmark",
}
"""By what a file may say: the column that holds ours."""

TOLERANCE = {
    "accrued_interest": 1e-4,
    "dirty_price": 1e-3,
    "clean_price": 1e-3,
    "yield": 1e-4,
    "modified_duration": 0.01,
    "spread": 1e-3,
}
"""Differences that rounding explains: points per 100; a basis point; years; ten basis points of a benchmark that is
only estimated."""

OTHER_CASH_FLOWS = "other cash flows: index-linked, amortising, stepped or floating"
"""Of a yield that no convention explains: which bonds are not plain, the file hides."""
_UNEXPLAINED = {"yield": OTHER_CASH_FLOWS, "spread": "another benchmark or kind of spread"}

MOST = 0.9
"""Share of the rows that must agree for a figure, or a cause of its differences, to be right."""

_NEAR = 0.05
"""Points of accrued interest that another day count, or another settlement, makes at most."""

SMALL_YIELD = 1e-3
"""Difference of yields that no other cash flow makes."""

_TRIED_ROWS = 2_000
_NEIGHBOURS = 5


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Compared(NamedTuple):
    """How one figure of a file compares with ours.

    Attributes
    ----------
    name : str
        As in `OURS`.
    rows : int
        With both figures.
    agree : int
        Of these, within `TOLERANCE`.
    median, largest : float
        Differences without sign.
    where : str
        Bond, date and both figures of the largest.
    kinds : dict of str to int
        Rows that differ, by what is likely the cause.
    cause : str
        What would make most rows agree; empty when they do, or nothing would.
    remedy : dict
        Keys of ``data`` in params, with values, that make most rows agree; empty where there are none.
    """

    name: str
    rows: int
    agree: int
    median: float
    largest: float
    where: str
    kinds: Mapping[str, int]
    cause: str
    remedy: Mapping[str, Any] = NOTHING

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**self._asdict(), "kinds": dict(self.kinds), "remedy": dict(self.remedy)}


def compare(bonds: pl.DataFrame, theirs: pl.DataFrame) -> list[Compared]:
    """Compare figures row by row.

    Parameters
    ----------
    bonds : DataFrame
        Observations with our figures, as `richcheap.bonds.conversion.convert_frame` returns them.
    theirs : DataFrame
        ``source_row`` and some of the columns of `OURS`, as the file has them: yields may be in percent, a year or a
        day, durations in years or days, spreads in decimals, percent or basis points.
    """
    names = [name for name in OURS if name in theirs.columns]
    joined = bonds.join(theirs.rename({name: _their(name) for name in names}), on="source_row", how="inner")
    joined = joined.filter(pl.col("status") == "ok")
    if "spread" in names:
        joined = _with_spread(joined)
    found = []
    for name in names:
        own, ours = _their(name), OURS[name]
        both = joined.filter(pl.col(own).is_not_null() & pl.col(ours).is_not_null(), pl.col("observed") != name)
        if both.is_empty():
            continue
        both = both.with_columns((pl.col(own) / file_unit(name, both[own], both[ours])).alias(own))
        gap = (both[own] - both[ours]).abs()
        agree = int((gap <= TOLERANCE[name]).sum())
        at = int(gap.arg_max() or 0)
        cause, remedy = ("", NOTHING) if agree >= MOST * both.height else _cause(name, both)
        where = f"{both['bond_id'][at]} on {both['date'][at]}: {both[own][at]:.6g}, ours {both[ours][at]:.6g}"
        median, largest = (float(value) for value in np.quantile(gap.to_numpy(), [0.5, 1.0]))
        found.append(Compared(name, both.height, agree, median, largest, where, _kinds(name, both), cause, remedy))
    return found


def _their(name: str) -> str:
    return f"their {name}"


def _with_spread(joined: pl.DataFrame) -> pl.DataFrame:
    """Bring the file's spreads to decimals, and add our yields over the benchmark that they imply.

    Yield less spread is the benchmark's yield at a maturity: it is smooth from bond to bond of a date and currency, in
    the right unit. The median of five neighbours stands for it.
    """
    ordered = joined.sort("date", "currency", "maturity_date", "source_row")
    their, ours, of_day = pl.col(_their("spread")), pl.col("yield_to_maturity"), ["date", "currency"]

    def smooth(unit: float) -> pl.Expr:
        return (ours - their / unit).rolling_median(_NEIGHBOURS, min_samples=3, center=True).over(of_day)

    def roughness(unit: float) -> float:
        rough = ordered.select((ours - their / unit - smooth(unit)).abs().mean()).item()
        return float("inf") if rough is None else float(rough)

    unit = min((1.0, 100.0, 10_000.0), key=roughness)
    return ordered.with_columns((their / unit).alias(_their("spread")), (ours - smooth(unit)).alias(OURS["spread"]))


def file_unit(name: str, own: pl.Series, ours: pl.Series) -> float:
    """Return what the file's figure is divided by to be ours."""
    ratio = (own / ours).filter(ours.abs() > 1e-6).median()
    if not isinstance(ratio, float):
        return 1.0
    candidates = {
        "yield": (1.0, 100.0, 1.0 / 365.0), "modified_duration": (1.0, 365.0), "accrued_interest": (1.0, 0.01, 10.0)
    }.get(name, (1.0,))  # fmt: skip
    return min(candidates, key=lambda unit: abs(math.log(max(abs(ratio) / unit, 1e-12))))


def _kinds(name: str, both: pl.DataFrame) -> dict[str, int]:
    """Count the rows that differ by the likely cause: what accrued interest tells, or another compounding."""
    implied = {
        "accrued_interest": pl.col(_their(name)),
        "dirty_price": pl.col(_their(name)) - pl.col("clean_price"),
        "clean_price": pl.col("dirty_price") - pl.col(_their(name)),
    }.get(name)
    gap = (pl.col(_their(name)) - pl.col(OURS[name])).abs() > TOLERANCE[name]
    if implied is None:
        cause: pl.Expr = pl.lit(_UNEXPLAINED.get(name, "other"))
        if name == "yield":
            small = (pl.col(_their(name)) - pl.col(OURS[name])).abs() <= SMALL_YIELD
            cause = pl.when(small).then(pl.lit("rounding or day count")).otherwise(cause)
        others = {"yield": compounded, "modified_duration": _durations}.get(name, dict)
        for what, values in others().items():
            near = (pl.col(_their(name)) - values).abs() <= TOLERANCE[name]
            cause = pl.when(near).then(pl.lit(what)).otherwise(cause)
        return dict(sorted(Counter(both.filter(gap).with_columns(cause.alias("kind"))["kind"].to_list()).items()))
    ours = pl.col("accrued_interest")
    flipped = ((implied + ours).abs() <= TOLERANCE["dirty_price"]) & (ours > _NEAR) & pl.lit(name != "accrued_interest")
    period = 100.0 * pl.col("coupon_rate") / pl.col("frequency").clip(1)
    kind = (
        pl.when(implied > 1.5 * period + 1.0)
        .then(pl.lit("index ratio, or another unit"))
        .when((implied - ours).abs() <= _NEAR)
        .then(pl.lit("day count or settlement"))
        .when(flipped)
        .then(pl.lit("clean and dirty price are flipped"))
        .when((implied < 0.0) & (ours > 0.0))
        .then(pl.lit("ex-dividend"))
        .when((implied >= 0.0) & (implied < ours))
        .then(pl.lit("interest began later: a new issue"))
        .otherwise(pl.lit("other"))
    )
    return dict(sorted(Counter(both.filter(gap).with_columns(kind.alias("kind"))["kind"].to_list()).items()))


def _cause(name: str, both: pl.DataFrame) -> tuple[str, Mapping[str, Any]]:
    """Say what would make most rows agree, and the keys that do."""
    if name == "dirty_price":
        flipped = both["clean_price"] - both["accrued_interest"]
        if _agreeing(both[_their(name)], flipped, TOLERANCE[name]) >= MOST:
            return "clean and dirty price are flipped: data.columns names them the other way round", NOTHING
    if name in ("accrued_interest", "dirty_price"):
        return _other_terms(name, both)
    if name == "yield":
        for what, values in compounded().items():
            if _agreeing(both[_their(name)], both.select(values).to_series(), TOLERANCE[name]) >= MOST:
                return f"they are {what}", NOTHING
    return "", NOTHING


def compounded() -> dict[str, pl.Expr]:
    """Return our yields in other conventions and to other dates, the most usual last."""
    y, f = pl.col("yield_to_maturity"), pl.col("frequency").clip(1)
    days = (pl.col("maturity_date") - pl.col("settlement_date")).dt.total_days()
    return {
        "to the worst call": pl.col("yield_to_worst"),
        "continuously compounded": f * (1.0 + y / f).log(),
        "a bill's simple yield": (100.0 / pl.col("dirty_price") - 1.0) * 365.0 / days,
        "a bill's discount rate": (100.0 - pl.col("dirty_price")) / 100.0 * 360.0 / days,
        "compounded once a year": (1.0 + y / f) ** f - 1.0,
        "compounded twice a year": 2.0 * ((1.0 + y / f) ** (f / 2.0) - 1.0),
    }


def _durations() -> dict[str, pl.Expr]:
    """Return our modified durations by yields of other compounding."""
    y, f = pl.col("yield_to_maturity"), pl.col("frequency").clip(1)
    return {
        f"of a yield compounded {'once' if per == 1 else 'twice'} a year": pl.col("macaulay_duration")
        / (1.0 + y / f) ** (f / per)
        for per in (1, 2)
    }


def _other_terms(name: str, both: pl.DataFrame) -> tuple[str, Mapping[str, Any]]:
    """Try other settlements, day counts and frequencies on some of the rows."""
    from richcheap.bonds.conversion import convert_frame  # noqa: PLC0415  most files need no kernels here

    rows = both.head(_TRIED_ROWS)
    for lag in (0, 1, 2, 3):
        settled = rows.with_columns(pl.col("date").dt.add_business_days(lag, roll="forward").alias("settlement_date"))
        if _agreeing(rows[_their(name)], convert_frame(settled)[OURS[name]], TOLERANCE[name]) >= MOST:
            return f"they agree when settled {lag} business days after the trade", {"settlement_lag_days": lag}
    for frequency in (None, 1, 2, 4):
        for spec in DAY_COUNTS:
            terms = {"day_count": spec.name} | ({} if frequency is None else {"frequency": str(frequency)})
            coupons = pl.col("frequency") if frequency is None else pl.lit(frequency)
            changed = rows.with_columns(
                pl.lit(spec.name).alias("day_count"),
                pl.when(pl.col("frequency") > 0).then(coupons).otherwise(0).cast(pl.Int32).alias("frequency"),
            )
            if _agreeing(rows[_their(name)], convert_frame(changed)[OURS[name]], TOLERANCE[name]) >= MOST:
                said = ", ".join(f"{key} {value}" for key, value in terms.items())
                return f"they agree with {said}", {"constants": terms}
    return "", NOTHING


def _agreeing(one: pl.Series, other: pl.Series, tolerance: float) -> float:
    near = ((one - other).abs() <= tolerance).fill_null(False).mean()
    return near if isinstance(near, float) else 0.0
