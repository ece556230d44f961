"""Stage ``market``: curves, spread surface and the matrix fair price of every observation, found without it."""

import sys

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
from richcheap.surface.valuation import BOND_COLUMNS, MarketValuer, ValuationTotals

NOTABLE_SHARE = 0.01
"""Share of rows set aside from which on a line says so."""


def main() -> None:
    """Read the converted bonds, one part after another, and the published curve; write what each part was worth."""
    params = load(MarketParams, "market")
    universes = build_universe(read_batches(paths.BONDS, load_compute().chunk_rows, UNIVERSE_COLUMNS))
    valuer = MarketValuer(universes, read_parquet(paths.BENCHMARK_CURVE), params, available_cores())
    totals = ValuationTotals()
    with new_table(paths.MARKET) as table:
        for path in progress(part_paths(paths.BONDS), desc="market", unit="part"):
            valuation = valuer.value(read_parquet(path, BOND_COLUMNS))
            totals.add(valuation)
            if valuation.prints.height:
                table.write(path.stem, valuation.prints)
        tell_or_refuse(totals, params.max_set_aside_share)
    write_parquet(totals.curves, paths.CURVES)
    with new_table(paths.MARKET_COUNTS) as table:
        for name, counted in totals.counts._asdict().items():
            table.write(name, counted)
    write_json(totals.figures(), paths.METRICS / "market.json")


def tell_or_refuse(totals: ValuationTotals, most: float) -> None:
    """Say which rows were set aside, and why, where they are notable; fail where they are too many.

    Raises
    ------
    DataError
        One line.
    """
    rows = totals.rows
    share, what = totals.set_aside()
    if not rows["rows_valued"]:
        raise DataError(
            f"{paths.BONDS}: no row has figures and a spread within {WIDEST_SPREAD_BP:,.0f} bp: {what}; "
            f"see {paths.METRICS / 'convert.json'} for the reasons, and look at the prices"
        )
    if share > most:
        raise DataError(
            f"{paths.BONDS}: expected at most {most:.2%} of the rows set aside, got {what}; "
            "look at prices, coupons and maturities, or raise market.max_set_aside_share"
        )
    if share > NOTABLE_SHARE or rows["dates"] > rows["dates_valued"]:
        print(f"market: {what}", file=sys.stderr)


if __name__ == "__main__":
    run(main, __doc__)
