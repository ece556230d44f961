"""Prices of what predicts basis points."""

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.pricing import add_prices, member_prices
from richcheap.evaluation.score import ScoredBlock


class Constant:
    """Predicts the same for each row."""

    def __init__(self, value):
        self.value = value

    def predict(self, rows):
        return np.full(rows.height, self.value)


class Linear:
    """Prices as a `Repricer` does, to first order."""

    def predicted_prices(self, rows, delta_bp):
        assert delta_bp.shape[0] == rows.height
        return rows["price"].to_numpy()[:, None] - 0.01 * delta_bp


@pytest.fixture
def rows():
    return pl.DataFrame({"price": [100.0, 90.0, 80.0]})


def test_prices_of_learners_stand_after_those_of_baselines(rows):
    block = ScoredBlock(rows, {"matrix": np.zeros(3)})
    add_prices({"a": Constant(10.0), "b": Constant(-10.0)}, block, Linear())
    assert list(block.prices) == ["matrix", "a", "b"]
    np.testing.assert_allclose(block.prices["a"], [99.9, 89.9, 79.9])
    np.testing.assert_allclose(block.prices["b"], [100.1, 90.1, 80.1])


def test_each_model_gets_the_prices_of_its_own_seeds(rows):
    members = {"a": np.tile([1.0, 2.0], (3, 1)), "b": np.tile([3.0, 4.0, 5.0], (3, 1))}
    found = member_prices(members, rows, Linear())
    assert {name: price.shape for name, price in found.items()} == {"a": (3, 2), "b": (3, 3)}
    np.testing.assert_allclose(found["b"][0], [99.97, 99.96, 99.95])


def test_without_models_there_is_nothing_to_price(rows):
    block = ScoredBlock(rows, {})
    add_prices({}, block, Linear())
    assert block.prices == {}
    assert member_prices({}, rows, Linear()) == {}
