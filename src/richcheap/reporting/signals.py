"""Print what every signal has earned as Markdown: ``python -m richcheap.reporting.signals metrics/signals.json``."""

import argparse
import sys
from pathlib import Path

from richcheap.reporting.layout.markdown import read_metrics, table_markdown
from richcheap.reporting.sections.relative_value import Scores, signals_table


def signals_markdown(scores: Scores) -> str:
    """Return the table of signals as GitHub shows tables; `scores` is the content of metrics/signals.json."""
    return table_markdown(signals_table(scores), lambda name: f"`{name}`")


def main() -> None:
    """Print the table of the file named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m richcheap.reporting.signals", description="Print what signals have earned as Markdown."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="metrics/signals.json of a run")
    sys.stdout.write(signals_markdown(read_metrics(parser.parse_args().file, "signals", "spans")))


if __name__ == "__main__":
    main()
