"""Run the pipeline for several test windows that follow each other, of these sources or of another commit's."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import polars as pl

from benchmarks.real_data import cloned, make, run_stages
from dvc_parallel.system.yaml_source import Document, read
from richcheap.evaluation.cells import age_codes, cuts, row_ages_days
from richcheap.evaluation.summary import best_predictor
from richcheap.features.baselines import FILTER
from richcheap.pipeline.storage import paths
from richcheap.profile import apply

CHAMPION, SIMPLE = "champion", "simple"
KEY = ("window", "bond_id", "date")


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


class Market(NamedTuple):
    """What is judged.

    Attributes
    ----------
    dataset : str or None
        Of `benchmarks.real_data`; None for the simulated market of params.yaml.
    sparse : float
        Share of a data set's rows that is kept.
    seed : int or None
        Another draw of the simulated market.
    small : bool
        Whether a small part is taken, whose figures mean nothing.
    """

    dataset: str | None
    sparse: float
    seed: int | None
    small: bool

    def made(self, clone: Path, revision: str | None = None) -> Path:
        """Clone the project into a folder, as it was at a revision where one is given, and point it at the market."""
        if self.dataset is None:
            cloned(clone, self.small, revision)
            if self.seed is not None:
                apply(Document("seed", {"seed": self.seed}, {}), clone)
        else:
            make(self.dataset, self.sparse, self.small, clone, revision)
        return clone


class Judged(NamedTuple):
    """One window: what `evaluate` found, and the test rows.

    Attributes
    ----------
    found : mapping
        Of metrics/evaluate.json.
    rows : DataFrame
        `KEY`, prices, absolute errors of ``champion``, ``kalman`` and ``simple`` (the best simple baseline), whether
        the champion's interval ``covered`` the price, and what is known of the row: its cells as ``cell_...``, and
        some features; of another commit only the errors.
    """

    found: Mapping[str, Any]
    rows: pl.DataFrame

    @classmethod
    def kept(cls, folder: Path, name: str) -> Self | None:
        """Return what `keep` wrote, or None where it has not."""
        found = folder / f"{name}.json"
        if not found.exists():
            return None
        return cls(json.loads(found.read_text(encoding="utf-8")), pl.read_parquet(folder / f"{name}.parquet"))

    def keep(self, folder: Path, name: str) -> None:
        """Write the window into a folder."""
        self.rows.write_parquet(folder / f"{name}.parquet")
        (folder / f"{name}.json").write_text(json.dumps(self.found), encoding="utf-8")


def judged(clone: Path, count: int, kept: Path, revision: str | None = None) -> Iterator[Judged]:
    """Run a clone for each window, unless the window is kept in a folder; keep and yield what was found."""
    code = clone if revision else None
    run_stages(clone, "convert", code=code)
    dates = pl.scan_parquet(clone / paths.BONDS / "*.parquet").select(pl.col("date").unique().sort()).collect()["date"]
    share = read(clone / paths.PARAMS).values["split"]["validation_share"]
    for window in windows(dates, count, share):
        name = f"{window.validation_end}_{revision or 'present'}"
        one = Judged.kept(kept, name)
        if one is None:
            apply(Document("window", {"split": window._asdict()}, {}), clone)
            run_stages(clone, "evaluate", code=code)
            found = json.loads((clone / paths.METRICS / "evaluate.json").read_text(encoding="utf-8"))
            rows = errors(clone, found)
            one = Judged(found, rows if revision else rows.join(known(clone), on=KEY[1:], how="left", validate="1:1"))
            one.keep(kept, name)
        span = f"{one.found['first_date']} to {one.found['last_date']}"
        print(f"{revision or 'present'}: {span}: {best_predictor(one.found)}", file=sys.stderr, flush=True)
        yield one


def errors(clone: Path, found: Mapping[str, Any]) -> pl.DataFrame:
    """Return the test rows of a run: how far off the champion and its rivals were."""
    names = {CHAMPION: best_predictor(found), FILTER: FILTER, SIMPLE: found["best_simple_baseline"]}
    price, champion = pl.col("clean_price"), names[CHAMPION]
    return pl.read_parquet(clone / paths.PREDICTIONS).select(
        *("bond_id", "date", "clean_price", "rating_bucket", "days_since_last"),
        *((pl.col(name) - price).abs().alias(of) for of, name in names.items()),
        covered=price.is_between(pl.col(f"{champion}_low"), pl.col(f"{champion}_high")),
        window=pl.lit(found["first_date"]),
    )


def known(clone: Path) -> pl.DataFrame:
    """Return what is known of the test rows of a run before their prices: cells, and features of the last prints."""
    rows = pl.read_parquet(clone / paths.DATASET_TEST / "*.parquet")
    cells = (
        pl.Series(f"cell_{cut.name}", [None if code < 0 else cut.cells[code] for code in cut.code.tolist()])
        for cut in cuts(rows)
    )
    columns = ("bond_id", "date", "has_history", "f_last_z_score", "f_unchanged_prints", "f_last_price")
    new = pl.Series("new_issue", age_codes(row_ages_days(rows)) == 0)
    return rows.select(*columns, new, *cells)
