"""Params that do not fit are refused, with the reason."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.simulation.params import SimulateParams
from tests.simulation.settings import defaults


def changed(dotted: str, value: Any) -> str:
    content = json.loads(defaults().model_dump_json())
    *parents, last = dotted.split(".")
    section = content
    for parent in parents:
        section = section[parent]
    section[last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("regimes.transition.bull", [0.5, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0], "the row must sum to 1, it sums to 0.9"),
        ("regimes.transition.bull", [0.5, 0.5, 0.0, 0.0, 0.0, 0.0], "at least 7 items"),
        ("regimes.transition.bull", [1.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0], "less than or equal to 1"),
        ("bond_types.treasury", 0.5, "the shares must sum to 1"),
        ("start_date", "2022-01-01", "start_date must be a weekday, got 2022-01-01 .Saturday"),
        ("start_date", "01/02/2022", "must be a date as YYYY-MM-DD"),
        ("start_date", "9999-12-30", "start_date must be 1940-01-01 to 2160-01-01, got 9999-12-30"),
        ("start_date", "0001-01-01", "start_date must be 1940-01-01 to 2160-01-01, got 0001-01-01"),
        ("start_date", "2159-12-31", "start_date and periods must end by 2160-01-01, got 2161-07-10: 400 from 2159-12"),
        ("observations_per_period", 321, "at most 0.8 x bonds = 320"),
        ("min_observations", 30, "bonds x min_observations must be at most"),
        ("curve.correlation", [-0.9, 0.9, 0.9], "positive definite"),
        ("credit.spread_bp.AA", 50.0, "spreads must rise from AAA to CCC"),
        ("seeds", 3, "Extra inputs are not permitted"),
    ],
)
def test_params_that_do_not_fit_are_refused_with_the_reason(key: str, value: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        SimulateParams.model_validate_json(changed(key, value))


def test_more_issuers_and_dates_than_memory_holds_are_refused() -> None:
    content = json.loads(defaults().model_dump_json()) | {"issuers": 50_000, "periods": 5000}
    with pytest.raises(ValidationError, match="issuers x periods must be at most 100,000,000, got 50,000 x 5,000 = "):
        SimulateParams.model_validate_json(json.dumps(content))
