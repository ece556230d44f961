"""Print the results table as Markdown: ``python -m stages.reporting.markdown metrics/evaluate.json``."""

import json
import sys
from pathlib import Path

from stages.reporting.results import Evaluation, is_model, results_table
from stages.reporting.tables import Column, Table


def results_markdown(evaluation: Evaluation) -> str:
    """Return the results table as GitHub shows tables; models are bold.

    Parameters
    ----------
    evaluation : mapping
        Content of metrics/evaluate.json.
    """
    table = results_table(evaluation)
    lines = [_line([_heading(column) for column in table.columns])]
    lines.append(_line(["---:" if column.numeric else ":---" for column in table.columns]))
    return "\n".join([*lines, *_rows(evaluation, table)]) + "\n"


def _rows(evaluation: Evaluation, table: Table) -> list[str]:
    lines = []
    for row in table.rows:
        name, *figures = [cell.text for cell in row.cells]
        lines.append(_line([f"**`{name}`**" if is_model(evaluation, name) else f"`{name}`", *figures]))
    return lines


def _heading(column: Column) -> str:
    return f"{column.title}, {column.unit}" if column.unit else column.title


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table of the evaluation named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m stages.reporting.markdown metrics/evaluate.json")
    path = Path(sys.argv[1])
    if not path.is_file():
        sys.exit(f"error: {path}: no such file; run `dvc repro` to make it")
    sys.stdout.write(results_markdown(json.loads(path.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
