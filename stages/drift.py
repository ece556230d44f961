"""Stage ``drift``: has the market moved away from what the models learned? Training window against validation window.

The test block is not read, so that nothing which follows from here has seen it.
"""

import polars as pl

from richcheap.drift.windows import compared_columns, training_drift
from richcheap.evaluation.params import DriftParams
from richcheap.pipeline.config.sections import load, load_seed, model_names
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, write_csv, write_json
from richcheap.pipeline.storage.tables import read_block

FEATURE_PLOT = paths.PLOTS / "drift_features.csv"


def main() -> None:
    """Read the training and validation blocks and the models; write the drift of each model and feature."""
    validation = read_block(paths.DATASET_VALIDATION)
    train = read_block(paths.DATASET_TRAIN, compared_columns(validation))
    names = progress(model_names(), desc="drift", unit="model")
    models = ((name, load_model(paths.model_file(name))) for name in names)
    result = training_drift(train, validation, models, load(DriftParams, "drift"), load_seed())
    write_json(result, paths.DRIFT)
    write_csv(pl.DataFrame(result["features"]).select("feature", "psi"), FEATURE_PLOT)


if __name__ == "__main__":
    run(main, __doc__)
