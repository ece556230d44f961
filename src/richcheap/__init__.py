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
    from richcheap.saved.models import SavedModels, load_champion, load_saved
    from richcheap.trained import TrainingResult, TrainingResults
    from richcheap.trainer import ModelTrainer

__all__ = [
    "ModelTrainer",
    "Pricer",
    "Project",
    "RichcheapError",
    "SavedModels",
    "TrainingResult",
    "TrainingResults",
    "cards",
    "load",
    "load_champion",
    "load_saved",
]

_HOME = {
    "ModelTrainer": "richcheap.trainer",
    "Pricer": "richcheap.pricer",
    "Project": "richcheap.price",
    "RichcheapError": "richcheap.pipeline.errors",
    "SavedModels": "richcheap.saved.models",
    "TrainingResult": "richcheap.trained",
    "TrainingResults": "richcheap.trained",
    "cards": "richcheap.saved.cards",
    "load": "richcheap.price",
    "load_champion": "richcheap.saved.models",
    "load_saved": "richcheap.saved.models",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
