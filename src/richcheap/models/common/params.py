"""Params that every model with a search or a stack has: walk-forward folds, and features that are the dates' own."""

from typing import Any, Self

from pydantic import model_validator

from richcheap.pipeline.config.fields import Section, param

LARGEST_TESTED_SHARE = 0.9
SHARED_BY_A_DATE = frozenset(
    {"f_curve_level", "f_curve_slope", "f_curve_curvature", "f_curve_volatility", "f_curve_trend"}
)
"""Features that are the same for every bond of a date: by them trees tell the training dates apart, and learn those."""


def trials(default: int) -> Any:
    """Return the field of a search's budget."""
    about = "Candidates that the search tries; a larger budget tries the same ones and more"
    return param(default, about, user=True, ge=1, le=10_000)


def seeds(default: int, what: str) -> Any:
    """Return the field of how many models from different seeds are averaged."""
    return param(default, f"{what}, each from its own seed, whose mean counts", user=True, ge=1, le=100)


def keep_share(default: float) -> Any:
    """Return the field of how many candidates survive a fold."""
    about = "Candidates that go on from one fold to the next"
    return param(default, about, unit="share, rounded up", ge=0.01, le=1.0)


def search_rows(default: int) -> Any:
    """Return the field of how many rows a search uses."""
    about = "Rows that one evaluation of a candidate trains on, and is judged on, at most"
    return param(default, about, unit="rows", ge=1000, le=100_000_000)


def learning_rate(default: float, about: str = "What the prediction of a tree is multiplied by") -> Any:
    """Return the field of a learning rate of boosted trees."""
    return param(default, about, ge=0.001, le=1.0)


def target_clip_share(what: str = "the training target") -> Any:
    """Return the field of how much of the target is winsorised."""
    about = f"Each tail of {what} that is winsorised at its quantile"
    return param(0.005, about, unit="share", ge=0.0, le=0.2)


def cold_start_rows(default: int) -> Any:
    """Return the field of the fewest rows without history that are fitted by themselves."""
    about = "Validation rows without history from which on such rows have a multiplier of their own"
    return param(default, about, unit="rows", ge=1, le=1_000_000)


class FoldParams(Section):
    """Walk-forward folds of the training block."""

    folds: int = param(3, "Walk-forward folds of the training block, the latest tried first", ge=1, le=20)
    fold_share: float = param(
        0.15,
        f"Share of the training dates that each fold is tested on, folds x fold_share at most {LARGEST_TESTED_SHARE}",
        ge=0.01,
        le=0.45,
    )
    embargo_dates: int = param(1, "Dates dropped before each fold's test dates", ge=0, le=100)

    @model_validator(mode="after")
    def _leaves_dates_to_train_on(self) -> Self:
        if self.folds * self.fold_share > LARGEST_TESTED_SHARE:
            raise ValueError(
                f"folds x fold_share must be at most {LARGEST_TESTED_SHARE}, as the dates before are trained on, "
                f"got {self.folds} x {self.fold_share}"
            )
        return self
