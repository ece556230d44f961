"""Write params.yaml and params/ from the typed sections: values are kept, comments, order and new keys are theirs.

    richcheap params
    richcheap params --check

It is no stage of the pipeline: like an editor, it changes params files, and git shows what.
"""

import sys
from collections.abc import Sequence
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

from richcheap.command_line import parsers
from richcheap.decomposition.params import DecomposeParams
from richcheap.evaluation.params import CompareParams, DriftParams, EvaluateParams, ImportanceParams, TuneParams
from richcheap.factors.params import FactorParams
from richcheap.ingestion.params import DataParams
from richcheap.models import registry
from richcheap.options.params import OptionsParams
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams, SplitParams
from richcheap.pipeline.config.params_files import MODELS, params_texts
from richcheap.pipeline.config.params_yaml import dropped, rendered
from richcheap.pipeline.config.sections import Seed
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import ComputeParams
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text
from richcheap.regimes.params import RegimeParams
from richcheap.relative_value.params import SignalsParams
from richcheap.risk.params import StressParams, TailRiskParams
from richcheap.simulation.params import SimulateParams


@cache
def model_sections() -> dict[str, Any]:
    """Return the section of every model that the registry knows, by its dotted name."""
    return {f"{MODELS}.{name}": registry.params_class(name) for name in registry.MODELS}


@cache
def all_sections() -> dict[str, Any]:
    """Return the type of every section by its dotted name, in the order of params.yaml."""
    return {
        "seed": Seed,
        "data": DataParams,
        "split": SplitParams,
        **model_sections(),
        "tune": TuneParams,
        "evaluate": EvaluateParams,
        "tail_risk": TailRiskParams,
        "compare": CompareParams,
        "compute": ComputeParams,
        "simulate": SimulateParams,
        "market": MarketParams,
        "kalman": KalmanParams,
        "features": FeaturesParams,
        "factor_model": FactorParams,
        "regime_detector": RegimeParams,
        "drift": DriftParams,
        "importance": ImportanceParams,
        "signals": SignalsParams,
        "stress": StressParams,
        "decompose": DecomposeParams,
        "options": OptionsParams,
    }


def defaults() -> dict[str, str]:
    """Return the text of each params file with the default of every key."""
    return rendered(all_sections(), {}, str(paths.PARAMS))


def main(arguments: Sequence[str]) -> None:
    """Write the files, or tell what would change in them.

    Raises
    ------
    ParamsError
        A file cannot be read, or ``--check`` finds a difference.
    """
    only_look = parsers.params().parse_args(arguments).check
    before = params_texts()
    after = rendered(all_sections(), before, str(paths.PARAMS))
    for name in sorted({**before, **after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            lines = unified_diff(old.splitlines(), new.splitlines(), name, name, n=0, lineterm="")
            print("\n".join(lines if only_look else [f"{name}: written" if new else f"{name}: removed"]))
    for line in dropped(before, after):
        print(line)
    if only_look and before != after:
        raise ParamsError("params files differ from what `richcheap params` writes; run it")
    for name in () if only_look else {**before, **after}:
        if name not in after:
            Path(name).unlink()
        elif before.get(name) != after[name]:
            write_text(after[name], Path(name))


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
