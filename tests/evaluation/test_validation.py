"""The errors of predictions for one block."""

import numpy as np
import pytest

from richcheap.evaluation.validation import block_metrics
from richcheap.features.repricing import Repricer
from tests.models.datasets import blocks
from tests.surface.markets import small_market, valued


@pytest.fixture(scope="module")
def repricer():
    return Repricer.from_frame(valued(small_market(bonds=40, dates=60)).curves)


def test_the_true_target_has_no_error_and_a_basis_point_beside_it_costs_the_price_risk(repricer):
    rows = blocks()["validation"]
    target = rows["target_bp"].to_numpy()
    exact, beside = (block_metrics(rows, target + error, repricer) for error in (0.0, 1.0))
    assert exact["rows"] == rows.height
    assert exact["mae"] == pytest.approx(0.0, abs=1e-6)
    assert exact["yield_mae_bp"] == pytest.approx(0.0, abs=1e-4)
    assert beside["mae"] == pytest.approx(rows["dv01"].mean(), rel=0.05)
    assert beside["yield_mae_bp"] == pytest.approx(1.0, rel=0.1)
    assert all(np.isfinite(value) for value in beside.values())
