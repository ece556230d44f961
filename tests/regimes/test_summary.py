"""Tables and descriptions of regimes."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from richcheap.regimes.candidates import NO_REGIME
from richcheap.regimes.detector import Detection
from richcheap.regimes.observations import build_observations
from richcheap.regimes.summary import adjusted_rand, describe_regimes, mean_duration, regime_table
from tests.regimes.markets import BLOCKS, CURVE_FACTORS, PARAMS, switching


@pytest.fixture(scope="module")
def found() -> tuple[Detection, pl.DataFrame, pl.Series, dict[str, Any]]:
    market, regime = switching()
    seen = build_observations(market, CURVE_FACTORS, BLOCKS["train"], 5.0)
    detection = Detection(seen, BLOCKS["train"], BLOCKS["validation"], PARAMS, seed=3)
    truth = pl.Series("regime", np.array(["low", "high"])[regime].tolist())
    return detection, market, truth, describe_regimes(detection, seen, market, BLOCKS, truth)


def test_adjusted_rand_is_the_published_index_and_does_not_know_names() -> None:
    # Hubert and Arabie's index of these two partitions, worked out by hand: (2 - 4/3) / (5/2 - 4/3) = 4/7.
    truth, labels = pl.Series(["a", "a", "b", "b"]), np.array([7, 7, 1, 2])
    assert adjusted_rand(labels, truth, {"all_of_it": slice(0, 4)}) == pytest.approx(
        {"all_of_it": 4.0 / 7.0, "all": 4.0 / 7.0}
    )
    assert adjusted_rand(np.array([1, 1, 0, 0]), truth, {})["all"] == 1.0


def test_every_method_is_scored_block_by_block(
    found: tuple[Detection, pl.DataFrame, pl.Series, dict[str, Any]],
) -> None:
    detection, _, truth, output = found
    assert output["methods"][NO_REGIME]["adjusted_rand"]["all"] == 0.0
    chosen = output["methods"][output["chosen"]]
    labels = detection.found[detection.chosen].labels
    assert chosen["adjusted_rand"]["test"] == adjusted_rand_score(truth.to_list()[250:], labels[250:])
    assert set(chosen["log_density"]) == set(chosen["mean_duration_dates"]) == set(BLOCKS)


def test_regimes_are_described_by_what_moved_in_them(
    found: tuple[Detection, pl.DataFrame, pl.Series, dict[str, Any]],
) -> None:
    calm, stressed = found[3]["regimes"]
    assert (calm["name"], stressed["name"]) == ("calm", "stressed")
    assert calm["share"] + stressed["share"] == pytest.approx(1.0)
    assert stressed["curve_volatility_bp"] > 2.0 * calm["curve_volatility_bp"]
    assert stressed["matrix_BBB"] > 1.2 * calm["matrix_BBB"]
    assert calm["curve_level_pct"] == pytest.approx(3.0)
    assert 10.0 < calm["expected_duration_dates"] < 100.0


def test_the_table_has_a_row_for_each_date(found: tuple[Detection, pl.DataFrame, pl.Series, dict[str, Any]]) -> None:
    detection, market, _, _ = found
    table = regime_table(market["date"], market["block"], detection.found[detection.chosen])
    assert table.height == 300
    assert table["regime"].dtype == pl.Int8
    assert set(zip(table["regime"], table["name"], strict=True)) == {(0, "calm"), (1, "stressed")}
    np.testing.assert_allclose((table["p_0"] + table["p_1"]).to_numpy(), 1.0, atol=1e-12)
    same = (table["regime"].shift() == table["regime_before"]).drop_nulls()
    assert int(same.sum()) > 0.95 * same.len()  # regimes last, so what is expected is what was


def test_without_truth_nothing_is_scored_against_it() -> None:
    market, _ = switching(dates=120)
    spans = {"train": slice(0, 80), "validation": slice(80, 100), "test": slice(100, 120)}
    seen = build_observations(market, CURVE_FACTORS, spans["train"], 5.0)
    detection = Detection(seen, spans["train"], spans["validation"], PARAMS, seed=3)
    output = describe_regimes(detection, seen, market, spans, None)
    assert not output["truth_known"]
    assert all("adjusted_rand" not in method for method in output["methods"].values())


def test_mean_stay_of_alternating_labels_is_one() -> None:
    assert mean_duration(np.arange(10) % 2) == 1.0
