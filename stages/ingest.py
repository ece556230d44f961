"""Stage ``ingest``: a file of bond observations in, the canonical table and a quarantine out."""

from pathlib import Path
from typing import Any

import polars as pl

from stages.ingestion.curves import canonical_curve
from stages.ingestion.errors import InputError
from stages.ingestion.mappings import MAPPINGS
from stages.ingestion.observations import Ingested, ingest
from stages.ingestion.params import DataParams
from stages.ingestion.preparation import Options
from stages.ingestion.readers import read_table
from stages.ingestion.rulebook import Limits
from stages.ingestion.summary import reason_table, rejected_share, summarise, summarise_curve
from stages.pipeline import paths
from stages.pipeline.artifacts import write_json, write_parquet
from stages.pipeline.errors import DataError
from stages.pipeline.params import load
from stages.pipeline.stage import run


def read_observations(params: DataParams) -> Ingested:
    """Read and validate the file of observations that params name.

    Raises
    ------
    DataError
        It cannot be used, has no rows, or too many of them were refused.
    """
    path = Path(params.observations)
    options = Options(
        columns=params.columns,
        default_currency=params.default_currency,
        settlement_lag_days=params.settlement_lag_days,
        settlement_calendar=params.settlement_calendar,
        date_format=params.date_format,
        coupon_unit=params.coupon_unit,
        yield_unit=params.yield_unit,
    )
    limits = Limits(**{name: getattr(params, name) for name in Limits.__dataclass_fields__})
    table = read_table(path)
    try:
        ingested = ingest(table, MAPPINGS[params.mapping], options, limits)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not table.height:
        raise DataError(f"{path}: expected at least one observation, got a header only")
    share = rejected_share(ingested)
    if share > params.max_rejected_share or not ingested.accepted.height:
        unreadable = "".join(f"\n{path}: column '{name}': not one value is readable" for name in ingested.unreadable)
        raise DataError(
            f"{path}: {share:.2%} of {table.height:,} rows refused, more than data.max_rejected_share "
            f"{params.max_rejected_share:.2%} or all of them{unreadable}\n{reason_table(ingested)}"
        )
    return ingested


def read_curve(params: DataParams) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Read the benchmark curves that params name, and summarise them."""
    path = Path(params.curve)
    table = read_table(path)
    try:
        curve, unit = canonical_curve(
            table, params.curve_mapping, params.default_currency, params.curve_unit, params.date_format
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return curve, summarise_curve(curve, unit)


def main() -> None:
    """Read both files, then write: an error leaves nothing half-written."""
    params = load(DataParams, "data")
    try:
        ingested = read_observations(params)
        curve, curve_summary = read_curve(params)
    except InputError as error:
        raise DataError(str(error)) from error
    write_parquet(ingested.accepted, paths.OBSERVATIONS)
    write_parquet(ingested.quarantine, paths.QUARANTINE)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json({**summarise(ingested), "curve": curve_summary}, paths.METRICS / "ingest.json")


if __name__ == "__main__":
    run(main)
