"""The baselines: what each says, and what its price is made of. To add one, add its line here.

Dataset, evaluation, drift and the table in docs/metrics.md take them from `BASELINES`, in its order.
"""

from typing import Final, NamedTuple

import polars as pl

BASE: Final = "last_adjusted"
"""The baseline whose spread models correct: the base spread."""
FILTER: Final = "kalman"
LINE: Final = "ridge"


class Baseline(NamedTuple):
    """A way to price a bond that no model of the registry has a say in.

    Attributes
    ----------
    name : str
    meaning : str
        For docs/metrics.md.
    column : str or None
        Column of the dataset that holds its clean price, points per 100; None for one that stage ``evaluate`` fits.
    spread_bp : Expr or None
        The spread that it is priced at; null for a bond without history, which gets the matrix price.
    price : Expr or None
        Its clean price, where that is not discounted at a spread.
    simple : bool
        Whether it needs neither a filter nor a fit to the past: what a desk would use without a model.
    in_consensus : bool
        Whether it is one of the methods whose median drift is measured against.
    """

    name: str
    meaning: str
    column: str | None
    spread_bp: pl.Expr | None = None
    price: pl.Expr | None = None
    simple: bool = True
    in_consensus: bool = True


BASELINES: Final[tuple[Baseline, ...]] = (
    Baseline("matrix", "the surface of the day plus the level of its peers: what a bond like it trades at",
             "fair_price"),
    Baseline("last", "the bond's last clean price", "baseline_last",
             price=pl.coalesce("before_clean_price", "fair_price"), in_consensus=False),
    Baseline(BASE, "its last residual to the day's move fit, repriced today: the base spread",
             "baseline_last_adjusted"),
    Baseline("ewma", "the decayed mean of its residuals, repriced today", "baseline_ewma",
             spread_bp=pl.col("move_surface_bp") + pl.col("own_decayed_mean")),
    Baseline("peers", f"`{BASE}` plus the shrunk move of its peers since its own last price", "baseline_peers",
             spread_bp=pl.col("move_surface_bp") + pl.col("last_residual_bp") + pl.col("peer_move_bp")),
    Baseline(FILTER,
             "the Kalman filter's prediction, the day's own print left out ([models/kalman.md](models/kalman.md))",
             "baseline_kalman", spread_bp=pl.col("kalman_spread_bp"), simple=False),
    Baseline(LINE,
             "ridge regression on the enhanced features, learning `target_bp` in multiples of the noise, weighted "
             "by what that costs in price, as models do", None, simple=False, in_consensus=False),
)  # fmt: skip


def markdown_table() -> str:
    """Return the table of all baselines for docs/metrics.md."""
    lines = ["| name | price | simple | in the consensus |", "|---|---|---|---|"]
    lines += [
        f"| `{b.name}` | {b.meaning} | {'yes' if b.simple else 'no'} | {'yes' if b.in_consensus else 'no'} |"
        for b in BASELINES
    ]
    return "\n".join(lines)
