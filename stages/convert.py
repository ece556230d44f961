"""Stage ``convert``: accrued interest, both prices, yield and its sensitivities for every observation.

Parts of the table whose observations and code have not changed are kept as they are.
"""

import sys
from pathlib import Path
from typing import Any

from dvc_parallel.system.cores import available_cores
from richcheap.bonds.conversion import convert_frame, row_counts, total_counts
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.code_digest import NUMERICAL, code_digest
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute, run_tasks
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import file_md5, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.manifest import Manifest
from richcheap.pipeline.storage.tables import batches, part_paths

Record = dict[str, Any]


def convert_parts(sources: list[Path]) -> dict[str, Record]:
    """Convert some parts of the table; return what the manifest says of each.

    Raises
    ------
    DataError
        A row says that something unknown was observed.
    """
    records: dict[str, Record] = {}
    for source in sources:
        output = source.parent.with_name(paths.BONDS.name) / source.name
        try:
            bonds = convert_frame(read_parquet(source), threads=available_cores())
        except ValueError as error:
            raise DataError(f"{source}: {error}; run stage ingest again") from None
        write_parquet(bonds, output)
        records[output.name] = {"source": file_md5(source), "output": file_md5(output), **row_counts(bonds)}
    return records


def main() -> None:
    """Convert what is new or changed; write bonds, the manifest of its parts and their counts."""
    compute = load_compute()
    # Whole paths, for workers elsewhere; never through links, which may lead into DVC's cache.
    sources = [path.absolute() for path in part_paths(paths.OBSERVATIONS)]
    manifest = Manifest.open(paths.BONDS_MANIFEST, code_digest(["stages.convert"], NUMERICAL))
    stale = [source for source in sources if not manifest.holds(source, paths.BONDS / source.name)]
    manifest.keep({source.name for source in sources} - {source.name for source in stale})
    for leftover in sorted(paths.BONDS.glob("*")):
        if leftover.name not in manifest.records:
            leftover.unlink()
    manifest.save()
    unchanged = total_counts(manifest.records.values())["rows"]
    converted = 0
    for records in run_tasks(convert_parts, batches(stale, compute.chunk_rows), compute, desc="convert", unit="batch"):
        manifest.records.update(records)
        manifest.save()
        converted += total_counts(records.values())["rows"]
    print(
        f"convert: {converted:,} rows converted in {len(stale)} of {len(sources)} parts; {unchanged:,} rows unchanged",
        file=sys.stderr,
    )
    write_json(total_counts(manifest.records.values()), paths.METRICS / "convert.json")


if __name__ == "__main__":
    run(main, __doc__)
