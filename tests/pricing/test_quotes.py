"""Quotes by whoever is champion: a model, the filter, or any baseline."""

import numpy as np
import polars as pl
import pytest

from richcheap.decomposition.champion import Champion
from richcheap.evaluation.baselines import COLUMNS
from richcheap.evaluation.intervals.blocks import CELLS, KeptIntervals, RowScales
from richcheap.evaluation.intervals.confidence import ConfidenceScores
from richcheap.evaluation.intervals.conformal import Widths
from richcheap.evaluation.params import EvaluateParams
from richcheap.pricing.market import Rows, States, advance
from richcheap.pricing.quotes import Quoter
from tests.pricing.projects import BONDS, DAYS
from tests.pricing.test_market import COUNTS, ENGINE

PARTS = ("curve", "rating", "coupon", "option", "issuer", "bond", "correction")
DAY = (DAYS[-1] - DAYS[0]).days


@pytest.fixture(scope="module")
def rows() -> Rows:
    found = advance(ENGINE, States.none(), COUNTS, BONDS)[0]
    return Rows(found.dataset.filter(pl.col("date") == DAYS[-1]), found.curves)


@pytest.fixture(scope="module")
def scales(rows: Rows) -> RowScales:
    params = EvaluateParams(interval_scale_trees=2, interval_scale_rows=1000)
    train = advance(ENGINE, States.none(), COUNTS, BONDS.filter(pl.col("date") < DAYS[30]))[0].dataset
    return RowScales(["f_noise", "f_dv01"], params, 1).fit(train)


def quoter(champion: Champion, scales: RowScales) -> Quoter:
    size = 1 + sum(CELLS)
    widths = Widths(np.array(CELLS), np.zeros(2), np.ones(2), np.zeros(size + 2), np.zeros(size), np.array(0.5))
    confidence = ConfidenceScores(np.linspace(0.1, 0.9, 9), np.arange(10, 0, -1))
    return Quoter(champion, KeptIntervals("any", np.empty(0, np.int64), [widths], confidence, scales.text), scales)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_baseline_has_its_own_price_and_parts_that_add_up_to_it(rows: Rows, scales: RowScales, name: str) -> None:
    found = quoter(Champion(name, None), scales).quotes(rows, DAY, together=True)
    assert found["fair_clean_price"].equals(rows.dataset[COLUMNS[name]])
    points = found.select(pl.sum_horizontal("reference_curve_price", *(f"{part}_points" for part in PARTS))).to_series()
    np.testing.assert_allclose(points, found["fair_clean_price"], rtol=0.0, atol=1e-9)
    spread = found.select(pl.sum_horizontal(f"{part}_bp" for part in PARTS)).to_series()
    np.testing.assert_allclose(spread, found["spread_bp"], rtol=0.0, atol=1e-9)


def test_a_model_adds_to_the_base_spread(rows: Rows, scales: RowScales) -> None:
    flat = Champion("model", lambda dataset: np.zeros(dataset.height))
    wider = Champion("model", lambda dataset: np.ones(dataset.height))
    first, second = (quoter(one, scales).quotes(rows, DAY, together=True) for one in (flat, wider))
    np.testing.assert_allclose(first["fair_clean_price"], rows.dataset["baseline_last_adjusted"], rtol=1e-12)
    move = (first["fair_clean_price"] - second["fair_clean_price"]).to_numpy()
    np.testing.assert_allclose(move, first["price_dv01"].to_numpy(), rtol=2e-3)


def test_no_interval_reaches_below_a_price_of_nothing(rows: Rows, scales: RowScales) -> None:
    worthless = Champion("model", lambda dataset: np.full(dataset.height, 30_000.0))
    found = quoter(worthless, scales).quotes(rows, DAY, together=True)
    assert (found["half_width"] > found["fair_clean_price"]).any()
    assert found["low"].min() == 0.0


def test_one_by_one_or_together_intervals_are_the_same_but_for_rounding(rows: Rows, scales: RowScales) -> None:
    made = quoter(Champion("kalman", None), scales)
    together, apart = (made.quotes(rows, DAY, together=way) for way in (True, False))
    np.testing.assert_allclose(together["half_width"], apart["half_width"], rtol=1e-12)
    alone = made.quotes(Rows(rows.dataset[4:5], rows.curves), DAY, together=False)
    assert alone["half_width"][0] == apart["half_width"][4]
