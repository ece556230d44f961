"""Add a day to a market that has been worked through: the CPU of every stage beside that of the whole run.

    python -m benchmarks.next_day
    python -m benchmarks.next_day us_treasury_2010_2011 --days 20 --one-by-one
    python -m benchmarks.next_day --ingest 100 200 400

The market is the simulated one of params.yaml, or a file of real prices as `benchmarks.real_data` has it. It becomes a
folder of a file for each date, of which the last `--days` are held back. The rest is worked through in a temporary
clone and the blocks are anchored; then the days are added, all at once or one by one, each time by ``richcheap
update``. At last another clone works through all of it from nothing: every file that stages write must have the same
bytes. With ``--ingest`` stage ingest alone is measured, on folders of so many daily files of 750 rows each.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from benchmarks.real_data import CHANGES, FILES, ROOT, data_folder, environment, select_rows, set_params
from dvc_parallel.system.yaml_source import Document
from richcheap.pipeline.storage import paths
from richcheap.profile import apply

SIMULATED = "simulated"
PRICES = "prices"
OUTPUTS = ("training_data", "models", "tuned", "market_models", "predictions", "lists", "metrics", "plots", "report")
RUN = ("-m", "richcheap.cli")


def clone(folder: Path, dataset: str, source: Path, small: bool) -> Path:
    """Clone the project, pointed at a folder of prices that is empty yet."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    if small:
        call(folder, "-m", "richcheap.profile", "profiles/small.yaml")
    set_params(folder / "params.yaml", CHANGES.get(dataset, {}), source, small)
    apply(Document("prices", {"data": {"observations": PRICES}}, {}), folder)
    (folder / PRICES).mkdir()
    return folder


def call(folder: Path, *words: str) -> str:
    """Run a command of the project with this Python; return what it printed."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment(), check=False, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"error: {' '.join(words)} failed; its last lines stand above")
    return done.stdout


def days_of(
    dataset: str, source: Path, small: bool, folder: Path, market: Mapping[str, Any] = MappingProxyType({})
) -> list[Path]:
    """Write a file for each date of the market, simulated with some changes, into a folder; return them in order."""
    folder.mkdir()
    if dataset == SIMULATED:
        simulated = clone(folder.with_name("simulated"), dataset, source, small)
        apply(Document("market", {"simulate": dict(market)}, {}), simulated)
        call(simulated, *RUN, "run", "simulate")
        rows = pl.read_parquet(simulated / paths.SIMULATED_OBSERVATIONS)
    else:
        selected = folder.with_suffix(".parquet")
        select_rows(source / CHANGES[dataset]["observations"], dataset, 1.0, small, selected)
        rows = pl.read_parquet(selected)
    for (day,), own in sorted(rows.partition_by("date", as_dict=True, maintain_order=True).items()):
        own.write_parquet(folder / f"{str(day)[:10]}.parquet")
    return sorted(folder.iterdir())


def add(folder: Path, files: Sequence[Path]) -> None:
    """Put files of prices into the project, as someone does who copies a day."""
    for file in files:
        shutil.copy2(file, folder / PRICES)


def costs(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the last run of ``richcheap run`` says of each stage."""
    report = next((folder / ".dvc" / "tmp").rglob("run.json"))
    return {stage["stage"]: stage for stage in json.loads(report.read_text(encoding="utf-8"))["stages"]}


def anchored(folder: Path, ends: dict[str, Any] | None = None) -> dict[str, Any]:
    """Anchor the blocks where they are, or where another project has them; return their ends."""
    if ends is None:
        lines = call(folder, *RUN, "anchor").splitlines()
        return {key.removeprefix("split."): end for key, end in (line.split(": ") for line in lines)}
    apply(Document("ends", {"split": ends}, {}), folder)
    return ends


def differing(one: Path, other: Path) -> list[str]:
    """Return the files that stages wrote in two projects and that are not the same in both."""
    names = {
        path.relative_to(root).as_posix()
        for root in (one, other)
        for folder in OUTPUTS
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    return sorted(name for name in names if content(one / name) != content(other / name))


def content(path: Path) -> bytes | None:
    """Return the bytes of a file, or None where there is none."""
    return path.read_bytes() if path.is_file() else None


def cpu_of_ingest(folder: Path) -> float:
    """Run stage ingest alone; return its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call(folder, "-m", "stages.ingest")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ingest_table(root: Path, source: Path, counts: Sequence[int], small: bool) -> str:
    """Return the CPU seconds of stage ingest as a Markdown table: of a whole folder, and of a day that is added."""
    market = {"bonds": 4_800, "issuers": 400, "periods": max(counts), "observations_per_period": 750}
    files = days_of(SIMULATED, source, small, root / "days", {} if small else market)
    project = clone(root / "project", SIMULATED, source, small)
    lines = ["| files | whole run, CPU s | a day added, CPU s | from nothing again, CPU s |", "|---:|---:|---:|---:|"]
    for count in counts:
        shutil.rmtree(project / paths.INGEST_STATE, ignore_errors=True)
        shutil.rmtree(project / PRICES)
        (project / PRICES).mkdir()
        add(project, files[: count - 1])
        seconds = [cpu_of_ingest(project)]
        add(project, files[count - 1 : count])
        seconds.append(cpu_of_ingest(project))
        shutil.copytree(project / paths.TRAINING_DATA, root / "day added" / paths.TRAINING_DATA)
        shutil.rmtree(project / paths.INGEST_STATE)
        seconds.append(cpu_of_ingest(project))
        wrong = [name for name in differing(root / "day added", project) if name.startswith("training_data")]
        if wrong:
            sys.exit(f"error: other bytes than those of a run from nothing: {', '.join(wrong)}")
        shutil.rmtree(root / "day added")
        lines.append(f"| {count} | {' | '.join(f'{one:.1f}' for one in seconds)} |")
    return "\n".join(lines)


def table(whole: dict[str, dict[str, Any]], later: list[dict[str, dict[str, Any]]]) -> str:
    """Return the CPU seconds of each stage as a Markdown table: of the whole run, and of a day's on average."""
    lines = ["| stage | whole run, CPU s | a day added, CPU s | share, % |", "|---|---:|---:|---:|"]
    total = [0.0, 0.0]
    for name, stage in whole.items():
        full = stage["cpu_seconds"]
        day = sum(run[name]["cpu_seconds"] for run in later) / len(later)
        ran = any(run[name]["outcome"] == "ran" for run in later)
        total[0], total[1] = total[0] + full, total[1] + day
        shown = (f"{day:.1f}", f"{100 * day / full:.0f}") if ran and full else ("unchanged", "")
        lines.append(f"| {name} | {full:.1f} | {' | '.join(shown)} |")
    full, day = total
    return "\n".join([*lines, f"| **all** | {full:.1f} | {day:.1f} | {100 * day / full:.0f} |"])


def main() -> None:
    """Read the command line; measure; print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", default=SIMULATED, choices=[SIMULATED, *sorted(CHANGES)])
    parser.add_argument("--days", type=int, default=1, help="days that are held back and added")
    parser.add_argument("--one-by-one", action="store_true", help="add each day by itself")
    parser.add_argument("--no-referee", action="store_true", help="leave the run from nothing out, which takes longest")
    parser.add_argument("--ingest", metavar="FILES", type=int, nargs="+", help="measure stage ingest alone, on folders")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the project to which the days were added")
    parser.add_argument("--small", action="store_true", help="a tiny market and one model, to see that it works")
    arguments = parser.parse_args()
    source = data_folder()
    for key in () if arguments.dataset == SIMULATED else FILES:
        if not (file := source / CHANGES[arguments.dataset].get(key, "")).exists():
            sys.exit(f"error: {file}: no such file; set RICHCHEAP_DATA to the folder that docs/data.md describes")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary).resolve()
        if arguments.ingest:
            print(ingest_table(root, source, arguments.ingest, arguments.small))
            return
        files = days_of(arguments.dataset, source, arguments.small, root / "days")
        project = clone(root / "project", arguments.dataset, source, arguments.small)
        known, new = files[: -arguments.days], files[-arguments.days :]
        add(project, known)
        call(project, *RUN, "run")
        whole, ends = costs(project), anchored(project)
        call(project, *RUN, "run")
        later, said = [], ""
        for group in [[file] for file in new] if arguments.one_by_one else [new]:
            said = call(project, *RUN, "update", *map(str, group))
            later.append(costs(project))
        wrong: list[str] = []
        if not arguments.no_referee:
            other = clone(root / "other", arguments.dataset, source, arguments.small)
            add(other, files)
            anchored(other, ends)
            call(other, *RUN, "run")
            wrong = differing(project, other)
        if arguments.keep is not None:
            shutil.move(project, arguments.keep)
    print(table(whole, later))
    print(f"\nDays added: {arguments.days}, in {len(later)} updates.", *said.splitlines()[-4:], sep="\n")
    if wrong:
        sys.exit(f"error: other bytes than those of a run from nothing: {', '.join(wrong)}")
    if not arguments.no_referee:
        print("\nEvery file has the bytes of a run from nothing.")


if __name__ == "__main__":
    main()
