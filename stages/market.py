"""Stage ``market``: curves, spread surface and the matrix fair price of every observation, found without it."""

from collections import Counter

import polars as pl

from stages.pipeline import paths
from stages.pipeline.artifacts import read_parquet, write_json, write_parquet
from stages.pipeline.compute import load_compute
from stages.pipeline.cores import available_cores
from stages.pipeline.errors import DataError
from stages.pipeline.params import load
from stages.pipeline.parts import new_table, part_paths, read_batches
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.spreads.params import MarketParams
from stages.spreads.prints import WIDEST_SPREAD_BP
from stages.spreads.roster import ROSTER_COLUMNS, take_roster
from stages.spreads.valuation import BOND_COLUMNS, MarketWalk


def main() -> None:
    """Read the converted bonds, one part after another, and the published curve; write what each part was worth."""
    params = load(MarketParams, "market")
    rosters = take_roster(read_batches(paths.BONDS, load_compute().chunk_rows, ROSTER_COLUMNS))
    walk = MarketWalk(rosters, read_parquet(paths.BENCHMARK_CURVE), params, available_cores())
    curves: list[pl.DataFrame] = []
    rows: Counter[str] = Counter()
    with new_table(paths.MARKET) as table:
        for path in progress(part_paths(paths.BONDS), desc="market", unit="part"):
            valuation = walk.value(read_parquet(path, BOND_COLUMNS))
            rows["rows_set_aside"] += valuation.set_aside
            if valuation.prints.height:
                table.write(path.stem, valuation.prints)
                curves.append(valuation.curves)
                rows["rows_valued"] += valuation.prints.height
                rows["rows_with_history"] += int(valuation.prints["has_history"].sum())
        if not curves:
            raise DataError(
                f"{paths.BONDS}: none of {rows['rows_set_aside']:,} rows has figures and a spread within "
                f"{WIDEST_SPREAD_BP:,.0f} bp; see metrics/convert.json for the reasons"
            )
    table_of_curves = pl.concat(curves)
    write_parquet(table_of_curves, paths.CURVES)
    write_json({**rows, "benchmark": benchmark(table_of_curves)}, paths.METRICS / "market.json")


def benchmark(curves: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the dates of each currency by where their curve comes from."""
    dates = curves.unique("reference_curve", maintain_order=True)
    counted: dict[str, dict[str, int]] = {}
    for currency, source, count in dates.group_by("currency", "source").len().sort("currency", "source").rows():
        counted.setdefault(currency, {})[source] = count
    return counted


if __name__ == "__main__":
    run(main, __doc__)
