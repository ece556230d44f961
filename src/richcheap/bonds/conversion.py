"""From observations to bonds: accrued interest, both prices, yields and their sensitivities, row by row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from richcheap.bonds.calls import calls_from_frame
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.status import STATUS_NAMES, Status
from richcheap.bonds.terms import NO_DATE, BondTerms, terms_from_frame
from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.bonds.yield_to_worst import measures_to_worst

OBSERVED: Final = ("clean_price", "dirty_price", "yield")


def _dirty_prices(
    rows: pl.DataFrame, terms: BondTerms, accrued: np.ndarray[Any, np.dtype[np.float64]], threads: int
) -> pl.Series:
    """Return the dirty price of each row, from whichever of price and yield was observed; NaN where there is none."""
    unknown = rows.filter(~pl.col("observed").is_in(OBSERVED) | pl.col("observed").is_null())
    if unknown.height:
        raise ValueError(
            f"column 'observed' must be one of {', '.join(OBSERVED)}, but row {unknown['source_row'][0]} of the source "
            f"has {unknown['observed'][0]!r}"
        )
    rates = rows["yield"].fill_null(float("nan")).to_numpy()
    return rows.select(
        pl.when(pl.col("observed") == "clean_price")
        .then(pl.col("clean_price") + pl.lit(pl.Series(accrued)))
        .when(pl.col("observed") == "dirty_price")
        .then(pl.col("dirty_price"))
        .otherwise(pl.lit(pl.Series(dirty_from_yield(terms, rates, threads))))
        .fill_null(float("nan"))
        .alias("dirty_price")
    ).to_series()


def convert_frame(observations: pl.DataFrame, threads: int = 1) -> pl.DataFrame:
    """Return the observations with their figures, in the same order.

    Parameters
    ----------
    observations : DataFrame
        Canonical observations; ``bond_type``, ``quoted_margin`` and ``call_schedule`` may be missing.
    threads : int
        Does not affect the result.

    Returns
    -------
    DataFrame
        A figure that does not exist is null, and ``status`` says why. The figures to worst are those at maturity for
        bonds without calls.

    Raises
    ------
    ValueError
        When a row says that something unknown was observed, a call schedule cannot be read or a column is missing.
    """
    terms = terms_from_frame(observations)
    accrued = accrued_interest(terms, threads)
    dirty = _dirty_prices(observations, terms, accrued, threads)
    figures = measures(terms, dirty.to_numpy(), threads)
    calls = calls_from_frame(observations)
    worst = measures_to_worst(terms, calls, dirty.to_numpy(), threads, at_maturity=figures)
    dated = (terms.maturity != NO_DATE) & (terms.settlement != NO_DATE)
    days = terms.maturity.astype(np.int64) - terms.settlement
    names = pl.Series("status", figures.status, dtype=pl.Int32).replace_strict(
        dict(enumerate(STATUS_NAMES)), return_dtype=pl.String
    )
    bad = pl.lit(names != STATUS_NAMES[Status.OK])
    result = observations.with_columns(
        pl.Series("accrued_interest", accrued),
        dirty.alias("dirty_price"),
        pl.when(pl.col("observed") == "clean_price")
        .then(pl.col("clean_price"))
        .otherwise(dirty - pl.lit(pl.Series(accrued)))
        .alias("clean_price"),
        pl.Series("yield_to_maturity", figures.yield_to_maturity),
        pl.Series("macaulay_duration", figures.macaulay_duration),
        pl.Series("modified_duration", figures.modified_duration),
        pl.Series("convexity", figures.convexity),
        pl.Series("basis_point_value", figures.basis_point_value),
        pl.Series("yield_to_worst", worst.yield_to_worst),
        pl.when(~bad).then(pl.lit(pl.Series(worst.worst_date))).cast(pl.Date).alias("worst_date"),
        pl.Series("macaulay_duration_to_worst", worst.macaulay_duration),
        pl.Series("modified_duration_to_worst", worst.modified_duration),
        pl.Series("convexity_to_worst", worst.convexity),
        pl.Series("basis_point_value_to_worst", worst.basis_point_value),
        pl.when(~bad).then(pl.lit(pl.Series(figures.remaining_coupons))).alias("remaining_coupons"),
        pl.Series("years_to_maturity", np.where(dated, days / DAYS_PER_YEAR, np.nan)),
        names,
    )
    columns = (
        *("accrued_interest", "clean_price", "dirty_price", "yield_to_maturity", "macaulay_duration"),
        *("modified_duration", "convexity", "basis_point_value", "yield_to_worst", "macaulay_duration_to_worst"),
        *("modified_duration_to_worst", "convexity_to_worst", "basis_point_value_to_worst", "years_to_maturity"),
    )
    return result.with_columns(pl.col(columns).fill_nan(None))


def row_counts(bonds: pl.DataFrame) -> dict[str, Any]:
    """Count converted rows: ``rows`` in all, ``rows_by_status`` and ``rows_by_bond_type``."""
    statuses = Counter(bonds["status"].to_list())
    return {
        "rows": bonds.height,
        "rows_by_status": {name: statuses[name] for name in STATUS_NAMES if statuses[name]},
        "rows_by_bond_type": dict(Counter(bonds["bond_type"].to_list())),
    }


def total_counts(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up `row_counts` of parts."""
    total: dict[str, Any] = {"rows": 0}
    by: dict[str, Counter[str]] = {"rows_by_status": Counter(), "rows_by_bond_type": Counter()}
    for part in parts:
        total["rows"] += part["rows"]
        for name, counter in by.items():
            counter.update(part[name])
    return total | {name: dict(counter) for name, counter in by.items()}
