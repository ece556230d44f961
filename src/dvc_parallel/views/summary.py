"""The end of a run: a table for people, the same for machines."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dvc_parallel.processes.processes import Usage
from dvc_parallel.results import Outcome, Result
from dvc_parallel.system.exit_codes import DONE, FAILED
from dvc_parallel.views.formatting import duration
from dvc_parallel.views.tqdm_log import last_lines

LINES_OF_A_FAILURE = 20


def table(results: Sequence[Result], seconds: float) -> str:
    """Return the table of a run, its total and its failures.

    Parameters
    ----------
    results : sequence of Result
    seconds : float
        Of the whole run.
    """
    rows: list[tuple[str, ...]] = [("stage", "", "seconds", "CPU s", "peak MB", "cores")]
    rows += [_row(result) for result in results]
    cpu = sum(result.usage.cpu_seconds for result in results)
    peak = max((result.usage.peak_mb for result in results), default=0.0)
    rows.append(("total", counted(results), f"{seconds:.1f}", f"{cpu:.1f}", f"{peak:.0f}" if peak else "", ""))
    lines = _aligned(rows)
    lines.insert(1, "-" * max(map(len, lines)))
    lines.insert(-1, lines[1])
    for result in results:
        if result.outcome is Outcome.FAILED:
            log = "" if result.log is None else f"; its log: {result.log}"
            lines.append(f"{result.name} failed: {result.cause}{log}")
    return "\n".join(lines)


def counted(results: Sequence[Result]) -> str:
    """Return how many stages ran, were restored and so on: ``3 ran, 20 unchanged``."""
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])


def exit_code(results: Sequence[Result]) -> int:
    """Return 0 when every stage is up to date, else 1."""
    return DONE if all(result.outcome.good for result in results) else FAILED


def machine_readable(
    results: Sequence[Result], seconds: float, code: int, stale_again: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the run for machines: names as in the table, seconds and MB of 10^6 bytes."""
    return {
        "exit_code": code,
        "seconds": round(seconds, 3),
        "stale_again": list(stale_again),
        "stages": [
            {
                "stage": result.name,
                "outcome": result.outcome.value,
                "seconds": round(result.usage.seconds, 3),
                "cpu_seconds": round(result.usage.cpu_seconds, 3),
                "peak_mb": round(result.usage.peak_mb, 1),
                "cores": result.cores,
                "cause": result.cause,
                "log": None if result.log is None else str(result.log),
            }
            for result in results
        ],
    }


def results_of(report: Mapping[str, Any]) -> list[Result]:
    """Return the results that `machine_readable` has written, as far as it did."""
    return [
        Result(
            row["stage"],
            Outcome(row["outcome"]),
            Usage(row["seconds"], row["cpu_seconds"], row["peak_mb"]),
            row["cores"],
            row["cause"],
            None if row["log"] is None else Path(row["log"]),
        )
        for row in report["stages"]
    ]


def ending(results: Sequence[Result], seconds: float) -> str:
    """Return the run in a line."""
    return f"{counted(results)}; {duration(seconds)}"


def ending_lines(result: Result) -> list[str]:
    """Return what is said of a stage that has ended: a line, and for a failure the last lines of its log."""
    seconds = f"  {duration(result.usage.seconds)}" if result.usage.seconds else ""
    cause = f"  {result.cause}" if result.cause else ""
    lines = [f"{result.outcome.value:<19} {result.name}{seconds}{cause}"]
    if result.outcome is Outcome.FAILED and result.log is not None:
        lines += [f"    | {line}" for line in last_lines(result.log, LINES_OF_A_FAILURE)]
    return lines


def _row(result: Result) -> tuple[str, ...]:
    used = result.usage
    if not used.seconds:
        return (result.name, result.outcome.value, "", "", "", "")
    figures = (f"{used.seconds:.1f}", f"{used.cpu_seconds:.1f}", f"{used.peak_mb:.0f}", str(result.cores))
    return (result.name, result.outcome.value, *figures)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as lines: words to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
