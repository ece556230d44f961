"""What models share: dividing the training block in time, and being believed as far as the validation block says."""

from typing import Any, Self

import polars as pl
from sklearn.utils.validation import check_is_fitted

from richcheap.models.common.base import DatasetError, Floats, Watch, require_rows
from richcheap.models.common.shrinkage import Shrinkage, fit_shrinkage
from richcheap.models.common.splitter import Positions, WalkForward
from richcheap.pipeline.execution.map_tasks import MapTasks, map_here


class WalkForwardMixin:
    """A model that divides its training block by `folds`, `fold_share` and `embargo_dates`."""

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


class SearchedEstimator(WalkForwardMixin):
    """A model found by a search, whose distance from its anchor is multiplied by what the validation block says.

    Subclasses offer `_learn`, which trains what was found and calls `_believe`, and `_raw`.
    """

    shrinkage_steps: int
    cold_start_rows: int
    belief_: Shrinkage

    @property
    def multiplier_(self) -> float:
        """By what the distance from the anchor is multiplied for bonds with history, 0 to 1."""
        return self.belief_.multiplier

    def refit(
        self,
        train: pl.DataFrame,
        validation: pl.DataFrame,
        watch: Watch,  # noqa: ARG002  all its work is done, and shown, by `run`
        run: MapTasks = map_here,
    ) -> Self:
        """Train what `fit` found on other rows; it raises what `fit` does."""
        check_is_fitted(self)
        require_rows(train, validation)
        return self._learn(train, validation, run)

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row, bp, shape (n_rows,)."""
        check_is_fitted(self)
        anchor, members = self._raw(rows)
        return self.belief_.shrunk(rows, members.mean(axis=1), anchor)

    def member_predictions(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row by each seed's models alone, bp, shape (n_rows, n_seeds)."""
        check_is_fitted(self)
        anchor, members = self._raw(rows)
        return self.belief_.shrunk(rows, members, anchor)

    def findings(self) -> dict[str, Any]:
        """Return the multipliers."""
        check_is_fitted(self)
        return self.belief_._asdict()

    def _believe(self, validation: pl.DataFrame) -> Shrinkage:
        """Choose how far what was learned is believed."""
        anchor, members = self._raw(validation)
        return fit_shrinkage(
            validation,
            members.mean(axis=1),
            anchor,
            steps=self.shrinkage_steps,
            cold_start_rows=self.cold_start_rows,
        )

    def _learn(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> Self:
        raise NotImplementedError

    def _raw(self, rows: pl.DataFrame) -> tuple[Floats, Floats]:
        """Return the anchor, shape (n_rows,), and what each seed adds to the base spread, (n_rows, n_seeds), bp."""
        raise NotImplementedError
