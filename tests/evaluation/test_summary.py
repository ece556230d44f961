"""The few figures and points that DVC shows."""

import numpy as np
import polars as pl

from richcheap.evaluation.score import ScoredBlock
from richcheap.evaluation.summary import plotted_points


def test_plotted_points_are_bounded() -> None:
    rows = pl.DataFrame({"clean_price": np.arange(5001.0)})
    points = plotted_points(ScoredBlock(rows, {"a": np.zeros(5001)}), "a")
    assert points.height == 1667
    assert points.columns == ["observed", "predicted"]
