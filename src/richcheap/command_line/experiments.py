"""List experiments on one screen: ``richcheap experiments``.

``dvc exp show`` has a column for every metric, every param and every dependency, some 500 here, and no setting that
makes it show less: the table is DVC's own, with its columns chosen.
"""

import subprocess
import sys
from collections.abc import Sequence

from dvc_parallel.system.errors import print_error
from dvc_parallel.system.exit_codes import FAILED
from richcheap.command_line.parsers import experiments

KEPT = ("Experiment", "champion", "champion_mae")
"""Shown even where they do not differ."""
DROPPED = ("Created", "State", "Executor", r".*(skill|coverage|verdict|share)", r"[^:]*/[^:]*$", "tuned")
"""What differs and is no answer: intervals, and the digests of files (DVC matches from the start of a name)."""


def main(arguments: Sequence[str]) -> int:
    """Print the table; return DVC's exit code."""
    given, others = experiments().parse_known_args(arguments)
    if _succeeds("git", "rev-parse", "--git-dir") and not _succeeds("git", "rev-parse", "-q", "--verify", "HEAD"):
        print_error(
            "expected a commit that experiments are compared with, got none; "
            "`git add -A && git commit -m 'First run'` makes one"
        )
        return FAILED
    dropped = DROPPED if given.errors else (*DROPPED, r".*\.mae")
    chosen = ["--only-changed", "--keep", f"({'|'.join(KEPT)})$", "--drop", f"({'|'.join(dropped)})"]
    command = [sys.executable, "-m", "dvc", "exp", "show", *chosen, *others]
    return subprocess.run(command, check=False).returncode  # noqa: S603  no shell reads them


def _succeeds(*words: str) -> bool:
    return subprocess.call(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0  # noqa: S603  as above
