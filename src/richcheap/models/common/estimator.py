"""What the estimators share: how they are fitted, refitted and asked, whatever their members are."""

from typing import Any, Self

import polars as pl
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from richcheap.models.common.base import DatasetError, Floats, require_rows
from richcheap.models.common.shrinkage import Shrinkage, fit_shrinkage
from richcheap.models.common.splitter import Positions, WalkForward
from richcheap.pipeline.execution.map_tasks import MapTasks, map_here


class SpreadEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Predict the distance of a print's spread from its base spread, bp, as the mean over members, shrunk.

    Subclasses spell out their parameters, as scikit-learn's contract asks, and offer `_train`, `_members` and
    `_shrunk`; those that search for hyper-parameters offer `_search` too.
    """

    def fit(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks = map_here) -> Self:
        """Search on `train`, train what was found on all of it, and choose on `validation` how far to shrink it.

        Parameters
        ----------
        train, validation : DataFrame
            Blocks of the dataset: ``date``, the features, ``target_bp`` and ``dv01``.
        run : callable
            Does, and shows, independent tasks, on any workers.

        Raises
        ------
        DatasetError
            A block has no rows, the training block has too few dates for the folds, a column is missing, or a value
            is not finite where it must be.
        """
        require_rows(train, validation)
        self._search(train, run)
        self._train(train, validation, run)
        return self

    def refit(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks = map_here) -> Self:
        """Train on other rows what `fit` found; nothing is searched for.

        Raises
        ------
        NotFittedError
            `fit` has not found anything.
        DatasetError
            A block has no rows, a column is missing, or a value is not finite where it must be.
        """
        check_is_fitted(self)
        require_rows(train, validation)
        self._train(train, validation, run)
        return self

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row, bp, shape (n_rows,).

        Parameters
        ----------
        rows : DataFrame
            Holds the features, and what the anchor names.
        """
        check_is_fitted(self)
        anchor, members = self._members(rows)
        return self._shrunk(rows, anchor, members.mean(axis=1))

    def member_predictions(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row by each seed's members alone, bp, shape (n_rows, n_seeds)."""
        check_is_fitted(self)
        anchor, members = self._members(rows)
        return self._shrunk(rows, anchor, members)

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives among what it was made of, bp.

        Returns
        -------
        dict of str to ndarray, shape (n_rows,)
            `START` first, then features, then members that are counted as a whole; they add up to `predict`.
        """
        raise NotImplementedError

    def findings(self) -> dict[str, Any]:
        """Return what training found: the multipliers, and what a search tried, the best first."""
        check_is_fitted(self)
        return {**self._multipliers(), "leaderboard": self._leaderboard()}

    def _search(self, train: pl.DataFrame, run: MapTasks) -> None:
        """Find hyper-parameters; a model without a search has none to find."""

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        """Train the members with what `_search` found, and choose how far they are shrunk."""
        raise NotImplementedError

    def _members(self, rows: pl.DataFrame) -> tuple[Any, Floats]:
        """Return the anchor and what each seed predicts, shape (n_rows, n_seeds), as `_shrunk` takes them."""
        raise NotImplementedError

    def _shrunk(self, rows: pl.DataFrame, anchor: Any, predicted: Floats) -> Floats:
        """Return predictions, shape (n_rows,) or (n_rows, n_seeds), shrunk to the anchor, bp."""
        raise NotImplementedError

    def _multipliers(self) -> dict[str, float]:
        """Return by what the distance from the anchor is multiplied."""
        raise NotImplementedError

    def _leaderboard(self) -> list[dict[str, Any]]:
        """Return a row for each candidate; a model without a search has none."""
        return []


class WalkForwardMixin:
    """An estimator that divides its training block by `folds`, `fold_share` and `embargo_dates`."""

    folds: int
    fold_share: float
    embargo_dates: int

    def splitter(self, dates: int) -> WalkForward:
        """Return the splitter that divides a training block of `dates` dates."""
        length = max(1, round(self.fold_share * dates))
        return WalkForward(folds=self.folds, test_dates=length, embargo_dates=self.embargo_dates)

    def _splits(self, rows: pl.DataFrame, purpose: str) -> list[tuple[Positions, Positions]]:
        """Return the positions of each fold's rows; `DatasetError` when there are too few dates for the purpose."""
        try:
            return list(self.splitter(rows["date"].n_unique()).split(rows))
        except ValueError as error:
            raise DatasetError(
                f"the training block cannot be divided for {purpose}: {error}; give more dates, raise "
                "split.train_share, or lower folds or embargo_dates of the model"
            ) from None


class ShrunkEstimator(WalkForwardMixin, SpreadEstimator):
    """An estimator that is shrunk to its anchor, by a multiplier of its own for bonds without history.

    Attributes
    ----------
    shrinkage_ : Shrinkage
        What the distance from the anchor is multiplied by.
    """

    shrinkage_steps: int
    cold_start_rows: int
    shrinkage_: Shrinkage

    @property
    def multiplier_(self) -> float:
        """What the distance from the anchor is multiplied by for bonds with history, 0 to 1."""
        return self.shrinkage_.multiplier

    def _multipliers(self) -> dict[str, float]:
        return self.shrinkage_._asdict()

    def _shrunk(self, rows: pl.DataFrame, anchor: Any, predicted: Floats) -> Floats:
        return self.shrinkage_.shrunk(rows, predicted, anchor)

    def _fit_shrinkage(self, rows: pl.DataFrame, anchor: Floats, predicted: Floats) -> Shrinkage:
        """Choose the multipliers on rows not learned from, by predictions of shape (n_rows,), bp."""
        return fit_shrinkage(rows, predicted, anchor, steps=self.shrinkage_steps, cold_start_rows=self.cold_start_rows)
