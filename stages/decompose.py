"""Stage ``decompose``: of what the best model's prices of the test block are made."""

from dvc_parallel.system.cores import available_cores
from richcheap.decomposition.blocks import decompose_block, filter_gap_bp
from richcheap.decomposition.params import DecomposeParams
from richcheap.features.repricing import Repricer
from richcheap.models.common.base import Model
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_json, read_parquet, write_parquet
from richcheap.pipeline.storage.tables import read_table


def main() -> None:
    """Read the test block, the curves and the best model; write the parts of its prices."""
    params, rows = load(DecomposeParams, "decompose"), read_table(paths.DATASET_TEST)
    repricer = Repricer.from_frame(read_parquet(paths.CURVES), available_cores())
    best = read_json(paths.METRICS / "evaluate.json", even_left_out=True).get("best_model")
    delta_bp, contributions = filter_gap_bp(rows), None
    if best is not None:  # else no model was trained, or none stands: the filter's prices, without a correction
        model: Model = load_model(paths.tuned_model_file(best))
        delta_bp, contributions = model.predict(rows), model.contributions
    table = decompose_block(rows, delta_bp, repricer, contributions, params.contribution_rows)
    write_parquet(table, paths.DECOMPOSITION)


if __name__ == "__main__":
    run(main, __doc__)
