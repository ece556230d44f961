"""Stage ``simulate``: a bond market with known truth, the embedded default input."""

from functools import partial

from stages.pipeline import paths
from stages.pipeline.artifacts import write_parquet
from stages.pipeline.errors import ParamsError
from stages.pipeline.params import load, load_seed
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.simulation.market import simulate
from stages.simulation.params import SimulateParams
from stages.simulation.selection import TooFewObservationsError
from stages.simulation.tables import observations, truth


def main() -> None:
    """Simulate the market that params describe and write what was seen and what was true."""
    params, seed = load(SimulateParams, "simulate"), load_seed()
    try:
        market = simulate(params, seed, watch=partial(progress, desc="simulate", unit="date"))
    except TooFewObservationsError as error:
        raise ParamsError(f"simulate: {error}") from error
    write_parquet(observations(market), paths.SIMULATED_OBSERVATIONS)
    write_parquet(truth(market), paths.SIMULATED_TRUTH)


if __name__ == "__main__":
    run(main)
