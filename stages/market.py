"""Stage ``market``: curves, spread surface and the matrix fair price of every observation, found without it."""

import sys
from functools import reduce

from dvc_parallel.system.cores import available_cores
from richcheap.panel.params import MarketParams, SplitParams
from richcheap.panel.universe import UNIVERSE_COLUMNS, UniverseCounts
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.code_digest import NUMERICAL, code_digest
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run as run_stage
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.resume.continuation import Continuation, digest, steps
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.market_tables import with_rows_of_dates
from richcheap.pipeline.storage.tables import TableWriter, new_folder, new_table, part_paths, read_parts
from richcheap.surface.prints import WIDEST_SPREAD_BP
from richcheap.surface.valuation import BOND_COLUMNS, MarketValuer, ValuationTotals

NOTABLE_SHARE = 0.01
"""Share of rows set aside from which on a line says so."""


def main() -> None:
    """Read the converted bonds, one part after another, and the published curve; write what each part was worth."""
    params, last = load(MarketParams, "market"), load(SplitParams, "split").test_end
    sources, curve = part_paths(paths.BONDS), read_parquet(paths.BENCHMARK_CURVE)
    made_by = digest(code_digest(["stages.market"], NUMERICAL), params, last)
    run = Continuation(paths.MARKET_MANIFEST, paths.MARKET_STATES, made_by, steps(with_rows_of_dates(sources, curve)))
    state, totals, left = run.state(), ValuationTotals(last), sources[run.done :]
    totals.restore(state.frames)
    universe = UniverseCounts.restored(state.frames)
    ahead = read_parts(left, load_compute().chunk_rows, UNIVERSE_COLUMNS)
    universes = reduce(UniverseCounts.plus, ahead, universe).universes()
    valuer = MarketValuer(universes, curve, params, available_cores())
    valuer.restore(state.arrays)
    with new_table(paths.MARKET) as early, new_folder(paths.LIVE) as folder:
        late = TableWriter(folder / paths.LIVE_MARKET.name, paths.LIVE_MARKET)
        with run.writing([early, late]):
            for source in progress(left, desc="market", unit="part"):
                bonds = read_parquet(source, BOND_COLUMNS)
                valuation = valuer.value(bonds)
                totals.add(valuation)
                universe = universe.plus(bonds.select(UNIVERSE_COLUMNS))
                before, after = totals.cut(valuation.prints)
                if before.height:
                    run.write(source.stem, early, before)
                if after.height:
                    run.write(source.stem, late, after, part=str(after["date"][0]))
                if run.wants_state(source.stem):
                    run.keep_state(source.stem, valuer.snapshot(), totals.frames() | universe.frames())
        tell_or_refuse(totals, params.max_set_aside_share)
        for name, counted in totals.live._asdict().items():
            write_parquet(counted, folder / paths.LIVE_COUNTS.name / f"{name}.parquet")
        curves, live_curves = totals.cut(totals.curves)
        write_parquet(live_curves, folder / paths.LIVE_CURVES.name)
    write_parquet(curves, paths.CURVES)
    with new_table(paths.MARKET_COUNTS) as table:
        for name, counted in totals.counts._asdict().items():
            table.write(name, counted)
    run.save()
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
    run_stage(main, __doc__)
