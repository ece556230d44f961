"""Measure everything that docs/performance.md tells, and write its tables and its plot.

Runs the benchmarks of conversion, curve and data path one after another in processes of their own and replaces what
stands between the markers of docs/performance.md. With the largest sizes it takes about half an hour:

    python -m benchmarks.performance --rows 10000 100000 1000000 10000000
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib.figure import Figure

from benchmarks.data_path import STAGES, Cost, growth, table

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
ENGINES = {"conversion": "accrued to basis point value", "curve": "curve price, fair price and z-spread"}

Timing = dict[str, Any]


def measured(benchmark: str, folder: Path, *words: str) -> list[Timing]:
    """Run a benchmark and return what it wrote."""
    file = folder / f"{benchmark}.json"
    command = [sys.executable, "-m", f"benchmarks.{benchmark}", "--json", str(file), *words]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    found: list[Timing] = json.loads(file.read_text(encoding="utf-8"))
    return found


def engine_table(timings: list[Timing]) -> str:
    """Return the timings of one engine beside its rivals', with the ratio to our figure at most rows."""
    lines = ["| task | bonds | method | rows | CPU microseconds each | ratio |", "|---|---|---|---:|---:|---:|"]
    for timing in timings:
        ours = [t for t in timings if t["method"] == "richcheap" and t["bonds"] == timing["bonds"]]
        best = max(ours, key=lambda t: t["rows"])["microseconds"]
        ratio = "" if timing["method"] == "richcheap" else f"{timing['microseconds'] / best:.0f}"
        lines.append(
            f"| {ENGINES[timing['task']]} | {timing['bonds']} | {timing['method']} | {timing['rows']:,} "
            f"| {timing['microseconds']:.3g} | {ratio} |"
        )
    return "\n".join(lines)


def draw(costs: list[Cost], engines: list[Timing]) -> None:
    """Draw seconds and peak memory of each stage, and microseconds of each engine, against rows."""
    mpl.rcParams["svg.hashsalt"] = "richcheap"  # or identifiers would differ from run to run
    figure = Figure(figsize=(12, 4), layout="constrained")
    seconds, memory, each = figure.subplots(1, 3)
    for stage in STAGES:
        own = [cost for cost in costs if cost.stage == stage]
        rows = [cost.rows for cost in own]
        seconds.loglog(rows, [cost.seconds for cost in own], marker="o", label=stage)
        memory.semilogx(rows, [cost.peak_mb for cost in own], marker="o", label=stage)
    for task in ENGINES:
        for method in sorted({t["method"] for t in engines if t["task"] == task}):
            own_timings = [t for t in engines if t["task"] == task and t["method"] == method]
            kind = "common" if any(t["bonds"] == "common" for t in own_timings) else "all"
            chosen = [t for t in own_timings if t["bonds"] == kind]
            each.loglog(
                [t["rows"] for t in chosen], [t["microseconds"] for t in chosen], marker="o", label=f"{method}, {task}"
            )
    for axes, title in ((seconds, "seconds"), (memory, "peak MB"), (each, "CPU microseconds each, one core")):
        axes.set_title(title)
        axes.set_xlabel("rows")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(fontsize="x-small")
    memory.set_ylim(bottom=0)
    figure.savefig(PLOT, metadata={"Date": None})


def replaced(document: str, name: str, content: str) -> str:
    """Return the document with what stands between the two markers of a name replaced."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = document.partition(start)
    _, marker, after = rest.partition(end)
    if not marker:
        sys.exit(f"{DOCUMENT}: expected the markers '{start.strip()}' and '{end}'")
    return f"{before}{start}\n{content}\n\n{end}{after}"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    arguments = parser.parse_args()
    sizes = [str(rows) for rows in arguments.rows]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        engines = {name: measured(name, folder, "--rows", *sizes, "--repeats", "3") for name in ENGINES}
        costs = [Cost(**cost) for cost in measured("data_path", folder, "--rows", *sizes)]
    document = DOCUMENT.read_text(encoding="utf-8")
    document = replaced(document, "engines", "\n\n".join(engine_table(timings) for timings in engines.values()))
    said = f"Seconds from ingest to features grow as rows to the power of {growth(costs):.2f}."
    document = replaced(document, "data path", f"{table(costs)}\n\n{said}")
    draw(costs, [timing for timings in engines.values() for timing in timings])
    DOCUMENT.write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
