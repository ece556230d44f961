"""Stage ``decompose``: of what the best model's prices of the test block are made."""

import numpy as np
import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.bonds.units import BP
from richcheap.decomposition.groups import correction_by_group
from richcheap.decomposition.params import DecomposeParams
from richcheap.decomposition.points import decompose
from richcheap.features.assemble import PARTS
from richcheap.features.repricing import Repricer
from richcheap.models.common.base import Model
from richcheap.numerics.elementwise import row_sum
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_json, read_parquet, write_parquet
from richcheap.pipeline.storage.tables import read_table


def main() -> None:
    """Read the test block, the curves and the best model; write the parts of its prices."""
    params, rows = load(DecomposeParams, "decompose"), read_table(paths.DATASET_TEST)
    repricer = Repricer.from_frame(read_parquet(paths.CURVES), available_cores())
    gap_bp = rows.select(row_sum(PARTS) - BP * pl.col("base_spread")).to_series().to_numpy()
    best = read_json(paths.METRICS / "evaluate.json")["best_model"]
    if best is None:  # no model stands: the filter's prices, without a correction
        write_parquet(decompose(rows, gap_bp, repricer), paths.DECOMPOSITION)
        return
    model: Model = load_model(paths.tuned_model_file(best))
    delta_bp, late = model.predict(rows), latest_rows(rows, params.contribution_rows)
    contributions = model.contributions(rows[late:])
    groups = correction_by_group(contributions, gap_bp[late:]) if contributions else None
    tables = [
        decompose(rows[:late], delta_bp[:late], repricer),
        decompose(rows[late:], delta_bp[late:], repricer, groups),
    ]
    write_parquet(pl.concat([table for table in tables if table.height], how="diagonal"), paths.DECOMPOSITION)


def latest_rows(rows: pl.DataFrame, count: int) -> int:
    """Return where the latest whole dates start that hold at most so many rows together, or the last date alone."""
    starts = np.flatnonzero(rows["date"].rle_id().diff().fill_null(1).to_numpy())
    enough = starts[starts >= rows.height - count]
    return int(enough[0] if enough.size else starts[-1])


if __name__ == "__main__":
    run(main, __doc__)
