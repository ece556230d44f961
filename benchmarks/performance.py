"""Measure everything that docs/performance.md tells, and write its tables and its plot.

    python -m benchmarks.performance --rows 10000 100000 1000000 10000000

Runs the benchmarks of conversion, curve and data path one after another in processes of their own, replaces what
stands between the markers of performance.md, and draws performance.svg beside it. Nothing is written before all is
measured. Install `.[bench]` first, or the rivals that are missing are left out, which the page then says.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib.figure import Figure

from benchmarks.data_path import Cost, growth_line, table
from benchmarks.sizes import parse

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
DOCUMENT, PLOT = "performance.md", "performance.svg"
ENGINES = {"conversion": "accrued to basis point value", "curve": "curve price, fair price and z-spread"}
RIVALS = ("QuantLib", "itofin")

Timing = dict[str, Any]


def measured(benchmark: str, folder: Path, *words: str) -> list[Timing]:
    """Run a benchmark and return what it wrote."""
    file = folder / f"{benchmark}.json"
    command = [sys.executable, "-m", f"benchmarks.{benchmark}", "--json", str(file), *words]
    if subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr).returncode:
        sys.exit(f"error: benchmarks.{benchmark} failed; its message stands above; nothing was written")
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
    lines += [f"\n{rival} was not installed and is left out." for rival in RIVALS if not took_part(rival, timings)]
    return "\n".join(lines)


def took_part(rival: str, timings: list[Timing]) -> bool:
    """Say whether a rival was measured."""
    return any(timing["method"].startswith(rival) for timing in timings)


def draw(costs: Sequence[Cost], engines: list[Timing], plot: Path) -> None:
    """Draw seconds and peak memory of each stage, and microseconds of each engine, against rows."""
    mpl.rcParams["svg.hashsalt"] = "richcheap"  # or identifiers would differ from run to run
    figure = Figure(figsize=(12, 4), layout="constrained")
    seconds, memory, each = figure.subplots(1, 3)
    for stage in dict.fromkeys(cost.stage for cost in costs if cost.counts):
        own = [cost for cost in costs if cost.stage == stage]
        rows = [cost.rows for cost in own]
        seconds.loglog(rows, [cost.seconds for cost in own], marker="o", label=stage)
        memory.semilogx(rows, [cost.peak_mb or 0.0 for cost in own], marker="o", label=stage)
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
    figure.savefig(plot, metadata={"Date": None})


def replaced(document: str, name: str, content: str) -> str:
    """Return the document with what stands between the two markers of a name replaced."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = document.partition(start)
    _, marker, after = rest.partition(end)
    if not marker:
        sys.exit(f"error: {DOCUMENT}: expected the markers '{start.strip()}' and '{end}'")
    return f"{before}{start}\n{content}\n\n{end}{after}"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000], help="sizes")
    parser.add_argument("--same-bytes", action="store_true", help="compare the bytes of the data path too")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of performance.md and its plot")
    arguments = parse(parser, rows=[])
    if arguments.small and arguments.docs.resolve() == DOCS:
        parser.error("--small needs --docs, a folder with a copy of performance.md: its figures mean nothing")
    page = arguments.docs / DOCUMENT
    if not page.is_file():
        sys.exit(f"error: {page}: no such file; --docs must name a folder that has one")
    document = page.read_text(encoding="utf-8")
    for name in ("engines", "data path"):
        replaced(document, name, "")  # a page without markers is told before anything is measured
    small = ["--small"] if arguments.small else []
    sizes = ["--rows", *map(str, arguments.rows)] if arguments.rows else []
    repeats = [] if arguments.small else ["--repeats", "3"]
    same = ["--same-bytes"] if arguments.same_bytes else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        engines = {name: measured(name, folder, *small, *sizes, *repeats) for name in ENGINES}
        costs = [Cost(**cost) for cost in measured("data_path", folder, *small, *sizes, *same)]
    document = replaced(document, "engines", "\n\n".join(engine_table(timings) for timings in engines.values()))
    document = replaced(document, "data path", table(costs) + growth_line(costs))
    draw(costs, [timing for timings in engines.values() for timing in timings], arguments.docs / PLOT)
    page.write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
