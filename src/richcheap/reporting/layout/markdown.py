"""Print the results table as Markdown: ``python -m richcheap.reporting.layout.markdown metrics/evaluate.json``."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from richcheap.reporting.layout.tables import Column, Table
from richcheap.reporting.sections.results import Evaluation, is_model, results_table


def results_markdown(evaluation: Evaluation) -> str:
    """Return the results table as GitHub shows tables; models are bold.

    Parameters
    ----------
    evaluation : mapping
        Content of metrics/evaluate.json.
    """
    table = results_table(evaluation)
    lines = [line([_heading(column) for column in table.columns])]
    lines.append(line(["---:" if column.numeric else ":---" for column in table.columns]))
    return "\n".join([*lines, *_rows(evaluation, table)]) + "\n"


def _rows(evaluation: Evaluation, table: Table) -> list[str]:
    lines = []
    for row in table.rows:
        name, *figures = [cell.text for cell in row.cells]
        lines.append(line([f"**`{name}`**" if is_model(evaluation, name) else f"`{name}`", *figures]))
    return lines


def _heading(column: Column) -> str:
    return f"{column.title}, {column.unit}" if column.unit else column.title


def line(cells: Iterable[str]) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(cells) + " |"


def read_evaluation(path: Path) -> Evaluation:
    """Read metrics/evaluate.json for a command; one line and exit code 1 when it is not there, or something else is."""
    if not path.is_file():
        sys.exit(f"error: {path}: no such file; run `dvc repro` to make it")
    try:
        evaluation: Evaluation = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        sys.exit(f"error: {path}: not JSON ({error}); name the metrics/evaluate.json of a run")
    if not isinstance(evaluation, dict) or "predictors" not in evaluation:
        sys.exit(f"error: {path}: expected the metrics/evaluate.json of a run, got JSON without predictors")
    return evaluation


def main() -> None:
    """Print the table of the evaluation named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m richcheap.reporting.layout.markdown", description="Print the table of results as Markdown."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="metrics/evaluate.json of a run")
    sys.stdout.write(results_markdown(read_evaluation(parser.parse_args().file)))


if __name__ == "__main__":
    main()
