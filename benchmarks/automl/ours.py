"""Let a model of ours that stage ``train`` has made predict, and measure it.

``python -m benchmarks.automl.ours NAME FILE`` runs in the folder of the project.
"""

import argparse
from importlib.metadata import version
from pathlib import Path

import polars as pl

from benchmarks.automl.blocks import write_predictions
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import parse_model
from richcheap.pipeline.storage.tables import read_table


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of a model of params.yaml")
    parser.add_argument("predictions", type=Path, help="file of the predictions")
    chosen = parser.parse_args()
    file = paths.model_file(chosen.name)
    model = parse_model(file.read_text(encoding="utf-8"), file)
    validation, test = read_table(paths.DATASET_VALIDATION), read_table(paths.DATASET_TEST)
    both = pl.concat([validation, test])
    sizes = validation.height, test.height
    write_predictions(lambda rows: model.predict(both[rows]), *sizes, chosen.predictions, version("richcheap"))


if __name__ == "__main__":
    main()
