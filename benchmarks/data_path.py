"""Time the data path, from a file of observations to the dataset, at growing sizes; print a Markdown table.

Each size is a simulated market in a folder of its own, worked through by the stages as `dvc repro` starts them, one
process after another. Seconds hold each process's start-up and, at the first size, the compilation of the kernels.

    python -m benchmarks.data_path --rows 10000 100000 1000000
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("simulate", "ingest", "convert", "market", "features")
DATES = 500
BONDS_FOR_EACH_DAILY_PRINT = 8


class Cost(NamedTuple):
    """What one process took.

    Attributes
    ----------
    seconds, cpu_seconds : float
    peak_mb : float
        Largest resident set.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def prepare(folder: Path, rows: int) -> None:
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
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    curve = Path(document["data"]["curve"])
    (folder / curve).parent.mkdir(parents=True)
    (folder / curve).write_bytes((ROOT / curve).read_bytes())


def run(stage: str, folder: Path) -> Cost:
    """Run one stage in its own process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", f"stages.{stage}"], cwd=folder, env=environment)
    # wait4 tells what this one child used; subprocess.run does not.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{stage} failed; its message stands above")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, _peak_mb(usage))


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def main() -> None:
    """Read the command line; measure; print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    print("| rows | stage | seconds | CPU seconds | peak MB | microseconds a row |")
    print("|---:|---|---:|---:|---:|---:|")
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            prepare(folder, rows)
            for stage in STAGES:
                cost = run(stage, folder)
                print(
                    f"| {rows:,} | {stage} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak_mb:,.0f} "
                    f"| {1e6 * cost.cpu_seconds / rows:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
