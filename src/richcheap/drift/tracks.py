"""How one predictor fared, row by row, over a window of dates."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.drift.consensus import Consensus, consensus

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHORTEST_YEARS = 0.25  # below three months to maturity a tick is worth many bp
SMALLEST_SCALE = 1e-4  # points: of an error that was expected to be nil


class Track(NamedTuple):
    """How one predictor fared, row by row, over one window of dates.

    Attributes
    ----------
    day : ndarray of int, shape (n_rows,)
        Sorted.
    error, consensus_error : ndarray, shape (n_rows,)
        Predicted less observed clean price, points: the predictor's and that of the consensus.
    scale : ndarray, shape (n_rows,)
        The deviation that was expected of the print, points.
    deviation_bp, dispersion_bp : ndarray, shape (n_rows,)
        By how much the predictor is cheaper than the consensus, and how far the methods of the consensus lie apart;
        NaN below three months to maturity.
    """

    day: Ints
    error: Floats
    consensus_error: Floats
    scale: Floats
    deviation_bp: Floats
    dispersion_bp: Floats


def track(rows: pl.DataFrame, price: Floats, agreed: Consensus | None = None) -> Track:
    """Follow a predictor's clean prices through rows of the dataset, which are sorted by date."""
    agreed = agreed or consensus(rows)
    observed = rows["clean_price"].to_numpy()
    scale = rows["noise_scale_bp"].to_numpy() * rows["dv01"].to_numpy()
    short = rows["years_to_maturity"].to_numpy() < SHORTEST_YEARS
    return Track(
        days(rows),
        price - observed,
        agreed.price - observed,
        np.maximum(scale, SMALLEST_SCALE),
        np.where(short, np.nan, agreed.deviation_bp(price)),
        np.where(short, np.nan, agreed.dispersion_bp),
    )


def part_of(whole: Track, first: int, last: int) -> Track:
    """Return the dates of a track from number `first` up to and without number `last`."""
    chosen = np.isin(whole.day, np.unique(whole.day)[first:last])
    return Track(
        whole.day[chosen],
        whole.error[chosen],
        whole.consensus_error[chosen],
        whole.scale[chosen],
        whole.deviation_bp[chosen],
        whole.dispersion_bp[chosen],
    )


def halves(whole: Track) -> tuple[Track, Track]:
    """Return the earlier and the later half of a track's dates."""
    dates = np.unique(whole.day).size
    return part_of(whole, 0, dates // 2), part_of(whole, dates // 2, dates)


def days(rows: pl.DataFrame) -> Ints:
    """Return the dates of rows as whole numbers."""
    number: Ints = rows["date"].to_physical().to_numpy().astype(np.int64)
    return number
