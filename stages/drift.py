"""Stage ``drift``: has the market moved away from what the models learned? Training window against validation window.

The test block is not read, so that nothing which follows from here has seen it.
"""

import polars as pl

from richcheap.drift.consensus import METHODS
from richcheap.drift.score import feature_drift, feature_reliance_drift, methods_drift, predictor_drift
from richcheap.drift.tracks import halves, track
from richcheap.drift.windows import verdict, window
from richcheap.evaluation.importance import feature_reliance, importance, linear_price
from richcheap.evaluation.params import DriftParams, ImportanceParams
from richcheap.features.catalogue import FEATURES
from richcheap.pipeline.config.sections import load, load_seed, model_names
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, write_csv, write_json
from richcheap.pipeline.storage.tables import read_table

FEATURE_PLOT = paths.PLOTS / "drift_features.csv"
LISTENING_REPEATS = 2  # permutations that tell which groups of features a model listens to at all


def main() -> None:
    """Read the training and validation blocks and the models; write the drift of each model and feature."""
    params, seed = load(DriftParams, "drift"), load_seed()
    patience = ImportanceParams(repeats=LISTENING_REPEATS, rows=params.listening_rows)
    validation = read_table(paths.DATASET_VALIDATION)
    learned = read_table(paths.DATASET_TRAIN, compared_columns(validation))
    features = feature_drift(learned, validation, feature_columns(validation), params, seed)
    models = {}
    for name in progress(model_names(), desc="drift", unit="model"):
        model = load_model(paths.model_file(name))
        price = linear_price(validation, model.predict(validation))
        heard = feature_reliance(
            importance(model.predict, validation, linear_price, list(features.sizes), patience, seed)
        )
        # Its training window flatters a model: its errors are followed through the validation block alone.
        before, after = halves(track(validation, price))
        drift = predictor_drift(before, after, feature_reliance_drift(features, heard), params)
        models[name] = drift | {"features": drift["features"] | {"listens": heard}}
    result = {
        "windows": {"learned": window(learned), "current": window(validation)},
        "params": params.model_dump(),
        "features": features.table,
        "methods": methods_drift(learned, validation, params),
        "models": models,
        **verdict(models),
    }
    write_json(result, paths.DRIFT)
    write_csv(pl.DataFrame(features.table).select("feature", "psi"), FEATURE_PLOT)


def feature_columns(rows: pl.DataFrame) -> list[str]:
    """Return the features that the dataset has, in the order of their table."""
    return [feature.name for feature in FEATURES if feature.name in rows.columns]


def compared_columns(rows: pl.DataFrame) -> list[str]:
    """Return the columns that two windows are compared by."""
    needed = [*feature_columns(rows), "bond_id", "date", "clean_price", "price_risk", "noise_scale_bp"]
    return [*needed, "years_to_maturity", *(column for column in METHODS.values() if column in rows.columns)]


if __name__ == "__main__":
    run(main, __doc__)
