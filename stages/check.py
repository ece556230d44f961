"""Stage check: refuse a params.yaml with any fault, and tell all of them at once."""

from typing import Any

from stages.evaluation.compare_params import CompareParams
from stages.evaluation.drift_params import DriftParams, ImportanceParams, TuneParams
from stages.evaluation.params import EvaluateParams
from stages.factors.params import FactorParams
from stages.ingestion.params import DataParams
from stages.models import registry
from stages.pipeline import paths
from stages.pipeline.artifacts import write_text
from stages.pipeline.compute import ComputeParams
from stages.pipeline.document import read
from stages.pipeline.params import Section, Seed, validate
from stages.pipeline.stage import run
from stages.regimes.params import RegimeParams
from stages.risk.params import StressParams, TailRiskParams
from stages.simulation.params import SimulateParams
from stages.spreads.params import FeaturesParams, KalmanParams, MarketParams, SplitParams

SECTIONS: dict[str, Any] = {
    "seed": Seed,
    "compute": ComputeParams,
    "simulate": SimulateParams,
    "data": DataParams,
    "market": MarketParams,
    "kalman": KalmanParams,
    "features": FeaturesParams,
    "split": SplitParams,
    "drift": DriftParams,
    "tune": TuneParams,
    "importance": ImportanceParams,
    "evaluate": EvaluateParams,
    "compare": CompareParams,
    "factor_model": FactorParams,
    "regime_detector": RegimeParams,
    "tail_risk": TailRiskParams,
    "stress": StressParams,
}
VALID = "params.yaml is valid\n"  # the same bytes whatever the values, so that no stage follows this one's runs


def model_sections() -> dict[str, type[Section]]:
    """Return the section of every model that the registry knows; params.yaml says which are trained."""
    return {f"models.{name}": registry.params_class(name) for name in registry.MODELS}


def main() -> None:
    """Check params.yaml and write that it is valid."""
    models = model_sections()
    validate(read(paths.PARAMS), {**SECTIONS, **models}, optional=models)
    write_text(VALID, paths.PARAMS_CHECKED)


if __name__ == "__main__":
    run(main, __doc__)
