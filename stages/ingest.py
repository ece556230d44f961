"""Stage ``ingest``: a file of bond observations in, the canonical table and a quarantine out."""

from collections import deque
from collections.abc import Iterator
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
from stages.pipeline.progress import progress
from stages.pipeline.stage import run

STEPS = 4
ROWS_WORTH_A_BAR = 500_000  # about a second's work


def validate(table: pl.DataFrame, params: DataParams) -> Ingested:
    """Validate the rows of the file of observations that params name.

    Raises
    ------
    InputError
        It cannot be used, or has no rows.
    """
    options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
    limits = Limits(**{name: getattr(params, name) for name in Limits.__dataclass_fields__})
    try:
        ingested = ingest(table, MAPPINGS[params.mapping], options, limits)
    except InputError as error:
        raise InputError(f"{params.observations}: {error}") from error
    if not table.height:
        raise InputError(f"{params.observations}: expected at least one observation, got a header only")
    return ingested


def refuse_if_too_many(ingested: Ingested, params: DataParams) -> None:
    """Fail with the table of reasons when more rows were quarantined than params allow, or all.

    Raises
    ------
    DataError
        One line for the file, one for each column of which nothing is readable, one for each reason.
    """
    share, path = rejected_share(ingested), params.observations
    if share <= params.max_rejected_share and ingested.accepted.height:
        return
    unreadable = [f"{path}: column '{name}': not one value is readable" for name in ingested.unreadable]
    what = (
        f"{path}: expected at most {params.max_rejected_share:.2%} of the rows refused (data.max_rejected_share) "
        f"and one accepted, got {share:.2%} refused and {ingested.accepted.height:,} accepted; "
        f"all refused rows are in {paths.QUARANTINE}"
    )
    raise DataError("\n".join([what, *unreadable, reason_table(ingested)]))


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


def work(table: pl.DataFrame, params: DataParams) -> Iterator[str]:
    """Do the stage's steps one by one, and yield what was done; writing begins when nothing can fail."""
    ingested = validate(table, params)
    yield "rows validated"
    curve, curve_summary = read_curve(params)
    yield "curve read"
    write_parquet(ingested.quarantine, paths.QUARANTINE)
    refuse_if_too_many(ingested, params)
    summary = {**summarise(ingested), "curve": curve_summary}
    yield "file summarised"
    write_parquet(ingested.accepted, paths.OBSERVATIONS)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json(summary, paths.METRICS / "ingest.json")
    yield "files written"


def main() -> None:
    """Read both files, then write: an error leaves nothing half-written.

    When too many rows are refused the quarantine alone is written, whole, for the user to look at.
    """
    params = load(DataParams, "data")
    try:
        table = read_table(Path(params.observations))
        steps = work(table, params)
        if table.height < ROWS_WORTH_A_BAR:
            deque(steps, maxlen=0)
        else:
            with progress(steps, total=STEPS, desc="ingest", unit="step") as bar:
                deque(bar, maxlen=0)
    except InputError as error:
        raise DataError(str(error)) from error


if __name__ == "__main__":
    run(main)
