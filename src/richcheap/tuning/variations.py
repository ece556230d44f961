"""Train a model again, on later dates or with other settings, with the hyper-parameters that it has found.

What the variations are made of is common to all models: the window of dates, and those of `OPTIONS` that a model has.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.models.common.base import DatasetError, Floats, Model
from richcheap.pipeline.execution.map_tasks import MapTasks, map_here
from richcheap.pipeline.storage.plain_objects import from_json

WINDOWS = (0.6, 0.35, 0.8)
"""Shares of the training dates, the last ones, that variations learn from: the remedy when the market moves on."""
OPTIONS: dict[str, tuple[float, ...]] = {
    "target_clip_share": (0.0, 0.02, 0.05),
    "learning_rate": (0.5, 2.0),
    "leaf_rows": (0.5, 2.0),
}
"""Parameters varied where a model has them: those of `VALUES` take these values, others are multiplied by them."""
VALUES = frozenset({"target_clip_share"})
MIN_DATES = 5


class Variation(NamedTuple):
    """A variation of a trained model.

    Attributes
    ----------
    window_share : float
        Share of the training dates, the last ones, that it learns from.
    settings : tuple of (str, float)
        Parameters that differ from the model's, by name.
    """

    window_share: float
    settings: tuple[tuple[str, float], ...]

    def describe(self) -> dict[str, Any]:
        """Return it for a table."""
        return {"window_share": self.window_share, "settings": dict(self.settings)}


UNCHANGED = Variation(1.0, ())


def variations(model: Any, count: int, seed: int) -> list[Variation]:
    """Return at most `count` variations of a model: later windows, then single settings, then random pairs of both.

    Each random one has its own stream of random numbers, so that a larger budget tries the same candidates and more.
    """
    single = [(name, value) for name, values in _options(model).items() for value in values]
    listed = [Variation(share, ()) for share in WINDOWS] + [Variation(1.0, (setting,)) for setting in single]
    mixed = [Variation(share, (setting,)) for share in WINDOWS for setting in single]
    order = np.random.default_rng(seed).permutation(len(mixed))
    return [*listed, *(mixed[position] for position in order)][:count]


def _options(model: Any) -> dict[str, list[float]]:
    """Return the values to try of each parameter that the model has, but for the one it has."""
    current = model.get_params(deep=False)
    tried = {
        name: [value if name in VALUES else _scaled(current[name], value) for value in values]
        for name, values in OPTIONS.items()
        if isinstance(current.get(name), int | float)
    }
    return {name: [value for value in values if value != current[name]] for name, values in tried.items()}


def _scaled(value: float, factor: float) -> float:
    """Return a multiple of a parameter, of its type; a count is 1 at least."""
    return max(1, round(value * factor)) if isinstance(value, int) else value * factor


def last_dates(rows: pl.DataFrame, share: float) -> pl.DataFrame:
    """Return the rows of the last dates: a share of all dates, `MIN_DATES` at least."""
    days = rows["date"].unique().sort()
    count = min(days.len(), max(MIN_DATES, round(share * days.len())))
    return rows.filter(pl.col("date") >= days[days.len() - count])


@dataclass(frozen=True)
class VariationTrainer:
    """Trains variations of a stored model, and predicts with them.

    Parameters
    ----------
    model : bytes
        The model as it is stored: each variation starts from it, whatever was learned before.
    train : DataFrame
        The training block.
    selection : DataFrame
        Rows that a model may choose from besides, as from a validation block.
    rows : DataFrame
        Rows to predict for.
    """

    model: bytes
    train: pl.DataFrame
    selection: pl.DataFrame
    rows: pl.DataFrame

    def __call__(self, candidate: Variation) -> Floats:
        """Return what the variation predicts for the rows, bp, shape (n_rows,); NaN if it cannot learn from its own."""
        try:
            return self.train_variation(candidate).predict(self.rows)
        except DatasetError:
            return np.full(self.rows.height, np.nan)

    def train_variation(self, candidate: Variation, run: MapTasks = map_here) -> Model:
        """Return the variation, trained."""
        model: Model = from_json(self.model.decode(), "richcheap.models")
        parameters: Any = model
        parameters.set_params(**dict(candidate.settings))
        train = last_dates(self.train, candidate.window_share)
        return model.refit(train, self.selection, run)
