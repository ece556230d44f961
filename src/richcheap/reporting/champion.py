"""Compare markets by their champion, the model with the least error on the validation block, on the test block.

    python -m richcheap.reporting.champion simulated=metrics/evaluate.json treasuries=../us/metrics/evaluate.json

prints a Markdown table with a row for each market.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from richcheap.features.baselines import FILTER
from richcheap.reporting.layout.formats import interval, number, percent, plural, signed_percent
from richcheap.reporting.layout.markdown import line, read_evaluation
from richcheap.reporting.sections.results import Evaluation
from richcheap.reporting.sections.slices import MIN_JUDGED, TOLERANCE

CUTS = ("maturity", "staleness", "rating_bucket")
HEADINGS = (
    *("Market", "Champion", "MAE, points", "Best simple baseline", "Below it, %", f"Below {FILTER}, %"),
    *("Coverage, %, target {target}", "Cells within {low} to {high}"),
    *("Rounded to ticks: MAE, points", "below the best simple baseline, %", f"below {FILTER}, %"),
)


def champions_markdown(evaluations: Mapping[str, Evaluation]) -> str:
    """Return the table; each evaluation is the content of a market's metrics/evaluate.json.

    Raises
    ------
    ValueError
        A market has no model.
    """
    without = [market for market, evaluation in evaluations.items() if not evaluation["best_model"]]
    if without:
        raise ValueError(f"expected a trained model in each run, none in: {', '.join(without)}; train one")
    target = next(iter(evaluations.values()))["interval_coverage_target"]
    words = {
        "target": percent(target, 0),
        "low": percent(target - TOLERANCE, 0),
        "high": percent(target + TOLERANCE, 0),
    }
    lines = [line(heading.format(**words) for heading in HEADINGS), line(["---"] * len(HEADINGS))]
    lines += [line([market, *_cells(evaluation)]) for market, evaluation in evaluations.items()]
    return "\n".join(lines) + "\n"


def uncovered(evaluation: Evaluation, name: str) -> tuple[int, int]:
    """Return how many cells of `CUTS` cover too little or too much, and how many have rows enough to be judged."""
    target = evaluation["interval_coverage_target"]
    covered = [
        cell["predictors"][name]["coverage"]
        for cut in CUTS
        for cell in evaluation["slices"].get(cut, ())
        if cell["rows"] >= MIN_JUDGED
    ]
    return sum(abs(share - target) > TOLERANCE for share in covered), len(covered)


def _cells(evaluation: Evaluation) -> Iterator[str]:
    best, simple = evaluation["best_model"], evaluation["best_simple_baseline"]
    figures, skill = evaluation["predictors"][best], evaluation["skill"][best]
    outside, cells = uncovered(evaluation, best)
    yield f"`{best}`"
    yield number(figures["mae"], 4)
    yield f"`{simple}`"
    yield _gain(skill["against_best_simple_baseline"])
    yield _gain(skill[f"against_{FILTER}"])
    yield percent(figures["coverage"])
    yield f"{cells - outside} of {plural(cells, 'cell')}"
    tick_rounded = evaluation["tick_rounded"]["predictors"][best]
    yield number(tick_rounded["mae"], 4)
    yield _gain(tick_rounded["against_best_simple_baseline"])
    yield _gain(tick_rounded[f"against_{FILTER}"])


def _gain(skill: Mapping[str, Any]) -> str:
    return f"{signed_percent(skill['skill'])} {interval(skill['low'], skill['high'])}"


def main() -> None:
    """Print the table of the files named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m richcheap.reporting.champion",
        description="Compare markets by their champions on the test block; print a Markdown table, a row for each.",
    )
    parser.add_argument(
        "markets", nargs="+", type=_market, metavar="MARKET=FILE", help="a name, and metrics/evaluate.json of its run"
    )
    try:
        table = champions_markdown({market: read_evaluation(path) for market, path in parser.parse_args().markets})
    except ValueError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(table)


def _market(word: str) -> tuple[str, Path]:
    market, _, path = word.partition("=")
    if not (market and path):
        raise argparse.ArgumentTypeError(f"expected MARKET=FILE, got {word!r}")
    return market, Path(path)


if __name__ == "__main__":
    main()
