"""Stage ``ingest``: files of bond observations in, the canonical table and a quarantine out.

Of a folder, files that are new are read alone, as far as they allow it.
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
from richcheap.pipeline.resume.continuation import digest
from richcheap.pipeline.resume.kept_state import KeptState
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.pipeline.storage.tables import new_table, part_paths
from richcheap.pipeline.storage.temp_dir import temporary_folder

READERS = ("pyarrow", "fastexcel")  # libraries besides those for numbers whose versions can change what is read


def ingest(params: DataParams, rows: int) -> None:
    """Read what is new, then let the outputs take the place of those there are: an error leaves nothing half-written.

    When too many rows are refused the quarantine alone is written, whole, for the user to look at.
    """
    curve, unit = read_curve(params)
    files = files_of(Path(params.observations))
    state = KeptState(paths.INGEST_STATE, made_by(params), files)
    with temporary_folder(paths.OBSERVATIONS) as folder:
        ingestion = read(params, rows, folder, state)
        with new_table(paths.OBSERVATIONS) as table:
            with new_table(paths.QUARANTINE) as quarantine:
                state.keep([table, quarantine])
                for name, part in ingestion.observations():
                    table.write(name, part)
                for name, part in ingestion.quarantine():
                    quarantine.write(name, part)
            ingestion.refuse_if_too_many(paths.QUARANTINE)
        if len(files) > 1:
            final = [part for part in part_paths(paths.OBSERVATIONS) if part.stem < str(ingestion.since)]
            state.save(ingestion.frames(), ingestion.checked_since(), [*final, *part_paths(paths.QUARANTINE)])
        else:
            state.save({}, [], [])
    known = [f"{ingestion.files_known} of {len(files)} files are as they were"] if ingestion.files_known else []
    for line in (*known, *ingestion.notices(curve)):
        print(f"ingest: {line}", file=sys.stderr)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json({**ingestion.summary(), "curve": summarise_curve(curve, unit)}, paths.METRICS / "ingest.json")


def files_of(source: Path) -> list[Path]:
    """Return the files of a folder; none of a single file, which is read as a whole."""
    return [path for path in source_paths(source) if path.is_file()] if source.is_dir() else []


def made_by(params: DataParams) -> str:
    """Return a digest of all that decides on how files are read."""
    terms = [] if params.terms is None else [Path(params.terms)]
    hashed = pl.Series(["a bond"]).hash()[0]  # the state holds such numbers, which another machine might make otherwise
    return digest(code_digest(["stages.ingest"], (*NUMERICAL, *READERS)), hashed, params, *terms)


def read(params: DataParams, rows: int, folder: Path, state: KeptState) -> Ingestion:
    """Read what is new, or all files where that changes how they are read."""
    if state.frames:
        before = Before(state.frames, state.rows(), state.parts_of(paths.QUARANTINE))
        ingestion = Ingestion(params, rows, folder / "new", before)
        if ingestion.read():
            changing = before.quarantine.keys() - set(ingestion.final_blocks)
            state.parts = {path: md5 for path, md5 in state.parts.items() if path.stem not in changing}
            return ingestion
        state.forget()
    ingestion = Ingestion(params, rows, folder / "all")
    ingestion.read()
    return ingestion


def main() -> None:
    """Ingest what params name."""
    params = load(DataParams, "data")
    try:
        params.require_files()
        ingest(params, load_compute().chunk_rows)
    except InputError as error:
        raise DataError(str(error)) from error


if __name__ == "__main__":
    run(main, __doc__)
