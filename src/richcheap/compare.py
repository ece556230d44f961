"""Compare the result in the working folder with that of another revision; refuse a champion that got worse.

    python -m richcheap.compare main

It is no stage of the pipeline: it prints a Markdown table of what DVC says has changed in metrics/headline.json, and
ends with exit code 1 when the champion's error on the test block rose by more than `compare.max_worse_percent`.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

from richcheap.evaluation.params import CompareParams
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import ArtifactError, ParamsError, WorseError
from richcheap.pipeline.execution.stage_main import Parser, run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import MAKE
from richcheap.reporting.comparison import Champion, Difference, champion, comparison_markdown, rise

ABOUT = "Compare the result in the working folder with that of another revision; refuse a champion that got worse."
CODES = "Exit code 0: no worse than compare.max_worse_percent allows; 1: worse, or nothing to compare; 2: misused."


def main(arguments: Sequence[str]) -> None:
    """Print the comparison with the revision named; raise what is wrong with the result.

    Raises
    ------
    ParamsError
        Git does not know the revision.
    ArtifactError
        The working folder has no figures.
    WorseError
        The champion got worse by more than is allowed.
    """
    parser = Parser(f"{ABOUT} {CODES}", "richcheap compare")
    parser.add_argument("revision", metavar="REV", help="git branch, tag or commit, for instance main")
    revision = parser.parse_args(arguments).revision
    allowed = load(CompareParams, "compare").max_worse_percent
    difference = metrics_difference(revision)
    before, now = champion(difference, "old"), champion(difference, "new")
    if not any(values.get("new") is not None for values in difference.values()):
        raise ArtifactError(f"{paths.HEADLINE}: no figures to compare; {MAKE}")
    print(comparison_markdown(difference, revision), end="", flush=True)
    if before is not None:
        refuse_worse(before, now, allowed, revision)


def metrics_difference(revision: str) -> Difference:
    """Return what ``dvc metrics diff`` says of the headline between a revision and the working folder.

    Raises
    ------
    ParamsError
        What DVC says when it cannot compare.
    """
    words = [sys.executable, "-m", "dvc", "metrics", "diff", "--all", "--json", "--", revision]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  no shell reads the revision
    if done.returncode:
        said = [text.removeprefix("ERROR: ") for text in done.stderr.splitlines() if text.startswith("ERROR: ")]
        why = said[-1] if said else " ".join(done.stderr.split())
        raise ParamsError(f"dvc metrics diff {revision}: {why}; `git branch --all` lists revisions")
    difference: Difference = json.loads(done.stdout or "{}").get(paths.HEADLINE.as_posix(), {})
    return difference


def refuse_worse(before: Champion, now: Champion | None, allowed_percent: float, revision: str) -> None:
    """Raise `WorseError` when the champion is gone, or its error has risen by more than is allowed."""
    if now is None:
        raise WorseError(f"{revision} has a champion, {before.name}, and the working folder none; train a model")
    risen = 100.0 * rise(before, now)
    if risen > allowed_percent:
        raise WorseError(
            f"champion {now.name}: its test MAE, {now.mae:.4f} points, is {risen:.2f} % above {before.mae:.4f} of "
            f"{before.name} at {revision}, at most {allowed_percent:g} % is allowed; find the cause, or raise "
            "compare.max_worse_percent in params.yaml"
        )


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
