"""Measure what every stage takes of memory at growing sizes, beside what it announces; print a Markdown table.

    python -m benchmarks.memory --rows 100000 1000000

Each size is a simulated market in a temporary clone of the project as committed. ``richcheap run`` works it through,
one stage at a time, with the budgets of a profile: rows are what memory grows with. What a stage takes are the pages of
all its processes, shared ones counted once, looked at some times a second, or the largest resident set of one of them.
What it announces is the line in its log. With ``--folder`` the clones stay there, to be looked at.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import polars as pl
import psutil

from benchmarks.data_path import BONDS_FOR_EACH_DAILY_PRINT, DATES
from benchmarks.gains import RUN, clone, environment
from benchmarks.processes import memory
from benchmarks.sizes import parse
from dvc_parallel.system.yaml_source import Document
from richcheap.pipeline.storage import paths
from richcheap.profile import apply

PRICES = "prices/observations.parquet"
PREFIX = "L"
"""Of the names of bonds: they must not be those of the project's own simulated market."""
SAMPLES_A_SECOND = 5
ANNOUNCED = re.compile(r": needs about ([\d.]+) GB of memory for ([\d,]+) rows; ")
STAGE = "stages."


class Row(NamedTuple):
    """What a stage took.

    Attributes
    ----------
    stage : str
    measured_gb : float
    announced_gb : float or None
        None for a stage whose memory does not grow with rows.
    cpu_seconds : float
    """

    stage: str
    measured_gb: float
    announced_gb: float | None
    cpu_seconds: float


def prepare(folder: Path, rows: int, dates: int, profile: str) -> None:
    """Make a project whose file of prices has so many rows; its own simulated market stays as the profile has it."""
    clone(folder, profile)
    before = {name: (folder / name).read_bytes() for name in ("params.yaml", "params/simulate.yaml")}
    daily = max(20, rows // dates)
    market = {
        "periods": rows // daily,
        "observations_per_period": daily,
        "bonds": BONDS_FOR_EACH_DAILY_PRINT * daily,
        "issuers": max(20, daily),
        "min_observations": dates * 2 // (5 * BONDS_FOR_EACH_DAILY_PRINT),
    }
    apply(Document("market", {"simulate": market}, {}), folder)
    subprocess.run([sys.executable, "-m", "stages.simulate"], cwd=folder, env=environment(), check=True)
    simulated, prices = folder / paths.SIMULATED_OBSERVATIONS, folder / PRICES
    prices.parent.mkdir()
    pl.scan_parquet(simulated).with_columns(bond_id=PREFIX + pl.col("bond_id")).sink_parquet(prices)
    shutil.rmtree(simulated.parent)
    for name, content in before.items():
        (folder / name).write_bytes(content)
    apply(Document("prices", {"data": {"observations": PRICES}}, {}), folder)


def measure(folder: Path) -> Iterator[Row]:
    """Run the pipeline of a project; yield what each stage took."""
    peaks: dict[str, float] = {}
    with (folder / "run.log").open("wb") as log:
        runner = subprocess.Popen(
            [*RUN, "--jobs", "1", "--keep-going"], cwd=folder, env=environment(), stdout=log, stderr=log
        )
        while runner.poll() is None:
            name, size = _at_work(runner.pid)
            peaks[name] = max(peaks.get(name, 0.0), size)
            time.sleep(1.0 / SAMPLES_A_SECOND)
    report = next((folder / ".dvc" / "tmp").rglob("run.json"))
    for stage in json.loads(report.read_text(encoding="utf-8"))["stages"]:
        name = stage["stage"]
        if stage["outcome"] != "ran":
            print(f"{name}: {stage['outcome']}, {stage['cause']}", file=sys.stderr)
            continue
        found = ANNOUNCED.search((report.parent / "logs" / f"{name}.log").read_text(encoding="utf-8"))
        announced = float(found[1]) if found else None
        yield Row(name, max(peaks.get(name, 0.0), stage["peak_mb"] / 1e3), announced, stage["cpu_seconds"])


def _at_work(runner: int) -> tuple[str, float]:
    """Return the stage that a runner has started, and the memory of all its processes, GB."""
    name, processes = "", []
    with suppress(psutil.Error):  # one has just ended
        processes = psutil.Process(runner).children(recursive=True)
        for words in (process.cmdline() for process in processes):
            module = next((place for place, word in enumerate(words) if word.startswith(STAGE)), None)
            if module is not None:
                name = "@".join([words[module].removeprefix(STAGE), *words[module + 1 :]])
    return name, memory(processes) / 1e9


def table(rows: int, found: list[Row]) -> str:
    """Return what stages took as a Markdown table."""
    lines = ["| rows | stage | measured GB | announced GB | ratio | CPU seconds |", "|---:|---|---:|---:|---:|---:|"]
    for row in found:
        announced = "" if row.announced_gb is None else f"{row.announced_gb:.2f}"
        ratio = "" if row.announced_gb is None else f"{row.announced_gb / row.measured_gb:.1f}"
        lines.append(
            f"| {rows:,} | {row.stage} | {row.measured_gb:.2f} | {announced} | {ratio} | {row.cpu_seconds:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure each size; exit with 1 when a stage took more than it announced."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes")
    parser.add_argument("--dates", type=int, default=DATES, help="dates of each market, 60 or more")
    parser.add_argument("--profile", default="profiles/small.yaml", help="budgets of the searches")
    parser.add_argument("--folder", type=Path, help="where the clones stay; by default they are removed")
    arguments = parse(parser, rows=[2_000], dates=90)
    more = []
    with tempfile.TemporaryDirectory() as temporary:
        for rows in arguments.rows:
            folder = (arguments.folder or Path(temporary)).resolve() / f"rows_{rows}"
            if not folder.exists():
                prepare(folder, rows, arguments.dates, arguments.profile)
            found = list(measure(folder))
            print(table(rows, found), flush=True)
            more += [row.stage for row in found if row.announced_gb is not None and row.measured_gb > row.announced_gb]
    if more:
        sys.exit(f"error: took more memory than announced: {', '.join(more)}")


if __name__ == "__main__":
    main()
