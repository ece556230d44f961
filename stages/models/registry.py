"""The models by name. A module is imported when its model is asked for, so that no model's change touches another."""

from importlib import import_module
from typing import Protocol, cast

from stages.models.base import Model
from stages.pipeline.params import Section

MODELS: tuple[str, ...] = ("ml_adjuster",)


class ModelModule(Protocol):
    """What the module of a model offers."""

    Params: type[Section]

    def build(self, params: Section, seed: int, n_jobs: int) -> Model:
        """Return the untrained model; `n_jobs` cores are its to use and change no result."""


def model_module(name: str) -> ModelModule:
    """Import the module of a model, ``stages.models.NAME``.

    Raises
    ------
    ValueError
        No model has that name.
    """
    if name not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, got {name!r}")
    return cast(ModelModule, import_module(f"stages.models.{name}"))


def params_class(name: str) -> type[Section]:
    """Return the class of a model's section of params.yaml; see `model_module`."""
    return model_module(name).Params
