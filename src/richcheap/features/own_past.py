"""A bond's own earlier prints as columns of its row: what the last one said, and summaries of them all."""

from typing import Final

import numpy as np
import polars as pl

from richcheap.bonds.conventions import SIDE_SIGNS
from richcheap.features.own_history import lagged, no_past, own_history
from richcheap.numerics.elementwise import log1p_each
from richcheap.panel.encoding import number
from richcheap.panel.params import FeaturesParams

CALENDAR_PER_BUSINESS_DAY = 7.0 / 5.0
_LAGGED: Final = {
    "date": pl.col("date").cast(pl.Int32),
    "clean_price": pl.col("clean_price"),
    "last_residual_bp": pl.col("last_residual_bp"),
    "side": pl.col("side").replace_strict(SIDE_SIGNS, default=0.0, return_dtype=pl.Float64),
    "log_volume": pl.col("volume"),
    "is_reference": pl.col("price_kind") == "reference",
    "target_bp": pl.col("target_bp"),
}


class OwnPast:
    """The past of every bond, carried from one batch of prints to the next.

    Parameters
    ----------
    bonds : Series of String
        All bonds that come, distinct and sorted; who comes later moves nothing.
    params : FeaturesParams
    """

    def __init__(self, bonds: pl.Series, params: FeaturesParams) -> None:
        self._bonds = bonds
        self._half_life_days = params.decay_half_life_days * CALENDAR_PER_BUSINESS_DAY
        self._past = no_past(bonds.len(), params.activity_window_days)
        self._last = np.full((bonds.len(), len(_LAGGED)), np.nan)
        self._second_last_target = np.full((bonds.len(), 1), np.nan)

    def take_in(self, prints: pl.DataFrame) -> pl.DataFrame:
        """Return each print's past, then make the prints part of it.

        Parameters
        ----------
        prints : DataFrame
            Sorted by date, no earlier than any print before; columns of docs/features.md and ``target_bp``.

        Returns
        -------
        DataFrame
            Of the bond's own print before: ``before_date`` (days since 1970-01-01), ``before_clean_price``,
            ``before_last_residual_bp``, ``before_side`` (1 buy, -1 sell, 0 other), ``before_log_volume`` (log1p),
            ``before_is_reference`` and ``before_target_bp``; ``before_last_target_bp`` of the one before that; and
            the summaries of `OwnHistory`, as ``own_...``. Null where there is none.
        """
        bond = number(prints["bond_id"], self._bonds)
        values = prints.select(expression.cast(pl.Float64).alias(name) for name, expression in _LAGGED.items())
        previous = lagged(bond, values.to_numpy(order="c"), self._last)
        columns = {f"before_{name}": previous[:, place] for place, name in enumerate(_LAGGED)}
        columns["before_log_volume"] = log1p_each(columns["before_log_volume"])
        # The target before the last: what the last print found before itself.
        target = np.ascontiguousarray(columns["before_target_bp"])[:, None]
        columns["before_last_target_bp"] = lagged(bond, target, self._second_last_target)[:, 0]
        history = own_history(
            self._past,
            bond,
            prints["date"].cast(pl.Int32).to_numpy(),
            prints["move_residual_bp"].to_numpy(),
            prints["clean_price"].to_numpy(),
            self._half_life_days,
        )
        columns |= {f"own_{name}": summary for name, summary in history._asdict().items()}
        return pl.DataFrame(columns).fill_nan(None)
