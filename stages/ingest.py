"""Stage ``ingest``: files of bond observations in, the canonical table and a quarantine out.

Of a folder, files that have come since the run before are read alone, as far as they allow it.
"""

import sys
from pathlib import Path

import polars as pl

from richcheap.ingestion.curves import read_curve
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import source_paths
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.summary import summarise_curve
from richcheap.ingestion.two_pass import Before, Ingestion
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.code_digest import NUMERICAL, code_digest
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import file_md5, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.continuation import digest, seal, sealed
from richcheap.pipeline.storage.tables import new_folder, new_table, part_paths
from richcheap.pipeline.storage.temp_dir import temporary_folder

READERS = ("pyarrow", "fastexcel")
"""Libraries besides those for numbers whose versions can change what is read."""
CHECKED = paths.INGEST_STATE / "checked_since"

Hashes = dict[str, str]


def ingest(params: DataParams, rows: int) -> None:
    """Read what is new, then let the outputs take the place of those there are: an error leaves nothing half-written.

    When too many rows are refused the quarantine alone is written, whole, for the user to look at.
    """
    curve, unit = read_curve(params)
    files = files_of(Path(params.observations))
    hashed = pl.Series(["a bond"]).hash()[0]  # the state holds such numbers, which another machine might make otherwise
    made_by = digest(code_digest(["stages.ingest"], (*NUMERICAL, *READERS)), hashed, params, *terms_of(params))
    kept = sealed(paths.INGEST_STATE, made_by)
    with temporary_folder(paths.OBSERVATIONS) as folder:
        ingestion = read(params, rows, folder, before(files, kept))
        final = {str(part): kept[str(part)] for part in final_parts(ingestion, kept)}
        with new_table(paths.OBSERVATIONS) as table:
            with new_table(paths.QUARANTINE) as quarantine:
                for part in map(Path, final):
                    (table if part.parent == paths.OBSERVATIONS else quarantine).keep(part.stem)
                for name, rows_of_dates in ingestion.observations():
                    table.write(name, rows_of_dates)
                for name, refused in ingestion.quarantine():
                    quarantine.write(name, refused)
            ingestion.refuse_if_too_many(paths.QUARANTINE)
        keep(ingestion, files, made_by, final)
    if files is not None and ingestion.files_known:
        print(f"ingest: {ingestion.files_known} of {files.height} files are as they were", file=sys.stderr)
    for line in ingestion.notices(curve):
        print(f"ingest: {line}", file=sys.stderr)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json({**ingestion.summary(), "curve": summarise_curve(curve, unit)}, paths.METRICS / "ingest.json")


def files_of(source: Path) -> pl.DataFrame | None:
    """Return name and md5 of each file of a folder; of a single file, which is read as a whole, None."""
    files = source_paths(source) if source.is_dir() else [source]
    if files == [source] or not all(file.is_file() for file in files):
        return None
    return pl.DataFrame({"name": [file.name for file in files], "md5": [file_md5(file) for file in files]})


def terms_of(params: DataParams) -> list[Path]:
    """Return the file of terms, where there is one."""
    return [path for path in (Path(params.terms or ""),) if path.is_file()]


def before(files: pl.DataFrame | None, kept: Hashes) -> Before | None:
    """Return what the run before has left, where its files are the first of those that there are."""
    if files is None or not kept:
        return None
    frames = {path.stem: read_parquet(path) for path in sorted(paths.INGEST_STATE.glob("*.parquet"))}
    read_before = frames["files"].select(files.columns)
    if files.height <= read_before.height or not files.head(read_before.height).equals(read_before):
        return None
    parts = {Path(path).stem: pl.scan_parquet(path) for path in kept if Path(path).parent == paths.QUARANTINE}
    return Before(frames, [pl.scan_parquet(path) for path in sorted(CHECKED.glob("*"))], parts)


def read(params: DataParams, rows: int, folder: Path, start: Before | None) -> Ingestion:
    """Read what is new, or all files where that changes how they are read."""
    if start is not None:
        ingestion = Ingestion(params, rows, folder / "new", start)
        if ingestion.read():
            return ingestion
    ingestion = Ingestion(params, rows, folder / "all")
    ingestion.read()
    return ingestion


def final_parts(ingestion: Ingestion, kept: Hashes) -> list[Path]:
    """Return the parts of the tables that stay as they are."""
    parts = map(Path, kept) if ingestion.files_known else ()
    return [part for part in parts if part.parent == paths.OBSERVATIONS or part.stem in ingestion.final_blocks]


def keep(ingestion: Ingestion, files: pl.DataFrame | None, made_by: str, final: Hashes) -> None:
    """Write what the next run goes on from; of a single file, nothing but who has read it."""
    with new_folder(paths.INGEST_STATE) as folder:
        hashes: Hashes = {}
        if files is not None and files.height > 1:
            frames = ingestion.frames()
            frames["files"] = files.head(-1).hstack(frames["files"])
            for name, frame in frames.items():
                write_parquet(frame, folder / f"{name}.parquet")
            for name, checked in ingestion.checked_since():
                write_parquet(checked, folder / CHECKED.name / f"{name}.parquet")
            parts = [*part_paths(paths.OBSERVATIONS), *part_paths(paths.QUARANTINE)]
            before_since = [
                part for part in parts if part.parent == paths.QUARANTINE or part.stem < str(ingestion.since)
            ]
            hashes = {str(part): final.get(str(part)) or file_md5(part) for part in before_since}
        seal(folder, made_by, hashes)


def main() -> None:
    """Ingest what params name."""
    params = load(DataParams, "data")
    try:
        ingest(params, load_compute().chunk_rows)
    except InputError as error:
        raise DataError(str(error)) from error


if __name__ == "__main__":
    run(main, __doc__)
