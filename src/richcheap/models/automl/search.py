"""The evaluations of automl: a candidate's losses on a fold, its predictions there, and the best blend of a few."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from richcheap.models.automl.configurations import Configuration
from richcheap.models.automl.target_spaces import KnownRows
from richcheap.models.common.base import Floats


@dataclass(frozen=True)
class ConfigurationFold:
    """One fold of the search: gives a candidate's loss at each length of training.

    Parameters
    ----------
    train, test : KnownRows
    sets : dict of str to list of str
        Features by the name of their set.
    seed : int
    """

    train: KnownRows
    test: KnownRows
    sets: dict[str, list[str]]
    seed: int

    @property
    def base_error(self) -> float:
        """Price error of the base spread on the test rows, points per 100; 1 where there is none."""
        return self.test.price_error(np.zeros_like(self.test.target_bp)) or 1.0

    def __call__(self, candidate: Configuration) -> Floats:
        """Return the price error on the test rows as a share of that of the base spread, shape (n_lengths,)."""
        return np.array(
            [self.test.price_error(predicted) / self.base_error for predicted in self.predictions(candidate)]
        )

    def predictions(self, candidate: Configuration) -> list[Floats]:
        """Return what is added to the base spread of the test rows, bp, at each length of training."""
        chosen, space, family = self.sets[candidate.features], candidate.space, candidate.family
        state = family.learn(self.train.sample(chosen, space), family.lengths - 1, self.seed)
        matrix = self.test.rows.space(chosen, space).matrix
        return [self.test.rows.spread_bp(predicted, space) for predicted in family.staged(state, matrix)]


@dataclass(frozen=True)
class OutOfFold:
    """What a candidate predicts for the test rows of a fold: a task is (candidate, number of its length).

    Parameters
    ----------
    fold : ConfigurationFold
    """

    fold: ConfigurationFold

    def __call__(self, task: tuple[Configuration, int]) -> Floats:
        """Return what is added to the base spread, bp, shape (n_rows,)."""
        candidate, length = task
        return self.fold.predictions(candidate)[length]


@dataclass(frozen=True)
class ConfigurationTrainer:
    """Trains a candidate on all rows: a task is (candidate, number of its length, seed).

    Parameters
    ----------
    train : KnownRows
    sets : dict of str to list of str
        Features by the name of their set.
    """

    train: KnownRows
    sets: dict[str, list[str]]

    def __call__(self, task: tuple[Configuration, int, int]) -> object:
        """Return what the candidate's family has learned."""
        candidate, length, seed = task
        sample = self.train.sample(self.sets[candidate.features], candidate.space)
        return candidate.family.learn(sample, length, seed)


def blend(predictions: Sequence[Floats], target: Floats, cost: Floats, ensemble_size: int) -> list[int]:
    """Choose greedily, with replacement, whose mean errs least (Caruana and others 2004, "Ensemble selection").

    It begins with the best alone and takes in, one at a time, the prediction that lowers the mean cost most, until none
    does. So it is the best alone when no mean is better. The earlier one wins a tie.

    Parameters
    ----------
    predictions : sequence of ndarray, shape (n_rows,)
        Of rows not learned from.
    target : ndarray, shape (n_rows,)
    cost : ndarray, shape (n_rows,)
        Of an error of one unit.
    ensemble_size : int
        Most picks.

    Returns
    -------
    list of int
        How often each was picked.

    Examples
    --------
    >>> blend([np.array([1.0, 3.0]), np.array([3.0, 1.0]), np.array([9.0, 9.0])], np.full(2, 2.0), np.ones(2), 8)
    [1, 1, 0]
    """
    counts = [0] * len(predictions)
    total, least = np.zeros_like(target), np.inf
    for pick in range(1, ensemble_size + 1):
        losses = [float(np.mean(np.abs(target - (total + each) / pick) * cost)) for each in predictions]
        best = int(np.argmin(losses))
        if losses[best] >= least:
            break
        least = losses[best]
        total = total + predictions[best]
        counts[best] += 1
    return counts
