"""Search among candidates by successive halving over folds: budgeted in trials, the same on any workers."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from richcheap.models.common.base import Floats
from richcheap.pipeline.execution.map_tasks import MapTasks

Candidate = TypeVar("Candidate")


class Trial(NamedTuple, Generic[Candidate]):
    """What is known of one candidate.

    Attributes
    ----------
    candidate : Candidate
    losses : tuple of float
        Mean over the folds that it was tried on, at each length of training.
    folds : int
        Folds that it was tried on.
    """

    candidate: Candidate
    losses: tuple[float, ...]
    folds: int


class SearchResult(NamedTuple, Generic[Candidate]):
    """The outcome of a search.

    Attributes
    ----------
    number : int
        Position of the best candidate.
    length : int
        Position of its best length of training.
    trials : list of Trial
        One for each candidate, in their order.
    """

    number: int
    length: int
    trials: list[Trial[Candidate]]


def halving_search(
    candidates: Sequence[Candidate], folds: Sequence[Callable[[Candidate], Floats]], keep_share: float, run: MapTasks
) -> SearchResult[Candidate]:
    """Try all candidates on the first fold, the best of them on the next, and so on.

    A candidate's loss is the least, over the lengths of training, of its mean loss over the folds tried so far. No
    clock decides: which candidates go on depends on losses alone, and of two equal ones on their order. An
    evaluation is a function of candidate and fold, so that it can be done anywhere, kept, and found again.

    Parameters
    ----------
    candidates : sequence
    folds : sequence of callable
        For each fold what gives a candidate's loss on it at each length of training, shape (n_lengths,).
    keep_share : float
        Share of the candidates, rounded up, that go on to the next fold.
    run : MapTasks

    Returns
    -------
    SearchResult
        The best among those tried on every fold.

    Examples
    --------
    >>> from richcheap.pipeline.execution.map_tasks import map_here
    >>> folds = [lambda x: np.array([x, x + 1.0]), lambda x: np.array([4.0 - x, 5.0])]
    >>> found = halving_search([3.0, 1.0, 2.0, 4.0], folds, 0.5, map_here)
    >>> found.number, found.length, [trial.folds for trial in found.trials]
    (1, 0, [1, 2, 2, 1])
    """
    sums: list[Floats] = [np.empty(0)] * len(candidates)
    tried = [0] * len(candidates)
    alive = list(range(len(candidates)))
    for rung, evaluate in enumerate(folds):
        tasks = [candidates[number] for number in alive]
        desc = f"search, fold {rung + 1} of {len(folds)}"
        for number, losses in zip(alive, run(evaluate, tasks, desc=desc, unit="trial"), strict=True):
            sums[number] = sums[number] + losses if rung else losses
            tried[number] = rung + 1
        order = sorted(alive, key=lambda number: (float(sums[number].min()), number))
        if rung + 1 < len(folds):
            alive = sorted(order[: math.ceil(keep_share * len(order))])
    best = order[0]
    means = [tuple((losses / count).tolist()) for losses, count in zip(sums, tried, strict=True)]
    trials = [Trial(*row) for row in zip(candidates, means, tried, strict=True)]
    return SearchResult(best, int(np.argmin(sums[best])), trials)


def ranked(trials: Sequence[Trial[Candidate]]) -> list[int]:
    """Return the positions of the trials from the best on: those tried on more folds first, then by their loss."""
    return sorted(range(len(trials)), key=lambda number: (-trials[number].folds, min(trials[number].losses), number))


def leaderboard(
    trials: Sequence[Trial[Candidate]],
    describe: Callable[[Candidate], Mapping[str, float | str]],
    shares: Mapping[int, float],
) -> list[dict[str, Any]]:
    """Return a row for each trial, the best first.

    Parameters
    ----------
    trials : sequence of Trial
    describe : callable
        Gives a candidate's hyper-parameters.
    shares : mapping
        Of the trials, by position, in the model's prediction; others have none.

    Returns
    -------
    list of dict
        ``rank`` and ``trial`` from 1 on, ``settings``, ``folds``, ``loss`` at the best length of training, ``share``.

    Examples
    --------
    >>> trials = [Trial(15, (0.9, 0.8), 1), Trial(31, (0.85,), 2)]
    >>> leaderboard(trials, lambda leaves: {"leaves": leaves}, {1: 1.0})[0]
    {'rank': 1, 'trial': 2, 'settings': 'leaves 31', 'folds': 2, 'loss': 0.85, 'share': 1.0}
    """
    return [
        {
            "rank": rank,
            "trial": number + 1,
            "settings": format_settings(describe(trials[number].candidate)),
            "folds": trials[number].folds,
            "loss": min(trials[number].losses),
            "share": shares.get(number, 0.0),
        }
        for rank, number in enumerate(ranked(trials), start=1)
    ]


def format_settings(settings: Mapping[str, float | str]) -> str:
    """Return hyper-parameters for people.

    Examples
    --------
    >>> format_settings({"leaves": 15, "penalty": 0.1, "anchor": "kalman"})
    'leaves 15, penalty 0.1, anchor kalman'
    """
    texts = {name: value if isinstance(value, str) else f"{value:g}" for name, value in settings.items()}
    return ", ".join(f"{name} {text}" for name, text in texts.items())
