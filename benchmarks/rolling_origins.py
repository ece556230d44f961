"""Train and judge at several origins, and say how the champion's lead varies over the test windows.

    python -m benchmarks.rolling_origins
    python -m benchmarks.rolling_origins eu_listed_2026_eur --sparse 0.15
    python -m benchmarks.rolling_origins --seed 2 --against 624f522

The market is the simulated one of params.yaml, or a data set of `benchmarks.real_data`. The later half of its dates is
divided into test windows that follow each other. For each, the pipeline runs anew: it learns from the dates before,
the last of which, as many as ``split.validation_share`` of all, choose the champion and the best simple baseline. An
interval over windows is Student's: it knows how the lead differs between periods, as no resampling within one does.
Two further tables take the rows of all windows together: by what is known of their bond's last price, and by grade in
the terms in which sellers of prices have published their accuracy (docs/rolling_origins.md). ``--against`` runs the
same windows as the project was at another commit, and tells how errors and coverage have changed. ``--keep`` names a
folder in which each window's rows are kept, so that a run that was stopped goes on. ``--small`` takes two windows of a
small market, to see that it works; its figures mean nothing.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.stats import t

from benchmarks.origins import CHAMPION, KEY, SIMPLE, Judged, Market, judged
from benchmarks.promises.figures import Cell, markdown
from benchmarks.real_data import CHANGES
from richcheap.evaluation.summary import best_predictor
from richcheap.features.baselines import FILTER
from richcheap.panel.ages import NEW_DAYS

CONFIDENCE: Final = 0.95
DOUBTFUL_STD: Final = 3.0
"""Standard deviations of a bond's last print from what the filter had expected of it, from which on it is doubtful."""
STANDSTILL_PRINTS: Final = 3
"""Latest prints of a bond at one price from which on it stands still."""
PUBLISHED_POINTS: Final = 0.55

COLUMNS: Final = (
    "test window", "rows", "champion", "MAE, points", "kalman, points", "best simple baseline", "its MAE, points",
    "below it, %", "below kalman, %",
)  # fmt: skip


SUBSETS: Final = {
    "all": pl.lit(value=True),
    "first print of a bond": ~pl.col("has_history"),
    f"issued in the last {NEW_DAYS} days": pl.col("new_issue"),
    f"the print before was {DOUBTFUL_STD:g} standard deviations off": pl.col("f_last_z_score").abs() >= DOUBTFUL_STD,
    f"{STANDSTILL_PRINTS} prints or more at one price": pl.col("f_unchanged_prints") >= STANDSTILL_PRINTS - 1,
    "which then moved": (pl.col("f_unchanged_prints") >= STANDSTILL_PRINTS - 1)
    & (pl.col("clean_price") != pl.col("f_last_price")),
    "more than 30 days since the last print": pl.col("days_since_last") > 30.0,
    "first date of the window": pl.col("date") == pl.col("date").min().over("window"),
}
SUBSET_COLUMNS: Final = (
    "rows of which", "rows", "champion's MAE, points", "kalman's", "of the best simple baseline", "inside 90 %, %"
)  # fmt: skip
CHANGE_COLUMNS: Final = (
    "rows of which", "rows", "champion's MAE, points", "now", "change, % of windows [95 %]", "kalman's", "now",
    "inside 90 %, %", "now",
)  # fmt: skip
JUDGED_ROWS: Final = 200
"""Rows of a cell by which its coverage is judged,"""
TOLERANCE_POINTS: Final = 5.0
"""and how far that may be from 90 %."""
LARGEST_RISE: Final = 0.5
"""Percent by which a cell's error may rise from one commit to another."""
GRADES: Final = {
    "government": ["GOV"],
    "investment grade": ["AAA", "AA", "A", "BBB"],
    "high yield": ["BB", "B", "CCC"],
    "not rated": ["NR"],
}
GRADE_COLUMNS: Final = (
    "grade", "rows", "MAE, points", "80 % within, points", "95 % within, points", f"within {PUBLISHED_POINTS}, %",
    "mean error, % of the price",
)  # fmt: skip


def row_of(found: Mapping[str, Any]) -> list[Cell]:
    """Return the line of a window."""
    champion, simple = best_predictor(found), found["best_simple_baseline"]
    mae = {name: found["predictors"][name]["mae"] for name in (champion, simple, FILTER)}
    below = [round(100.0 * (1.0 - mae[champion] / mae[name]), 1) for name in (simple, FILTER)]
    span = f"{found['first_date']} to {found['last_date']}"
    of_champion, of_simple, of_filter = (round(mae[name], 4) for name in (champion, simple, FILTER))
    return [span, found["rows"], f"`{champion}`", of_champion, of_filter, f"`{simple}`", of_simple, *below]


def subset_rows(judged: pl.DataFrame) -> list[list[Cell]]:
    """Return a line for each subset of `SUBSETS` that has rows."""
    errors = (pl.col(name).mean().round(4) for name in (CHAMPION, FILTER, SIMPLE))
    return _lines(judged, SUBSETS, [pl.len(), *errors, _coverage("covered")])


def change_rows(rows: pl.DataFrame) -> list[list[Cell]]:
    """Return a line for each subset of `SUBSETS` that has rows: errors and coverage at a commit and now.

    Parameters
    ----------
    rows : DataFrame
        Of `beside`.
    """
    lines = []
    for name, chosen in SUBSETS.items():
        if (held := rows.filter(chosen)).height:
            means = held.select(pl.col(column).mean().round(4) for column in _twice(CHAMPION, FILTER)).row(0)
            coverage = held.select(_coverage(column) for column in _twice("covered")).row(0)
            before, now, *of_filter = means
            lines.append([name, held.height, before, now, over_windows(changes(held)), *of_filter, *coverage])
    return lines


def changes(rows: pl.DataFrame) -> list[float]:
    """Return by how many percent the champion's error has changed in each window."""
    before, now = (pl.col(column).mean() for column in _twice(CHAMPION))
    by_window = rows.group_by("window", maintain_order=True).agg(change=100.0 * (now / before - 1.0))
    return by_window["change"].to_list()


def cell_coverage(judged: pl.DataFrame) -> str:
    """Say what intervals cover in all cells of `JUDGED_ROWS` rows."""
    coverage = {name: 100.0 * float(held["covered"].mean()) for name, held in cells(judged)}  # type: ignore[arg-type]
    off = {name: share for name, share in coverage.items() if abs(share - 90.0) > TOLERANCE_POINTS}
    named = "".join(f"; {name} {share:.1f}" for name, share in off.items())
    low, high = min(coverage.values()), max(coverage.values())
    return (
        f"{low:.1f} to {high:.1f} % inside 90 % intervals in the {len(coverage)} cells of {JUDGED_ROWS} rows or more, "
        f"{len(off)} of them more than {TOLERANCE_POINTS:g} points off{named}"
    )


def worse_cells(rows: pl.DataFrame) -> str:
    """Say in which cells of `JUDGED_ROWS` rows the champion's error has risen by more than `LARGEST_RISE` percent.

    Beside a rise over all windows stands its interval over windows: cells are many and small, and some rise by chance.
    """
    before, now = _twice(CHAMPION)
    rises: list[float] = []
    named: list[str] = []
    for name, held in cells(rows):
        rise = 100.0 * (float(held[now].mean()) / float(held[before].mean()) - 1.0)  # type: ignore[arg-type]
        rises.append(rise)
        if rise > LARGEST_RISE:
            named.append(f"; {name} {rise:+.1f} %{_interval(changes(held))}")
    fell = sum(rise < -LARGEST_RISE for rise in rises)
    return f"{len(named)} of {len(rises)} ({fell} fell by as much){''.join(named)}"


def cells(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the rows of each cell that has `JUDGED_ROWS`, and the cell's name."""
    for column in rows.columns:
        if column.startswith("cell_"):
            for (cell,), held in rows.group_by(column, maintain_order=True):
                if cell is not None and held.height >= JUDGED_ROWS:
                    yield f"{column.removeprefix('cell_').replace('_', ' ')} {cell}", held


def beside(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of now with the errors and coverage of another commit as ``..._before``."""
    columns = [CHAMPION, FILTER, "covered"]
    renamed = before.select(*KEY, pl.col(columns).name.suffix(_BEFORE))
    return now.join(renamed, on=KEY, how="inner", validate="1:1", maintain_order="left")


_BEFORE: Final = "_before"


def _twice(*columns: str) -> list[str]:
    return [name for column in columns for name in (f"{column}{_BEFORE}", column)]


def _coverage(column: str) -> pl.Expr:
    return (pl.col(column).mean() * 100).round(1)


def grade_rows(judged: pl.DataFrame) -> list[list[Cell]]:
    """Return a line of the champion's errors for each of `GRADES` that has rows."""
    error = pl.col(CHAMPION)
    figures = [
        pl.len(),
        error.mean().round(4),
        *(error.quantile(share, "linear").round(4).alias(f"{share}") for share in (0.8, 0.95)),
        (100 * (error <= PUBLISHED_POINTS).mean()).round(1).alias("within"),
        (100 * (error / pl.col("clean_price")).mean()).round(4).alias("relative"),
    ]
    return _lines(judged, {name: pl.col("rating_bucket").is_in(buckets) for name, buckets in GRADES.items()}, figures)


def challenge_errors(judged: pl.DataFrame) -> str:
    """Return mean errors weighted by the root of the time since the last print, as in the trade price challenge."""
    seen = judged.filter(pl.col("days_since_last").is_not_null())
    weight = pl.col("days_since_last").sqrt()
    errors = seen.select((pl.col(name) * weight).sum() / weight.sum() for name in (CHAMPION, FILTER, SIMPLE))
    champion, kalman, simple = errors.row(0)
    return f"{champion:.4f} points for the champion, {kalman:.4f} for kalman, {simple:.4f} for the best simple baseline"


def _lines(judged: pl.DataFrame, chosen: Mapping[str, pl.Expr], figures: Sequence[pl.Expr]) -> list[list[Cell]]:
    parts = ((name, judged.filter(rows)) for name, rows in chosen.items())
    return [[name, *rows.select(figures).row(0)] for name, rows in parts if rows.height]


def over_windows(values: Sequence[float]) -> str:
    """Return the mean of some windows with its interval, and in how many it is above 0; of one window, its value.

    Examples
    --------
    >>> over_windows([1.0, 2.0, 3.0])
    '+2.0 [-0.5, +4.5], above 0 in 3 of 3'
    """
    mean = f"{float(np.mean(values)):+.1f}{_interval(values)}"
    wins = sum(value > 0.0 for value in values)
    return mean if len(values) == 1 else f"{mean}, above 0 in {wins} of {len(values)}"


def _interval(values: Sequence[float]) -> str:
    """Return Student's interval of the mean of some windows' values; nothing of one window."""
    mean, count = float(np.mean(values)), len(values)
    if count == 1:
        return ""
    half = float(t.ppf(0.5 + CONFIDENCE / 2, count - 1)) * float(np.std(values, ddof=1)) / np.sqrt(count)
    return f" [{mean - half:+.1f}, {mean + half:+.1f}]"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", choices=sorted(CHANGES), help="by default the simulated market")
    parser.add_argument("--sparse", type=float, default=1.0, metavar="SHARE", help="keep a random share of the rows")
    parser.add_argument("--seed", type=int, help="another draw of the simulated market")
    parser.add_argument("--windows", type=int, default=5, help="test windows (default: 5)")
    parser.add_argument("--against", metavar="COMMIT", help="tell what has changed since a commit")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep each window's rows here, or take them up")
    parser.add_argument("--small", action="store_true", help="a small market and two windows")
    options = parser.parse_args()
    market = Market(options.dataset, options.sparse, options.seed, options.small)
    count = 2 if options.small else options.windows
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        kept = options.keep or folder / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        found = [*judged(market.made(folder / "richcheap"), count, kept)]
        before: list[Judged] = []
        if options.against:
            before = [*judged(market.made(folder / "before", options.against), count, kept, options.against)]
    show(found)
    if before:
        show_changes(found, before, options.against)


def show(found: Sequence[Judged]) -> None:
    """Print the tables of some windows."""
    rows, of_all = [row_of(one.found) for one in found], together(found)
    print(markdown(COLUMNS, rows))
    for place, name in ((-2, "the best simple baseline"), (-1, FILTER)):
        print(f"\nBelow {name}, % over windows [95 %]: {over_windows([float(row[place]) for row in rows])}.")
    print(f"\nWeighted by the root of the time since the last print: {challenge_errors(of_all)}.")
    print(f"\nBy cell: {cell_coverage(of_all)}.")
    print(f"\n{markdown(SUBSET_COLUMNS, subset_rows(of_all))}")
    print(f"\n{markdown(GRADE_COLUMNS, grade_rows(of_all))}")


def show_changes(found: Sequence[Judged], before: Sequence[Judged], revision: str) -> None:
    """Print what has changed since another commit."""
    rows = beside(together(found), together(before))
    print(f"\nSince {revision}, on the {rows.height:,} rows that both have:")
    print(f"\n{markdown(CHANGE_COLUMNS, change_rows(rows))}")
    print(f"\nCells of {JUDGED_ROWS} rows or more whose error rose by over {LARGEST_RISE:g} %: {worse_cells(rows)}.")


def together(windows: Iterable[Judged]) -> pl.DataFrame:
    """Return the rows of all windows; a cell that a window has not is null there."""
    return pl.concat([one.rows for one in windows], how="diagonal")


if __name__ == "__main__":
    main()
