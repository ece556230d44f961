"""Stage ``simulate``: a bond market with known truth, the embedded default input.

Runs of days are put down in a folder beside the outputs, so that memory does not grow with the rows.
"""

import sys
from functools import partial

import polars as pl

from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.config.simulated import why_not_simulated
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import sink_parquet, write_parquet
from richcheap.pipeline.storage.temp_dir import temporary_folder
from richcheap.pipeline.storage.temporary_table import TemporaryTable
from richcheap.simulation.market import simulate_runs
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.tables import SCHEMA, TRUTH_SCHEMA, bond_table, observations, truth
from richcheap.simulation.trading.trade_sampling import TooFewObservationsError


def main() -> None:
    """Simulate the market that params describe; write what was seen and was true, or nothing for data of one's own."""
    if (reason := why_not_simulated()) is not None:
        print(f"simulate: nothing simulated: {reason}", file=sys.stderr)
        write_parquet(pl.DataFrame(schema=SCHEMA), paths.SIMULATED_OBSERVATIONS)
        write_parquet(pl.DataFrame(schema=TRUTH_SCHEMA), paths.SIMULATED_TRUTH)
        return
    params, seed, rows = load(SimulateParams, "simulate"), load_seed(), load_compute().chunk_rows
    with temporary_folder(paths.SIMULATED_OBSERVATIONS) as folder:
        seen, true = TemporaryTable(folder / "observations"), TemporaryTable(folder / "truth")
        bonds = None
        try:
            for days in simulate_runs(params, seed, rows, progress=partial(progress, desc="simulate", unit="date")):
                bonds = bond_table(days.issuers, days.universe) if bonds is None else bonds
                seen.add(observations(days, bonds))
                true.add(truth(days, bonds))
        except TooFewObservationsError as error:
            raise ParamsError(f"simulate: {error}") from error
        sink_parquet(seen.whole(), paths.SIMULATED_OBSERVATIONS)
        sink_parquet(true.whole(), paths.SIMULATED_TRUTH)


if __name__ == "__main__":
    run(main, __doc__)
