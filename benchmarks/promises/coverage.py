"""Which code do tests reach? Branch coverage of the library, the runner and the stages.

``python -m benchmarks.promises.coverage`` runs all tests once, with all processes that they start, and those of the
kernels again as plain Python, for what is compiled cannot be measured. It prints the modules that are covered least and
exits with 1 when a test fails, or when less is covered than `fail_under` in pyproject.toml asks for.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from coverage import Coverage

from benchmarks.promises.figures import ROOT, Cell, keep, markdown

COLUMNS: Final = ("module", "statements", "branches", "not reached", "covered, %")
LOWEST: Final = 10
"""Modules shown below the total."""
KERNELS: Final = (
    *("bonds", "curves", "numerics", "panel"),
    *("ingestion/validation/test_counters.py", "kalman/test_golden.py", "kalman/test_prediction_transition.py"),
    *("features/test_own_history.py", "lists/test_cash_flows.py", "regimes/test_recursions.py"),
    *("relative_value/test_regression.py", "surface/test_golden.py"),
)
"""Tests that reach all of the kernels, and are quick also when these are plain Python."""
PLAIN: Final = ("-W", "ignore::RuntimeWarning", "--ignore=tests/numerics/test_compiled.py", "-m", "not slow")
"""A kernel divides by zero without a word; and what is about compiling has nothing to say."""


def covered(runs: list[tuple[list[str], dict[str, str]]]) -> tuple[bool, dict[str, list[int]]]:
    """Run pytest some times under coverage.

    Parameters
    ----------
    runs : list of tuple
        Words for pytest, and variables of the environment.

    Returns
    -------
    tuple
        Whether all tests have passed, and of each file its statements, branches, and how many of both are not reached.
    """
    with tempfile.TemporaryDirectory() as folder:
        outer = "COVERAGE_PROCESS_CONFIG"  # of a measurement that this one is part of
        environment = {name: value for name, value in os.environ.items() if name != outer}
        environment["COVERAGE_FILE"] = str(Path(folder, "data"))
        passed = True
        for words, variables in runs:
            command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
            passed &= subprocess.run(command, cwd=ROOT, env={**environment, **variables}, check=False).returncode == 0
        report = Path(folder, "report.json")
        for words in (["combine", "-q"], ["json", "-q", "--fail-under=0", "-o", str(report)]):
            subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, env=environment, check=True)
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    counts = {name: file["summary"] for name, file in files.items()}
    return passed, {
        name: [one["num_statements"], one["num_branches"], one["missing_lines"] + one["missing_branches"]]
        for name, one in counts.items()
    }


def rows_of(files: dict[str, list[int]]) -> list[list[Cell]]:
    """Return the line of all files, and those of the files that are covered least."""

    def row(name: str, statements: int, branches: int, missing: int) -> list[Cell]:
        places = statements + branches
        return [name, statements, branches, missing, round(100 * (1 - missing / places), 1) if places else 100.0]

    total = row("all", *(sum(counts) for counts in zip(*files.values(), strict=True)))
    each = sorted((row(name, *counts) for name, counts in files.items()), key=lambda one: (one[-1], one[0]))
    return [total, *each[:LOWEST]]


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="these alone, and nothing as plain Python")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/promises/ for the page")
    chosen = parser.parse_args()
    kernels = [f"tests/{place}" for place in KERNELS]
    everything = [([], {}), ([*PLAIN, *kernels], {"NUMBA_DISABLE_JIT": "1"})]
    passed, files = covered([(chosen.tests, {})] if chosen.tests else everything)
    rows = rows_of(files)
    if chosen.write:
        keep("coverage", "python -m benchmarks.promises.coverage", COLUMNS, rows)
    print(markdown(COLUMNS, rows))
    least = 0.0 if chosen.tests else Coverage(config_file=str(ROOT / "pyproject.toml")).get_option("report:fail_under")
    return int(not passed or float(rows[0][-1]) < float(str(least)))


if __name__ == "__main__":
    sys.exit(main())
