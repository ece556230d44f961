"""Stage ``oracle``: the optimal filter of the simulated process on every simulated print, for judging only.

The table is empty where other prices are read than the simulated ones, and where the market is too large to be worked
through in minutes.
"""

import sys
from functools import partial

import polars as pl

from richcheap.oracle.measurement import information
from richcheap.oracle.optimal_filter import expected_prices, too_large
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.config.simulated import why_not_simulated
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_parquet
from richcheap.simulation.market import simulate
from richcheap.simulation.params import SimulateParams

SCHEMA = {
    "bond_id": pl.String(),
    "date": pl.Date(),
    "optimal_filter_clean_price": pl.Float64(),
    "optimal_filter_std": pl.Float64(),
    "optimal_filter_bond_bp": pl.Float64(),
}


def main() -> None:
    """Work out what is expected of every print and write it."""
    params = load(SimulateParams, "simulate")
    if reason := why_not_simulated() or too_large(params):
        print(f"oracle: nothing worked out: {reason}", file=sys.stderr)
        write_parquet(pl.DataFrame(schema=SCHEMA), paths.SIMULATED_OPTIMAL_FILTER)
    else:
        write_parquet(optimal_filter(params, load_seed()), paths.SIMULATED_OPTIMAL_FILTER)


def optimal_filter(params: SimulateParams, seed: int) -> pl.DataFrame:
    """Simulate the market anew, which gives the same one, and return what is expected of its prints.

    Raises
    ------
    DataError
        The prints on disk are not those that params describe.
    """
    market = simulate(params, seed)
    seen = read_parquet(paths.SIMULATED_OBSERVATIONS, columns=["bond_id", "date", "clean_price"])
    if seen["clean_price"].to_list() != market.prints.clean.tolist():
        raise DataError(f"{paths.SIMULATED_OBSERVATIONS}: not the prints that params describe; run simulate again")
    expected = expected_prices(
        params, information(params, market), progress=partial(progress, desc="oracle", unit="date")
    )
    return seen.select("bond_id", "date").with_columns(
        optimal_filter_clean_price=pl.Series(expected.clean),
        optimal_filter_std=pl.Series(expected.std),
        optimal_filter_bond_bp=pl.Series(expected.bond_residual),
    )


if __name__ == "__main__":
    run(main, __doc__)
