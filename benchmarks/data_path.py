"""Time the data path, from a file of observations to the dataset, at growing sizes; print a Markdown table.

Each size is a simulated market in a folder of its own, worked through by the stages as `dvc repro` starts them, one
process after another. Seconds hold each process's start-up; the kernels are compiled before anything is timed. The
growth is the exponent of rows in the seconds of all stages from ingest on, between the smallest and the largest size.

    python -m benchmarks.data_path --rows 10000 100000 1000000 10000000
"""

import argparse
import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
MADE_BY = "simulate"
STAGES = ("ingest", "convert", "market", "features")
TABLES = ("observations", "quarantine", "bonds", "market", "dataset")
DATES = 500
BONDS_FOR_EACH_DAILY_PRINT = 8
WARM_UP_ROWS = 10_000


class Cost(NamedTuple):
    """What one process took.

    Attributes
    ----------
    rows : int
        Observations.
    stage : str
    seconds, cpu_seconds : float
        Of the process and its children.
    peak_mb : float
        Largest resident set of one process.
    """

    rows: int
    stage: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def prepare(folder: Path, rows: int, compute: Mapping[str, Any]) -> None:
    """Write params.yaml for a market of so many rows, and the empty curve file."""
    yaml = YAML()
    document = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    daily = max(20, rows // DATES)
    document["simulate"].update(
        periods=rows // daily,
        observations_per_period=daily,
        bonds=BONDS_FOR_EACH_DAILY_PRINT * daily,
        issuers=max(20, daily),
    )
    document["compute"].update(compute)
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    curve = folder / document["data"]["curve"]
    curve.parent.mkdir(parents=True, exist_ok=True)
    curve.write_bytes((ROOT / document["data"]["curve"]).read_bytes())


def run(stage: str, folder: Path, rows: int) -> Cost:
    """Run one stage in its own process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", f"stages.{stage}"], cwd=folder, env=environment)
    # wait4 tells what this one child used; subprocess.run does not.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{stage} failed; its message stands above")
    return Cost(rows, stage, seconds, usage.ru_utime + usage.ru_stime, _peak_mb(usage))


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def digest(folder: Path) -> str:
    """Return a digest of every byte that the stages have written."""
    found = hashlib.sha256()
    for table in TABLES:
        for path in sorted((folder / "training_data" / table).rglob("*.parquet")):
            found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


def measure(rows: int, compute: Mapping[str, Any], others: list[dict[str, Any]]) -> Iterator[Cost]:
    """Work one size through; with other settings again, whose bytes must be the same."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepare(folder, rows, compute)
        for stage in (MADE_BY, *STAGES):
            yield run(stage, folder, rows)
        expected = digest(folder)
        for settings in others:
            (folder / "training_data" / "bonds_ledger.json").unlink()
            prepare(folder, rows, settings)
            for stage in STAGES:
                run(stage, folder, rows)
            if digest(folder) != expected:
                sys.exit(f"{rows:,} rows: other bytes with {settings} than with {dict(compute)}")
            print(f"{rows:,} rows: the same bytes with {settings}", file=sys.stderr)


def growth(costs: list[Cost]) -> float:
    """Return the exponent of rows in the seconds of the whole path, between the smallest and the largest size."""
    sizes = sorted({cost.rows for cost in costs})
    seconds = [sum(cost.seconds for cost in costs if cost.rows == rows and cost.stage in STAGES) for rows in sizes]
    return math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])


def table(costs: list[Cost]) -> str:
    """Return the costs as a Markdown table, the path's total below each size."""
    lines = [
        "| rows | stage | seconds | CPU seconds | peak MB | CPU microseconds a row |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for rows in sorted({cost.rows for cost in costs}):
        own = [cost for cost in costs if cost.rows == rows]
        path = [cost for cost in own if cost.stage in STAGES]
        total = Cost(
            rows,
            "**ingest to features**",
            sum(cost.seconds for cost in path),
            sum(cost.cpu_seconds for cost in path),
            max(cost.peak_mb for cost in path),
        )
        lines += [
            f"| {rows:,} | {cost.stage} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak_mb:,.0f} "
            f"| {1e6 * cost.cpu_seconds / rows:.1f} |"
            for cost in (*own, total)
        ]
    return "\n".join(lines)


def main() -> None:
    """Read the command line; measure; print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--chunk-rows", type=int, default=250_000, help="rows that a stage holds at a time")
    parser.add_argument("--workers", type=int, help="workers; this machine's cores when left out")
    parser.add_argument("--same-bytes", action="store_true", help="run each size with other chunks and workers too")
    parser.add_argument("--json", type=Path, help="file for the costs as JSON")
    arguments = parser.parse_args()
    compute = {"chunk_rows": arguments.chunk_rows, "workers": arguments.workers}
    others = [{"chunk_rows": 100_000, "workers": 1}, {"chunk_rows": 1_000_000, "workers": 2}]
    for _ in measure(WARM_UP_ROWS, compute, []):
        pass
    costs = [cost for rows in arguments.rows for cost in measure(rows, compute, others * arguments.same_bytes)]
    print(table(costs))
    if len(arguments.rows) > 1:
        print(f"\nSeconds grow as rows to the power of {growth(costs):.2f}.")
    if arguments.json:
        arguments.json.write_text(json.dumps([cost._asdict() for cost in costs], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
