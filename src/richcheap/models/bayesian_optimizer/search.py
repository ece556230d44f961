"""Bayesian search (Optuna's tree-structured Parzen estimator), the same with any number of workers.

Candidates are asked for in batches of a fixed size, tried at the same time fold by fold, and their losses are reported
in their order. Which of them go on to the next fold depends on the batches before, so that a larger budget begins with
the same trials.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from richcheap.models.common.base import Floats
from richcheap.models.common.search import SearchResult, Trial
from richcheap.pipeline.execution.map_tasks import MapTasks

Candidate = TypeVar("Candidate")
Value = int | float | str


class Budget(NamedTuple):
    """How much is tried.

    Attributes
    ----------
    trials : int
    batch : int
        Candidates asked for before the loss of any is reported; the first batch is random and tried on every fold.
    keep_share : float
        A candidate goes on to the next fold when its mean loss so far is at most this quantile of the losses that the
        batches before had at that point.
    """

    trials: int
    batch: int
    keep_share: float


def bayesian_search(
    space: Mapping[str, BaseDistribution],
    first: Mapping[str, Value],
    candidate: Callable[[Mapping[str, Value]], Candidate],
    folds: Sequence[Callable[[Candidate], Floats]],
    budget: Budget,
    seed: int,
    run: MapTasks,
) -> SearchResult[Candidate]:
    """Search for the candidate with the least mean loss over the folds, at its best length of training.

    The estimator (Bergstra and others 2011; multivariate, Falkner and others 2018) models the values of good and of
    other trials and proposes where their ratio is largest. Candidates of a batch without a loss yet count as bad
    ones, so that they differ. Between folds a quantile of earlier losses prunes (Golovin and others 2017): no clock
    decides. Of Optuna's own rules that do so, none counts the trials that were themselves pruned, so that they become
    the stricter the longer the search.

    Parameters
    ----------
    space : mapping
        What can be chosen, by name.
    first : mapping
        The values of the first trial.
    candidate : callable
        Makes a candidate from the values.
    folds : sequence of callable
        For each fold what gives a candidate's loss on it at each length of training, shape (n_lengths,).
    budget : Budget
    seed : int
    run : MapTasks
        Tries candidates, on any workers.

    Returns
    -------
    SearchResult
        The best among those tried on every fold.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=budget.batch, multivariate=True, constant_liar=True
        ),
    )
    study.enqueue_trial(dict(first))
    trials: list[Trial[Candidate]] = []
    reached: list[list[float]] = [[] for _ in folds]
    for start in range(0, budget.trials, budget.batch):
        asked = [study.ask(dict(space)) for _ in range(start, min(start + budget.batch, budget.trials))]
        bars = [float(np.quantile(before, budget.keep_share)) if before else np.inf for before in reached]
        tried = _try(asked, [candidate(trial.params) for trial in asked], folds, bars, run)
        for trial, result in zip(asked, tried, strict=True):
            if result.folds == len(folds):
                study.tell(trial, min(result.losses))
            else:
                study.tell(trial, state=TrialState.PRUNED)
            for step, loss in study.trials[trial.number].intermediate_values.items():
                reached[step].append(loss)
        trials += tried
    best = ranking(trials)[0]
    return SearchResult(best, int(np.argmin(trials[best].losses)), trials)


def ranking(trials: Sequence[Trial[Candidate]]) -> list[int]:
    """Return the positions of the trials that were tried on the most folds, the best first; of two equal the earlier.

    Examples
    --------
    >>> ranking([Trial("a", (3.0, 2.0), 2), Trial("b", (1.0, 1.0), 1), Trial("c", (1.5, 4.0), 2)])
    [2, 0]
    """
    most = max(trial.folds for trial in trials)
    finished = [number for number, trial in enumerate(trials) if trial.folds == most]
    return sorted(finished, key=lambda number: (min(trials[number].losses), number))


def _try(
    asked: Sequence[optuna.Trial],
    candidates: Sequence[Candidate],
    folds: Sequence[Callable[[Candidate], Floats]],
    bars: Sequence[float],
    run: MapTasks,
) -> list[Trial[Candidate]]:
    """Try a batch fold by fold; those whose mean loss is above a fold's bar are not tried on the next."""
    sums: list[Floats] = [np.zeros(1)] * len(asked)
    tried = [0] * len(asked)
    alive = list(range(len(asked)))
    for rung, (evaluate, bar) in enumerate(zip(folds, bars, strict=True)):
        tasks = [candidates[number] for number in alive]
        desc = f"search, trials from {asked[0].number + 1}, fold {rung + 1} of {len(folds)}"
        for number, losses in zip(alive, run(evaluate, tasks, desc=desc, unit="trial"), strict=True):
            sums[number] = sums[number] + losses
            tried[number] = rung + 1
            asked[number].report(float(sums[number].min()) / tried[number], rung)
        alive = [number for number in alive if float(sums[number].min()) / tried[number] <= bar]
    means = [tuple((losses / count).tolist()) for losses, count in zip(sums, tried, strict=True)]
    return [Trial(*row) for row in zip(candidates, means, tried, strict=True)]
