"""The one way to divide a block in time: walk forward over dates, purged, with an embargo."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Positions = NDArray[np.int64]


class Window(NamedTuple):
    """The dates of one fold.

    Attributes
    ----------
    first_train, last_train, first_test, last_test : date
        Each included.
    """

    first_train: date
    last_train: date
    first_test: date
    last_test: date


class WalkForward:
    """Train on all dates up to a gap, test on the dates after it; then move on (scikit-learn's splitter interface).

    The test windows are consecutive and end with the last date. Training starts with the first date in every fold.
    A date is never divided. The gap before a test window is `purge_dates` + `embargo_dates`: as training never
    follows a test here, both drop the last training dates, for two reasons.

    Parameters
    ----------
    folds : int
        Test windows.
    test_dates : int
        Dates in each of them.
    purge_dates : int
        Dates that a row's target looks ahead of its own date; 0 for a target that is known on its date.
    embargo_dates : int
        Dates dropped besides, as features of neighbouring dates resemble each other.

    Examples
    --------
    >>> rows = pl.DataFrame({"date": [date(2024, 1, day) for day in (1, 1, 2, 3, 4, 5, 5, 6)]})
    >>> for train, test in WalkForward(folds=2, test_dates=2, embargo_dates=1).split(rows):
    ...     print(train, test)
    [0 1] [3 4]
    [0 1 2 3] [5 6 7]
    """

    def __init__(self, *, folds: int, test_dates: int, purge_dates: int = 0, embargo_dates: int = 0) -> None:
        for name, value, least in (
            ("folds", folds, 1),
            ("test_dates", test_dates, 1),
            ("purge_dates", purge_dates, 0),
            ("embargo_dates", embargo_dates, 0),
        ):
            if value < least:
                raise ValueError(f"{name} of WalkForward must be at least {least}, got {value}")
        self.folds = folds
        self.test_dates = test_dates
        self.purge_dates = purge_dates
        self.embargo_dates = embargo_dates

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002  scikit-learn's
        """Return the number of folds, whatever the rows."""
        return self.folds

    def split(self, X: pl.DataFrame, y: Any = None, groups: Any = None) -> Iterator[tuple[Positions, Positions]]:  # noqa: ARG002
        """Yield the positions of the training and of the test rows of each fold, ascending.

        Parameters
        ----------
        X : DataFrame
            Has a column ``date``, in any order.
        y : ignored
        groups : sequence, shape (n_rows,), optional
            An issuer for each row. Then fold k tests its k-th share of the issuers alone and trains on the others
            alone, which shows what a model is worth for issuers never seen. The rows that name none are one issuer.

        Raises
        ------
        ValueError
            There are too few dates, or fewer issuers than folds.
        """
        days = X["date"].unique().sort()
        position = days.search_sorted(X["date"]).to_numpy()
        share = None if groups is None else self._shares(pl.Series("group", groups, dtype=pl.String, strict=False))
        for fold, (last_train, first_test) in enumerate(self._bounds(days.len())):
            train = position <= last_train
            test = (position >= first_test) & (position < first_test + self.test_dates)
            if share is not None:
                train &= share != fold
                test &= share == fold
            yield np.flatnonzero(train), np.flatnonzero(test)

    def windows(self, dates: pl.Series) -> list[Window]:
        """Return the dates of each fold, for the report."""
        days = dates.unique().sort()
        return [
            Window(days[0], days[last_train], days[first_test], days[first_test + self.test_dates - 1])
            for last_train, first_test in self._bounds(days.len())
        ]

    def _bounds(self, dates: int) -> list[tuple[int, int]]:
        """Return the positions of each fold's last training date and first test date."""
        gap = self.purge_dates + self.embargo_dates
        needed = self.folds * self.test_dates + gap + 1
        if dates < needed:
            raise ValueError(
                f"{dates} dates are too few: {self.folds} folds of {self.test_dates} test dates with {gap} dropped "
                f"before them need {needed}"
            )
        starts = [dates - (self.folds - fold) * self.test_dates for fold in range(self.folds)]
        return [(start - gap - 1, start) for start in starts]

    def _shares(self, groups: pl.Series) -> NDArray[np.int64]:
        """Deal the issuers to the folds, the largest first, in turn; return each row's fold."""
        sizes = groups.value_counts().sort("count", "group", descending=[True, False], nulls_last=True)
        if sizes.height < self.folds:
            raise ValueError(f"{sizes.height} issuers are too few for {self.folds} folds; each must test one at least")
        dealt = sizes.select("group", fold=pl.int_range(pl.len()) % self.folds)
        joined = groups.to_frame().join(dealt, on="group", how="left", maintain_order="left", nulls_equal=True)
        fold: NDArray[np.int64] = joined["fold"].to_numpy()
        return fold
