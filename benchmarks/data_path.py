"""Time the data path, from a file of observations to the dataset, at growing sizes; print a Markdown table.

    python -m benchmarks.data_path --rows 10000 100000 1000000 10000000

Each size is a simulated market in a folder of its own, worked through by the stages that stand in dvc.yaml between
`data.observations` and the dataset, as `dvc repro` starts them: one process after another. Seconds hold each process's
start-up; the kernels are compiled before anything is timed. A stage that keeps finished pieces of its work as
checkpoints is run once more with them, which tells those pieces from the rest of it. With ``--same-bytes`` each size
is run again from the file on with other chunks and workers, and every file that the stages write must be the same. The
growth is the exponent of rows in the seconds of all stages after the file's, from the smallest to the largest size.
"""

import argparse
import hashlib
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.graph import DataPath, Step, data_path
from benchmarks.sizes import parse
from dvc_parallel.system.errors import ProjectError
from dvc_parallel.system.yaml_source import Document, read
from richcheap.pipeline.config.params_files import read_params
from richcheap.profile import apply

ROOT = Path(__file__).resolve().parents[1]
SMALL_BUDGETS = ROOT / "profiles" / "small.yaml"
CHECKPOINTS = "training_checkpoints"
DATES = 500
BONDS_FOR_EACH_DAILY_PRINT = 8
WARM_UP_ROWS = 10_000
WARM_UP_DATES = 60
OTHERS = ({"chunk_rows": 100_000, "workers": 1}, {"chunk_rows": 1_000_000, "workers": 2})
"""What ``--same-bytes`` tries besides."""


class Cost(NamedTuple):
    """What one process took.

    Attributes
    ----------
    rows : int
        Observations.
    stage : str
    seconds, cpu_seconds : float
        Of the process and its children.
    peak_mb : float or None
        Largest resident set of one process; None where it is not known.
    counts : bool
        Whether it is part of the way from the file to the dataset.
    """

    rows: int
    stage: str
    seconds: float
    cpu_seconds: float
    peak_mb: float | None
    counts: bool


class Market(NamedTuple):
    """What is simulated, and with which budgets the stages work."""

    rows: int
    dates: int
    small: bool


def prepare(folder: Path, market: Market, compute: Mapping[str, Any]) -> DataPath:
    """Write a project of such a market into a folder; return its data path."""
    shutil.copytree(ROOT / "params", folder / "params", dirs_exist_ok=True)
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy2(ROOT / name, folder)
    if market.small:
        apply(read(SMALL_BUDGETS), folder)
    params = read_params(folder / "params.yaml").values
    daily = max(20, market.rows // market.dates)
    simulate = {
        "periods": market.rows // daily,
        "observations_per_period": daily,
        "bonds": BONDS_FOR_EACH_DAILY_PRINT * daily,
        "issuers": max(20, daily),
        # Few dates hold few prints of a bond: the simulator gives at most 0.4 of them out beforehand.
        "min_observations": min(
            params["simulate"]["min_observations"], market.dates * 2 // (5 * BONDS_FOR_EACH_DAILY_PRINT)
        ),
    }
    changes = {"simulate": simulate, "compute": {**compute, "checkpoints": CHECKPOINTS}}
    apply(Document("market", changes, {}), folder)
    for key in ("curve", "terms"):  # files without a row
        given = folder / params["data"][key]
        given.parent.mkdir(parents=True, exist_ok=True)
        given.write_bytes((ROOT / params["data"][key]).read_bytes())
    return data_path(folder, str(params["data"]["observations"]))


def run(step: Step, folder: Path, rows: int, counts: bool = True) -> Cost:
    """Run one stage in its own process."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # `python` is this one
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path}
    started = time.perf_counter()
    process = subprocess.Popen(step.words, cwd=folder, env=environment)
    # wait4 tells what this one child used; subprocess.run does not.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"error: stage {step.name} failed; its message stands above")
    return Cost(rows, step.name, seconds, usage.ru_utime + usage.ru_stime, _peak_mb(usage), counts)


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def digests(folder: Path, steps: Sequence[Step]) -> dict[str, str]:
    """Return a digest of every file that some stages have written."""
    found = {}
    for out in (folder / out for step in steps for out in step.outs):
        for path in sorted(out.rglob("*")) if out.is_dir() else [out]:
            if path.is_file():
                with path.open("rb") as file:
                    found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def forget(folder: Path, steps: Sequence[Step]) -> None:
    """Remove all that some stages have written, and every checkpoint."""
    remove((folder / CHECKPOINTS, *(folder / out for step in steps for out in step.outs)))


def remove(paths: Iterable[Path]) -> None:
    """Remove files and folders."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def stage_costs(step: Step, folder: Path, rows: int) -> Iterator[Cost]:
    """Run a stage; where it has left checkpoints, run it once more with them and tell the two parts of it."""
    checkpoints = folder / CHECKPOINTS
    before = set(checkpoints.rglob("*"))
    whole = run(step, folder, rows)
    yield whole
    if set(checkpoints.rglob("*")) - before:
        remove(folder / out for out in step.outs)  # a stage goes on from what it has made, too
        rest = run(step, folder, rows, counts=False)
        seconds, cpu_seconds = whole.seconds - rest.seconds, whole.cpu_seconds - rest.cpu_seconds
        yield Cost(rows, f"{step.name}: what checkpoints keep", seconds, cpu_seconds, None, counts=False)
        yield rest._replace(stage=f"{step.name}: the rest")


def measure(market: Market, compute: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Iterator[Cost]:
    """Work one size through; with other settings again, whose bytes must be the same."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, rows = Path(temporary).resolve(), market.rows
        found = prepare(folder, market, compute)
        for step in found.beside:
            run(step, folder, rows)
        yield run(found.source, folder, rows, counts=False)
        for step in found.steps:
            yield from stage_costs(step, folder, rows)
        expected = digests(folder, found.steps)
        for settings in others:
            forget(folder, found.steps)
            prepare(folder, market, settings)
            for step in found.steps:
                run(step, folder, rows)
            other = digests(folder, found.steps)
            if differing := sorted(name for name in {*expected, *other} if expected.get(name) != other.get(name)):
                names = ", ".join(differing[:5]) + (" ..." if len(differing) > 5 else "")
                sys.exit(f"error: {rows:,} rows: {names}: other bytes with {settings} than with {dict(compute)}")
            print(f"{rows:,} rows: the same bytes of {len(expected)} files with {settings}", file=sys.stderr)


def totals(costs: Sequence[Cost]) -> dict[int, Cost]:
    """Return the cost of the whole path by size, sorted."""
    found = {}
    for rows in sorted({cost.rows for cost in costs}):
        path = [cost for cost in costs if cost.rows == rows and cost.counts]
        found[rows] = Cost(
            rows,
            f"**{path[0].stage} to {path[-1].stage}**",
            sum(cost.seconds for cost in path),
            sum(cost.cpu_seconds for cost in path),
            max(cost.peak_mb or 0.0 for cost in path),
            counts=True,
        )
    return found


def growth(costs: Sequence[Cost]) -> float:
    """Return the exponent of rows in the seconds of the whole path, between the smallest and the largest size."""
    first, *_, last = totals(costs).values()
    return math.log(last.seconds / first.seconds) / math.log(last.rows / first.rows)


def table(costs: Sequence[Cost]) -> str:
    """Return the costs as a Markdown table, the path's total below each size."""
    lines = [
        "| rows | stage | seconds | CPU seconds | peak MB | CPU microseconds a row |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for rows, total in totals(costs).items():
        for cost in (*(cost for cost in costs if cost.rows == rows), total):
            peak = "" if cost.peak_mb is None else f"{cost.peak_mb:,.0f}"
            lines.append(
                f"| {rows:,} | {cost.stage} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {peak} "
                f"| {1e6 * cost.cpu_seconds / rows:.1f} |"
            )
    return "\n".join(lines)


def growth_line(costs: Sequence[Cost]) -> str:
    """Return a sentence on the growth; nothing where there is one size only."""
    if len({cost.rows for cost in costs}) < 2:
        return ""
    path = next(iter(totals(costs).values())).stage.strip("*")
    return f"\n\nSeconds from {path} grow as rows to the power of {growth(costs):.2f}."


def main() -> None:
    """Read the command line; measure; print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes")
    parser.add_argument("--dates", type=int, default=DATES, help="dates of each market, 60 or more")
    parser.add_argument("--chunk-rows", type=int, default=250_000, help="rows that a stage holds at a time")
    parser.add_argument("--workers", type=int, help="workers; this machine's cores when left out")
    parser.add_argument("--warm-up-rows", type=int, default=WARM_UP_ROWS, help="of the run that compiles; 0 = none")
    parser.add_argument("--same-bytes", action="store_true", help="run each size with other chunks and workers too")
    parser.add_argument("--json", type=Path, help="file for the costs as JSON")
    arguments = parse(parser, rows=[1_200], dates=60, warm_up_rows=0)
    compute = {"chunk_rows": arguments.chunk_rows, "workers": arguments.workers}
    others = OTHERS[: 1 if arguments.small else None] if arguments.same_bytes else ()
    try:
        if arguments.warm_up_rows:
            for _ in measure(Market(arguments.warm_up_rows, WARM_UP_DATES, small=True), compute, []):
                pass
        markets = [Market(rows, arguments.dates, arguments.small) for rows in sorted(arguments.rows)]
        costs = [cost for market in markets for cost in measure(market, compute, others)]
    except ProjectError as error:
        sys.exit(f"error: {error}")
    print(table(costs) + growth_line(costs))
    if arguments.json:
        arguments.json.write_text(json.dumps([cost._asdict() for cost in costs], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
