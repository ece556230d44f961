"""Stage ``simulate``: a bond market with known truth, the embedded default input.

Runs of days are put down in a folder beside the outputs, so that memory does not grow with the rows.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from dvc_parallel.system.atomic_write import naming
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import sink_parquet
from richcheap.simulation.market import simulate_runs
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.tables import bond_table, observations, truth
from richcheap.simulation.temporary_table import TemporaryTable
from richcheap.simulation.trading.trade_sampling import TooFewObservationsError

PIECES = paths.SIMULATED_OBSERVATIONS.with_name("pieces.tmp")


@contextmanager
def emptied(folder: Path) -> Iterator[Path]:
    """Remove a folder, which a killed run may have left, and again at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with naming(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Simulate the market that params describe and write what was seen and what was true."""
    params, seed, rows = load(SimulateParams, "simulate"), load_seed(), load_compute().chunk_rows
    with emptied(PIECES) as folder:
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
