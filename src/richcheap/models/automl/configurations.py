"""The candidates of automl: plain ones of each family, set of features and space first, then random ones."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from richcheap.models.automl.families import Boosting, Family, Forest
from richcheap.models.automl.weights import Linear, Network
from richcheap.models.common.lightgbm import DEFAULT_TREES
from richcheap.models.common.search import format_settings

Value = TypeVar("Value")

FAMILIES = ("boosting", "network", "linear", "forest")
ODDS = (0.4, 0.2, 0.2, 0.2)
"""Of the families, when drawn: boosting has most to choose."""


@dataclass(frozen=True)
class Configuration:
    """What one trial tries.

    Parameters
    ----------
    family : Family
        With its hyper-parameters.
    features : str
        Set of features.
    space : str
        That the target is measured in (`SPACES`).
    """

    family: Family
    features: str
    space: str

    def settings(self) -> str:
        """Return the hyper-parameters, for people."""
        return format_settings(vars(self.family))


def configurations(
    count: int, sets: list[str], spaces: list[str], budget_multiplier: float, seed: int
) -> list[Configuration]:
    """Return `count` different candidates.

    Each random one has its own stream of random numbers, so that a larger budget tries the same candidates and more.
    They are drawn from steps rather than ranges, so that they have the same bits everywhere.

    Parameters
    ----------
    count : int
    sets : list of str
        Sets of features, the widest last.
    spaces : list of str
        Of the target, the most promising first.
    budget_multiplier : float
        By what the sizes of ensembles and networks' passes over the rows are multiplied; the learning rate of boosting
        is divided by it.
    seed : int
    """
    found = dict.fromkeys(_plain(sets, spaces, budget_multiplier))
    number = 0
    while len(found) < count:
        found[_draw(np.random.default_rng([seed, number]), sets, spaces, budget_multiplier)] = None
        number += 1
    return list(found)[:count]


def _plain(sets: list[str], spaces: list[str], budget_multiplier: float) -> list[Configuration]:
    """Return a plain candidate of each family; then of boosting, the others' judge, in each space and set."""
    widest, best = sets[-1], spaces[0]
    boosting = Boosting(*DEFAULT_TREES, 0.05 / budget_multiplier, round(240 * budget_multiplier), 0.005)
    families: list[Family] = [
        boosting,
        Network(32, 0.1, 0.002, max(1, round(15 * budget_multiplier)), 0.02),
        Linear(0.01, robust=True, clip_share=0.005),
        Forest(round(80 * budget_multiplier), 127, 10, 0.4, 0.6, extreme=False, clip_share=0.02),
    ]
    return [
        *(Configuration(family, widest, best) for family in families),
        *(Configuration(boosting, widest, space) for space in spaces[1:]),
        *(Configuration(boosting, narrower, best) for narrower in reversed(sets[:-1])),
    ]


def _draw(rng: np.random.Generator, sets: list[str], spaces: list[str], budget_multiplier: float) -> Configuration:
    def one(*values: Value) -> Value:
        return values[int(rng.integers(len(values)))]

    name = FAMILIES[int(np.searchsorted(np.cumsum(ODDS), rng.random(), side="right"))]
    family: Family
    if name == "boosting":
        rate = one(0.03, 0.05, 0.08)
        family = Boosting(
            leaves=one(7, 11, 15, 23, 31, 47),
            leaf_rows=one(20, 40, 80, 160, 320),
            feature_share=one(0.2, 0.35, 0.5, 0.7),
            row_share=one(0.5, 0.6, 0.7, 0.8, 0.9),
            penalty=one(0.3, 1.0, 3.0, 10.0, 30.0),
            bend=one(0.3, 0.5, 1.0, 2.0),
            learning_rate=rate / budget_multiplier,
            rounds=round(12 / rate * budget_multiplier),
            clip_share=one(0.001, 0.005, 0.02),
        )
    elif name == "network":
        family = Network(
            width=one(16, 32, 64),
            penalty=one(0.01, 0.1, 1.0),
            step=one(0.0005, 0.001, 0.002),
            epochs=max(1, round(one(8, 15, 25) * budget_multiplier)),
            clip_share=one(0.005, 0.02, 0.05),
        )
    elif name == "linear":
        family = Linear(
            penalty=one(0.0001, 0.001, 0.01, 0.1, 1.0),
            robust=one(True, False),
            clip_share=one(0.001, 0.005, 0.02),
        )
    else:
        family = Forest(
            trees=round(80 * budget_multiplier),
            leaves=one(63, 127, 191),
            leaf_rows=one(5, 10, 20, 40),
            feature_share=one(0.2, 0.4, 0.7),
            row_share=one(0.4, 0.6, 0.8),
            extreme=one(False, True),
            clip_share=one(0.005, 0.02, 0.05),
        )
    # The widest set and the most promising spaces are taken more often.
    return Configuration(family, one(*sets, sets[-1]), one(*spaces, *spaces[:2], *spaces[:2], *spaces[:1]))
