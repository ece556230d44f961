"""The factors of the market as a transformer."""

import numpy as np
import polars as pl
import pytest

from richcheap.estimators import MarketFactors
from richcheap.factors.components import Components
from richcheap.factors.shapes import CURVE_SHAPES

NODES = ("2y", "5y", "10y", "30y")


def moves(dates=120, seed=0):
    """Return changes of a curve that level and slope drive, bp."""
    rng = np.random.default_rng(seed)
    level, slope = rng.normal(scale=6.0, size=dates), rng.normal(scale=2.0, size=dates)
    noise = rng.normal(scale=0.1, size=(dates, 4))
    return pl.DataFrame(level[:, None] + slope[:, None] * [-1.0, -0.3, 0.3, 1.0] + noise, schema=NODES)


def test_its_scores_are_those_of_the_factor_model():
    frame = moves()
    found = MarketFactors(2).fit(frame)
    components = Components.fit(frame.to_numpy(), NODES, CURVE_SHAPES, 2, scaled=False)
    np.testing.assert_array_equal(found.transform(frame), components.scores(frame.to_numpy()))
    assert found.set_output(transform="polars").transform(frame).columns == ["level", "slope"]


def test_scores_stand_for_the_changes_that_they_came_from():
    frame = moves()
    found = MarketFactors(2).fit(frame[:100])
    scores = found.transform(frame)
    np.testing.assert_allclose((scores[:100] ** 2).mean(axis=0), 1.0)
    np.testing.assert_allclose(found.inverse_transform(scores), frame, atol=0.6)
    assert found.explained_variance_ratio_[0] > 0.8
    assert found.explained_variance_ratio_.sum() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shapes": "rates"}, r"^shapes of MarketFactors must be one of curve, spreads, got 'rates'$"),
        ({"n_components": 0}, r"^n_components of MarketFactors must be at least 1, got 0$"),
    ],
)
def test_a_parameter_out_of_its_range_is_told(given, message):
    with pytest.raises(ValueError, match=message):
        MarketFactors(**given).fit(moves())
