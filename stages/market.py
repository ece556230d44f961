"""Stage ``market``: curves, spread surface and the matrix fair price of every observation, found without it."""

import sys
from collections import Counter
from typing import Any

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.panel.params import MarketParams
from richcheap.panel.universe import UNIVERSE_COLUMNS, build_universe
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import new_table, part_paths, read_batches
from richcheap.surface.prints import WIDEST_SPREAD_BP
from richcheap.surface.valuation import BOND_COLUMNS, MarketWalk

NOTABLE_SHARE = 0.01
"""Share of rows set aside from which on a line says so."""


def main() -> None:
    """Read the converted bonds, one part after another, and the published curve; write what each part was worth."""
    params = load(MarketParams, "market")
    rosters = build_universe(read_batches(paths.BONDS, load_compute().chunk_rows, UNIVERSE_COLUMNS))
    walk = MarketWalk(rosters, read_parquet(paths.BENCHMARK_CURVE), params, available_cores())
    curves: list[pl.DataFrame] = []
    rows: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with new_table(paths.MARKET) as table:
        for path in progress(part_paths(paths.BONDS), desc="market", unit="part"):
            bonds = read_parquet(path, BOND_COLUMNS)
            valuation = walk.value(bonds)
            reasons.update(valuation.reasons)
            rows["dates"] += bonds["date"].n_unique()
            rows["dates_valued"] += valuation.prints["date"].n_unique()
            rows["rows_set_aside"] += valuation.set_aside
            if valuation.prints.height:
                table.write(path.stem, valuation.prints)
                curves.append(valuation.curves)
                rows["rows_valued"] += valuation.prints.height
                rows["rows_with_history"] += int(valuation.prints["has_history"].sum())
        tell_or_refuse(rows, reasons, params.max_set_aside_share)
    table_of_curves = pl.concat(curves)
    write_parquet(table_of_curves, paths.CURVES)
    figures: dict[str, Any] = {**rows, "set_aside_reasons": dict(reasons), "benchmark": benchmark(table_of_curves)}
    write_json(figures, paths.METRICS / "market.json")


def tell_or_refuse(rows: Counter[str], reasons: Counter[str], most: float) -> None:
    """Say which rows were set aside, and why, where they are notable; fail where they are too many.

    Raises
    ------
    DataError
        One line.
    """
    total, aside = rows["rows_valued"] + rows["rows_set_aside"], rows["rows_set_aside"]
    share, lost = aside / max(total, 1), rows["dates"] - rows["dates_valued"]
    why = ", ".join(f"{name} {count:,}" for name, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0])))
    said = (
        f"{aside:,} of {total:,} rows ({share:.2%}) set aside, "
        f"with all rows of {lost:,} of {rows['dates']:,} dates: {why}"
    )
    if not rows["rows_valued"]:
        raise DataError(
            f"{paths.BONDS}: none of {total:,} rows has figures and a spread within {WIDEST_SPREAD_BP:,.0f} bp: {why}; "
            f"see {paths.METRICS / 'convert.json'} for the reasons, and look at the prices"
        )
    if share > most:
        raise DataError(
            f"{paths.BONDS}: expected at most {most:.2%} of the rows set aside, got {said}; "
            "look at prices, coupons and maturities, or raise market.max_set_aside_share"
        )
    if share > NOTABLE_SHARE or lost:
        print(f"market: {said}", file=sys.stderr)


def benchmark(curves: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the dates of each currency by where their curve comes from."""
    dates = curves.unique("reference_curve", maintain_order=True)
    counted: dict[str, dict[str, int]] = {}
    for currency, source, count in dates.group_by("currency", "source").len().sort("currency", "source").rows():
        counted.setdefault(currency, {})[source] = count
    return counted


if __name__ == "__main__":
    run(main, __doc__)
