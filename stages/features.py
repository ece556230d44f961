"""Stage ``features``: the dataset that models learn from, divided by date into three blocks."""

import polars as pl

from stages.pipeline import paths
from stages.pipeline.artifacts import read_parquet, write_json, write_parquet
from stages.pipeline.errors import DataError
from stages.pipeline.params import load
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.spreads.assemble import assemble
from stages.spreads.blocks import Block, block_of_rows, describe, divide, market_states
from stages.spreads.params import FeaturesParams, SplitParams

FILES = {
    "train": paths.DATASET_TRAIN,
    "validation": paths.DATASET_VALIDATION,
    "test": paths.DATASET_TEST,
}


def main() -> None:
    """Read the valued prints and the curves; write one file for each block, and the table of the split."""
    prints = read_parquet(paths.MARKET)
    split = load(SplitParams, "split")
    try:
        blocks = divide(prints["date"].n_unique(), split)
    except ValueError as error:
        raise DataError(f"{paths.MARKET}: {error}") from None
    params = load(FeaturesParams, "features")
    with progress(range(1 + len(FILES)), desc="features", unit="step") as bar:
        dataset = assemble(prints, read_parquet(paths.CURVES), params)
        bar.update()
        for name, frame in divide_dataset(dataset, blocks).items():
            write_parquet(frame, FILES[name])
            bar.update()
    write_json({"blocks": describe(dataset, blocks)}, paths.SPLIT)


def divide_dataset(dataset: pl.DataFrame, blocks: list[Block]) -> dict[str, pl.DataFrame]:
    """Return the rows of each block; what the training block decides for all is decided here.

    Weights are price risk over its mean in the training block. Market states are thirds of the training
    block's curve volatility.
    """
    block = block_of_rows(dataset, blocks)
    in_train = block == "train"
    mean_risk = float(dataset["price_risk"].filter(in_train).to_numpy().mean())
    complete = dataset.with_columns(
        market_states(dataset["curve_volatility_bp"], in_train), weight=pl.col("price_risk") / mean_risk
    ).drop("curve_volatility_bp")
    return {name: complete.filter(block == name) for name in FILES}


if __name__ == "__main__":
    run(main)
