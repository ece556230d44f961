"""Stage ``decompose``: of what the best model's prices of the test block are made."""

from dvc_parallel.system.cores import available_cores
from richcheap.bonds.units import BP
from richcheap.decomposition.points import decompose
from richcheap.features.assemble import PARTS
from richcheap.features.repricing import Repricer
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_json, read_parquet, write_parquet
from richcheap.pipeline.storage.tables import read_table


def main() -> None:
    """Read the test block, the curves and the best model; write the parts of its prices."""
    rows = read_table(paths.DATASET_TEST)
    repricer = Repricer.from_frame(read_parquet(paths.CURVES), available_cores())
    best = read_json(paths.METRICS / "evaluate.json")["best_model"]
    if best is None:  # no model stands: the filter's price, without a correction
        delta_bp = rows.select(PARTS).to_numpy().sum(axis=1) - BP * rows["base_spread"].to_numpy()
    else:
        delta_bp = load_model(paths.tuned_model_file(best)).predict(rows)
    write_parquet(decompose(rows, delta_bp, repricer), paths.DECOMPOSITION)


if __name__ == "__main__":
    run(main, __doc__)
