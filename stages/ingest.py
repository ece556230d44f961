"""Stage ``ingest``: files of bond observations in, the canonical table and a quarantine out."""

import sys

from richcheap.ingestion.curves import read_curve
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.summary import summarise_curve
from richcheap.ingestion.two_pass import Ingestion
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.pipeline.storage.tables import new_table
from richcheap.pipeline.storage.temp_dir import temporary_folder


def ingest(params: DataParams, rows: int) -> None:
    """Read all, then let the outputs take the place of those there are: an error leaves nothing half-written.

    When too many rows are refused the quarantine alone is written, whole, for the user to look at.
    """
    curve, unit = read_curve(params)
    with temporary_folder(paths.OBSERVATIONS) as folder:
        ingestion = Ingestion(params, rows, folder)
        findings = ingestion.look()
        ingestion.check(findings)
        with new_table(paths.OBSERVATIONS) as table:
            for name, part in ingestion.observations():
                table.write(name, part)
            with new_table(paths.QUARANTINE) as quarantine:
                for name, part in ingestion.quarantine():
                    quarantine.write(name, part)
            ingestion.refuse_if_too_many(paths.QUARANTINE)
    for line in ingestion.notices(curve):
        print(f"ingest: {line}", file=sys.stderr)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json({**ingestion.summary(findings), "curve": summarise_curve(curve, unit)}, paths.METRICS / "ingest.json")


def main() -> None:
    """Ingest what params name."""
    params = load(DataParams, "data")
    try:
        ingest(params, load_compute().chunk_rows)
    except InputError as error:
        raise DataError(str(error)) from error


if __name__ == "__main__":
    run(main, __doc__)
