"""What a model is, and what models share: the matrix of features, the clipped target, the multiplier."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol, Self, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.pipeline.config.fields import Section
from richcheap.pipeline.execution.map_tasks import MapTasks

Floats = NDArray[np.float64]


class DatasetError(ValueError):
    """The rows given cannot be learned from, or predicted for."""


class Predictor(Protocol):
    """A trained model, as it is stored and loaded.

    Attributes
    ----------
    features : list of str
        The columns that it reads.
    """

    features: list[str]

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row, bp; one row's prediction does not depend on the others."""


class Model(Predictor, Protocol):
    """A model that can be trained. It keeps scikit-learn's contract: parameters in, fitted state in ``..._``."""

    def fit(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> Self:
        """Learn ``target_bp`` from rows of the dataset; `validation` may choose, but is not learned from.

        `run` does independent tasks, and shows them as they go.

        Raises
        ------
        DatasetError
            The rows cannot be learned from.
        """

    def refit(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> Self:
        """Learn anew from other rows with the hyper-parameters that `fit` has found: nothing is searched for.

        Raises
        ------
        NotFittedError
            `fit` has not found any.
        DatasetError
            The rows cannot be learned from.
        """

    def member_predictions(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row by each seed's model alone, bp, shape (n_rows, n_seeds).

        Their mean is what `predict` gives, but for rounding. How far they lie apart is what the seed decides.
        """

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives, bp, so that the parts add up to it.

        The first is what the model starts from; then come features, and members that count as a whole.
        """

    def findings(self) -> dict[str, Any]:
        """Return what training found, for readers.

        ``multiplier``, what the prediction is multiplied by; ``cold_start_multiplier``, where bonds without history
        have one of their own; ``leaderboard``, a row for each candidate or kind of members, the best first, which has
        those of the fields of `richcheap.models.automl.leaderboard.LeaderboardRow` that the model knows.
        """

    def set_params(self, *, n_jobs: int) -> Self:
        """Set how many cores it may use, which changes no result."""


class ModelFacts(NamedTuple):
    """What a model's card says of it before any run.

    Attributes
    ----------
    kind : str
        What it is, such as ``a random forest``.
    starts_from : str
        The price that it corrects, and is shrunk to.
    limits : tuple of str
        When it fails, a sentence each.
    """

    kind: str
    starts_from: str
    limits: tuple[str, ...]


class ModelModule(Protocol):
    """What the module of a model, ``richcheap.models.NAME``, offers."""

    FACTS: ModelFacts
    Params: type[Section]

    def build(self, params: Section, seed: int, n_jobs: int) -> Model:
        """Return the untrained model; `n_jobs` cores are its to use and change no result."""


def model_module(name: str) -> ModelModule:
    """Import the module of a model when it is asked for, so that no model's change touches another."""
    return cast(ModelModule, import_module(f"richcheap.models.{name}"))


def prediction_table(model: Predictor, rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``bond_id``, ``date`` and ``prediction_bp`` of each row."""
    return rows.select("bond_id", "date").with_columns(pl.Series("prediction_bp", model.predict(rows)))


def feature_matrix(rows: pl.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    """Return the features of each row, in the single precision that tree libraries compare in.

    Returns
    -------
    ndarray, shape (n_rows, n_features)
        C-contiguous; a missing value is NaN.

    Raises
    ------
    DatasetError
        A column is missing, or holds an infinite value.
    """
    missing = [name for name in features if name not in rows.columns]
    if missing:
        raise DatasetError(f"features must be columns of the dataset, missing: {', '.join(missing)}")
    matrix = rows.select(pl.col(name).cast(pl.Float32) for name in features).to_numpy(writable=True)
    infinite = np.isinf(matrix).any(axis=0)
    if infinite.any():
        names = [name for name, bad in zip(features, infinite, strict=True) if bad]
        raise DatasetError(f"features must be finite or missing, infinite values in: {', '.join(names)}")
    return np.ascontiguousarray(matrix)


def finite_column(rows: pl.DataFrame, name: str) -> Floats:
    """Return a column that must be there and be finite in every row; `DatasetError` when it is not."""
    if name not in rows.columns:
        raise DatasetError(f"{name} must be a column of the dataset, missing")
    values = rows[name].to_numpy().astype(np.float64)
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        raise DatasetError(f"{name} must be finite in every row, got {bad} of {values.size} that are not")
    return values


def require_rows(train: pl.DataFrame, validation: pl.DataFrame) -> None:
    """Refuse blocks without rows; `DatasetError` names the block."""
    for name, rows in (("training", train), ("validation", validation)):
        if not rows.height:
            raise DatasetError(f"the {name} block must have rows, got none")


def clip_bounds(values: Floats, share: float) -> tuple[float, float]:
    """Return the quantiles that cut `share` of `values` off at each end.

    Examples
    --------
    >>> clip_bounds(np.arange(101.0), 0.05)
    (5.0, 95.0)
    """
    low, high = np.quantile(values, [share, 1.0 - share])
    return float(low), float(high)


def best_multiplier(prediction_bp: Floats, target_bp: Floats, dv01: Floats, steps: int) -> float:
    """Return the multiplier of a prediction that makes the mean absolute price error least.

    A model that has found nothing is best shrunk to nothing, others a little: the multiplier m
    minimises mean(|target - m prediction| x DV01) over the grid 0, 1 / steps, ... 1. The smaller
    one wins a tie.

    Parameters
    ----------
    prediction_bp, target_bp : ndarray, shape (n_rows,)
        Of rows that the model has not learned from.
    dv01 : ndarray, shape (n_rows,)
        Points per 100 of face for one bp.
    steps : int
        Steps of the grid.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> best_multiplier(np.array([2.0, -4.0]), np.array([1.0, -2.0]), np.ones(2), 20)
    0.5
    """
    grid = np.arange(steps + 1) / steps
    losses = [float(np.mean(np.abs(target_bp - m * prediction_bp) * dv01)) for m in grid]
    return float(grid[int(np.argmin(losses))])
