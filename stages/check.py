"""Stage check: refuse a params.yaml with any fault, and tell all of them at once."""

from typing import Any

from dvc_parallel.system.yaml_source import read
from richcheap.evaluation.params import CompareParams, DriftParams, EvaluateParams, ImportanceParams, TuneParams
from richcheap.factors.params import FactorParams
from richcheap.ingestion.params import DataParams
from richcheap.models import registry
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams, SplitParams
from richcheap.pipeline.config.sections import Section, Seed, validate
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import ComputeParams
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text
from richcheap.regimes.params import RegimeParams
from richcheap.risk.params import StressParams, TailRiskParams
from richcheap.simulation.params import SimulateParams

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
