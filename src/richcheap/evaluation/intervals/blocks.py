"""Intervals for blocks of the dataset: what each row is known by, learned once and walked for every predictor."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.cells import (
    AGE_CELLS,
    KIND_CELLS,
    MATURITY_CELLS,
    SIZE_CELLS,
    STALENESS_CELLS,
    UNCHANGED_CELLS,
    age_codes,
    column_cut,
    maturity_codes,
    row_ages_days,
    row_staleness_days,
    row_unchanged_prints,
    row_volumes,
    size_codes,
    staleness_codes,
    unchanged_codes,
)
from richcheap.evaluation.intervals.confidence import ConfidenceScores, errors_by_score
from richcheap.evaluation.intervals.conformal import AdaptiveIntervals, IntervalRows, IntervalSettings, Widths
from richcheap.evaluation.intervals.scale import LearnedScale, error_scale, log_scores
from richcheap.evaluation.params import EvaluateParams
from richcheap.numerics.elementwise import logarithms
from richcheap.panel.ratings import BUCKETS

if TYPE_CHECKING:  # it brings the bootstrap, which takes seconds to import
    from richcheap.evaluation.score import ScoredBlock

Floats = NDArray[np.float64]

CELLS = tuple(map(len, (MATURITY_CELLS, STALENESS_CELLS, BUCKETS, KIND_CELLS, SIZE_CELLS, AGE_CELLS, UNCHANGED_CELLS)))
"""The cuts in each of whose cells intervals keep their coverage: maturity, staleness, rating bucket, kind of price,
size, age and unchanged prices. A price that is asked for has neither kind nor size, and no cell of these."""
FLOOR_POINTS = 0.005
"""Smallest scale of a price error, points per 100: tick and bid-ask, added in quadrature to the predicted one."""
PENALTY_ROWS, STEP_ROWS = 5.0, 20.0
"""Rows that the common width is worth against a cell's own, and rows of a cell and date that make half of its step:
cells of so few rows would follow their noise."""
SCALE_COLUMNS = ("noise_scale_bp", "dv01", "target_bp")
"""What the scale learns from besides the features."""


class RowScales:
    """Says of rows of the dataset what intervals may depend on, none of it their prices.

    Parameters
    ----------
    features : sequence of str
        Columns that the learned scale reads.
    params : EvaluateParams
    seed : int
    threads : int
        Threads that predict; they change no result.
    """

    def __init__(self, features: Sequence[str], params: EvaluateParams, seed: int, threads: int = 1) -> None:
        self.features = list(features)
        self.floor_points = FLOOR_POINTS
        self.threads = threads
        self._learned = LearnedScale(
            params.interval_coverage, params.interval_scale_trees, params.interval_scale_rows, seed
        )

    def fit(self, train: pl.DataFrame) -> Self:
        """Learn from the training block how large the errors of the base price are.

        Parameters
        ----------
        train : DataFrame
            The features and `SCALE_COLUMNS`.
        """
        error = train["target_bp"].to_numpy() * train["dv01"].to_numpy()
        self._learned.fit(self._matrix(train), log_scores(error, self._scale(train)))
        return self

    @property
    def text(self) -> str:
        """What was learned, as LightGBM writes it."""
        return self._learned.model_

    def restore(self, text: str) -> Self:
        """Take up what was learned."""
        self._learned.model_ = text
        return self

    def rows(self, rows: pl.DataFrame) -> IntervalRows:
        """Return the scale, the cells and the logarithms of both scales of rows sorted by date."""
        scale = self._scale(rows)
        cells = (
            maturity_codes(rows["years_to_maturity"].to_numpy()),
            staleness_codes(row_staleness_days(rows)),
            column_cut("rating_bucket", rows["rating_bucket"]).code,
            column_cut("price_kind", rows["price_kind"]).code,
            size_codes(row_volumes(rows)),
            age_codes(row_ages_days(rows)),
            unchanged_codes(row_unchanged_prints(rows)),
        )
        return IntervalRows(
            day=rows["date"].to_physical().cast(pl.Int64).to_numpy(),
            scale=scale,
            cell=np.column_stack(cells).astype(np.int8),  # every predictor's intervals remember them
            known=np.column_stack([logarithms(scale), self._learned.predict(self._matrix(rows), self.threads)]),
        )

    def _matrix(self, rows: pl.DataFrame) -> Floats:
        return rows.select(pl.col(self.features).cast(pl.Float64).fill_null(np.nan)).to_numpy()

    def _scale(self, rows: pl.DataFrame) -> Floats:
        return error_scale(rows["noise_scale_bp"].to_numpy(), rows["dv01"].to_numpy(), self.floor_points)


def interval_settings(params: EvaluateParams) -> IntervalSettings:
    """Return what the section says of how intervals follow the market."""
    return IntervalSettings(
        coverage=params.interval_coverage,
        half_life_dates=params.interval_half_life_dates,
        level_half_life_dates=params.interval_level_half_life_dates,
        min_rows=params.interval_min_rows,
        penalty=PENALTY_ROWS,
        step=params.interval_step,
        step_rows=STEP_ROWS,
    )


def fit_intervals(validation: "ScoredBlock", scales: RowScales, params: EvaluateParams) -> dict[str, AdaptiveIntervals]:
    """Return every predictor's intervals, learned from its errors on the validation block.

    Parameters
    ----------
    validation : "ScoredBlock"
        Rows that no predictor was fitted to.
    scales : RowScales
    params : EvaluateParams
    """
    rows, observed = scales.rows(validation.rows), validation.rows["clean_price"].to_numpy()
    settings = interval_settings(params)
    return {
        name: AdaptiveIntervals(settings, CELLS).fit(rows, price - observed)
        for name, price in validation.prices.items()
    }


def walk_intervals(
    intervals: dict[str, AdaptiveIntervals], test: "ScoredBlock", scales: RowScales
) -> dict[str, Floats]:
    """Return the half-width of every row's interval, points, each date's learned from the dates before it.

    Parameters
    ----------
    intervals : dict of str to AdaptiveIntervals
        By predictor (`fit_intervals`); afterwards they know this block too, and can be stored to serve later dates.
    test : "ScoredBlock"
        Its dates follow those that the intervals know.
    scales : RowScales
    """
    rows, observed = scales.rows(test.rows), test.rows["clean_price"].to_numpy()
    return {name: intervals[name].walk(rows, price - observed) for name, price in test.prices.items()}


class KeptIntervals(NamedTuple):
    """What single rows need of one predictor's intervals, kept as plain arrays.

    Attributes
    ----------
    predictor : str
    days : ndarray of int, shape (n_dates,)
        Dates that were walked, days since 1970-01-01.
    widths : sequence of Widths
        Before each of those dates, and after the last.
    confidence : ConfidenceScores
    scale : str
        Of `RowScales.text`.
    """

    predictor: str
    days: NDArray[np.int64]
    widths: Sequence[Widths]
    confidence: ConfidenceScores
    scale: str

    def before(self, day: int) -> Widths:
        """Return what the half-widths of a date follow from: what was learned before it."""
        return self.widths[int(np.searchsorted(self.days, day))]

    def followed_by(self, intervals: AdaptiveIntervals) -> Self:
        """Return the same with the dates that the intervals have walked since."""
        days, widths = zip(*intervals.walked_, strict=True)
        walked = [*self.widths[:-1], *widths, intervals.widths()]
        return self._replace(days=np.append(self.days, days), widths=walked)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all of it as arrays by name."""
        return {
            "predictor": np.array(self.predictor),
            "days": self.days,
            "scale": np.frombuffer(self.scale.encode(), dtype=np.uint8),
            **self.confidence._asdict(),
            **{
                f"widths_{name}": np.stack(column)
                for name, column in zip(Widths._fields, zip(*self.widths, strict=True), strict=True)
            },
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return what `arrays` gave."""
        columns = [arrays[f"widths_{name}"] for name in Widths._fields]
        return cls(
            str(arrays["predictor"]),
            arrays["days"],
            [Widths(*one) for one in zip(*columns, strict=True)],
            ConfidenceScores(arrays["edges"], arrays["labels"]),
            arrays["scale"].tobytes().decode(),
        )


def interval_states(intervals: Mapping[str, AdaptiveIntervals], names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return what the intervals of some predictors have learned as arrays by name, for `restored_intervals`."""
    return {f"{name}/{key}": array for name in names for key, array in intervals[name].snapshot().items()}


def restored_intervals(
    states: Mapping[str, NDArray[Any]], names: Iterable[str], params: EvaluateParams
) -> dict[str, AdaptiveIntervals]:
    """Return the intervals of predictors as they were when `interval_states` took their states."""

    def state_of(name: str) -> dict[str, NDArray[Any]]:
        start = f"{name}/"
        return {key.removeprefix(start): array for key, array in states.items() if key.startswith(start)}

    return {name: AdaptiveIntervals(interval_settings(params), CELLS).restore(state_of(name)) for name in names}


def kept_intervals(
    name: str, intervals: AdaptiveIntervals, validation: "ScoredBlock", scales: RowScales
) -> KeptIntervals:
    """Return what is kept of a predictor's intervals when they have walked the test block.

    The scores of confidence are chosen on the validation block, at the widths with which the walk began.
    """
    days, widths = zip(*intervals.walked_, strict=True)
    error = validation.prices[name] - validation.rows["clean_price"].to_numpy()
    confidence = ConfidenceScores.calibrated(widths[0].half_width(scales.rows(validation.rows)), error)
    return KeptIntervals(name, np.array(days), [*widths, intervals.widths()], confidence, scales.text)


def confidence_table(
    kept: KeptIntervals, validation: "ScoredBlock", test: "ScoredBlock", half_width: Floats, scales: RowScales
) -> dict[str, Any]:
    """Return how large the errors of each score were, on the block where scores were chosen and on the test block.

    Parameters
    ----------
    kept : KeptIntervals
    validation, test : "ScoredBlock"
    half_width : ndarray
        Of the predictor's intervals on the test block.
    scales : RowScales
    """
    widths = {"validation": kept.widths[0].half_width(scales.rows(validation.rows)), "test": half_width}
    return {
        "predictor": kept.predictor,
        **{
            name: errors_by_score(
                kept.confidence.scores(widths[name]),
                widths[name],
                block.prices[kept.predictor] - block.rows["clean_price"].to_numpy(),
            )
            for name, block in {"validation": validation, "test": test}.items()
        },
    }
