"""The models of prices, and the linear baseline, as regressors: the pipeline's own estimators behind ``fit(X, y)``."""

from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_consistent_length, check_is_fitted, validate_data

from richcheap.estimators.parameters import declare, read
from richcheap.evaluation.params import EvaluateParams
from richcheap.models.common.base import model_module
from richcheap.models.common.shrinkage import AGE
from richcheap.models.common.splitter import DATE, WalkForward, date_positions
from richcheap.models.common.spread_differences import ESTIMATES, LEVEL
from richcheap.models.common.target_space import KALMAN, OWN_LAST
from richcheap.models.ridge import RidgeBaseline
from richcheap.pipeline.execution.map_tasks import map_here

Floats = NDArray[np.float64]

DV01 = "dv01"
ASSUMED = {str(OWN_LAST.noise): 1.0, AGE: 0.0, DV01: 1.0}
"""What a column counts as that X has not: noise is one unit of y, every bond has a history, errors cost the same."""
SHARED = (
    ("validation_fraction", 0.2, "Share of the dates, the last ones, on which it is chosen how far to shrink."),
    ("embargo_dates", 1, "Dates dropped before those, and before each fold's test dates."),
    ("random_state", 0, "Seed of all that is drawn."),
    ("n_jobs", 1, "Cores that predict, -1 for all; changes no result."),
)


class SpreadRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Predict how far a print lies from where a model starts, by one of the pipeline's models of prices.

    ``X`` is a matrix, or a frame of pandas or polars, of features; missing values are allowed. ``y`` is the distance
    of the spread from the base spread, bp, or anything else. Columns that bear the names of the pipeline's dataset
    (docs/features.md) mean what they mean there:

    - ``f_kalman_gap`` and ``f_kalman_std``: where models that start from the Kalman filter's spread start, and the
      noise; without them the start is 0.
    - ``f_noise``: the noise around the base spread, of which y and all spreads are taken as multiples; 1 without it.
    - ``f_days_since_last``: missing for a bond without history, which is shrunk by a multiplier of its own.
    - ``dv01``: what an error of one unit of y costs; it multiplies the sample weight and is no feature. 1 without it.
    - ``base_spread``: with it, models that measure estimates of the spread from one another do so; it needs the columns
      that those are made of.
    - ``f_dv01``: above 0; with it, models may learn the distance in price, too.

    Dates order the rows: the last ones choose how far the prediction is shrunk, and searches go forward over those
    before. Give them as ``dates``, which `sklearn.model_selection.cross_val_score` and others pass on in ``params``;
    without them each row is a date later than the row before it.

    Attributes
    ----------
    model_ : object
        The pipeline's estimator that has learned: it has ``contributions`` and ``findings``, too.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X has names.
    """

    _model: ClassVar[str] = ""
    validation_fraction: float
    embargo_dates: int
    random_state: int
    n_jobs: int | None
    model_: Any

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls._model:
            cls.__doc__ = f"{cls.__doc__}\n\nColumns, dates and attributes are those of `SpreadRegressor`."
            section = model_module(cls._model).Params
            declare(cls, section, [one for one in SHARED if one[0] not in section.model_fields])

    def fit(self, X: Any, y: Any, sample_weight: Any = None, dates: Any = None) -> Self:
        """Learn `y`.

        Parameters
        ----------
        X : array or DataFrame, shape (n_rows, n_features)
        y : array, shape (n_rows,)
        sample_weight : array, shape (n_rows,), optional
            What an error of one unit of y costs; a row of weight 0 is left out.
        dates : sequence, shape (n_rows,), optional
            The date of each row, of any kind that can be sorted.

        Raises
        ------
        ValueError
            X or y cannot be learned from, dates are too few, or a parameter is out of its range.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2, y_numeric=True
        )
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if (weight < 0.0).any() or not weight.any():
            raise ValueError("sample_weight must be 0 or above, and above 0 in some row")
        position = np.arange(len(X)) if dates is None else date_positions(dates)
        check_consistent_length(X, position)
        if taken := {DATE, "target_bp"} & set(self._names()):
            raise ValueError(f"X must hold features alone, got {', '.join(sorted(taken))}; give dates and y apart")
        counts = weight > 0.0
        rows = self._rows(X[counts]).with_columns(
            pl.Series("target_bp", y[counts].astype(np.float64)),
            pl.col(DV01) * pl.Series(weight[counts]),
            pl.Series(DATE, position[counts]),
        )
        self.model_ = self._fitted(rows)
        return self

    def predict(self, X: Any) -> Floats:
        """Predict y of each row, shape (n_rows,); one row's prediction does not depend on the others."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        predicted: Floats = self.model_.predict(self._rows(X))
        return predicted

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _fitted(self, rows: pl.DataFrame) -> Any:
        """Train the pipeline's estimator on all dates but the last, which choose how far it is shrunk."""
        module = model_module(self._model)
        model = module.build(read(self, module.Params), self.random_state, effective_n_jobs(self.n_jobs))
        model.set_params(**self._columns(model))
        if not 0.0 < self.validation_fraction < 1.0:
            raise ValueError(
                f"validation_fraction of {type(self).__name__} must be between 0 and 1, got {self.validation_fraction}"
            )
        length = max(1, round(self.validation_fraction * rows[DATE].n_unique()))
        divide = WalkForward(folds=1, test_dates=length, embargo_dates=self.embargo_dates)
        ((train, validation),) = divide.split(rows)
        return model.fit(rows[train], rows[validation], map_here)

    def _columns(self, model: Any) -> dict[str, Any]:  # noqa: ARG002  others start elsewhere
        """Return the parameters of the pipeline's estimator that say which columns it reads."""
        return {"features": self._features()}

    def _features(self) -> list[str]:
        """Return the columns that are learned from."""
        features = [name for name in self._names() if name != DV01]
        if LEVEL in features:
            needed = {name for estimate in ESTIMATES for name in estimate.less_base.meta.root_names()} | {AGE}
            if missing := sorted(needed - set(features)):
                raise ValueError(
                    f"X: expected beside {LEVEL} the columns that estimates of the spread are made of, "
                    f"missing: {', '.join(missing)}"
                )
        return features

    def _names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        return [f"x{place}" for place in range(self.n_features_in_)] if names is None else names.tolist()

    def _rows(self, X: Floats) -> pl.DataFrame:
        """Return a matrix as rows of a dataset: a missing value is null, a column that X has not is as assumed."""
        rows = pl.from_numpy(X, schema=self._names()).fill_nan(None)
        return rows.with_columns(
            pl.lit(value).alias(name) for name, value in ASSUMED.items() if name not in rows.columns
        )

    @property
    def _has_filter(self) -> bool:
        return {KALMAN.offset, KALMAN.noise} <= set(self._names())


class RandomForestSpreadRegressor(SpreadRegressor):
    """A random forest that learns the winsorised target and is shrunk: model ``ml_adjuster``."""

    _model = "ml_adjuster"


class BoostingSpreadRegressor(SpreadRegressor):
    """Boosted trees whose hyper-parameters are searched by successive halving: model ``enhanced_ml_adjuster``."""

    _model = "enhanced_ml_adjuster"


class StackingSpreadRegressor(SpreadRegressor):
    """A stack of forest, boosted trees, networks and a line, chained forward: model ``advanced_ml_adjuster``."""

    _model = "advanced_ml_adjuster"

    def _columns(self, model: Any) -> dict[str, Any]:
        return {"features": self._features(), "anchor": model.anchor if self._has_filter else OWN_LAST}


class AutoMLSpreadRegressor(SpreadRegressor):
    """The best of families, sets of features and spaces of the target, or a blend: model ``automl``."""

    _model = "automl"

    def _columns(self, model: Any) -> dict[str, Any]:
        """Keep the sets of features that X has whole; the widest holds all of its columns."""
        features = self._features()
        sets = {name: chosen for name, chosen in model.feature_sets.items() if set(chosen) <= set(features)}
        if not any(set(chosen) == set(features) for chosen in sets.values()):
            sets["all"] = features
        return {"feature_sets": sets}


class BayesianBoostingSpreadRegressor(SpreadRegressor):
    """Boosted trees whose hyper-parameters are searched by Optuna: model ``bayesian_optimizer``."""

    _model = "bayesian_optimizer"


class RidgeSpreadRegressor(SpreadRegressor):
    """The linear baseline ``ridge``: all dates are learned from, and nothing is shrunk but by the penalty.

    Parameters
    ----------
    penalty : float
        On squared standardised coefficients, for each row.
    clip_share : float
        Share of each tail of features and target that is winsorised.
    """

    def __init__(
        self,
        *,
        penalty: float = EvaluateParams.model_fields["ridge_penalty"].default,
        clip_share: float = EvaluateParams.model_fields["ridge_clip_share"].default,
    ) -> None:
        self.penalty = penalty
        self.clip_share = clip_share

    def _fitted(self, rows: pl.DataFrame) -> Any:
        return RidgeBaseline(rows, self._features(), self.penalty, self.clip_share)
