"""The leaderboard of automl: what every trial reached, fold by fold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from richcheap.models.automl.configurations import Configuration
from richcheap.models.common.base import Floats
from richcheap.models.common.search import Trial, ranked
from richcheap.pipeline.execution.map_tasks import MapTasks, Result, Task


class LeaderboardRow(NamedTuple):
    """One trial.

    Attributes
    ----------
    rank : int
        From 1 on: those tried on more folds stand first, then those with the smaller loss.
    trial : int
        From 1 on, in the order of the search.
    family, features, space, settings : str
        What was tried.
    folds : int
        Folds that it was tried on before others were better.
    loss : float
        Mean over them of the price error as a share of that of the base spread, at the best length of training.
    mae : tuple of float or None
        Mean absolute price error on each fold, points per 100, the latest fold first; None where it was not tried.
    share : float
        Of the model's prediction, 0 to 1.
    """

    rank: int
    trial: int
    family: str
    features: str
    space: str
    settings: str
    folds: int
    loss: float
    mae: tuple[float | None, ...]
    share: float


class Recorder:
    """A `MapTasks` that remembers what each call, one fold, gave for each task.

    Parameters
    ----------
    run : MapTasks
    """

    def __init__(self, run: MapTasks) -> None:
        self._run = run
        self.calls: list[dict[object, Floats]] = []

    def __call__(
        self, function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str
    ) -> Iterable[Result]:
        """Do the work, and yield the results in the order of the tasks."""
        seen: dict[object, Floats] = {}
        self.calls.append(seen)
        for task, result in zip(tasks, self._run(function, tasks, desc=desc, unit=unit), strict=True):
            seen[task] = np.asarray(result)
            yield result


def finalists(trials: Sequence[Trial[Configuration]], count: int) -> list[int]:
    """Return the positions of `count` trials, the best first: the best of each family, then the others."""
    order = ranked(trials)
    families: dict[str, int] = {}
    for number in order:
        families.setdefault(trials[number].candidate.family.name, number)
    chosen = [*dict.fromkeys([*families.values(), *order])][:count]
    return sorted(chosen, key=order.index)


def leaderboard(
    trials: Sequence[Trial[Configuration]],
    calls: Sequence[Mapping[object, Floats]],
    base_error: Sequence[float],
    shares: Mapping[int, float],
) -> list[LeaderboardRow]:
    """Return the leaderboard.

    Parameters
    ----------
    trials : sequence of Trial
    calls : sequence of dict
        For each fold the losses of the candidates tried on it.
    base_error : sequence of float
        Price error of the base spread on each fold, points per 100.
    shares : mapping
        Of the trials, by position, in the model's prediction; others have none.
    """
    board = []
    for rank, number in enumerate(ranked(trials), start=1):
        candidate, losses, folds = trials[number]
        length = int(np.argmin(losses))
        mae = tuple(
            float(losses_here[candidate][length]) * points if candidate in losses_here else None
            for losses_here, points in zip(calls, base_error, strict=True)
        )
        what = (candidate.family.name, candidate.features, candidate.space, candidate.settings())
        board.append(LeaderboardRow(rank, number + 1, *what, folds, losses[length], mae, shares.get(number, 0.0)))
    return board
