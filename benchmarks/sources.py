"""Read files of every source as `richcheap inspect` proposes, and print the table of docs/data.md in Markdown.

Invented files in each source's documented layout stand in tests/ingestion/sources/, a folder each; real ones are looked
for in the folder that the environment variable RICHCHEAP_DATA names.

    python -m benchmarks.sources
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dvc_parallel.system.environment_variables import variable
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import params_of
from richcheap.ingestion.inspection.proposal import propose
from richcheap.ingestion.params import DataParams
from richcheap.inspect import settled
from stages import ingest as stage

ROOT = Path(__file__).absolute().parents[1]
INVENTED = ROOT / "tests" / "ingestion" / "sources"
TERMS = ("fisd", "terms", "bond_terms")
"""Names of files of terms, which lie beside the prices."""
REAL = (
    "desk_files/gilts_close_2023-12-01.csv",
    "desk_files/treasury_quotes_clean_2024-12-31.xlsx",
    "desk_files/treasury_quotes_crsp_2024-12-31.xlsx",
    "desk_files/trade_history_export.csv",
    "us_treasury_2010_2011/prices.parquet",
    "eu_listed_2026/eod_prices.parquet",
)
CHANGES = {"curve": "curve.csv", "max_rejected_share": 1.0}
"""Of the section ``data`` as it is when nothing is said: a small file may hold a row of each fault."""
CHUNK_ROWS = 250_000


class Taken(NamedTuple):
    """What became of a source.

    Attributes
    ----------
    name : str
    proposed : dict of str to Any
        Keys of ``data``, by inspection alone.
    metrics : dict of str to Any
        metrics/ingest.json.
    """

    name: str
    proposed: dict[str, Any]
    metrics: dict[str, Any]


def taken(name: str, path: Path, folder: Path) -> Taken:
    """Inspect a file and ingest it as is proposed, in a folder where nothing else is.

    Raises
    ------
    InputError
        It cannot be read so.
    """
    before = Path.cwd()
    try:
        os.chdir(folder)
        Path("curve.csv").write_text("date,tenor_years,rate,kind\n", encoding="utf-8")
        copies = Path("copies")
        copies.mkdir()
        proposal = propose(path, copies, None)
        base = {**json.loads(DataParams(observations=str(path)).model_dump_json()), **CHANGES}
        settled(proposal, base, copies)
        stage.ingest(params_of(proposal, base), CHUNK_ROWS)
        metrics = json.loads(Path("metrics/ingest.json").read_text(encoding="utf-8"))
    finally:
        os.chdir(before)
    return Taken(name, {key: value for key, value in proposal.params.items() if key != "observations"}, metrics)


def sources() -> Iterator[tuple[str, Path]]:
    """Yield each source's name and its file: those in the project, and the real ones that there are."""
    for folder in sorted(INVENTED.iterdir()):
        yield folder.name, next(path for path in sorted(folder.iterdir()) if path.stem not in TERMS)
    real = Path(variable("RICHCHEAP_DATA") or ROOT.parent / "shared" / "data")
    yield from ((name, real / name) for name in REAL if (real / name).exists())


def row(found: Taken) -> str:
    """Return a source's row of the table."""
    metrics, check = found.metrics, found.metrics["cross_check"]
    mapping = found.proposed.get("mapping", "richcheap")
    proposed = f"mapping {mapping}" if mapping != "richcheap" else f"{len(found.proposed.get('columns', {}))} columns"
    others = [key for key in found.proposed if key not in ("mapping", "columns", "terms", "terms_columns")]
    proposed += "".join(f", {key}" for key in others) + (", terms" if "terms" in found.proposed else "")
    refused = ", ".join(f"{count:,} {reason}" for reason, count in metrics["quarantine_reasons"].items())
    figures = [
        f"{check[name]['agree']:,} of {check[name]['rows']:,}, largest {check[name]['largest']:.2g}"
        if name in check
        else "-"
        for name in ("accrued_interest", "yield")
    ]
    rows = (f"{metrics[name]:,}" for name in ("rows_read", "rows_accepted"))
    return f"| {' | '.join([found.name, proposed, *rows, refused or '-', *figures])} |"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="sources; all when none is named")
    wanted = parser.parse_args().names
    print("| source | proposed by inspect | read | accepted | refused | accrued agrees | yield agrees |")
    print("|---|---|---:|---:|---|---|---|")
    for name, path in sources():
        if not wanted or name in wanted:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    print(row(taken(name, path, Path(folder))), flush=True)
                except InputError as error:
                    print(f"{name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
