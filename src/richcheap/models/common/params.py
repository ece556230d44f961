"""Params that every model with a search or a stack has: walk-forward folds, and features that are the dates' own."""

from typing import Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.sections import Section

LARGEST_TESTED_SHARE = 0.9
SHARED_BY_A_DATE = frozenset(
    {"f_curve_level", "f_curve_slope", "f_curve_curvature", "f_curve_volatility", "f_curve_trend"}
)
"""Features that are the same for every bond of a date: by them trees tell the training dates apart, and learn those."""


class FoldParams(Section):
    """Walk-forward folds of the training block."""

    folds: int = Field(ge=1, le=20, description="walk-forward folds of the training block")
    fold_share: float = Field(ge=0.01, le=0.45, description="share of the dates that each fold is tested on")
    embargo_dates: int = Field(ge=0, le=100, description="dates dropped before each fold's test dates")

    @model_validator(mode="after")
    def _leaves_dates_to_train_on(self) -> Self:
        if self.folds * self.fold_share > LARGEST_TESTED_SHARE:
            raise ValueError(
                f"folds x fold_share must be at most {LARGEST_TESTED_SHARE}, as the dates before are trained on, "
                f"got {self.folds} x {self.fold_share}"
            )
        return self
