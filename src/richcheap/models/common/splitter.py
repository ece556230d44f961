"""The one way to divide a block in time: walk forward over dates, purged, with an embargo."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.model_selection import BaseCrossValidator

Positions = NDArray[np.int64]
DATE = "date"


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


class WalkForward(BaseCrossValidator):  # type: ignore[misc]  # scikit-learn ships no types
    """Train on all dates up to a gap, test on the dates after it; then move on: a splitter of scikit-learn.

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

    A matrix has no dates: they are its groups, or the order of its rows.

    >>> for train, test in WalkForward(folds=1, test_dates=1).split(np.zeros((4, 2)), groups=[3, 1, 3, 2]):
    ...     print(train, test)
    [1 3] [0 2]
    """

    __metadata_request__split = {"groups": True}  # noqa: RUF012  as scikit-learn reads it

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

    def split(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002  scikit-learn's
        groups: Any = None,
        *,
        issuers: Any = None,
    ) -> Iterator[tuple[Positions, Positions]]:
        """Yield the positions of the training and of the test rows of each fold, ascending.

        Parameters
        ----------
        X : DataFrame or array, shape (n_rows, n_columns)
        y : ignored
        groups : sequence, shape (n_rows,), optional
            The date of each row, in any order. By default the column ``date`` of `X`; without one each row is a date
            later than the row before it.
        issuers : sequence, shape (n_rows,), optional
            Then fold k tests its k-th share of the issuers alone and trains on the others alone, which shows what a
            model is worth for issuers never seen. The rows that name none are one issuer.

        Raises
        ------
        ValueError
            There are too few dates, a row has none, or there are fewer issuers than folds.
        """
        if groups is None:
            groups = X[DATE] if DATE in getattr(X, "columns", ()) else np.arange(len(X))
        position = date_positions(groups)
        share = None if issuers is None else self._shares(pl.Series("group", issuers, dtype=pl.String, strict=False))
        for fold, (last_train, first_test) in enumerate(self._bounds(int(position.max(initial=-1)) + 1)):
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


def date_positions(dates: Any) -> Positions:
    """Return the place of each row's date among all dates, from 0 on.

    Raises
    ------
    ValueError
        A row has no date, or dates are of several kinds.

    Examples
    --------
    >>> date_positions([date(2024, 3, 5), date(2024, 3, 1), date(2024, 3, 5)])
    array([1, 0, 1])
    """
    if isinstance(dates, pl.Series) and not dates.null_count():
        found: Positions = dates.unique().sort().search_sorted(dates).to_numpy().astype(np.int64)
        return found
    values = np.asarray(dates)
    if values.ndim != 1:
        raise ValueError(f"dates must be a sequence with one for each row, got the shape {values.shape}")
    missing = np.isnat(values) if values.dtype.kind in "mM" else [one is None or one != one for one in values]  # noqa: PLR0124  NaN and NaT
    if np.any(missing):
        raise ValueError(f"dates must be known for every row, missing in {np.count_nonzero(missing)} of {values.size}")
    try:
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    except TypeError as error:
        raise ValueError(f"dates must be of one kind: {error}") from None
