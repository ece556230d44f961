"""Stage ``regime_detector``: which regime the market was in on each date, as its close and the dates before tell."""

import polars as pl

from richcheap.panel.split import BLOCKS
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, read_json, read_parquet, write_json, write_parquet
from richcheap.regimes.detector import Detection
from richcheap.regimes.observations import build_observations
from richcheap.regimes.params import RegimeParams
from richcheap.regimes.summary import describe_regimes, regime_table

NAME = "regime_detector"
FACTOR_MODEL = "factor_model"
FACTORS = paths.MARKET_MODELS / FACTOR_MODEL / "factors.parquet"


def main() -> None:
    """Read what moved on each date; write the model, the regimes of all dates and how good they are."""
    params, seed = load(RegimeParams, NAME), load_seed()
    described = read_json(paths.METRICS / f"{FACTOR_MODEL}.json")
    market = read_parquet(FACTORS)
    spans = block_spans(market["block"])
    observations = build_observations(
        market, list(described["curve_factors"]), spans["train"], params.volatility_half_life_dates
    )
    detection = Detection(observations, spans["train"], spans["validation"], params, seed)
    chosen = detection.found[detection.chosen]
    dump_model(detection.model(), paths.market_model_file(NAME))
    write_parquet(regime_table(market["date"], market["block"], chosen), paths.REGIMES)
    result = describe_regimes(detection, observations, market, spans, read_truth(market["date"]))
    write_json(result, paths.METRICS / f"{NAME}.json")


def block_spans(block: pl.Series) -> dict[str, slice]:
    """Return the places of each block's dates, which lie together; none where no change falls into a block."""
    places = {name: (block == name).arg_true() for name in BLOCKS}
    return {
        name: slice(int(place[0]), int(place[-1]) + 1) if place.len() else slice(0) for name, place in places.items()
    }


def read_truth(dates: pl.Series) -> pl.Series | None:
    """Return the simulator's regime of each date, or None when some date is not the simulator's."""
    if not paths.SIMULATED_TRUTH.is_file():
        return None
    truth = read_parquet(paths.SIMULATED_TRUTH, ["date", "regime"]).unique("date", maintain_order=True)
    joined = dates.to_frame("date").join(truth, on="date", how="left", maintain_order="left")["regime"]
    return None if joined.null_count() else joined


if __name__ == "__main__":
    run(main, __doc__)
