"""Print the results table as Markdown: ``python -m richcheap.reporting.layout.markdown metrics/evaluate.json``."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from richcheap.reporting.layout.tables import Column, Table
from richcheap.reporting.sections.results import Evaluation, is_model, results_table


def results_markdown(evaluation: Evaluation) -> str:
    """Return the results table as GitHub shows tables; models are bold.

    Parameters
    ----------
    evaluation : mapping
        Content of metrics/evaluate.json.
    """
    return table_markdown(
        results_table(evaluation), lambda name: f"**`{name}`**" if is_model(evaluation, name) else f"`{name}`"
    )


def table_markdown(table: Table, named: Callable[[str], str]) -> str:
    """Return a table as GitHub shows it; `named` makes of the text of a row's first cell what is shown."""
    lines = [line([_heading(column) for column in table.columns])]
    lines.append(line(["---:" if column.numeric else ":---" for column in table.columns]))
    for row in table.rows:
        name, *figures = [cell.text for cell in row.cells]
        lines.append(line([named(name), *figures]))
    return "\n".join(lines) + "\n"


def _heading(column: Column) -> str:
    return f"{column.title}, {column.unit}" if column.unit else column.title


def line(cells: Iterable[str]) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(cells) + " |"


def read_evaluation(path: Path) -> Evaluation:
    """Read metrics/evaluate.json for a command; one line and exit code 1 when it is not there, or something else is."""
    return read_metrics(path, "evaluate", "predictors")


def read_metrics(path: Path, stage: str, key: str) -> dict[str, Any]:
    """Read the metrics of a stage, which hold a key, for a command; one line and exit code 1 when they do not."""
    if not path.is_file():
        sys.exit(f"error: {path}: no such file; run `dvc repro` to make it")
    try:
        metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        sys.exit(f"error: {path}: not JSON ({error}); name the metrics/{stage}.json of a run")
    if not isinstance(metrics, dict) or key not in metrics:
        sys.exit(f"error: {path}: expected the metrics/{stage}.json of a run, got JSON without {key}")
    return metrics


def main() -> None:
    """Print the table of the evaluation named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m richcheap.reporting.layout.markdown", description="Print the table of results as Markdown."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="metrics/evaluate.json of a run")
    sys.stdout.write(results_markdown(read_evaluation(parser.parse_args().file)))


if __name__ == "__main__":
    main()
