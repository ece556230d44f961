"""Tables that the factor model hands on: exposures of bonds, scores of dates, and how much is explained."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.factors.bonds import BondBatch, BondChangeTracker, relative_scale
from richcheap.factors.changes import Changes, CurveHistory
from richcheap.factors.exposures import ExplainedShare, ExposureFit, Exposures
from richcheap.factors.model import FactorModel
from richcheap.panel.ratings import BUCKETS
from richcheap.panel.split import BlockDates

Floats = NDArray[np.float64]


class BondSnapshots:
    """Each bond at its last training print, or at its first print where that comes later.

    Parameters
    ----------
    bonds, factors : int
    training : int
        Number of the market's dates up to the last training date.
    """

    def __init__(self, bonds: int, factors: int, training: int) -> None:
        self._training = training
        self.position = np.full(bonds, -1, dtype=np.int64)
        self.bucket = np.zeros(bonds, dtype=np.int32)
        self.years = np.full(bonds, np.nan)
        self.dv01 = np.full(bonds, np.nan)
        self.exposures = np.zeros((bonds, factors))

    def add(self, found: BondBatch) -> None:
        """Take in the next prints, in the order of their dates."""
        position = found.exposed.position
        rows = np.arange(position.size)
        self._take(found, rows[position < self._training])
        later = rows[(position >= self._training) & (self.position[found.bond] < 0)]
        self._take(found, later[::-1])  # the first of each bond is written last

    def _take(self, found: BondBatch, rows: NDArray[np.int64]) -> None:
        bond = found.bond[rows]
        self.position[bond] = found.exposed.position[rows]
        self.bucket[bond] = found.exposed.bucket[rows]
        self.years[bond] = found.exposed.rows["years_to_maturity"].to_numpy()[rows]
        self.dv01[bond] = found.exposed.dv01[rows]
        self.exposures[bond] = found.exposures[rows]


def fit_exposures(market: Iterable[pl.DataFrame], tracker: BondChangeTracker, fit: ExposureFit, ends: int) -> Exposures:
    """Walk through the prints of the training dates, the first `ends` of the market, and add up their changes."""
    for batch in market:
        changes = tracker.add(batch).changes
        training = changes.position < ends
        fit.add(changes.where(training))
        if not training.all():
            break
    return fit.finish()


def score_exposures(
    market: Iterable[pl.DataFrame],
    tracker: BondChangeTracker,
    last: BondSnapshots,
    exposures: Exposures,
    spans: Mapping[str, slice],
    clip_std: float,
) -> dict[str, Any]:
    """Walk through all prints: each bond's snapshot, and how much of each block's changes is explained."""
    scores = {name: ExplainedShare() for name in spans}
    for batch in market:
        found = tracker.add(batch)
        last.add(found)
        for name, span in spans.items():
            inside = (found.changes.position >= span.start) & (found.changes.position < span.stop)
            scores[name].add(found.changes.where(inside), exposures, clip_std)
    return {name: score.summary() for name, score in scores.items()}


def exposure_table(
    bonds: pl.Series,
    dates: pl.Series,
    last: BondSnapshots,
    exposures: Exposures,
    model: FactorModel,
    noise_dv01: float,
) -> pl.DataFrame:
    """Return one row for each bond.

    Returns
    -------
    DataFrame
        ``bond_id``; ``date`` of the print that it is described by, ``rating_bucket``, ``years_to_maturity`` and
        ``dv01`` (DV01) there; ``training_changes``; for each factor ``exposure_NAME`` and
        ``analytic_NAME`` (bp of yield for a score of 1); ``residual_std_bp`` (of the bond's own change in a date)
        and ``noise_std_bp`` (of one print around the bond's value).
    """
    seen = last.position >= 0
    bucket = last.bucket[seen]
    multiple = exposures.multiple[seen] * relative_scale(last.dv01[seen], noise_dv01) ** 2
    analytic = last.exposures[seen]
    total = analytic + exposures.corrections[seen]
    columns = {
        "bond_id": bonds.filter(pl.Series(seen)),
        "date": dates[last.position[seen].tolist()],
        "rating_bucket": pl.Series([BUCKETS[code] for code in bucket.tolist()], dtype=pl.String),
        "years_to_maturity": last.years[seen],
        "dv01": last.dv01[seen],
        "training_changes": exposures.changes[seen],
    }
    columns |= {f"exposure_{name}": total[:, place] for place, name in enumerate(model.factor_names)}
    columns |= {f"analytic_{name}": analytic[:, place] for place, name in enumerate(model.factor_names)}
    columns["residual_std_bp"] = np.sqrt(multiple * exposures.bucket_variance[bucket])
    columns["noise_std_bp"] = np.sqrt(multiple * exposures.bucket_noise[bucket])
    return pl.DataFrame(columns)


def score_table(changes: Changes, scores: Floats, blocks: list[BlockDates], model: FactorModel) -> pl.DataFrame:
    """Return ``date``, the scores (a column for each factor), and ``block`` (null in the embargo)."""
    block = pl.Series("block", [None] * changes.dates.len(), dtype=pl.String)
    for one in blocks:
        block[list(range(*one.within(changes.dates).indices(changes.dates.len())))] = one.name
    names = {name: scores[:, place] for place, name in enumerate(model.factor_names)}
    return pl.DataFrame({"date": changes.dates, **names, "block": block})


def market_table(
    changes: Changes, curves: CurveHistory, scores: Floats, blocks: list[BlockDates], model: FactorModel
) -> pl.DataFrame:
    """Return one row for each date but the first: what moved, and where the market stood at its close.

    Returns
    -------
    DataFrame
        ``date``; ``block`` (null in the embargo); a score for each factor (``level`` ...); the changes of
        `FactorModel.change_names`, bp; the closing curve as ``curve_level_pct``, ``curve_slope_pct`` and
        ``curve_curvature_pct``; and ``matrix_BUCKET``, the median matrix spread of the bucket's prints, bp (null
        where there are none).
    """
    close = 100.0 * curves.close_rates[1:]
    vectors = model.changes_of(changes)
    levels = {f"matrix_{name}": changes.levels[:, BUCKETS.index(name)] for name in model.buckets}
    return score_table(changes, scores, blocks, model).with_columns(
        *(pl.Series(name, vectors[:, place]) for place, name in enumerate(model.change_names)),
        pl.Series("curve_level_pct", close.mean(axis=1)),
        pl.Series("curve_slope_pct", close[:, -1] - close[:, 0]),
        pl.Series("curve_curvature_pct", 2.0 * close[:, close.shape[1] // 2] - close[:, 0] - close[:, -1]),
        *(pl.Series(name, column).fill_nan(None) for name, column in levels.items()),
    )


def describe_factors(model: FactorModel, changes: Changes, blocks: list[BlockDates]) -> dict[str, Any]:
    """Describe factors, loadings, and the variance explained in each block of dates.

    ``explained`` lists the share that each factor explains together with those before it.
    """
    vectors, nodes = model.changes_of(changes), model.nodes_years.size
    pairs = (("curve", model.curve, vectors[:, :nodes]), ("spreads", model.credit, vectors[:, nodes:]))
    described: dict[str, Any] = {
        "currency": model.currency,
        "status": model.status,
        "factors": model.factor_names,
        "curve_factors": model.curve.names,
        "changes": model.change_names,
        "factor_covariance": model.factor_covariance_,
        "loadings_bp": {
            name: dict(zip(model.change_names, column, strict=True))
            for name, column in zip(model.factor_names, model.loadings_.T.tolist(), strict=True)
        },
        "residual_std_bp": dict(
            zip(model.change_names, np.sqrt(np.diag(model.residual_covariance_)).tolist(), strict=True)
        ),
    }
    for key, part, matrix in pairs:
        described[key] = {
            block.name: {
                "dates": matrix[span].shape[0],
                # In the order of the factors, which a mapping loses when it is written with sorted keys.
                "explained": [
                    {"factor": name, "share": share}
                    for name, share in zip(part.names, part.explained(matrix[span]).tolist(), strict=True)
                ],
                "max_explained": part.max_explained(matrix[span]) if part.names else None,
            }
            for block in blocks
            for span in [block.within(changes.dates)]
        }
    return described
