"""Are the tests sharp? Change the code at one place and see whether a test turns red: a mutation test of four rooms.

``python -m benchmarks.promises.mutants`` takes a seeded sample of the mutants that Cosmic Ray makes of bonds, surface,
kalman and the walk-forward splitter, and runs the room's own tests against each, in a copy of the project. It prints
each survivor and a table, and exits with 1 when fewer than `LEAST_KILLED` per cent of a room's mutants die; one that
no test ends in time counts as killed.

Kernels of the room and of what uses it run as plain Python, those below it stay compiled: no mutant waits for a
compiler. Left out are mutants that say nothing of tests: in annotations, which the program never reads; of the
decorator `kernel`, which does nothing here; and operators of another kind (`+` for `|`, `==` for `is`), which on
numbers raise an error at once, or mean the same.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.promises.figures import ROOT, Cell, keep_some, markdown
from benchmarks.promises.mutation import ROOMS, Fate

COLUMNS: Final = ("room", "mutants", "tried", *Fate, "killed, %")
LEAST_KILLED: Final = 85
SAMPLE: Final = 150
COPIED: Final = ("benchmarks", "docs", "src", "stages", "tests")


def tried(room: str, sample: int, seed: int, root: Path = ROOT) -> list[Cell]:
    """Try a sample of a room's mutants in a copy of a project and return the line of the table."""
    count: Counter[Fate] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            shutil.copytree(root / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__", "pictures"))
        shutil.copy(root / "pyproject.toml", folder)
        words = [sys.executable, "-m", "benchmarks.promises.mutation", room, f"--sample={sample}", f"--seed={seed}"]
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
        environment = {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join((str(Path(folder, "src")), folder))}
        with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            every = json.loads(process.stdout.readline() or "{}").get("mutants", 0)
            for line in process.stdout:
                found = json.loads(line)
                count[Fate(found["fate"])] += 1
                if found["fate"] != Fate.KILLED:
                    print(f"{found['fate']}: {found['place']}\n{found['difference']}", flush=True)
                if count.total() % 25 == 0:
                    print(f"{room}: {count.total()} tried, {count[Fate.SURVIVED]} live", flush=True)
        if process.returncode:
            raise SystemExit(process.returncode)
    killed = count[Fate.KILLED] + count[Fate.TIMED_OUT]
    share = round(100 * killed / count.total(), 1)
    return [room, every, count.total(), *(count[fate] for fate in Fate), share]


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=list(ROOMS), default=list(ROOMS), metavar="ROOM", help="these rooms"
    )
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each room (default: %(default)s)")
    parser.add_argument("--short", action="store_true", help="six mutants of the splitter, which CI tries")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/promises/ for the page")
    chosen = parser.parse_args()
    rooms, sample = (["splitter"], 6) if chosen.short else (chosen.only, chosen.sample)
    rows = [tried(room, sample, chosen.seed) for room in rooms]
    if chosen.write:
        keep_some("mutants", "python -m benchmarks.promises.mutants", COLUMNS, rows, list(ROOMS))
    print(markdown(COLUMNS, rows))
    return int(any(float(row[-1]) < LEAST_KILLED for row in rows))


if __name__ == "__main__":
    sys.exit(main())
