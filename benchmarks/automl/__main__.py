"""Put AutoML libraries beside the models of prices, on the same rows, columns and dates, at equal CPU.

    python -m benchmarks.automl
    python -m benchmarks.automl eu_listed_2026_eur --write

The market is the simulated one of params.yaml, or a data set of `benchmarks.real_data`; the pipeline runs up to the
dataset in a temporary clone, or has run in the folder that ``--project`` names, which is only read. docs/rivals.md says
what is equal, and how the rivals' environments are made; rivals without one are left out by name. ``--write`` keeps
the table for that page. ``--small`` takes a small market and a second of CPU, to see that it works.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.automl.contestants import Contestant, export, ours, rivals
from benchmarks.automl.judge import COLUMNS, Judge
from benchmarks.promises.figures import ROOT, Cell, keep, markdown
from benchmarks.real_data import CHANGES, make, run_stages
from benchmarks.sizes import parse
from dvc_parallel.system.yaml_source import read
from richcheap.profile import apply

SIMULATED: Final = "simulated"


def made(dataset: str, small: bool, clone: Path) -> Path:
    """Clone the project, point it at a data set and make the dataset."""
    if dataset == SIMULATED:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        if small:
            apply(read(ROOT / "profiles" / "small.yaml"), clone)
    else:
        make(dataset, 1.0, small, clone)
    run_stages(clone, "features")
    return clone


def compared(project: Path, folder: Path, environments: Path, seconds: int) -> list[list[Cell]]:
    """Let all contestants train and predict in a folder; return the lines of the table."""
    export(project, folder)
    judge, models = Judge(project), list(known(ours(project, folder)))
    costs = [one.cost for one in models if one.cost is not None]
    share = min(1.0, sum(cost.cpu_seconds for cost in costs) / sum(cost.wall_seconds for cost in costs))
    found = [*models, *known(rivals(folder, environments, seconds, share))]
    for one in found:
        judge.add(one)
    return judge.rows(found)


def known(contestants: Iterable[Contestant]) -> Iterator[Contestant]:
    """Pass contestants on, and say of each what it took."""
    for one in contestants:
        print(f"{one.name}: {one.left_out or one.cost}", file=sys.stderr, flush=True)
        yield one


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", default=SIMULATED, choices=[SIMULATED, *sorted(CHANGES)])
    parser.add_argument("--project", type=Path, help="folder of a project that has run up to the dataset")
    parser.add_argument(
        "--environments", type=Path, default=ROOT / ".rivals", help="folder of the rivals' environments"
    )
    parser.add_argument("--cpu-seconds", type=int, default=45, help="of a rival (default: 45)")
    parser.add_argument("--keep", type=Path, help="folder, made anew, for all that is trained and predicted")
    parser.add_argument("--write", action="store_true", help="keep the table for docs/rivals.md")
    options = parse(parser, cpu_seconds=1)
    if options.small and options.write:
        parser.error("--small and --write: its figures mean nothing")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary, "trained")
        folder.mkdir()
        project = options.project or made(options.dataset, options.small, Path(temporary, "richcheap").resolve())
        rows = compared(project.absolute(), folder.absolute(), options.environments, options.cpu_seconds)
    print(markdown(COLUMNS, rows))
    if options.write:
        words = [options.dataset] * (options.dataset != SIMULATED) + ["--write"]
        keep(f"rivals_{options.dataset}", shlex.join(["python", "-m", "benchmarks.automl", *words]), COLUMNS, rows)
        print("kept; `python -m benchmarks.promises.page` puts it into docs/rivals.md", file=sys.stderr)


if __name__ == "__main__":
    main()
