"""The models by name: one line for each. Stages that train or load one model reach its module by name instead."""

from richcheap.models.common.base import model_module
from richcheap.pipeline.config.fields import Section

MODELS: tuple[str, ...] = (
    "ml_adjuster",
    "enhanced_ml_adjuster",
    "advanced_ml_adjuster",
    "automl",
    "bayesian_optimizer",
)


def params_class(name: str) -> type[Section]:
    """Return the class of a model's section of the params.

    Raises
    ------
    ValueError
        No model has that name.
    """
    if name not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, got {name!r}")
    return model_module(name).Params
