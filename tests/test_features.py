"""Stage ``features``: one file for each block."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stages import features
from stages.pipeline import paths
from stages.pipeline.artifacts import write_parquet
from stages.pipeline.errors import DataError
from stages.spreads.assemble import assemble
from stages.spreads.blocks import divide
from stages.spreads.valuation import value_market
from tests.spreads.markets import FEATURES, MARKET, SPLIT, no_curve, small_market

PARAMS = """
features: {decay_half_life_days: 5.0, activity_window_days: 20, volatility_window_dates: 5}
split: {train_share: 0.6, validation_share: 0.2, embargo_dates: 1}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    valuation = value_market(small_market(), no_curve(), MARKET, lambda dates, _total: dates)
    write_parquet(valuation.prints, paths.MARKET)
    write_parquet(valuation.curves, paths.CURVES)
    Path("params.yaml").write_text(PARAMS, encoding="utf-8")
    return tmp_path


def test_blocks_follow_each_other_with_an_embargo_between(workspace: Path) -> None:
    features.main()
    train, validation, test = (pl.read_parquet(features.FILES[name]) for name in features.FILES)
    dates = pl.read_parquet(paths.MARKET)["date"].unique().sort().to_list()
    assert dates.index(validation["date"].min()) - dates.index(train["date"].max()) == 2
    assert dates.index(test["date"].min()) - dates.index(validation["date"].max()) == 2
    assert paths.SPLIT.is_file()


def test_weights_average_one_over_the_training_block_alone() -> None:
    valuation = value_market(small_market(), no_curve(), MARKET, lambda dates, _total: dates)
    dataset = assemble(valuation.prints, valuation.curves, FEATURES)
    blocks = features.divide_dataset(dataset, divide(dataset["date"].n_unique(), SPLIT))
    assert blocks["train"]["weight"].to_numpy().mean() == pytest.approx(1.0)
    ratio = blocks["test"]["weight"].to_numpy() / blocks["test"]["price_risk"].to_numpy()
    np.testing.assert_allclose(ratio, ratio[0])


def test_too_few_dates_end_in_one_clear_line(workspace: Path) -> None:
    short = pl.read_parquet(paths.MARKET).filter(pl.col("date") < pl.date(2024, 1, 8))
    write_parquet(short, paths.MARKET)
    with pytest.raises(DataError, match=r"market.parquet: 5 dates are too few: the train block .*lower split"):
        features.main()
