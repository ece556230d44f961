"""Distances between estimates of a bond's spread: what trees and networks cannot form, or only at great cost.

The dataset holds several estimates of a bond's spread: its own last spread and its own mean, the moves and
the levels of its peers, the matrix price. A tree splits on one column at a time: it sees "this estimate less the
anchor" only where the anchor happens to be the base spread. Here each estimate is measured from the anchor.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.models.common.base import finite_column
from richcheap.models.common.target_space import Anchor, Space, TrainingSample, space

LEVEL = "base_spread"
"""Column of the base spread, a decimal: spreads move, and scatter, in proportion to what they are."""


class SpreadEstimate(NamedTuple):
    """An estimate of the spread.

    Attributes
    ----------
    name : str
    less_base : Expr
        Its distance from the base spread, bp; null where it is not known.
    source : str
        Feature that tells it: what it adds to a prediction counts as that feature's.
    """

    name: str
    less_base: pl.Expr
    source: str


def _of_peers(peer_group: str) -> pl.Expr:
    return pl.when(pl.col(f"f_{peer_group}_move_count") > 0.0).then(f"f_{peer_group}_move")


_LEVEL_SURFACE = pl.col("f_surface_gap") - pl.col("f_last_residual")
"""The level surface less the base spread, which is the move surface with the own last residual."""

ESTIMATES: tuple[SpreadEstimate, ...] = (
    SpreadEstimate("own_last", pl.lit(0.0), "f_last_residual"),
    SpreadEstimate("own_before", -pl.col("f_last_change"), "f_last_change"),
    SpreadEstimate("own_mean", pl.col("f_reversion"), "f_reversion"),
    SpreadEstimate("peers", pl.col("f_peer_move"), "f_peer_move"),
    SpreadEstimate("peers_and_own_mean", pl.col("f_peer_move").fill_null(0.0) + pl.col("f_reversion"), "f_peer_move"),
    SpreadEstimate("issuer_move", _of_peers("issuer"), "f_issuer_move"),
    SpreadEstimate("rating_move", _of_peers("rating"), "f_rating_move"),
    SpreadEstimate("all_move", _of_peers("all"), "f_all_move"),
    SpreadEstimate("matrix", pl.col("f_matrix_gap"), "f_matrix_gap"),
    SpreadEstimate("own_level", _LEVEL_SURFACE + pl.col("f_last_level"), "f_last_level"),
    SpreadEstimate("issuer_level", _LEVEL_SURFACE + pl.col("f_issuer_level"), "f_issuer_level"),
    SpreadEstimate("rating_level", _LEVEL_SURFACE + pl.col("f_rating_level"), "f_rating_level"),
    SpreadEstimate("all_level", _LEVEL_SURFACE + pl.col("f_all_level"), "f_all_level"),
)


def wide_space(rows: pl.DataFrame, features: Sequence[str], anchor: Anchor) -> Space:
    """Return `target_space.space` with more columns: the estimates, the level of the spread, and two noises compared.

    Parameters
    ----------
    rows : DataFrame
        Holds the features; with `LEVEL` among them, all that `ESTIMATES` are made of.
    features : sequence of str
        Without `LEVEL` nothing is added.
    anchor : Anchor

    Returns
    -------
    Space
        Its matrix has the features, then each estimate less the anchor in multiples of the noise, the base spread in
        bp and in multiples of the noise, the noise as a multiple of ``f_noise``, and 1 for a bond without history.

    Raises
    ------
    DatasetError
        A column is missing or holds an infinite value, or the noise is not above zero.
    """
    seen = space(rows, features, anchor)
    if LEVEL not in features:
        return seen
    estimates = rows.select(estimate.less_base.cast(pl.Float64).alias(estimate.name) for estimate in ESTIMATES)
    distance = (estimates.to_numpy() - seen.anchor_bp[:, None]) / seen.noise_bp[:, None]
    level_bp = BP * finite_column(rows, LEVEL)
    added = np.column_stack(
        [
            distance,
            level_bp,
            level_bp / seen.noise_bp,
            seen.noise_bp / finite_column(rows, "f_noise"),
            rows["f_days_since_last"].is_null().to_numpy(),
        ]
    )
    matrix: NDArray[np.float32] = np.hstack([seen.matrix, added.astype(np.float32)])
    return seen._replace(matrix=matrix)


def wide_sources(features: Sequence[str]) -> list[str]:
    """Return the feature that each column of `wide_space` is made of."""
    if LEVEL not in features:
        return list(features)
    return [*features, *(estimate.source for estimate in ESTIMATES), LEVEL, LEVEL, "f_noise", "f_days_since_last"]


def wide_sample(rows: pl.DataFrame, features: Sequence[str], anchor: Anchor) -> TrainingSample:
    """Return what a model learns from, seen as `wide_space` does."""
    seen = wide_space(rows, features, anchor)
    target_bp = finite_column(rows, "target_bp") - seen.anchor_bp
    return TrainingSample(seen.matrix, seen.noise_bp, target_bp, finite_column(rows, "dv01"), seen.point_bp)
