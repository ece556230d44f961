"""Stage ``convert``: accrued interest, both prices, yield and its sensitivities for every observation."""

from collections import Counter
from typing import Any, Final

import numpy as np
import polars as pl

from stages.bonds.measures import accrued_interest, dirty_from_yield, measures
from stages.bonds.status import STATUS_NAMES, Status
from stages.bonds.terms import NO_DATE, BondTerms, terms_from_frame
from stages.pipeline import paths
from stages.pipeline.artifacts import read_parquet, write_json, write_parquet
from stages.pipeline.errors import DataError
from stages.pipeline.progress import progress
from stages.pipeline.stage import run

CHUNK_ROWS: Final = 65_536
DAYS_PER_YEAR: Final = 365.0
OBSERVED: Final = ("clean_price", "dirty_price", "yield")


def dirty_prices(chunk: pl.DataFrame, terms: BondTerms, accrued: np.ndarray[Any, np.dtype[np.float64]]) -> pl.Series:
    """Return the dirty price of each row, from whichever of price and yield was observed; NaN where there is none.

    Raises
    ------
    DataError
        A row says that something else was observed.
    """
    unknown = chunk.filter(~pl.col("observed").is_in(OBSERVED) | pl.col("observed").is_null())
    if unknown.height:
        raise DataError(
            f"{paths.OBSERVATIONS}: column 'observed' must be one of {', '.join(OBSERVED)}, but row "
            f"{unknown['source_row'][0]} of the source has {unknown['observed'][0]!r}; run stage ingest again"
        )
    rates = chunk["yield"].fill_null(float("nan")).to_numpy()
    return chunk.select(
        pl.when(pl.col("observed") == "clean_price")
        .then(pl.col("clean_price") + pl.lit(pl.Series(accrued)))
        .when(pl.col("observed") == "dirty_price")
        .then(pl.col("dirty_price"))
        .otherwise(pl.lit(pl.Series(dirty_from_yield(terms, rates))))
        .fill_null(float("nan"))
        .alias("dirty_price")
    ).to_series()


def convert_chunk(chunk: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their figures; a figure that does not exist is null, and the status says why."""
    terms = terms_from_frame(chunk)
    accrued = accrued_interest(terms)
    dirty = dirty_prices(chunk, terms, accrued)
    figures = measures(terms, dirty.to_numpy())
    dated = (terms.maturity != NO_DATE) & (terms.settlement != NO_DATE)
    days = terms.maturity.astype(np.int64) - terms.settlement
    names = pl.Series("status", figures.status, dtype=pl.Int32).replace_strict(
        dict(enumerate(STATUS_NAMES)), return_dtype=pl.String
    )
    bad = names != STATUS_NAMES[Status.OK]
    observed = pl.col("observed")
    result = chunk.with_columns(
        pl.Series("accrued_interest", accrued),
        dirty.alias("dirty_price"),
        pl.when(observed == "clean_price")
        .then(pl.col("clean_price"))
        .otherwise(dirty - pl.lit(pl.Series(accrued)))
        .alias("clean_price"),
        pl.Series("yield_to_maturity", figures.yield_to_maturity),
        pl.Series("macaulay_duration", figures.macaulay_duration),
        pl.Series("modified_duration", figures.modified_duration),
        pl.Series("convexity", figures.convexity),
        pl.Series("basis_point_value", figures.basis_point_value),
        pl.when(pl.lit(bad))
        .then(None)
        .otherwise(pl.lit(pl.Series(figures.remaining_coupons)))
        .alias("remaining_coupons"),
        pl.Series("years_to_maturity", np.where(dated, days / DAYS_PER_YEAR, np.nan)),
        names,
    )
    columns = (
        "accrued_interest",
        *("clean_price", "dirty_price", "yield_to_maturity", "macaulay_duration", "modified_duration"),
        *("convexity", "basis_point_value", "years_to_maturity"),
    )
    return result.with_columns(pl.col(columns).fill_nan(None))


def convert(observations: pl.DataFrame, chunk_rows: int = CHUNK_ROWS) -> pl.DataFrame:
    """Return all observations with their figures, in the same order; the result does not depend on ``chunk_rows``."""
    starts = range(0, max(observations.height, 1), chunk_rows)
    chunks = [
        convert_chunk(observations.slice(start, chunk_rows)) for start in progress(starts, desc="convert", unit="chunk")
    ]
    return pl.concat(chunks)


def summarise(bonds: pl.DataFrame) -> dict[str, Any]:
    """Return the counts of rows: in all, by status and by bond type."""
    statuses = Counter(bonds["status"].to_list())
    return {
        "rows": bonds.height,
        "rows_by_status": {name: statuses[name] for name in STATUS_NAMES if statuses[name]},
        "rows_by_bond_type": dict(sorted(Counter(bonds["bond_type"].to_list()).items())),
    }


def main() -> None:
    """Read the canonical observations and write bonds and their counts."""
    bonds = convert(read_parquet(paths.OBSERVATIONS))
    write_parquet(bonds, paths.BONDS)
    write_json(summarise(bonds), paths.METRICS / "convert.json")


if __name__ == "__main__":
    run(main)
