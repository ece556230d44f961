"""Relative value of bonds that are asked for, as `relative_value` has it: against their past and across their peers."""

from typing import Final

import numpy as np
import polars as pl

from richcheap.numerics.elementwise import divided
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.table import CHEAP, FAIR, RICH, kept
from richcheap.relative_value.z_scores import MAD_TO_STD, PEER_GROUPS, with_peer_groups

VALUE: Final = "relative_value_bp"
HISTORY_COLUMNS: Final = ("bond_id", "date", "price_kind", "volume", "bond_spread_bp")
"""What is read of the dataset for `own_history`."""


def own_history(rows: pl.DataFrame, params: SignalsParams) -> pl.DataFrame:
    """Return mean and standard deviation of each bond's relative value over its prints so far, the latest first.

    Parameters
    ----------
    rows : DataFrame
        `HISTORY_COLUMNS` of all prints before the date, sorted by date.
    params : SignalsParams

    Returns
    -------
    DataFrame
        ``bond_id``, ``own_mean_bp`` and ``own_std_bp``, null where there are too few prints.
    """
    half_life, least = params.history_half_life_prints, params.history_min_prints
    value = pl.col("bond_spread_bp")
    return (
        kept(rows, params)
        .group_by("bond_id", maintain_order=True)
        .agg(
            own_mean_bp=value.ewm_mean(half_life=half_life, min_samples=least).last(),
            own_std_bp=value.ewm_std(half_life=half_life, min_samples=least).last(),
        )
    )


def with_signals(
    rows: pl.DataFrame, prints: pl.DataFrame, history: pl.DataFrame, params: SignalsParams
) -> pl.DataFrame:
    """Add ``own_zscore``, ``peer_zscore`` and ``flag`` to rows of one date.

    Parameters
    ----------
    rows : DataFrame
        ``bond_id``, ``currency``, ``rating_bucket``, ``years_to_maturity`` and `VALUE`.
    prints : DataFrame
        Of the date: the peers, with the same columns, ``price_kind`` and ``volume``; may hold no row.
    history : DataFrame
        Of `own_history`.
    params : SignalsParams
    """
    scored = with_peer_groups(rows).join(history, on="bond_id", how="left", maintain_order="left")
    scores = [pl.lit(None, pl.Float64)]
    if prints.height:
        peers = with_peer_groups(kept(prints, params))
        for number, (_, *group) in enumerate(PEER_GROUPS):  # of one date
            distance = (pl.col(VALUE) - pl.col(VALUE).median()).abs()
            measured = peers.group_by(group).agg(
                pl.col(VALUE).count().alias(f"count_{number}"),
                pl.col(VALUE).median().alias(f"middle_{number}"),
                distance.median().alias(f"distance_{number}"),
            )
            scored = scored.join(measured, on=group, how="left", maintain_order="left")
            above = pl.col(VALUE) - pl.col(f"middle_{number}")
            score = divided(above, MAD_TO_STD * pl.col(f"distance_{number}"))  # as `relative_value` has it
            scores.insert(-1, pl.when(pl.col(f"count_{number}") >= params.min_peers).then(_finite(score)))
    peer_zscore = pl.coalesce(scores)
    far = peer_zscore.abs() >= params.flag_zscore
    side = pl.when(peer_zscore > 0).then(pl.lit(CHEAP)).otherwise(pl.lit(RICH))
    return scored.select(
        *rows.columns,
        own_zscore=_finite(pl.lit(_ratio(scored[VALUE] - scored["own_mean_bp"], scored["own_std_bp"]))),
        peer_zscore=peer_zscore,
        flag=pl.when(peer_zscore.is_not_null()).then(pl.when(far).then(side).otherwise(pl.lit(FAIR))),
    )


def _ratio(over: pl.Series, under: pl.Series) -> pl.Series:
    """Return a quotient that is divided in each row; NaN where either is null."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return pl.Series(over.to_numpy() / under.to_numpy(), dtype=pl.Float64)


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)
