"""Stage ``simulate``: a bond market with known truth, the embedded default input.

Runs of days are put down in a folder beside the outputs, so that memory does not grow with the rows.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from stages.pipeline import paths
from stages.pipeline.artifacts import sink_parquet
from stages.pipeline.beside import naming
from stages.pipeline.compute import load_compute
from stages.pipeline.errors import ParamsError
from stages.pipeline.params import load, load_seed
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.simulation.market import simulate_runs
from stages.simulation.params import SimulateParams
from stages.simulation.pieces import Pieces
from stages.simulation.selection import TooFewObservationsError
from stages.simulation.tables import bond_table, observations, truth

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
        seen, true = Pieces(folder / "observations"), Pieces(folder / "truth")
        bonds = None
        try:
            for days in simulate_runs(params, seed, rows, watch=partial(progress, desc="simulate", unit="date")):
                bonds = bond_table(days.issuers, days.universe) if bonds is None else bonds
                seen.add(observations(days, bonds))
                true.add(truth(days, bonds))
        except TooFewObservationsError as error:
            raise ParamsError(f"simulate: {error}") from error
        sink_parquet(seen.whole(), paths.SIMULATED_OBSERVATIONS)
        sink_parquet(true.whole(), paths.SIMULATED_TRUTH)


if __name__ == "__main__":
    run(main, __doc__)
