"""Compare the result in the working folder with that of another revision; refuse a champion that got worse.

    python -m richcheap.compare main
    python -m richcheap.compare HEAD~1 HEAD

It is no stage of the pipeline: it prints a Markdown table of what DVC says has changed in metrics/headline.json, and
what became rich or cheap between the two lists of live bonds. It ends with exit code 1 when the champion's error on the
test block rose by more than `compare.max_worse_percent`.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from richcheap.command_line import parsers
from richcheap.evaluation.params import CompareParams
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import ArtifactError, ParamsError, WorseError
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import MAKE, read_parquet
from richcheap.reporting.comparison import Champion, Difference, champion, comparison_markdown, rise
from richcheap.reporting.list_changes import READ_COLUMNS, changes_markdown


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
    given = parsers.compare().parse_args(arguments)
    revision = given.revision
    allowed = load(CompareParams, "compare").max_worse_percent
    difference = metrics_difference(revision, given.now)
    before, now = champion(difference, "old"), champion(difference, "new")
    if not any(values.get("new") is not None for values in difference.values()):
        raise ArtifactError(f"{paths.HEADLINE}: no figures to compare; {MAKE}")
    print(comparison_markdown(difference, revision), end="", flush=True)
    print(f"\n{list_changes(revision, given.now)}", end="", flush=True)
    if before is not None:
        refuse_worse(before, now, allowed, revision)


def metrics_difference(revision: str, now: str | None = None) -> Difference:
    """Return what ``dvc metrics diff`` says of the headline between a revision and another, or the working folder.

    Raises
    ------
    ParamsError
        What DVC says when it cannot compare.
    """
    revisions = [revision] if now is None else [revision, now]
    done = _dvc("metrics", "diff", "--all", "--json", "--", *revisions)
    if done.returncode:
        said = [text.removeprefix("ERROR: ") for text in done.stderr.splitlines() if text.startswith("ERROR: ")]
        why = said[-1] if said else " ".join(done.stderr.split())
        raise ParamsError(f"dvc metrics diff {' '.join(revisions)}: {why}; `git branch --all` lists revisions")
    difference: Difference = json.loads(done.stdout or "{}").get(paths.HEADLINE.as_posix(), {})
    return difference


def list_changes(revision: str, now: str | None = None) -> str:
    """Return what became rich or cheap since a revision, or a line with the reason why that is not known."""
    try:
        table = live_bonds(now)
        return changes_markdown(live_bonds(revision), table)
    except ArtifactError as error:
        return f"Lists are not compared: {error}.\n"


def live_bonds(revision: str | None) -> pl.DataFrame:
    """Return the list of live bonds of a revision, out of DVC's cache or remote; without one, the working folder's.

    Raises
    ------
    ArtifactError
        There is none.
    """
    if revision is None:
        return read_parquet(paths.LISTED_BONDS, READ_COLUMNS)
    with TemporaryDirectory() as folder:
        place = Path(folder) / paths.LISTED_BONDS.name
        done = _dvc("get", "--rev", revision, "--out", str(place), ".", paths.LISTED_BONDS.as_posix())
        if done.returncode:
            raise ArtifactError(f"{revision} has no {paths.LISTED_BONDS}, or neither DVC's cache nor a remote holds it")
        return read_parquet(place, READ_COLUMNS)


def _dvc(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  no shell reads revisions


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
