"""The typed sections of risk."""

from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.risk.params import Scenario, StressParams
from tests.risk.books import params

UP: dict[str, Any] = {
    "name": "up",
    "curve_bp": 100.0,
    "spread_bp": 0.0,
    "spread_multiples": None,
    "liquidity_multiple": 1.0,
}


def test_levels_ascend():
    with pytest.raises(ValidationError, match=r"levels must ascend, got \[0.99, 0.9\]"):
        params(levels=(0.99, 0.9))


def test_the_window_holds_what_a_forecast_needs():
    with pytest.raises(ValidationError, match=r"window_dates must be at least min_dates \(40\), got 30"):
        params(min_dates=40)


def test_scenarios_have_different_names():
    with pytest.raises(ValidationError, match="scenarios must have different names, got up more than once"):
        StressParams(scenarios=(Scenario(**UP), Scenario(**UP)))


@pytest.mark.parametrize("change", [{"name": "no spaces"}, {"curve_bp": -2000.0}, {"liquidity_multiple": 0.5}])
def test_a_scenario_out_of_range_is_refused(change):
    with pytest.raises(ValidationError):
        Scenario(**{**UP, **change})
