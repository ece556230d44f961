"""Option-adjusted spreads of a list of callable bonds, frames in and frames out."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from richcheap.bonds.calls import calls_from_frame
from richcheap.bonds.conventions import DayCount, Quotation
from richcheap.bonds.terms import FLOATING_RATE, terms_from_frame
from richcheap.bonds.units import BP
from richcheap.options.exercise import CallableBond, callable_bonds
from richcheap.options.params import OptionsParams
from richcheap.options.spreads import Curve, Discounted
from richcheap.options.tree import CallTree
from richcheap.pipeline.execution.map_tasks import MapTasks

OK: Final = "ok"
CONVENTION: Final = "convention"
NO_SPREAD: Final = "no_spread"
COLUMNS: Final[dict[str, pl.DataType]] = {
    "oas_status": pl.String(),
    "oas_bp": pl.Float64(),
    "spread_to_worst_bp": pl.Float64(),
    "call_points": pl.Float64(),
    "own_oas_bp": pl.Float64(),
    "own_spread_to_worst_bp": pl.Float64(),
}
"""What is said of a callable bond; docs/lists.md says what each means."""
DIGITS: Final = 4
"""Of an option-adjusted spread in bp: a hundred times what the solver leaves, so that its last bits do not show."""
BONDS_PER_TASK: Final = 250
"""Some seconds of work: a list with no more callable bonds needs no other process."""
CALLABLE: Final = (
    *("maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count", "issue_date", "first_coupon_date"),
    *("bond_type", "currency", "callable", "convertible", "call_schedule"),
)
"""What is needed of a bond's terms."""
PRICED: Final = (
    *("settlement_date", "fair_clean_price", "own_clean_price", "accrued_interest"),
    *("node_years", "node_rates"),
)
"""What is needed of its prices, and of the reference curve that they are on."""


class Asked(NamedTuple):
    """A bond that has exercises, its curve, and the dirty prices that its spreads are asked at; NaN for none."""

    bond: CallableBond
    curve: Curve
    fair: float
    own: float


class Valued(NamedTuple):
    """Spreads at the fair and at the own price, bp, and the call's value at the fair price, points; NaN for none."""

    oas_bp: float
    spread_to_worst_bp: float
    call_points: float
    own_oas_bp: float
    own_spread_to_worst_bp: float


def value(asked: Asked, params: OptionsParams) -> Valued:
    """Value the call of a bond.

    The call is worth what a bond without it would cost more at the same option-adjusted spread. A bond that has no end
    but maturity needs no tree.
    """
    bond, curve, *prices = asked
    discounted = Discounted(bond, curve)
    tree: CallTree | None = None
    found = []
    for price in prices:
        to_maturity, worst = discounted.spreads(price) if price > 0.0 else (np.nan, np.nan)
        oas = to_maturity
        if bond.call_day.size and np.isfinite(worst):
            tree = tree or CallTree(bond, curve, params)
            oas = tree.spread(price, worst)
        oas_bp = round(BP * oas, DIGITS)
        call = discounted.straight_price(oas_bp / BP) - price
        found.append((oas_bp, BP * worst, max(call, 0.0) if np.isfinite(call) else np.nan))
    (oas_bp, worst_bp, call_points), (own_bp, own_worst_bp, _) = found
    return Valued(oas_bp, worst_bp, call_points, own_bp, own_worst_bp)


def value_all(asked: Sequence[Asked], params: OptionsParams) -> list[Valued]:
    """Value the calls of some bonds, see `value`."""
    return [value(one, params) for one in asked]


def option_table(bonds: pl.DataFrame, params: OptionsParams, map_tasks: MapTasks) -> pl.DataFrame:
    """Return what calls are worth.

    Parameters
    ----------
    bonds : DataFrame
        ``bond_id``, `CALLABLE` and `PRICED`. Bonds that neither are callable nor have a schedule are passed over.
    params : OptionsParams
    map_tasks : MapTasks
        Does not affect the result.

    Returns
    -------
    DataFrame
        ``bond_id`` and `COLUMNS`, a row for each callable bond. ``oas_status`` says why the others are null.
    """
    status = (
        pl.when(pl.col("call_schedule").is_null())
        .then(pl.lit("no_schedule"))
        .when("convertible")
        .then(pl.lit("convertible"))
        .when(pl.col("bond_type") == FLOATING_RATE)
        .then(pl.lit(FLOATING_RATE))
        .when(pl.col("fair_clean_price").is_null())
        .then(pl.lit("not_priced"))
        .otherwise(pl.lit(OK))
    )
    listed = bonds.filter(pl.col("callable") | pl.col("call_schedule").is_not_null()).with_columns(oas_status=status)
    rows = listed.filter(oas_status=OK)
    terms = terms_from_frame(rows)
    offered = (terms.day_count != DayCount.BUS_252) & (terms.quotation & Quotation.DAYS_182 == 0)
    rows, terms = rows.filter(pl.Series(offered)), terms.rows(offered)
    prices = (
        (rows[name] + rows["accrued_interest"]).fill_null(np.nan) for name in ("fair_clean_price", "own_clean_price")
    )
    curves = map(Curve, map(np.array, rows["node_years"]), map(np.array, rows["node_rates"]))
    asked = list(map(Asked, callable_bonds(terms, calls_from_frame(rows)), curves, *prices))
    tasks = [asked[first : first + BONDS_PER_TASK] for first in range(0, len(asked), BONDS_PER_TASK)]
    work = partial(value_all, params=params)
    done = [one for some in map_tasks(work, tasks, desc="option-adjusted spreads", unit="task") for one in some]
    figures = pl.DataFrame(done, schema=dict.fromkeys(Valued._fields, pl.Float64), orient="row").fill_nan(None)
    valued = rows.select("bond_id").hstack(figures)
    found = listed.select("bond_id", "oas_status").join(valued, on="bond_id", how="left", maintain_order="left")
    why = (
        pl.when(pl.col("bond_id").is_in(rows["bond_id"].implode()))
        .then(pl.lit(NO_SPREAD))
        .otherwise(pl.lit(CONVENTION))
    )
    without = (pl.col("oas_status") == OK) & pl.col("oas_bp").is_null()
    return found.with_columns(oas_status=pl.when(without).then(why).otherwise("oas_status")).select("bond_id", *COLUMNS)


def without_spread(options: pl.DataFrame) -> str:
    """Say of how many bonds of an `option_table` there is no option-adjusted spread, and why; or nothing.

    Examples
    --------
    >>> without_spread(pl.DataFrame({"oas_status": ["ok", "convertible", "no_schedule", "convertible"]}))
    '3 of 4 callable bonds have no option-adjusted spread (convertible 2, no_schedule 1)'
    """
    without = options.filter(pl.col("oas_status") != OK).group_by("oas_status").len().sort("oas_status").rows()
    if not without:
        return ""
    count, why = sum(count for _, count in without), ", ".join(f"{status} {count:,}" for status, count in without)
    return f"{count:,} of {options.height:,} callable bonds have no option-adjusted spread ({why})"
