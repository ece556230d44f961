"""A suite: kinds of cases, each with a promise; a case is right, refused clearly, or failed.

A kind is a function that yields its cases. `run` is the whole command line of a suite: it prints each failed case as
it happens and a table by kind at the end.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from benchmarks.promises.figures import Cell, keep_some, markdown

COLUMNS: Final = ("kind", "promise", "cases", "right", "refused clearly", "failed")


class Verdict(StrEnum):
    """What became of a case: the promised outcome, a refusal that names the place and the remedy, or neither."""

    RIGHT = "right"
    REFUSED = "refused clearly"
    FAILED = "failed"


class Case(NamedTuple):
    """A case that was tried.

    Attributes
    ----------
    name : str
        Enough to make it again: the place, the seed.
    verdict : Verdict
    detail : str, default ""
        Of a failure, what happened.
    """

    name: str
    verdict: Verdict
    detail: str = ""


class Options(NamedTuple):
    """How much is tried.

    Attributes
    ----------
    short : bool
        The part that CI runs, a minute or so.
    seed : int
        Of everything that is drawn.
    """

    short: bool
    seed: int


class Kind(NamedTuple):
    """A kind of cases.

    Attributes
    ----------
    name : str
    promise : str
        What is promised of each case, in a sentence.
    cases : callable
        Takes the options and yields the cases.
    """

    name: str
    promise: str
    cases: Callable[[Options], Iterable[Case]]


def run(suite: str, about: str | None, kinds: Sequence[Kind], words: Sequence[str] | None = None) -> int:
    """Run a suite by its command line.

    Parameters
    ----------
    suite : str
        Its module's name, under which its figures are kept.
    about : str, optional
        For ``--help``.
    kinds : sequence of Kind
    words : sequence of str, optional
        In the place of the process's own arguments.

    Returns
    -------
    int
        The exit code: 1 when a case failed, or a kind tried none.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the part that CI runs")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--only", nargs="+", metavar="KIND", choices=[kind.name for kind in kinds], help="these kinds")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/promises/ for the page")
    chosen = parser.parse_args(words)
    options = Options(chosen.short, chosen.seed)
    rows = [_tried(kind, options) for kind in kinds if chosen.only is None or kind.name in chosen.only]
    if chosen.write:
        order = [kind.name for kind in kinds]
        keep_some(suite, f"python -m benchmarks.promises.{suite}", COLUMNS, rows, order)
    print(markdown(COLUMNS, [*rows, total(rows)]))
    return int(any(row[2] == 0 or row[5] != 0 for row in rows))


def total(rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Return the line below the kinds: the sums of their cases."""
    return ["all", "", *(sum(int(row[place]) for row in rows) for place in range(2, len(COLUMNS)))]


def _tried(kind: Kind, options: Options) -> list[Cell]:
    count: Counter[Verdict] = Counter()
    for case in kind.cases(options):
        count[case.verdict] += 1
        if case.verdict is Verdict.FAILED:
            print(f"FAILED {kind.name}: {case.name}: {case.detail}", flush=True)
    print(f"{kind.name}: {count.total():,} cases", flush=True)
    return [kind.name, kind.promise, count.total(), *(count[verdict] for verdict in Verdict)]
