"""Fair values of bonds: which trade rich, which cheap.

What is named here is for users; everything is imported when it is asked for, so that ``import richcheap`` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from richcheap.pipeline.errors import RichcheapError
    from richcheap.price import Project, load
    from richcheap.pricer import Pricer
    from richcheap.saved.cards import cards
    from richcheap.trained import TrainingResult
    from richcheap.trainer import ModelTrainer

__all__ = ["ModelTrainer", "Pricer", "Project", "RichcheapError", "TrainingResult", "cards", "load"]

_HOME = {
    "ModelTrainer": "richcheap.trainer",
    "Pricer": "richcheap.pricer",
    "Project": "richcheap.price",
    "RichcheapError": "richcheap.pipeline.errors",
    "TrainingResult": "richcheap.trained",
    "cards": "richcheap.saved.cards",
    "load": "richcheap.price",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
