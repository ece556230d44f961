"""The project's own params with other sizes, and markets made from them."""

from functools import cache
from typing import Any

from richcheap.pipeline.config.sections import load
from richcheap.simulation.market import Simulated, simulate
from richcheap.simulation.params import SimulateParams
from tests.conftest import ROOT

SMALL: dict[str, Any] = {
    "bonds": 120,
    "issuers": 24,
    "periods": 120,
    "observations_per_period": 30,
    "min_observations": 8,
}


@cache
def defaults() -> SimulateParams:
    return load(SimulateParams, "simulate", ROOT / "params.yaml")


def resized(**sizes: Any) -> SimulateParams:
    """The defaults with other top-level values, checked anew."""
    return SimulateParams.model_validate_json(defaults().model_copy(update=sizes).model_dump_json())


@cache
def small_market(seed: int = 5) -> Simulated:
    return simulate(resized(**SMALL), seed)


@cache
def default_market(seed: int = 8) -> Simulated:
    """The default sizes; with this seed the window holds every regime."""
    return simulate(defaults(), seed)
