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
import sys
import tempfile
from collections.abc import Collection
from itertools import chain
from pathlib import Path
from typing import Final

from benchmarks.automl.contestants import export, ours, rivals
from benchmarks.automl.judge import COLUMNS, Judge
from benchmarks.automl.rivals import RIVALS
from benchmarks.origins import Market
from benchmarks.promises.figures import ROOT, Cell, keep_some, markdown
from benchmarks.real_data import CHANGES, run_stages
from benchmarks.sizes import parse
from richcheap.pipeline.config.sections import model_names
from richcheap.pipeline.storage import paths

SIMULATED: Final = "simulated"


def made(dataset: str, small: bool, clone: Path) -> Path:
    """Clone the project, point it at a data set and make the dataset."""
    Market(None if dataset == SIMULATED else dataset, 1.0, None, small).made(clone)
    run_stages(clone, "features")
    return clone


def compared(
    project: Path, folder: Path, environments: Path, seconds: int, only: Collection[str] = ()
) -> tuple[list[list[Cell]], list[str]]:
    """Let contestants, by default all, train and predict in a folder; return the lines of the table and `leads`."""
    export(project, folder)
    every = [*model_names(project / paths.PARAMS), *RIVALS]
    if unknown := set(only) - set(every):
        sys.exit(f"error: --only: expected {', '.join(every)}, got {', '.join(sorted(unknown))}")
    names = only or every
    judge, found = Judge(project), []
    for one in chain(ours(project, folder, names), rivals(folder, environments, seconds, names)):
        print(f"{one.name}: {one.left_out or one.cost}", file=sys.stderr, flush=True)
        judge.add(one)
        found.append(one)
    return judge.rows(found), judge.leads(found)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", default=SIMULATED, choices=[SIMULATED, *sorted(CHANGES)])
    parser.add_argument("--project", type=Path, help="folder of a project that has run up to the dataset")
    parser.add_argument(
        "--environments", type=Path, default=ROOT / ".rivals", help="folder of the rivals' environments"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these contestants; other lines stay")
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
        rows, leads = compared(
            project.absolute(), folder.absolute(), options.environments, options.cpu_seconds, options.only
        )
        models = [f"`{name}`" for name in model_names(project / paths.PARAMS)]
    print(markdown(COLUMNS, rows))
    print("", *leads, sep="\n")
    if options.write:
        words = [options.dataset] * (options.dataset != SIMULATED) + ["--write"]
        order = dict.fromkeys([*(str(row[0]) for row in rows[:2]), *models, *RIVALS])
        command = shlex.join(["python", "-m", "benchmarks.automl", *words])
        keep_some(f"rivals_{options.dataset}", command, COLUMNS, rows, list(order))
        print("kept; `python -m benchmarks.promises.page` puts it into docs/rivals.md", file=sys.stderr)


if __name__ == "__main__":
    main()
