"""Train and judge at several origins, and say how the champion's lead varies over the test windows.

    python -m benchmarks.rolling_origins
    python -m benchmarks.rolling_origins eu_listed_2026_eur --sparse 0.15

The market is the simulated one of params.yaml, or a data set of `benchmarks.real_data`. The later half of its dates is
divided into test windows that follow each other. For each, the pipeline runs anew: it learns from the dates before,
the last of which, as many as ``split.validation_share`` of all, choose the champion and the best simple baseline. An
interval over windows is Student's: it knows how the lead differs between periods, as no resampling within one does.
Two further tables take the rows of all windows together: by what is known of their bond's last price, and by grade in
the terms in which sellers of prices have published their accuracy (docs/rolling_origins.md). ``--small`` takes two
windows of a small market, to see that it works; its figures mean nothing.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from scipy.stats import t

from benchmarks.promises.figures import Cell, markdown
from benchmarks.real_data import CHANGES, cloned, make, run_stages
from dvc_parallel.system.yaml_source import Document, read
from richcheap.evaluation.summary import best_predictor
from richcheap.pipeline.storage import paths
from richcheap.profile import apply

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
    "issued in the last 30 days": (pl.col("date") - pl.col("issue_date")).dt.total_days() <= 30,
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


class Window(NamedTuple):
    """Where a run's blocks end; dates as ISO text."""

    train_end: str
    validation_end: str
    test_end: str


def windows(dates: pl.Series, count: int, validation_share: float) -> list[Window]:
    """Divide the later half of some dates into test windows, and say where the blocks before them end.

    Parameters
    ----------
    dates : Series of Date
        Ascending.
    count : int
        Windows; each has as many dates as fit, the dates too many come before the first.
    validation_share : float
        Share of all dates in each validation block.

    Examples
    --------
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 20), eager=True)
    >>> windows(days, 2, 0.15)[0]
    Window(train_end='2024-01-07', validation_end='2024-01-10', test_end='2024-01-15')
    """
    size, held = dates.len() // (2 * count), max(round(validation_share * dates.len()), 1)
    starts = [dates.len() - size * (count - place) for place in range(count)]
    ends = [(start - held - 1, start - 1, start + size - 1) for start in starts]
    return [Window(*(dates[place].isoformat() for place in one)) for one in ends]


def judged(clone: Path, count: int) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """Run a clone for each window; yield what `evaluate` found, and the test rows."""
    run_stages(clone, "convert")
    dates = pl.scan_parquet(clone / paths.BONDS / "*.parquet").select(pl.col("date").unique().sort()).collect()["date"]
    share = read(clone / paths.PARAMS).values["split"]["validation_share"]
    for window in windows(dates, count, share):
        apply(Document("window", {"split": window._asdict()}, {}), clone)
        run_stages(clone, "evaluate")
        found = json.loads((clone / paths.METRICS / "evaluate.json").read_text(encoding="utf-8"))
        yield found, judged_rows(clone, found)


def row_of(found: dict[str, Any]) -> list[Cell]:
    """Return the line of a window."""
    champion, simple = best_predictor(found), found["best_simple_baseline"]
    mae = {name: found["predictors"][name]["mae"] for name in (champion, simple, "kalman")}
    below = [round(100.0 * (1.0 - mae[champion] / mae[name]), 1) for name in (simple, "kalman")]
    span = f"{found['first_date']} to {found['last_date']}"
    of_champion, of_simple, of_filter = (round(mae[name], 4) for name in (champion, simple, "kalman"))
    return [span, found["rows"], f"`{champion}`", of_champion, of_filter, f"`{simple}`", of_simple, *below]


def judged_rows(clone: Path, found: dict[str, Any]) -> pl.DataFrame:
    """Return the test rows of a window: what is known of them, and how far off the champion and its rivals were."""
    names = {"champion": best_predictor(found), "kalman": "kalman", "simple": found["best_simple_baseline"]}
    known = pl.read_parquet(
        clone / paths.DATASET_TEST / "*.parquet",
        columns=[
            *("bond_id", "date", "issue_date", "has_history", "f_last_z_score", "f_unchanged_prints", "f_last_price")
        ],
    )
    price, champion = pl.col("clean_price"), names["champion"]
    return (
        pl.read_parquet(clone / paths.PREDICTIONS)
        .select(
            *("bond_id", "date", "clean_price", "rating_bucket", "days_since_last"),
            *((pl.col(name) - price).abs().alias(of) for of, name in names.items()),
            covered=price.is_between(pl.col(f"{champion}_low"), pl.col(f"{champion}_high")),
        )
        .join(known, on=["bond_id", "date"], how="left", validate="1:1", maintain_order="left")
        .with_columns(window=pl.lit(found["first_date"]))
    )


def subset_rows(judged: pl.DataFrame) -> list[list[Cell]]:
    """Return a line for each subset of `SUBSETS` that has rows."""
    errors = (pl.col(name).mean().round(4) for name in ("champion", "kalman", "simple"))
    figures = [pl.len(), *errors, (100 * pl.col("covered").mean()).round(1)]
    return _lines(judged, SUBSETS, figures)


def grade_rows(judged: pl.DataFrame) -> list[list[Cell]]:
    """Return a line of the champion's errors for each of `GRADES` that has rows."""
    error = pl.col("champion")
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
    errors = seen.select((pl.col(name) * weight).sum() / weight.sum() for name in ("champion", "kalman", "simple"))
    champion, kalman, simple = errors.row(0)
    return f"{champion:.4f} points for the champion, {kalman:.4f} for kalman, {simple:.4f} for the best simple baseline"


def _lines(judged: pl.DataFrame, chosen: Mapping[str, pl.Expr], figures: Sequence[pl.Expr]) -> list[list[Cell]]:
    parts = ((name, judged.filter(rows)) for name, rows in chosen.items())
    return [[name, *rows.select(figures).row(0)] for name, rows in parts if rows.height]


def over_windows(values: Sequence[float]) -> str:
    """Return the mean of some windows with its interval, and in how many it is above 0.

    Examples
    --------
    >>> over_windows([1.0, 2.0, 3.0])
    '+2.0 [-0.5, +4.5], above 0 in 3 of 3'
    """
    mean, count = float(np.mean(values)), len(values)
    half = float(t.ppf(0.5 + CONFIDENCE / 2, count - 1)) * float(np.std(values, ddof=1)) / np.sqrt(count)
    wins = sum(value > 0.0 for value in values)
    return f"{mean:+.1f} [{mean - half:+.1f}, {mean + half:+.1f}], above 0 in {wins} of {count}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", choices=sorted(CHANGES), help="by default the simulated market")
    parser.add_argument("--sparse", type=float, default=1.0, metavar="SHARE", help="keep a random share of the rows")
    parser.add_argument("--seed", type=int, help="another draw of the simulated market")
    parser.add_argument("--windows", type=int, default=5, help="test windows (default: 5)")
    parser.add_argument("--small", action="store_true", help="a small market and two windows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary, "richcheap").resolve()
        if options.dataset is None:
            cloned(clone, options.small)
            if options.seed is not None:
                apply(Document("seed", {"seed": options.seed}, {}), clone)
        else:
            make(options.dataset, options.sparse, options.small, clone)
        found, tests = zip(*judged(clone, 2 if options.small else options.windows), strict=True)
    rows, of_all = [*map(row_of, found)], pl.concat(tests)
    print(markdown(COLUMNS, rows))
    for place, name in ((-2, "the best simple baseline"), (-1, "kalman")):
        print(f"\nBelow {name}, % over windows [95 %]: {over_windows([float(row[place]) for row in rows])}.")
    print(f"\nWeighted by the root of the time since the last print: {challenge_errors(of_all)}.")
    print(f"\n{markdown(SUBSET_COLUMNS, subset_rows(of_all))}")
    print(f"\n{markdown(GRADE_COLUMNS, grade_rows(of_all))}")


if __name__ == "__main__":
    main()
